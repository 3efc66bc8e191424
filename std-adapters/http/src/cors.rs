//! What browsers ask first: any page may call, none is sent cookies, none needs them.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// A list of header names longer than this is not echoed.
const LONGEST_LIST: usize = 2_048;

/// Answers a preflight: the headers it asks for are allowed, for a day.
pub(crate) async fn preflight(headers: HeaderMap) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::OK;
    let asked = headers
        .get(ACCESS_CONTROL_REQUEST_HEADERS)
        .filter(|it| it.len() <= LONGEST_LIST)
        .cloned();
    let answer = response.headers_mut();
    if let Some(asked) = asked {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
    answer.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    answer.insert(
        VARY,
        HeaderValue::from_static("Access-Control-Request-Headers"),
    );
    response
}
