//! Where browsers come back to from identity providers of SAML.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use userpool::ApiError;
use userpool::oauth::federation::answer::Browser;
use userpool::oauth::federation::saml::{Posted, SamlForm, SamlReturn};
use userpool::oauth::federation::saml_logout::{Left, SamlLeft, SamlMessage};
use userpool::oauth::federation::saml_sign_out::SamlSignOut;
use userpool::oauth::parameters::Parameters;

use super::asked::Asked;
use super::browser::{Cookies, redirect};
use super::federation::ended;
use super::html;
use crate::answers::Answers;
use crate::api::Api;

/// `POST /saml2/idpresponse`: the form of another site, with which a browser sends no cookie. It is asked to come again
/// by itself.
pub(super) async fn send_answer<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match asked.form(&api, body).await {
        Ok(form) => form,
        Err(error) => return html::failed(asked.language, &error, "../"),
    };
    let request = SamlForm {
        place: asked.place.clone(),
        form,
    };
    match asked.put(&api, request).await {
        Ok(Posted::Again(state)) => {
            let query = Parameters::new(vec![("state".to_owned(), state)]).to_query();
            redirect(StatusCode::SEE_OTHER, &format!("idpresponse?{query}"))
        }
        Ok(Posted::Ended(returned)) => ended(&api, &asked, returned).await,
        Err(error) => html::failed(asked.language, &error, "../"),
    }
}

/// `GET /saml2/idpresponse`.
pub(super) async fn answer<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let cookies = Cookies::of(&asked, api.engine.base_url());
    let request = SamlReturn {
        place: asked.place.clone(),
        query: asked.query.clone(),
        browser: Browser(cookies.held_token()),
    };
    match asked.put(&api, request).await {
        Ok(returned) => ended(&api, &asked, returned).await,
        Err(error) => html::failed(asked.language, &error, "../"),
    }
}

/// `POST /saml2/logout`, with an answer of a provider or a request.
pub(super) async fn send_logged_out<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    match asked.form(&api, body).await {
        Ok(form) if form.first("SAMLRequest").is_some() => {
            sign_out(&api, &asked, SamlMessage::Form(form)).await
        }
        Ok(form) => leave(&api, &asked, SamlMessage::Form(form)).await,
        Err(error) => html::failed(asked.language, &error, "../"),
    }
}

/// `GET /saml2/logout`, with an answer of a provider or a request.
pub(super) async fn logged_out<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let message = SamlMessage::Query(asked.raw_query.clone());
    match asked.query.first("SAMLRequest") {
        Some(_) => sign_out(&api, &asked, message).await,
        None => leave(&api, &asked, message).await,
    }
}

async fn sign_out<A: Answers>(api: &Api<A>, asked: &Asked, message: SamlMessage) -> Response {
    let request = SamlSignOut {
        place: asked.place.clone(),
        message,
    };
    left(asked, asked.put(api, request).await)
}

async fn leave<A: Answers>(api: &Api<A>, asked: &Asked, message: SamlMessage) -> Response {
    let request = SamlLeft {
        place: asked.place.clone(),
        message,
    };
    left(asked, asked.put(api, request).await)
}

fn left(asked: &Asked, left: Result<Left, ApiError>) -> Response {
    match left {
        Ok(Left::To(to)) => redirect(StatusCode::SEE_OTHER, &to),
        Ok(Left::SignIn(query)) => redirect(StatusCode::SEE_OTHER, &format!("../login?{query}")),
        Ok(Left::Refused(error)) => html::refused(asked.language, &error.description, "../"),
        Err(error) => html::failed(asked.language, &error, "../"),
    }
}
