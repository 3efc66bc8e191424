//! The pages, and what their forms do.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use userpool::ApiError;
use userpool::oauth::authorize::{Authorize, Authorized, Problem, Session};
use userpool::oauth::federation::answer::Browser;
use userpool::oauth::look::{Look, Shown};
use userpool::oauth::pages::{Act, Question, Submit, Submitted};
use userpool::oauth::parameters::Parameters;

use super::asked::Asked;
use super::browser::{Cookies, add_cookie, page, redirect};
use super::html::{self, Frame, Told};
use crate::answers::Answers;
use crate::api::Api;

/// What stands before the name of an attribute in a form.
const ATTRIBUTE: &str = "attribute.";
/// The longest value of a form that is handed on.
const MAX_VALUE: usize = 8_192;

/// A page to show.
enum View<'a> {
    SignIn(&'a str),
    SignUp(&'a str),
    Confirm(&'a str),
    Forgot(&'a str),
    Reset(&'a str),
    Question(&'a Question, &'a str),
    /// The secret of an authenticator app, the Session, and the name.
    Secret(&'a str, &'a str, &'a str),
}

/// `GET /login`.
pub(super) async fn login<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    show(&api, &asked, &View::SignIn(""), Told::Nothing).await
}

/// `GET /signup`.
pub(super) async fn sign_up<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    show(&api, &asked, &View::SignUp(""), Told::Nothing).await
}

/// `GET /confirm`.
pub(super) async fn confirm<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    show(&api, &asked, &View::Confirm(""), Told::Nothing).await
}

/// `GET /forgotPassword`.
pub(super) async fn forgot<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    show(&api, &asked, &View::Forgot(""), Told::Nothing).await
}

/// `POST /login`: a password, or the answer to a question.
pub(super) async fn send_login<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match receive(&api, &asked, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let mail = value(&form, "mail");
    if !mail.is_empty() {
        return html::leads_on(&by_domain(&asked, &mail));
    }
    let username = value(&form, "username");
    let act = match form.first("question") {
        None => Act::SignIn {
            username: username.clone(),
            password: value(&form, "password"),
        },
        Some(html::SET_UP) => Act::SetUp {
            username: username.clone(),
            session: value(&form, "session"),
            code: value(&form, "answer").trim().to_owned(),
        },
        Some(question) => Act::Answer {
            question: question.to_owned(),
            session: value(&form, "session"),
            responses: responses(question, &username, &form),
        },
    };
    let is_first = matches!(act, Act::SignIn { .. });
    match submit(&api, &asked, act).await {
        Ok(Submitted::SignedIn(session)) => signed_in(&api, &asked, session).await,
        Ok(Submitted::Asked(question)) => ask(&api, &asked, &question, &username).await,
        Ok(Submitted::Sent(_) | Submitted::Done | Submitted::Secret { .. }) => {
            show(&api, &asked, &View::SignIn(&username), Told::Nothing).await
        }
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) if is_first => {
            let (view, text) = match error.name {
                "UserNotConfirmedException" => (
                    View::Confirm(&username),
                    "Your account is not confirmed yet.",
                ),
                "PasswordResetRequiredException" => {
                    (View::Forgot(&username), error.message.as_str())
                }
                _ => (View::SignIn(&username), error.message.as_str()),
            };
            wrong(&api, &asked, &view, text).await
        }
        Err(Ended::Refused(error)) => again(&api, &asked, &form, &error).await,
    }
}

/// Shows a question of a sign-in.
async fn ask<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    question: &Question,
    username: &str,
) -> Response {
    let offered = question.parameters.get("MFAS_CAN_SETUP");
    let by_app = offered.is_some_and(|offered| offered.contains("SOFTWARE_TOKEN_MFA"));
    if question.name != "MFA_SETUP" || !by_app {
        return show(
            api,
            asked,
            &View::Question(question, username),
            Told::Nothing,
        )
        .await;
    }
    let act = Act::Secret {
        session: question.session.clone(),
    };
    match submit(api, asked, act).await {
        Ok(Submitted::Secret { secret, session }) => {
            let view = View::Secret(&secret, &session, username);
            show(api, asked, &view, Told::Nothing).await
        }
        Ok(_) => show(api, asked, &View::SignIn(username), Told::Nothing).await,
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => {
            wrong(api, asked, &View::SignIn(username), &error.message).await
        }
    }
}

