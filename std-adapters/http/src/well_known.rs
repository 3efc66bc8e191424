//! The documents that verifiers fetch: a pool's public keys and its OpenID configuration.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use userpool::ApiError;

use crate::answers::Answers;
use crate::api::Api;
use crate::reply::respond;

/// Keys overlap for far longer than this when they rotate.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `GET /{pool}/.well-known/jwks.json`, RFC 7517 §5.
pub(crate) async fn jwks<A: Answers>(
    State(api): State<Api<A>>,
    Path(pool): Path<String>,
) -> Response {
    document(api.engine.jwks(&pool).await)
}

/// `GET /{pool}/.well-known/openid-configuration`, OpenID Connect Discovery 1.0 §4.
pub(crate) async fn discovery<A: Answers>(
    State(api): State<Api<A>>,
    Path(pool): Path<String>,
) -> Response {
    document(api.engine.discovery(&pool).await)
}

fn document(answer: Result<String, ApiError>) -> Response {
    let text = match answer {
        Ok(text) => text,
        Err(error) => {
            let status = if error.name == "ResourceNotFoundException" {
                404
            } else {
                error.status
            };
            return respond(None, Err(ApiError { status, ..error }));
        }
    };
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, CACHED);
    response
}
