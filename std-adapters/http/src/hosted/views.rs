//! The pages by name, and how one is shown.

use axum::http::StatusCode;
use axum::response::Response;
use userpool::oauth::authorize::Problem;
use userpool::oauth::look::{Look, Shown};
use userpool::oauth::pages::Question;

use super::asked::Asked;
use super::browser::{Cookies, Scripts, add_cookie, page, redirect};
use super::html::{self, Frame, PASSKEY, Told};
use super::words::fill;
use crate::answers::Answers;
use crate::api::Api;

/// A page to show; most know the name of the user.
pub(super) enum View {
    SignIn(String),
    SignUp(String),
    Confirm(String),
    Forgot(String),
    Reset(String),
    Question(Question, String),
    /// Whether the user wants a passkey.
    OfferPasskey,
    /// The options of a passkey that the browser makes.
    MakePasskey(String),
    /// Who the user is to be.
    Choose,
    /// The secret of an authenticator app.
    Secret {
        secret: String,
        session: String,
        username: String,
    },
}

/// Shows a page.
pub(super) async fn show<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    view: &View,
    told: Told<'_>,
) -> Response {
    let cookies = Cookies::of(asked, api.engine.base_url());
    let session = match view {
        View::Choose => cookies.session(),
        _ => None,
    };
    let shown = match look(api, asked, session).await {
        Ok(shown) => shown,
        Err(response) => return response,
    };
    let (token, cookie) = cookies.form_token();
    let frame = Frame {
        shown: &shown,
        language: asked.language,
        query: &asked.raw_query,
        token: &token,
        told: &told,
        srp: api
            .srp
            .as_ref()
            .filter(|_| shown.proves)
            .map(|it| it.version()),
    };
    let status = match told {
        Told::Wrong(_) => StatusCode::BAD_REQUEST,
        Told::Nothing | Told::Well(_) => StatusCode::OK,
    };
    let words = asked.language.words;
    let html = match view {
        View::SignIn(username) => frame.sign_in(username),
        View::SignUp(_) if !shown.can_sign_up => {
            return html::stopped(asked.language, words.administrators_only, "");
        }
        View::SignUp(username) => frame.sign_up(username),
        View::Confirm(username) => frame.confirm(username),
        View::Forgot(username) => frame.forgot(username),
        View::Reset(username) => frame.reset(username),
        View::OfferPasskey => frame.offer_passkey(),
        View::MakePasskey(options) => frame.make_passkey(options),
        View::Choose => match &shown.account {
            Some(account) => frame.choose(account),
            None => return redirect(StatusCode::SEE_OTHER, &format!("login?{}", asked.raw_query)),
        },
        View::Secret {
            secret,
            session,
            username,
        } => frame.set_up(secret, session, username),
        View::Question(question, username) => match frame.question(question, username) {
            Some(html) => html,
            None => {
                let text = fill(words.unsupported, &question.name);
                return html::stopped(asked.language, &text, "");
            }
        },
    };
    let scripts = match view {
        View::SignIn(_) if frame.srp.is_some() => Scripts::Proving,
        View::MakePasskey(_) => Scripts::Own,
        View::Question(question, _) if question.name == PASSKEY => Scripts::Own,
        _ => Scripts::None,
    };
    let mut response = page(status, html, Some(&shown.leads_to), scripts);
    add_cookie(&mut response, cookie);
    add_cookie(&mut response, cookies.keep_language());
    response
}

/// What the engine says of a page, with who has signed in by this session.
pub(super) async fn look<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    session: Option<String>,
) -> Result<Shown, Response> {
    let look = Look {
        place: asked.place.clone(),
        query: asked.query.clone(),
        language: asked.language.tag,
        session,
    };
    match asked.put(api, look).await {
        Ok(Ok(shown)) => Ok(shown),
        Ok(Err(problem)) => Err(of_problem(asked, &problem)),
        Err(error) => Err(html::failed(asked.language, &error, "")),
    }
}

/// What a request is told that has no page.
pub(super) fn of_problem(asked: &Asked, problem: &Problem) -> Response {
    match problem {
        Problem::Back(to) => redirect(StatusCode::SEE_OTHER, to),
        Problem::Shown(error) => html::refused(asked.language, &error.description, ""),
    }
}