/// Shows the question again whose answer was wrong, where its Session is good for another; else it begins anew.
async fn again<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    form: &Parameters,
    error: &ApiError,
) -> Response {
    let (name, username) = (value(form, "question"), value(form, "username"));
    let session = value(form, "session");
    let secret = value(form, "secret");
    let mut parameters = BTreeMap::new();
    parameters.insert("CODE_DELIVERY_DESTINATION".to_owned(), value(form, "sent"));
    let question = Question {
        name,
        parameters,
        session,
    };
    let view = match (error.name, question.name.as_str()) {
        ("InvalidPasswordException", "NEW_PASSWORD_REQUIRED")
        | ("CodeMismatchException", "SMS_MFA" | "EMAIL_OTP" | "SOFTWARE_TOKEN_MFA") => {
            View::Question(&question, &username)
        }
        ("EnableSoftwareTokenMFAException", html::SET_UP) => {
            View::Secret(&secret, &question.session, &username)
        }
        _ => View::SignIn(""),
    };
    wrong(api, asked, &view, &error.message).await
}

/// `POST /signup`.
pub(super) async fn send_sign_up<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match receive(&api, &asked, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = value(&form, "username");
    let act = Act::SignUp {
        username: username.clone(),
        password: value(&form, "password"),
        attributes: attributes(&form),
    };
    match submit(&api, &asked, act).await {
        Ok(Submitted::Sent(to)) => {
            let text = sent(to.as_deref());
            let view = View::Confirm(&username);
            show(&api, &asked, &view, Told::Well(&text)).await
        }
        Ok(_) => {
            let text = "Your account is ready.";
            show(&api, &asked, &View::SignIn(&username), Told::Well(text)).await
        }
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => {
            wrong(&api, &asked, &View::SignUp(&username), &error.message).await
        }
    }
}

/// `POST /confirm`.
pub(super) async fn send_confirm<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match receive(&api, &asked, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = value(&form, "username");
    let act = Act::Confirm {
        username: username.clone(),
        code: value(&form, "code").trim().to_owned(),
    };
    match submit(&api, &asked, act).await {
        Ok(_) => {
            let text = "Your account is confirmed.";
            show(&api, &asked, &View::SignIn(&username), Told::Well(text)).await
        }
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => {
            wrong(&api, &asked, &View::Confirm(&username), &error.message).await
        }
    }
}

/// `POST /resendcode`.
pub(super) async fn send_resend<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match receive(&api, &asked, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = value(&form, "username");
    let act = Act::Resend {
        username: username.clone(),
    };
    let view = View::Confirm(&username);
    match submit(&api, &asked, act).await {
        Ok(Submitted::Sent(to)) => {
            show(&api, &asked, &view, Told::Well(&sent(to.as_deref()))).await
        }
        Ok(_) => show(&api, &asked, &view, Told::Nothing).await,
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => wrong(&api, &asked, &view, &error.message).await,
    }
}

/// `POST /forgotPassword`.
pub(super) async fn send_forgot<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match receive(&api, &asked, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = value(&form, "username");
    let act = Act::Forgot {
        username: username.clone(),
    };
    match submit(&api, &asked, act).await {
        Ok(Submitted::Sent(to)) => {
            let text = sent(to.as_deref());
            let view = View::Reset(&username);
            show(&api, &asked, &view, Told::Well(&text)).await
        }
        Ok(_) => show(&api, &asked, &View::Reset(&username), Told::Nothing).await,
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => {
            wrong(&api, &asked, &View::Forgot(&username), &error.message).await
        }
    }
}

/// `POST /confirmForgotPassword`.
pub(super) async fn send_reset<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match receive(&api, &asked, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = value(&form, "username");
    let act = Act::Reset {
        username: username.clone(),
        code: value(&form, "code").trim().to_owned(),
        password: value(&form, "password"),
    };
    match submit(&api, &asked, act).await {
        Ok(_) => {
            let text = "Your password is set.";
            show(&api, &asked, &View::SignIn(&username), Told::Well(text)).await
        }
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => {
            wrong(&api, &asked, &View::Reset(&username), &error.message).await
        }
    }
}

/// A form that may be acted on: from a page of this origin, with the token of this browser.
async fn receive<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    body: Body,
) -> Result<Parameters, Response> {
    let base_url = api.engine.base_url();
    let foreign = || {
        let mut response = html::refused(
            "The form did not come from this page. Go back and try again.",
            "",
        );
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    };
    if !asked.is_own_origin(base_url) {
        return Err(foreign());
    }
    let form = asked
        .form(api, body)
        .await
        .map_err(|error| html::failed(&error, ""))?;
    if !Cookies::of(asked, base_url).fits_form(form.first("_csrf")) {
        return Err(foreign());
    }
    Ok(form)
}

/// Why nothing followed from a form.
enum Ended {
    /// The engine refused; the page says so.
    Refused(ApiError),
    /// There is no page to say so on.
    Response(Response),
}

async fn submit<A: Answers>(api: &Api<A>, asked: &Asked, act: Act) -> Result<Submitted, Ended> {
    let submit = Submit {
        place: asked.place.clone(),
        query: asked.query.clone(),
        act,
    };
    match asked.put(api, submit).await {
        Ok(Ok(submitted)) => Ok(submitted),
        Ok(Err(problem)) => Err(Ended::Response(of_problem(&problem))),
        Err(error) if error.status >= 500 => Err(Ended::Response(html::failed(&error, ""))),
        Err(error) => Err(Ended::Refused(error)),
    }
}

