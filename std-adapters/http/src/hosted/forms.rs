//! The forms of the pages: what each does, and which page follows.
//!
//! | form | does | then | where a code was sent | refused |
//! |---|---|---|---|---|
//! | `SignIn` | signs in, or answers a question | back to the client, or a question | | itself, or the question again |
//! | `SignUp` | signs up | sign-in | confirm | itself |
//! | `Confirm` | confirms a sign-up | sign-in | | itself |
//! | `Resend` | has the code sent again | confirm | confirm | confirm |
//! | `Forgot` | asks for a code | reset | reset | itself |
//! | `Reset` | sets a password | sign-in | | itself |

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use userpool::ApiError;
use userpool::oauth::authorize::{Authorize, Authorized, Session};
use userpool::oauth::federation::answer::Browser;
use userpool::oauth::pages::{Act, Question, Submit, Submitted};
use userpool::oauth::parameters::Parameters;

use super::asked::Asked;
use super::browser::{Cookies, add_cookie, redirect};
use super::fields::Fields;
use super::html::{self, Told};
use super::passkeys;
use super::views::{View, of_problem, show};
use super::words::{Words, fill};
use crate::answers::Answers;
use crate::api::Api;

/// The longest name that is filled in, in bytes.
const MAX_HINT: usize = 512;
/// The refusal of a user who has to confirm the account first.
const NOT_CONFIRMED: &str = "UserNotConfirmedException";

/// A form of the pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    SignIn,
    SignUp,
    Confirm,
    Resend,
    Forgot,
    Reset,
}

impl Form {
    fn act(self, fields: &Fields) -> Act {
        let username = fields.username();
        match self {
            Self::SignIn => fields.sign_in(),
            Self::SignUp => Act::SignUp {
                username,
                password: fields.value("password"),
                attributes: fields.attributes(),
            },
            Self::Confirm => Act::Confirm {
                username,
                code: fields.code("code"),
            },
            Self::Resend => Act::Resend { username },
            Self::Forgot => Act::Forgot { username },
            Self::Reset => Act::Reset {
                username,
                code: fields.code("code"),
                password: fields.value("password"),
            },
        }
    }

    /// The page that follows, and what it tells.
    fn done(self, username: String, words: &Words) -> (View, Option<&'static str>) {
        match self {
            Self::SignIn => (View::SignIn(username), None),
            Self::SignUp => (View::SignIn(username), Some(words.ready)),
            Self::Confirm => (View::SignIn(username), Some(words.confirmed)),
            Self::Resend => (View::Confirm(username), None),
            Self::Forgot => (View::Reset(username), None),
            Self::Reset => (View::SignIn(username), Some(words.password_set)),
        }
    }

    /// The page that asks for the code that was sent.
    fn sent(self, username: String) -> View {
        match self {
            Self::SignUp | Self::Resend => View::Confirm(username),
            Self::Forgot => View::Reset(username),
            Self::SignIn | Self::Confirm | Self::Reset => View::SignIn(username),
        }
    }

    /// The page that tells what was refused.
    fn refused(self, fields: &Fields, error: &ApiError) -> View {
        let username = fields.username();
        match (self, error.name) {
            (Self::SignIn, _) if fields.question().is_some() => fields.again(error.name),
            (Self::SignIn, NOT_CONFIRMED) => View::Confirm(username),
            (Self::SignIn, "PasswordResetRequiredException") => View::Forgot(username),
            (Self::SignIn, _) => View::SignIn(username),
            (Self::SignUp, _) => View::SignUp(username),
            (Self::Confirm | Self::Resend, _) => View::Confirm(username),
            (Self::Forgot, _) => View::Forgot(username),
            (Self::Reset, _) => View::Reset(username),
        }
    }
}

/// A page without anything to tell; the name that the application expects is filled in.
pub(super) fn page<A: Answers>(view: fn(String) -> View) -> MethodRouter<Api<A>> {
    get(
        async move |State(api): State<Api<A>>, asked: Asked| -> Response {
            let hint = asked.query.first("login_hint").unwrap_or_default();
            let name = if hint.len() <= MAX_HINT { hint } else { "" };
            show(&api, &asked, &view(name.to_owned()), Told::Nothing).await
        },
    )
}

/// What a form is sent to.
pub(super) fn form<A: Answers>(form: Form) -> MethodRouter<Api<A>> {
    post(
        async move |State(api): State<Api<A>>, asked: Asked, body: Body| -> Response {
            match receive(&api, &asked, body).await {
                Ok(fields) => send(&api, &asked, form, &fields).await,
                Err(response) => response,
            }
        },
    )
}

