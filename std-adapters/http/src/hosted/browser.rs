//! Cookies, and the headers of every page.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use maud::Markup;
use userpool::ApiError;
use userpool_crypto::{base64, digest::ct_eq};

use super::asked::Asked;
use super::language::Language;
use crate::reply::Outcome;

/// How long a browser keeps the session of the pages, in seconds: ninety days, as long as any may live. The engine ends
/// it in time.
const SESSION_SECS: u32 = 7_776_000;

/// For how long nobody who said no is offered a passkey again: thirty days.
const LATER_SECS: u32 = 2_592_000;
/// How long a browser keeps the language of the pages: a year.
const LANGUAGE_SECS: u32 = 31_536_000;

/// The cookies of a place. Behind TLS they are bound to the host (`__Host-`, RFC 6265bis §4.1.3.2).
pub(super) struct Cookies<'a> {
    asked: &'a Asked,
    secure: bool,
}

impl<'a> Cookies<'a> {
    /// Those of a request to a server that is reached at this address.
    pub fn of(asked: &'a Asked, base_url: &str) -> Self {
        Self {
            asked,
            secure: base_url.starts_with("https://"),
        }
    }

    fn name(&self, what: &str) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}userpool-{what}-{}", self.asked.name)
    }

    fn set(&self, what: &str, value: &str, seconds: u32) -> HeaderValue {
        let name = self.name(what);
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).expect("names and values of cookies are plain letters")
    }

    /// The session of the pages.
    pub fn session(&self) -> Option<String> {
        self.asked.cookie(&self.name("session")).map(str::to_owned)
    }

    /// Gives the browser a session.
    pub fn set_session(&self, text: &str) -> HeaderValue {
        self.set("session", text, SESSION_SECS)
    }

    /// Takes the session from the browser.
    pub fn end_session(&self) -> HeaderValue {
        self.set("session", "", 0)
    }

    /// Remembers that the user wants no passkey now.
    pub fn set_later(&self) -> HeaderValue {
        self.set("later", "yes", LATER_SECS)
    }

    /// Whether the user wanted no passkey a while ago.
    pub fn said_later(&self) -> bool {
        self.asked.cookie(&self.name("later")).is_some()
    }

    /// The language that was chosen for the pages.
    pub fn language(&self) -> Option<&'a str> {
        self.asked.cookie(&self.name("lang"))
    }

    /// Keeps the language that the query names.
    pub fn keep_language(&self) -> Option<HeaderValue> {
        let named = Language::named(self.asked.query.first("lang")?)?;
        let is_new = self.language() != Some(named.tag);
        is_new.then(|| self.set("lang", named.tag, LANGUAGE_SECS))
    }

    /// The token that forms carry, and the cookie where the browser has none yet.
    pub fn form_token(&self) -> (String, Option<HeaderValue>) {
        let held = self.asked.cookie(&self.name("form"));
        if let Some(held) = held.filter(|held| is_token(held)) {
            return (held.to_owned(), None);
        }
        let mut chance = [0; 32];
        // A token that cannot be drawn fits no form: nothing is changed until it can.
        if getrandom::fill(&mut chance).is_err() {
            return (String::new(), None);
        }
        let token = base64::encode_url(&chance);
        let cookie = self.set("form", &token, SESSION_SECS);
        (token, Some(cookie))
    }

    /// The token that the browser holds; nothing where it has none.
    pub fn held_token(&self) -> String {
        let held = self.asked.cookie(&self.name("form"));
        held.filter(|held| is_token(held))
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether the token of a form is the browser's.
    pub fn fits_form(&self, sent: Option<&str>) -> bool {
        let held = self.asked.cookie(&self.name("form"));
        match (held.filter(|held| is_token(held)), sent) {
            (Some(held), Some(sent)) => ct_eq(held.as_bytes(), sent.as_bytes()),
            _ => false,
        }
    }
}

fn is_token(text: &str) -> bool {
    text.len() == 43 && base64::decode_url(text).is_some()
}

/// Which scripts a page runs.
#[derive(Clone, Copy)]
pub(super) enum Scripts {
    /// None.
    None,
    /// Those that this server serves.
    Own,
    /// Those too, WebAssembly, and what they ask this server.
    Proving,
}

/// A page. Its form leads to this server, and in the end to the address that is given.
pub(super) fn page(
    status: StatusCode,
    html: Markup,
    leads_to: Option<&str>,
    scripts: Scripts,
) -> Response {
    let mut response = Response::new(Body::from(html.into_string()));
    *response.status_mut() = status;
    guard(&mut response, leads_to, scripts);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

/// Sends the browser on.
pub(super) fn redirect(status: StatusCode, to: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    guard(&mut response, None, Scripts::None);
    // What is checked letter by letter may still hold letters that a header cannot.
    match HeaderValue::from_str(to) {
        Ok(to) => {
            response.headers_mut().insert(LOCATION, to);
        }
        Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

/// Adds what the log has to know of an error.
pub(super) fn note(response: &mut Response, error: &ApiError) {
    response.extensions_mut().insert(Outcome {
        error: Some(error.name),
        cause: error.cause.clone(),
        ..Outcome::default()
    });
}

/// Adds a cookie.
pub(super) fn add_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Nothing runs but what is said, nothing is loaded from elsewhere, nobody frames the page, nothing is kept.
fn guard(response: &mut Response, leads_to: Option<&str>, scripts: Scripts) {
    let origin = leads_to.and_then(source).unwrap_or_default();
    let scripts = match scripts {
        Scripts::None => "",
        Scripts::Own => " script-src 'self';",
        Scripts::Proving => " script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';",
    };
    let policy = format!(
        "default-src 'none';{scripts} style-src 'self'; img-src 'self'; form-action 'self' {origin}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// An address as a source of a policy: browsers hold a redirect after a form to `form-action` too.
fn source(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once(':')?;
    let source = match rest.strip_prefix("//") {
        Some(rest)
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            format!("{scheme}://{authority}")
        }
        _ => format!("{scheme}:"),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-+[]".contains(&byte);
    source.bytes().all(is_plain).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_where_a_form_leads() {
        for (address, found) in [
            (
                "https://app.example.com/back?x=1",
                Some("https://app.example.com"),
            ),
            ("http://localhost:3000/back", Some("http://localhost:3000")),
            ("myapp://back", Some("myapp:")),
            ("https://a;script-src/", None),
        ] {
            assert_eq!(source(address).as_deref(), found, "{address}");
        }
    }
}
