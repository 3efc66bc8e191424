//! authorize, token, userInfo, revoke, logout, confirmUser.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;
use userpool::ApiError;
use userpool::oauth::authorize::{Authorize, Authorized, Session};
use userpool::oauth::confirm_user::{ConfirmUser, Confirmed};
use userpool::oauth::error::{Error, ErrorKind};
use userpool::oauth::federation::answer::Browser;
use userpool::oauth::logout::{LoggedOut, Logout};
use userpool::oauth::revoke::Revoke;
use userpool::oauth::token::Token;
use userpool::oauth::user_info::{UserInfo, invalid_token};

use super::asked::Asked;
use super::browser::{Cookies, add_cookie, note, redirect};
use super::html;
use crate::answers::Answers;
use crate::api::Api;
use crate::reply::Outcome;

/// `GET /oauth2/authorize`.
pub(super) async fn authorize<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let cookies = Cookies::of(&asked, api.engine.base_url());
    let (token, cookie) = cookies.form_token();
    let request = Authorize {
        place: asked.place.clone(),
        query: asked.query.clone(),
        session: cookies.session().map_or(Session::Absent, Session::Cookie),
        browser: Browser(token),
    };
    match asked.put(&api, request).await {
        Ok(Authorized::Back(to)) => redirect(StatusCode::FOUND, &to),
        Ok(Authorized::Provider(to)) => {
            let mut response = redirect(StatusCode::FOUND, &to);
            add_cookie(&mut response, cookie);
            response
        }
        Ok(Authorized::Form { action, fields }) => {
            let mut response = html::posts_on(asked.language, &action, &fields, "../");
            add_cookie(&mut response, cookie);
            response
        }
        Ok(Authorized::SignIn) => {
            redirect(StatusCode::FOUND, &format!("../login?{}", asked.raw_query))
        }
        Ok(Authorized::Choose) => {
            redirect(StatusCode::FOUND, &format!("../choose?{}", asked.raw_query))
        }
        Ok(Authorized::Refused(error)) => html::refused(asked.language, &error.description, "../"),
        Err(error) => html::failed(asked.language, &error, "../"),
    }
}

/// `GET /confirmUser`: the link of an e-mail.
pub(super) async fn confirm_user<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let request = ConfirmUser {
        place: asked.place.clone(),
        query: asked.query.clone(),
    };
    match asked.put(&api, request).await {
        Ok(Confirmed::To(to)) => redirect(StatusCode::FOUND, &to),
        Ok(Confirmed::Here) => html::done(asked.language, asked.language.words.confirmed, ""),
        Err(error) => html::failed(asked.language, &error, ""),
    }
}

/// `GET /logout`.
pub(super) async fn logout<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let cookies = Cookies::of(&asked, api.engine.base_url());
    let request = Logout {
        place: asked.place.clone(),
        query: asked.query.clone(),
        session: cookies.session(),
    };
    let mut response = match asked.put(&api, request).await {
        Ok(LoggedOut::To(to)) => redirect(StatusCode::FOUND, &to),
        Ok(LoggedOut::Provider(to)) => redirect(StatusCode::FOUND, &to),
        Ok(LoggedOut::SignIn) => redirect(StatusCode::FOUND, &format!("login?{}", asked.raw_query)),
        Ok(LoggedOut::Refused(error)) => {
            return html::refused(asked.language, &error.description, "");
        }
        Err(error) => return html::failed(asked.language, &error, ""),
    };
    add_cookie(&mut response, Some(cookies.end_session()));
    response
}

/// `POST /oauth2/token`.
pub(super) async fn token<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match asked.form(&api, body).await {
        Ok(form) => form,
        Err(error) => return refuse(&asked, &error, ErrorKind::InvalidRequest),
    };
    let request = Token {
        place: asked.place.clone(),
        form,
        authorization: asked.authorization(),
    };
    match asked.put(&api, request).await {
        Ok(Ok(tokens)) => json_text(StatusCode::OK, tokens),
        Ok(Err(error)) => oauth_error(&asked, &error),
        Err(error) => refuse(&asked, &error, ErrorKind::InvalidGrant),
    }
}

