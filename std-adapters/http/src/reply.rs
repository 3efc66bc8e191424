//! Answers and refusals as bytes and headers.
//!
//! The body names the error in `__type` and the text in `message`; the headers
//! `x-amzn-ErrorType` and `x-amzn-ErrorMessage` repeat both, because clients differ in where they
//! look first.

use std::fmt;

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::MethodRouter;
use userpool::{Answer, ApiError};
use userpool_wire::OperationSpec;

/// The content type of the AWS JSON 1.1 protocol.
pub const AWS_JSON: &str = "application/x-amz-json-1.1";

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const ERROR_MESSAGE: HeaderName = HeaderName::from_static("x-amzn-errormessage");
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
/// Longer texts are cut in the header; the body has them whole.
const LONGEST_HEADER_TEXT: usize = 1_024;

/// The random name of one request, as its answer's `x-amzn-RequestId` shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u128);

impl RequestId {
    /// Draws a name.
    #[must_use]
    pub fn draw() -> Self {
        // A name that repeats confuses a log reader and nobody else: a failing source of chance
        // is the engine's to refuse, so here it only makes the names equal.
        let mut chance = [0; 16];
        if getrandom::fill(&mut chance).is_err() {
            chance = [0; 16];
        }
        // RFC 9562 §5.4: version 4, variant 10.
        let drawn = u128::from_be_bytes(chance);
        Self(drawn & !(0xF << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            id >> 96,
            id >> 80 & 0xFFFF,
            id >> 64 & 0xFFFF,
            id >> 48 & 0xFFFF,
            id & 0xFFFF_FFFF_FFFF
        )
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What became of a request: among the extensions of every answer, for logs and metrics.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The operation that the request named, where there is one of that name.
    pub operation: Option<&'static OperationSpec>,
    /// Where there is no operation: the endpoint or page, as its route is written, without whose it is.
    pub path: Option<&'static str>,
    /// The name of the error that was answered; `refused` where a page has none.
    pub error: Option<&'static str>,
    /// What went wrong inside; for the log, never for the client.
    pub cause: Option<String>,
}

/// An error of the protocol around the operations.
pub(crate) fn refusal(status: StatusCode, name: &'static str, text: impl Into<String>) -> ApiError {
    ApiError {
        name,
        message: text.into(),
        status: status.as_u16(),
        cause: None,
    }
}

/// The answer of an operation as a response.
pub(crate) fn respond(operation: Option<&'static OperationSpec>, answer: Answer) -> Response {
    let mut outcome = Outcome {
        operation,
        ..Outcome::default()
    };
    let mut response = match answer {
        Ok(body) => Response::new(Body::from(body)),
        Err(error) => {
            let response = refuse(&error);
            outcome.error = Some(error.name);
            outcome.cause = error.cause;
            response
        }
    };
    response.extensions_mut().insert(outcome);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(AWS_JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An error as status, error headers and body; the rest of the headers is the caller's.
pub(crate) fn refuse(error: &ApiError) -> Response {
    let body = format!(
        "{{\"__type\":{},\"message\":{}}}",
        serde_json::Value::from(error.name),
        serde_json::Value::from(error.message.as_str())
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(ERROR_TYPE, header_text(&format!("{}:", error.name)));
    headers.insert(ERROR_MESSAGE, header_text(&error.message));
    response
}

/// A text made safe for a header: printable ASCII, of bounded length.
fn header_text(text: &str) -> HeaderValue {
    let safe: String = text
        .chars()
        .take(LONGEST_HEADER_TEXT)
        .map(|it| match it {
            ' '..='~' => it,
            _ if it.is_whitespace() => ' ',
            _ => '?',
        })
        .collect();
    HeaderValue::from_str(safe.trim()).expect("printable ASCII is a header value")
}

/// The answer to a path that does not exist.
pub(crate) async fn not_found() -> Response {
    let text = "There is nothing at this path; operations are called with POST /.";
    respond(
        None,
        Err(refusal(
            StatusCode::NOT_FOUND,
            "UnknownOperationException",
            text,
        )),
    )
}

/// The answer to a method that a path does not take; the router adds `Allow`.
pub(crate) async fn method_not_allowed() -> Response {
    let text = "This path does not take this method; operations are called with POST /.";
    respond(
        None,
        Err(refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "UnknownOperationException",
            text,
        )),
    )
}

/// Has the answers at a path say so.
pub(crate) fn at<S>(path: &'static str, methods: MethodRouter<S>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let note = move |mut response: Response| async move {
        let status = response.status();
        let is_refused = status.is_client_error() || status.is_server_error();
        let extensions = response.extensions_mut();
        let outcome = extensions.get_or_insert_default::<Outcome>();
        outcome.path = Some(path);
        if is_refused && outcome.error.is_none() {
            outcome.error = Some("refused");
        }
        response
    };
    methods.layer(map_response(note))
}

/// What every answer carries: its name.
pub(crate) async fn name(mut response: Response) -> Response {
    let id = RequestId::draw();
    let text = HeaderValue::from_str(&id.to_string()).expect("hexadecimal is a header value");
    response.extensions_mut().insert(id);
    response.headers_mut().insert(REQUEST_ID, text);
    response
}

/// What the answers carry that any page may read: leave to do so.
pub(crate) async fn open(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_random_uuids() {
        let id = RequestId::draw().to_string();
        let groups: Vec<&str> = id.split('-').collect();
        assert_eq!(
            groups.iter().map(|it| it.len()).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert!(groups[2].starts_with('4'));
        assert!(groups[3].starts_with(['8', '9', 'a', 'b']));
        assert_ne!(RequestId::draw(), RequestId::draw());
    }

    #[test]
    fn texts_in_headers_are_printable_and_bounded() {
        assert_eq!(
            header_text("a\r\nset-cookie: b\u{e9}\0"),
            "a  set-cookie: b??"
        );
        assert_eq!(header_text(&"x".repeat(5_000)).len(), LONGEST_HEADER_TEXT);
    }
}