/// Goes back to the client with what it asked for.
async fn signed_in<A: Answers>(api: &Api<A>, asked: &Asked, session: String) -> Response {
    let cookie = Cookies::of(asked, api.engine.base_url()).set_session(&session);
    let request = Authorize {
        place: asked.place.clone(),
        query: asked.query.clone(),
        session: Session::Fresh(session),
        browser: Browser(String::new()),
    };
    let mut response = match asked.put(api, request).await {
        Ok(Authorized::Back(to) | Authorized::Provider(to)) => redirect(StatusCode::SEE_OTHER, &to),
        Ok(Authorized::SignIn) => {
            redirect(StatusCode::SEE_OTHER, &format!("login?{}", asked.raw_query))
        }
        Ok(Authorized::Refused(error)) => html::refused(&error.description, ""),
        Err(error) => html::failed(&error, ""),
    };
    add_cookie(&mut response, Some(cookie));
    response
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

async fn wrong<A: Answers>(api: &Api<A>, asked: &Asked, view: &View<'_>, text: &str) -> Response {
    show(api, asked, view, Told::Wrong(text)).await
}

async fn show<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    view: &View<'_>,
    told: Told<'_>,
) -> Response {
    let look = Look {
        place: asked.place.clone(),
        query: asked.query.clone(),
    };
    let shown: Shown = match asked.put(api, look).await {
        Ok(Ok(shown)) => shown,
        Ok(Err(problem)) => return of_problem(&problem),
        Err(error) => return html::failed(&error, ""),
    };
    let cookies = Cookies::of(asked, api.engine.base_url());
    let (token, cookie) = cookies.form_token();
    let frame = Frame {
        shown: &shown,
        query: &asked.raw_query,
        token: &token,
        told,
    };
    let status = match told {
        Told::Wrong(_) => StatusCode::BAD_REQUEST,
        Told::Nothing | Told::Well(_) => StatusCode::OK,
    };
    let html = match view {
        View::SignIn(username) => frame.sign_in(username),
        View::SignUp(_) if !shown.can_sign_up => {
            return html::refused("Only administrators make accounts here.", "");
        }
        View::SignUp(username) => frame.sign_up(username),
        View::Confirm(username) => frame.confirm(username),
        View::Forgot(username) => frame.forgot(username),
        View::Reset(username) => frame.reset(username),
        View::Secret(secret, session, username) => frame.set_up(secret, session, username),
        View::Question(question, username) => match frame.question(question, username) {
            Some(html) => html,
            None => {
                let text = format!(
                    "{} is not supported on the pages of this version of userpool.",
                    question.name
                );
                return html::refused(&text, "");
            }
        },
    };
    let mut response = page(status, html, Some(&shown.leads_to));
    add_cookie(&mut response, cookie);
    response
}

fn of_problem(problem: &Problem) -> Response {
    match problem {
        Problem::Back(to) => redirect(StatusCode::SEE_OTHER, to),
        Problem::Shown(error) => html::refused(&error.description, ""),
    }
}

fn value(form: &Parameters, name: &str) -> String {
    let found = form.first(name).filter(|value| value.len() <= MAX_VALUE);
    found.unwrap_or_default().to_owned()
}

fn attributes(form: &Parameters) -> BTreeMap<String, String> {
    let given = form.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix(ATTRIBUTE)?;
        (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    });
    given.collect()
}

/// The answer to a question, as `ChallengeResponses` have it.
fn responses(question: &str, username: &str, form: &Parameters) -> BTreeMap<String, String> {
    let mut responses = BTreeMap::new();
    responses.insert("USERNAME".to_owned(), username.to_owned());
    let answer = value(form, "answer").trim().to_owned();
    let name = match question {
        "MFA_SETUP" => "EMAIL",
        "SMS_MFA" => "SMS_MFA_CODE",
        "EMAIL_OTP" => "EMAIL_OTP_CODE",
        "SOFTWARE_TOKEN_MFA" => "SOFTWARE_TOKEN_MFA_CODE",
        _ => "ANSWER",
    };
    if question == "NEW_PASSWORD_REQUIRED" {
        responses.insert("NEW_PASSWORD".to_owned(), value(form, "NEW_PASSWORD"));
        for (attribute, value) in attributes(form) {
            responses.insert(format!("userAttributes.{attribute}"), value);
        }
    } else {
        responses.insert(name.to_owned(), answer);
    }
    responses
}

fn sent(to: Option<&str>) -> String {
    match to {
        Some(to) => format!("A code was sent to {to}."),
        None => "A code was sent.".to_owned(),
    }
}