/// `POST /oauth2/revoke`.
pub(super) async fn revoke<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let form = match asked.form(&api, body).await {
        Ok(form) => form,
        Err(error) => return refuse(&asked, &error, ErrorKind::InvalidRequest),
    };
    let request = Revoke {
        place: asked.place.clone(),
        form,
        authorization: asked.authorization(),
    };
    match asked.put(&api, request).await {
        Ok(Ok(())) => {
            let mut response = Response::default();
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Ok(Err(error)) => oauth_error(&asked, &error),
        Err(error) => {
            let kind = match error.name {
                "UnsupportedTokenTypeException" => ErrorKind::UnsupportedTokenType,
                "UnauthorizedException" => ErrorKind::UnauthorizedClient,
                _ => ErrorKind::InvalidRequest,
            };
            refuse(&asked, &error, kind)
        }
    }
}

/// `GET` or `POST /oauth2/userInfo`.
pub(super) async fn user_info<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let request = UserInfo {
        place: asked.place.clone(),
        token: bearer(&asked),
    };
    let (status, error) = match asked.put(&api, request).await {
        Ok(Ok(claims)) => return json_text(StatusCode::OK, claims),
        Ok(Err(error)) if error.kind == ErrorKind::InvalidRequest => {
            (StatusCode::BAD_REQUEST, error)
        }
        Ok(Err(error)) => (StatusCode::UNAUTHORIZED, error),
        // Whoever is told that a token is good for nothing throws it away.
        Err(error) if error.status >= 500 || is_busy(&error) => {
            return refuse(&asked, &error, ErrorKind::InvalidToken);
        }
        Err(_) => (StatusCode::UNAUTHORIZED, invalid_token()),
    };
    let mut response = told(status, &error);
    let challenge = format!(
        "Bearer error=\"{}\", error_description=\"{}\"",
        error.kind.name(),
        error.description
    );
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The access token of a request (RFC 6750 §2.1).
pub(super) fn bearer(asked: &Asked) -> Option<String> {
    let header = asked.authorization()?;
    let (scheme, token) = header.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    let token = token.trim();
    (is_bearer && !token.is_empty()).then(|| token.to_owned())
}

/// An error of OAuth (RFC 6749 §5.2). A client that used the header is told that it may try again.
fn oauth_error(asked: &Asked, error: &Error) -> Response {
    let by_header = asked.authorization().is_some();
    if error.kind == ErrorKind::InvalidClient && by_header {
        let mut response = told(StatusCode::UNAUTHORIZED, error);
        let challenge = HeaderValue::from_static("Basic realm=\"userpool\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        return response;
    }
    told(StatusCode::BAD_REQUEST, error)
}

/// What the engine refused, as an error of OAuth.
pub(super) fn refuse(asked: &Asked, error: &ApiError, kind: ErrorKind) -> Response {
    let (status, name) = match error.status {
        503 => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        500.. => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        _ if is_busy(error) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        _ => {
            let description = error.message.clone().into();
            return oauth_error(asked, &Error { kind, description });
        }
    };
    let mut response = json_text(status, json!({ "error": name }).to_string());
    note(&mut response, error);
    response
}

/// Whether a request was refused for nothing but the number of those that came.
fn is_busy(error: &ApiError) -> bool {
    error.name == "TooManyRequestsException"
}

pub(super) fn told(status: StatusCode, error: &Error) -> Response {
    let name = error.kind.name();
    let body = json!({
        "error": name,
        "error_description": error.description.as_ref(),
    });
    let mut response = json_text(status, body.to_string());
    let outcome = Outcome {
        error: Some(name),
        ..Outcome::default()
    };
    response.extensions_mut().insert(outcome);
    response
}

pub(super) fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json;charset=UTF-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
