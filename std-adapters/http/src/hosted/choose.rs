//! Which account: where somebody has signed in and the application asks who it is to be.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use userpool::oauth::authorize::Session;

use super::asked::Asked;
use super::browser::{Cookies, redirect};
use super::forms::{answered, receive};
use super::html::Told;
use super::views::{View, show};
use crate::answers::Answers;
use crate::api::Api;

/// `GET /choose`.
pub(super) async fn choose<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    show(&api, &asked, &View::Choose, Told::Nothing).await
}

/// `POST /choose`: the user goes on as who has signed in.
pub(super) async fn chosen<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    if let Err(response) = receive(&api, &asked, body).await {
        return response;
    }
    match Cookies::of(&asked, api.engine.base_url()).session() {
        Some(session) => answered(&api, &asked, Session::Chosen(session)).await,
        None => redirect(StatusCode::SEE_OTHER, &format!("login?{}", asked.raw_query)),
    }
}
