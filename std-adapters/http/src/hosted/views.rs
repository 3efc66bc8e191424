//! The pages by name, and how one is shown.

use axum::http::StatusCode;
use axum::response::Response;
use userpool::oauth::authorize::Problem;
use userpool::oauth::look::{Look, Shown};
use userpool::oauth::pages::Question;

use super::asked::Asked;
use super::browser::{Cookies, add_cookie, page, redirect};
use super::html::{self, Frame, Told};
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
        View::Secret {
            secret,
            session,
            username,
        } => frame.set_up(secret, session, username),
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

/// What a request is told that has no page.
pub(super) fn of_problem(problem: &Problem) -> Response {
    match problem {
        Problem::Back(to) => redirect(StatusCode::SEE_OTHER, to),
        Problem::Shown(error) => html::refused(&error.description, ""),
    }
}
