//! Where browsers come back to from identity providers.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use userpool::oauth::authorize::{Authorize, Authorized, Session};
use userpool::oauth::federation::answer::{Browser, FromProvider, Returned};
use userpool::oauth::parameters::Parameters;

use super::asked::Asked;
use super::browser::{Cookies, add_cookie, redirect};
use super::html;
use crate::answers::Answers;
use crate::api::Api;

/// What of a form goes on into the query.
const CARRIED: [&str; 6] = ["code", "error", "error_description", "iss", "state", "user"];
/// The longest value that does.
const MAX_CARRIED: usize = 4_096;

/// `GET /oauth2/idpresponse`.
pub(super) async fn answer<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let cookies = Cookies::of(&asked, api.engine.base_url());
    let request = FromProvider {
        place: asked.place.clone(),
        parameters: asked.query.clone(),
        browser: Browser(cookies.held_token()),
    };
    match asked.put(&api, request).await {
        Ok(returned) => ended(&api, &asked, returned).await,
        Err(error) => html::failed(asked.language, &error, "../"),
    }
}

/// Sends a browser on that came back from a provider.
pub(super) async fn ended<A: Answers>(api: &Api<A>, asked: &Asked, returned: Returned) -> Response {
    match returned {
        Returned::SignedIn { session, query } => signed_in(api, asked, session, query).await,
        Returned::Back(to) => redirect(StatusCode::SEE_OTHER, &to),
        Returned::Refused(error) => html::refused(asked.language, &error.description, "../"),
    }
}

async fn signed_in<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    session: String,
    query: Parameters,
) -> Response {
    let cookie = Cookies::of(asked, api.engine.base_url()).set_session(&session);
    let login = format!("../login?{}", query.to_query());
    let request = Authorize {
        place: asked.place.clone(),
        query,
        session: Session::Fresh(session),
        browser: Browser(String::new()),
    };
    let mut response = match asked.put(api, request).await {
        Ok(Authorized::Back(to) | Authorized::Provider(to)) => redirect(StatusCode::FOUND, &to),
        Ok(Authorized::Form { action, fields }) => {
            html::posts_on(asked.language, &action, &fields, "../")
        }
        Ok(Authorized::SignIn | Authorized::Choose) => redirect(StatusCode::FOUND, &login),
        Ok(Authorized::Refused(error)) => html::refused(asked.language, &error.description, "../"),
        Err(error) => html::failed(asked.language, &error, "../"),
    };
    add_cookie(&mut response, Some(cookie));
    response
}

/// `POST /oauth2/idpresponse`: Apple's form. A browser sends no cookie with a form of another site, so it is asked to
/// come again by itself, with what the form held.
pub(super) async fn send_answer<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match asked.form(&api, body).await {
        Ok(form) => form,
        Err(error) => return html::failed(asked.language, &error, "../"),
    };
    let carried = form
        .iter()
        .filter(|(name, value)| CARRIED.contains(name) && value.len() <= MAX_CARRIED);
    let carried = carried.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let query = Parameters::new(carried.collect()).to_query();
    redirect(StatusCode::SEE_OTHER, &format!("idpresponse?{query}"))
}