async fn send<A: Answers>(api: &Api<A>, asked: &Asked, form: Form, fields: &Fields) -> Response {
    let mail = fields.value("mail");
    if form == Form::SignIn && !mail.is_empty() {
        return html::leads_on(asked.language, &by_domain(asked, &mail));
    }
    let (username, words) = (fields.username(), asked.language.words);
    let mut submitted = submit(api, asked, form.act(fields)).await;
    if let Ok(Submitted::Asked(question)) = &submitted
        && wants_secret(question)
    {
        let session = question.session.clone();
        submitted = submit(api, asked, Act::Secret { session }).await;
    }
    let (view, told) = match submitted {
        Ok(Submitted::SignedIn(session)) => return signed_in(api, asked, session).await,
        Ok(Submitted::Asked(question)) => (View::Question(question, username), None),
        Ok(Submitted::Secret { secret, session }) => (
            View::Secret {
                secret,
                session,
                username,
            },
            None,
        ),
        Ok(Submitted::Sent(to)) => (form.sent(username), Some(sent(words, to.as_deref()))),
        Ok(Submitted::Done) => {
            let (view, text) = form.done(username, words);
            (view, text.map(str::to_owned))
        }
        Err(Ended::Response(response)) => return response,
        Err(Ended::Refused(error)) => {
            let saying = match (form, error.name) {
                (Form::SignIn, NOT_CONFIRMED) => words.not_confirmed.into(),
                _ => asked.language.refusal(&error),
            };
            let view = form.refused(fields, &error);
            return show(api, asked, &view, Told::Wrong(saying)).await;
        }
    };
    let told = told.map_or(Told::Nothing, Told::Well);
    show(api, asked, &view, told).await
}

/// Whether a question is that of an authenticator app, whose secret has to be asked for.
fn wants_secret(question: &Question) -> bool {
    let offered = question.parameters.get("MFAS_CAN_SETUP");
    question.name == "MFA_SETUP"
        && offered.is_some_and(|offered| offered.contains("SOFTWARE_TOKEN_MFA"))
}

/// A form that may be acted on: from a page of this origin, with the token of this browser.
pub(super) async fn receive<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    body: Body,
) -> Result<Fields, Response> {
    let base_url = api.engine.base_url();
    let foreign = || {
        let language = asked.language;
        let mut response = html::stopped(language, language.words.foreign_form, "");
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    };
    if !asked.is_own_origin(base_url) {
        return Err(foreign());
    }
    let form = asked
        .form(api, body)
        .await
        .map_err(|error| html::failed(asked.language, &error, ""))?;
    if !Cookies::of(asked, base_url).fits_form(form.first("_csrf")) {
        return Err(foreign());
    }
    Ok(Fields::new(form))
}

/// Why nothing followed from a form.
pub(super) enum Ended {
    /// The engine refused; the page says so.
    Refused(ApiError),
    /// There is no page to say so on.
    Response(Response),
}

/// Puts an act to the engine.
///
/// # Errors
/// It was refused, or there is a page already to say so.
pub(super) async fn submit<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    act: Act,
) -> Result<Submitted, Ended> {
    let submit = Submit {
        place: asked.place.clone(),
        query: asked.query.clone(),
        act,
    };
    match asked.put(api, submit).await {
        Ok(Ok(submitted)) => Ok(submitted),
        Ok(Err(problem)) => Err(Ended::Response(of_problem(asked, &problem))),
        Err(error) if error.status >= 500 => {
            Err(Ended::Response(html::failed(asked.language, &error, "")))
        }
        Err(error) => Err(Ended::Refused(error)),
    }
}

/// Goes on as who has just signed in: to the offer of a passkey, or back to the client.
async fn signed_in<A: Answers>(api: &Api<A>, asked: &Asked, session: String) -> Response {
    let cookie = Cookies::of(asked, api.engine.base_url()).set_session(&session);
    let mut response = if passkeys::is_due(api, asked, &session).await {
        redirect(
            StatusCode::SEE_OTHER,
            &format!("passkey?{}", asked.raw_query),
        )
    } else {
        answered(api, asked, Session::Fresh(session)).await
    };
    add_cookie(&mut response, Some(cookie));
    response
}

/// Goes back to the client with what it asked for.
pub(super) async fn answered<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    session: Session,
) -> Response {
    let request = Authorize {
        place: asked.place.clone(),
        query: asked.query.clone(),
        session,
        browser: Browser(String::new()),
    };
    match asked.put(api, request).await {
        Ok(Authorized::Back(to) | Authorized::Provider(to)) => redirect(StatusCode::SEE_OTHER, &to),
        Ok(Authorized::Form { action, fields }) => {
            html::posts_on(asked.language, &action, &fields, "")
        }
        Ok(Authorized::SignIn | Authorized::Choose) => {
            redirect(StatusCode::SEE_OTHER, &format!("login?{}", asked.raw_query))
        }
        Ok(Authorized::Refused(error)) => html::refused(asked.language, &error.description, ""),
        Err(error) => html::failed(asked.language, &error, ""),
    }
}

/// Where a mail address leads: to the identity provider of its domain. A page leads there and no redirection, because
/// browsers hold a form to where its page may lead all the way.
fn by_domain(asked: &Asked, mail: &str) -> String {
    let domain = mail.rsplit('@').next().unwrap_or_default().trim();
    let own = |name: &str| !matches!(name, "identity_provider" | "idp_identifier");
    let query = asked.query.iter().filter(|(name, _)| own(name));
    let mut all: Vec<(String, String)> = query
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    all.push(("idp_identifier".to_owned(), domain.to_owned()));
    format!("oauth2/authorize?{}", Parameters::new(all).to_query())
}

fn sent(words: &Words, to: Option<&str>) -> String {
    to.map_or_else(|| words.sent.to_owned(), |to| fill(words.sent_to, to))
}
