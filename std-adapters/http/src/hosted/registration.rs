//! `/oauth2/register`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use userpool::oauth::error::{Error, ErrorKind};
use userpool::oauth::registration::Register;

use super::asked::Asked;
use super::endpoints::{bearer, json_text, refuse, told};
use crate::answers::Answers;
use crate::api::Api;
use crate::json::receive;

/// `POST /oauth2/register`.
pub(super) async fn register<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let content_type = asked.headers.get(CONTENT_TYPE);
    let media_type = content_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json")) {
        let error = Error {
            kind: ErrorKind::InvalidClientMetadata,
            description: "The content type must be application/json.".into(),
        };
        return told(StatusCode::BAD_REQUEST, &error);
    }
    let body = match receive(&api.limits, &asked.headers, body).await {
        Ok(body) => body.to_vec(),
        Err(error) => return refuse(&asked, &error, ErrorKind::InvalidClientMetadata),
    };
    let request = Register {
        place: asked.place.clone(),
        body,
        token: bearer(&asked),
    };
    match asked.put(&api, request).await {
        Ok(Ok(client)) => json_text(StatusCode::CREATED, client),
        Ok(Err(error)) => match error.kind {
            ErrorKind::InvalidToken => {
                let mut response = told(StatusCode::UNAUTHORIZED, &error);
                let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                response
            }
            ErrorKind::AccessDenied => told(StatusCode::FORBIDDEN, &error),
            _ => told(StatusCode::BAD_REQUEST, &error),
        },
        Err(error) => refuse(&asked, &error, ErrorKind::InvalidClientMetadata),
    }
}
