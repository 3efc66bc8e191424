//! A request as it came: its place, query, form, cookies and origin.

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use tokio::time::timeout;
use userpool::oauth::Endpoint;
use userpool::oauth::parameters::{self, Parameters};
use userpool::oauth::place::Place;
use userpool::{ApiError, Caller};

use super::browser::Cookies;
use super::language::Language;
use crate::answers::Answers;
use crate::api::Api;
use crate::json::{receive, user_agent};
use crate::reply::refusal;

/// The head of a request to an endpoint or page.
pub(super) struct Asked {
    /// Whose endpoints it is for.
    pub place: Place,
    /// What names the place in cookies.
    pub name: String,
    /// Its query, decoded.
    pub query: Parameters,
    /// Its query, as it came.
    pub raw_query: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// In which language its page speaks.
    pub language: Language,
    /// Who asks.
    pub caller: Caller,
    /// The host that it came to.
    host: String,
    params: Vec<(String, String)>,
}

impl<A: Answers> FromRequestParts<Api<A>> for Asked {
    type Rejection = axum::response::Response;

    async fn from_request_parts(parts: &mut Parts, api: &Api<A>) -> Result<Self, Self::Rejection> {
        let params = RawPathParams::from_request_parts(parts, api).await;
        let params: Vec<(String, String)> = match &params {
            Ok(params) => params
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            Err(_) => Vec::new(),
        };
        let host = host(parts);
        let named = params.iter().find(|(name, _)| name == "place");
        let (place, name) = match named {
            // Whatever else it is, it names nothing.
            Some((_, name)) if !name.bytes().all(is_name) => {
                (Place::Named(String::new()), "nowhere".to_owned())
            }
            Some((_, name)) => (Place::Named(name.clone()), name.clone()),
            None => (Place::Host(host.clone()), "here".to_owned()),
        };
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let mut asked = Self {
            place,
            name,
            query: parameters::parse(&raw_query),
            raw_query,
            headers: parts.headers.clone(),
            language: Language::chosen(None, None, None),
            host,
            caller: Caller {
                source: api.proxies.source_of(parts),
                user_agent: user_agent(&parts.headers),
                ..Caller::default()
            },
            params,
        };
        let cookies = Cookies::of(&asked, api.engine.base_url());
        let accepted = text(&asked.headers, ACCEPT_LANGUAGE);
        let kept = cookies.language();
        asked.language = Language::chosen(asked.query.first("lang"), kept, accepted);
        Ok(asked)
    }
}

/// The letters of pool ids and prefixes, which are also those of a cookie's name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn host(parts: &Parts) -> String {
    // HTTP/2 has the host in the address.
    let authority = parts.uri.authority().map(|it| it.as_str().to_owned());
    authority.unwrap_or_else(|| text(&parts.headers, HOST).unwrap_or_default().to_owned())
}

/// The text of a header.
pub(super) fn text(headers: &HeaderMap, name: axum::http::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl Asked {
    /// The `Authorization` header.
    pub fn authorization(&self) -> Option<String> {
        text(&self.headers, AUTHORIZATION).map(str::to_owned)
    }

    /// A segment of the path.
    pub fn segment(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(COOKIE).iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Whether a form comes from a page of this very origin: browsers say so, and nobody else has a page to show.
    pub fn is_own_origin(&self, base_url: &str) -> bool {
        let Some(origin) = text(&self.headers, ORIGIN) else {
            return false;
        };
        let (scheme, base) = base_url.split_once("://").unwrap_or(("", ""));
        let base = base.split('/').next().unwrap_or_default();
        let Some((sent_scheme, sent)) = origin.split_once("://") else {
            return false;
        };
        let is_here = self.host.eq_ignore_ascii_case(sent);
        sent_scheme.eq_ignore_ascii_case(scheme) && (sent.eq_ignore_ascii_case(base) || is_here)
    }

    /// The form in the body.
    ///
    /// # Errors
    /// The body is no form, too long, or too slow.
    pub async fn form<A: Answers>(&self, api: &Api<A>, body: Body) -> Result<Parameters, ApiError> {
        let content_type = text(&self.headers, CONTENT_TYPE).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(refusal(
                axum::http::StatusCode::BAD_REQUEST,
                "InvalidParameterException",
                "The content type must be application/x-www-form-urlencoded.",
            ));
        }
        let bytes = receive(&api.limits, &self.headers, body).await?;
        Ok(parameters::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Puts a question to the engine, within the limits of every request.
    ///
    /// # Errors
    /// What the engine refuses, too many requests at once, or an answer that takes too long.
    pub async fn put<A: Answers, E: Endpoint>(
        &self,
        api: &Api<A>,
        endpoint: E,
    ) -> Result<E::Reply, ApiError> {
        if let Some(meter) = &api.meter {
            meter.request(self.caller.source)?;
        }
        let Ok(_place) = api.running.try_acquire() else {
            return Err(refusal(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                "TooManyRequestsException",
                "Rate exceeded",
            ));
        };
        let answer = api.engine.ask(endpoint, self.caller.clone());
        match timeout(api.limits.answer_time, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(refusal(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                "InternalErrorException",
                "The request took too long.",
            )),
        }
    }
}
