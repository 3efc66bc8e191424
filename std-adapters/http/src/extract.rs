//! Extractors for handlers behind a token: [`Claims`] off line, [`CurrentUser`] on line.
//!
//! Both want `Authorization: Bearer <access token>` (RFC 6750 §2.1) and a [`Guard`] in the
//! application's state.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use userpool_http::{Guard, extract::Claims};
//!
//! async fn me(claims: Claims) -> String {
//!     format!("hello {}", claims.username().unwrap_or("stranger"))
//! }
//!
//! async fn app(engine: userpool::Engine) -> Result<Router, userpool::ApiError> {
//!     let guard = Guard::new(engine, "us-east-1_AbCdEf123", ["1example23456789"]);
//!     // Fails where there is no such pool.
//!     guard.ready().await?;
//!     Ok(Router::new().route("/me", get(me)).with_state(guard))
//! }
//! ```
//!
//! An application with a state of its own keeps the guard in it, and says where:
//!
//! ```no_run
//! use axum::{Router, extract::{FromRef, State}, routing::get};
//! use userpool_http::{Guard, extract::CurrentUser};
//!
//! #[derive(Clone)]
//! struct App {
//!     greeting: &'static str,
//!     guard: Guard,
//! }
//!
//! impl FromRef<App> for Guard {
//!     fn from_ref(app: &App) -> Self {
//!         app.guard.clone()
//!     }
//! }
//!
//! async fn me(State(app): State<App>, user: CurrentUser) -> String {
//!     format!("{} {}", app.greeting, user.attribute("email").unwrap_or("stranger"))
//! }
//!
//! fn app(guard: Guard) -> Router {
//!     Router::new().route("/me", get(me)).with_state(App { greeting: "hello", guard })
//! }
//! ```
//!
//! Scopes and groups are demanded by [`Guard::scopes`] and [`Guard::groups`], or looked at in the handler
//! ([`verify::Claims::scopes`]). Where there is no axum, [`bearer`] and [`Guard::claims`] are what the extractors do.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use userpool::ApiError;
use userpool::verify::{self, Invalid};
use userpool::wire::idp::GetUserResponse;

use crate::guard::Guard;
use crate::reply::Outcome;

/// The claims of the caller's access token, checked by signature and dates alone.
///
/// Fast, and blind to revocation: a token passes until it expires. Where that matters take
/// [`CurrentUser`].
#[derive(Clone, Debug)]
pub struct Claims(verify::Claims);

impl Deref for Claims {
    type Target = verify::Claims;

    fn deref(&self) -> &verify::Claims {
        &self.0
    }
}

impl<S> FromRequestParts<S> for Claims
where
    S: Send + Sync,
    Guard: FromRef<S>,
{
    type Rejection = Unauthorized;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Unauthorized> {
        let token = bearer(&parts.headers).ok_or(Unauthorized::Missing)?;
        Guard::from_ref(state).claims(token).await.map(Self)
    }
}

/// The caller, as the engine knows them at the moment of the request.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    claims: verify::Claims,
    user: GetUserResponse,
}

impl CurrentUser {
    pub(crate) fn new(claims: verify::Claims, user: GetUserResponse) -> Self {
        Self { claims, user }
    }

    /// The claims of the access token.
    #[must_use]
    pub fn claims(&self) -> &verify::Claims {
        &self.claims
    }

    /// The immutable id, `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.claims.subject()
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.user.username
    }

    /// An attribute that the app client may read.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let attribute = self
            .user
            .user_attributes
            .iter()
            .find(|it| it.name == name)?;
        attribute.value.as_deref().map(String::as_str)
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Guard: FromRef<S>,
{
    type Rejection = Unauthorized;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Unauthorized> {
        let token = bearer(&parts.headers).ok_or(Unauthorized::Missing)?;
        Guard::from_ref(state).user(token).await
    }
}

/// The token of the one `Authorization` header, RFC 6750 §2.1.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A handler behind a token was not reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Unauthorized {
    /// There is no bearer token.
    Missing,
    /// The token is not accepted.
    Invalid(Invalid),
    /// The token is right, but lacks one of these scopes, or its user a group.
    Insufficient(Arc<[String]>),
    /// The token was right once; the engine accepts it no longer.
    Revoked,
    /// The engine could not be asked; the token may be right.
    Unavailable(ApiError),
}

impl fmt::Display for Unauthorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no bearer token"),
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::Insufficient(_) => f.write_str("the token lacks a scope or a group"),
            Self::Revoked => f.write_str("the token is accepted no longer"),
            Self::Unavailable(error) => write!(f, "the token could not be checked: {error}"),
        }
    }
}

impl std::error::Error for Unauthorized {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(invalid) => Some(invalid),
            Self::Unavailable(error) => Some(error),
            Self::Missing | Self::Insufficient(_) | Self::Revoked => None,
        }
    }
}

impl IntoResponse for Unauthorized {
    /// RFC 6750 §3: 401 or 403 with a challenge; the reason is the log's, not the caller's, and stands in the [`Outcome`]
    /// among the extensions.
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Unavailable(ApiError {
                cause: Some(inside),
                ..
            }) => format!("{self}: {inside}"),
            _ => self.to_string(),
        };
        let (status, body) = match &self {
            Self::Missing => (StatusCode::UNAUTHORIZED, "invalid_request"),
            Self::Invalid(_) | Self::Revoked => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::Insufficient(_) => (StatusCode::FORBIDDEN, "insufficient_scope"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        };
        let challenge = match &self {
            Self::Missing => Some(HeaderValue::from_static("Bearer")),
            Self::Invalid(_) | Self::Revoked => {
                Some(HeaderValue::from_static("Bearer error=\"invalid_token\""))
            }
            Self::Insufficient(scopes) => Some(insufficient(scopes)),
            Self::Unavailable(_) => None,
        };
        let mut response = (status, format!("{{\"error\":\"{body}\"}}")).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(Outcome {
            error: Some(body),
            cause: Some(cause),
            ..Outcome::default()
        });
        response
    }
}

/// The challenge that names the scopes which are needed, as far as they have the form of scopes (RFC 6749 §3.3).
fn insufficient(scopes: &[String]) -> HeaderValue {
    let plain = HeaderValue::from_static("Bearer error=\"insufficient_scope\"");
    let is_scope = |it: &&String| {
        let is_letter = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        !it.is_empty() && it.bytes().all(is_letter)
    };
    let named: Vec<&str> = scopes.iter().filter(is_scope).map(String::as_str).collect();
    if named.is_empty() {
        return plain;
    }
    let text = format!(
        "Bearer error=\"insufficient_scope\", scope=\"{}\"",
        named.join(" ")
    );
    HeaderValue::from_str(&text).unwrap_or(plain)
}
