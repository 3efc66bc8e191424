//! Style sheets and logos: the server's own, and those that an owner set.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use userpool::oauth::brand::{Brand, BrandFace, BrandImage, Image, Mode};
use userpool::oauth::look::{Logo, StyleSheet};

use super::asked::Asked;
use super::style;
use crate::answers::Answers;
use crate::api::Api;

/// `GET /assets/login.css`.
pub(super) async fn own_style() -> Response {
    asset("text/css; charset=utf-8", style::OWN)
}

/// `GET /assets/passkey.js`: what asks a browser for a passkey.
pub(super) async fn passkey_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("passkey.js"))
}

/// The style sheet that the owner set.
pub(super) async fn custom_style<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
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

/// The style sheet of a managed login branding.
pub(super) async fn brand_style<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    match asked.put(&api, BrandFace(brand(&asked))).await {
        Ok(Some(face)) => asset(
            "text/css; charset=utf-8",
            style::of_brand(&face).into_bytes(),
        ),
        Ok(None) => missing(StatusCode::NOT_FOUND),
        Err(_) => missing(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// An image of a managed login branding.
pub(super) async fn brand_image<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let mode = match asked.segment("mode") {
        "light" => Mode::Light,
        "dark" => Mode::Dark,
        _ => return missing(StatusCode::NOT_FOUND),
    };
    let Some(image) = Image::named(asked.segment("image")) else {
        return missing(StatusCode::NOT_FOUND);
    };
    let brand = brand(&asked);
    match asked.put(&api, BrandImage { brand, image, mode }).await {
        Ok(Some((media_type, bytes))) => asset(media_type, bytes),
        Ok(None) => missing(StatusCode::NOT_FOUND),
        Err(_) => missing(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn brand(asked: &Asked) -> Brand {
    Brand {
        place: asked.place.clone(),
        client: asked.segment("client").to_owned(),
    }
}

/// An asset under an address that changes with it.
pub(super) fn asset(media_type: &'static str, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        // A picture may paint itself (SVG), and do nothing else.
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    response
}

pub(super) fn missing(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
