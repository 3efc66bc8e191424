//! Style sheets and logos: the server's own, and those that an owner set.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use userpool::oauth::look::{Logo, StyleSheet};

use super::asked::Asked;
use crate::answers::Answers;
use crate::api::Api;

/// The style sheet of every page.
pub(super) const OWN: &str = include_str!("login.css");

/// `GET /assets/login.css`.
pub(super) async fn own_style() -> Response {
    asset("text/css; charset=utf-8", OWN.into())
}

/// The style sheet that the owner set.
pub(super) async fn style<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let wanted = StyleSheet {
        place: asked.place.clone(),
        client: asked.segment("client").to_owned(),
    };
    match asked.put(&api, wanted).await {
        Ok(Some(css)) => asset("text/css; charset=utf-8", css.into_bytes()),
        Ok(None) => missing(StatusCode::NOT_FOUND),
        Err(_) => missing(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The logo that the owner set.
pub(super) async fn logo<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let wanted = Logo {
        place: asked.place.clone(),
        client: asked.segment("client").to_owned(),
    };
    match asked.put(&api, wanted).await {
        Ok(Some((media_type, bytes))) => asset(media_type, bytes),
        Ok(None) => missing(StatusCode::NOT_FOUND),
        Err(_) => missing(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// An asset under an address that changes with it.
fn asset(media_type: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    response
}

fn missing(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
