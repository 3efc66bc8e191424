//! The OAuth endpoints and login pages of a pool.
//!
//! They lie at the root of the pool's domain (`Host`), and under `/{pool id}/` and `/{prefix}/` of the server's own address,
//! where no name has to be made known to anybody. What a request means is the engine's business; here are statuses,
//! headers, cookies and HTML.
//!
//! What a form changes needs two things of the browser: that it comes from a page of the same origin, and the token that
//! the page carried, which has to be the one of its cookie.
//!
//! | module | subject |
//! |---|---|
//! | `asked` | a request as it came: its place, query, form, cookies and origin |
//! | `browser` | cookies, and the headers of every page |
//! | `choose` | which account, where somebody has signed in |
//! | `endpoints` | authorize, token, userInfo, revoke, logout, confirmUser |
//! | `federation` | where browsers come back to from identity providers |
//! | `fields` | what a form held, as what the engine is told |
//! | `forms` | what the forms of the pages do |
//! | `language` | in which language a page speaks |
//! | `passkeys` | a passkey of one's own, offered or asked for |
//! | `saml` | the same by SAML |
//! | `srp` | passwords that are proven and not sent |
//! | `html` | the pages as HTML |
//! | `style` | the style sheet of every page, and that of a branding |
//! | `views` | the pages by name, and how one is shown |
//! | `words` | the texts of the pages in each language |
//! | `assets` | style sheets and logos |

mod asked;
mod assets;
mod browser;
mod choose;
mod endpoints;
mod federation;
mod fields;
mod forms;
mod html;
mod language;
mod passkeys;
mod registration;
mod saml;
pub(crate) mod srp;
mod style;
mod views;
mod words;

use axum::Router;
use axum::routing::{MethodRouter, get, post};
use userpool::oauth::confirm_user;

use self::forms::Form;
use self::views::View;
use crate::answers::Answers;
use crate::api::Api;
use crate::{cors, reply};

/// The endpoints that scripts of any origin may call.
pub(crate) fn endpoints<A: Answers>() -> Router<Api<A>> {
    let preflight = || axum::routing::options(cors::preflight);
    both(&[
        (
            "/oauth2/token",
            post(endpoints::token::<A>).merge(preflight()),
        ),
        (
            "/oauth2/userInfo",
            get(endpoints::user_info::<A>)
                .post(endpoints::user_info::<A>)
                .merge(preflight()),
        ),
        (
            "/oauth2/revoke",
            post(endpoints::revoke::<A>).merge(preflight()),
        ),
        // A body of JSON and a token make every registration one that browsers ask about first.
        (
            "/oauth2/register",
            post(registration::register::<A>).merge(preflight()),
        ),
    ])
}

/// What a browser is sent to.
pub(crate) fn pages<A: Answers>() -> Router<Api<A>> {
    both(&[
        ("/oauth2/authorize", get(endpoints::authorize::<A>)),
        (
            "/oauth2/idpresponse",
            get(federation::answer::<A>).post(federation::send_answer::<A>),
        ),
        (
            "/saml2/idpresponse",
            get(saml::answer::<A>).post(saml::send_answer::<A>),
        ),
        (
            "/saml2/logout",
            get(saml::logged_out::<A>).post(saml::send_logged_out::<A>),
        ),
        ("/logout", get(endpoints::logout::<A>)),
        (confirm_user::PATH, get(endpoints::confirm_user::<A>)),
        (
            "/login",
            forms::page(View::SignIn).merge(forms::form(Form::SignIn)),
        ),
        (
            "/signup",
            forms::page(View::SignUp).merge(forms::form(Form::SignUp)),
        ),
        (
            "/confirm",
            forms::page(|_| View::Confirm(String::new())).merge(forms::form(Form::Confirm)),
        ),
        (
            "/choose",
            get(choose::choose::<A>).post(choose::chosen::<A>),
        ),
        (
            "/passkey",
            get(passkeys::offer::<A>).post(passkeys::send::<A>),
        ),
        ("/passkeys/add", get(passkeys::add)),
        ("/assets/passkey.js", get(assets::passkey_script)),
        ("/resendcode", forms::form(Form::Resend)),
        (
            "/forgotPassword",
            forms::page(View::Forgot).merge(forms::form(Form::Forgot)),
        ),
        ("/confirmForgotPassword", forms::form(Form::Reset)),
        ("/login/srp", post(srp::begin::<A>)),
        ("/assets/srp/{version}/{file}", get(srp::file::<A>)),
        ("/assets/login.css", get(assets::own_style)),
        (
            "/assets/custom/{client}/{version}/style.css",
            get(assets::custom_style::<A>),
        ),
        (
            "/assets/custom/{client}/{version}/logo",
            get(assets::logo::<A>),
        ),
        (
            "/assets/brand/{client}/{version}/style.css",
            get(assets::brand_style::<A>),
        ),
        (
            "/assets/brand/{client}/{version}/{mode}/{image}",
            get(assets::brand_image::<A>),
        ),
    ])
}

/// The same routes at the root and under a place that the path names.
fn both<A: Answers>(routes: &[(&'static str, MethodRouter<Api<A>>)]) -> Router<Api<A>> {
    let mut router = Router::new();
    for (path, methods) in routes {
        let methods = reply::at(path, methods.clone());
        router = router
            .route(path, methods.clone())
            .route(&format!("/{{place}}{path}"), methods);
    }
    router
}
