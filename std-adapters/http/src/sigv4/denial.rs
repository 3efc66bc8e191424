//! Why a request does not reach its service, in AWS's words.
//!
//! | why | status | `x-amzn-ErrorType` and `__type` | `Code` for `s3` |
//! |---|---|---|---|
//! | nobody signed it | 401 | MissingAuthenticationTokenException | AccessDenied |
//! | the signature cannot be taken apart | 403 | IncompleteSignatureException | AuthorizationHeaderMalformed |
//! | the session token is missing, or of another key | 403 | UnrecognizedClientException | InvalidToken |
//! | the credentials have ended | 403 | ExpiredTokenException | ExpiredToken |
//! | a date more than five minutes away | 403 | InvalidSignatureException | RequestTimeTooSkewed |
//! | any other signature | 403 | InvalidSignatureException | SignatureDoesNotMatch |
//! | the role may not | 403 | AccessDeniedException | AccessDenied |
//! | the body is too long, too slow, or breaks off | 413, 408, 400 | SerializationException | EntityTooLarge, RequestTimeout, IncompleteBody |

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use userpool::ApiError;
use userpool::credentials::Denied;
use userpool::policy::Verdict;
use userpool_crypto::sigv4::SigV4Error;

use crate::reply::{REQUEST_ID, RequestId, refusal, refuse};

/// The request id as S3 has it.
const S3_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// In which words a denial is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// JSON, as most services.
    Json,
    /// XML, as S3.
    S3,
}

impl Words {
    /// The words of a service.
    pub fn of(service: &str) -> Self {
        match service {
            "s3" => Self::S3,
            _ => Self::Json,
        }
    }
}

/// Why a request does not reach its service.
pub(super) struct Denial {
    error: ApiError,
    /// The name of the error at S3.
    code: &'static str,
}

impl Denial {
    /// What policies say to a caller whom they do not let through.
    pub fn role(session: &str, verdict: Verdict) -> Self {
        let explicit = match verdict {
            Verdict::Forbidden => " with an explicit deny",
            Verdict::Allowed | Verdict::NotAllowed => "",
        };
        let text = format!("User: {session} is not authorized to access this resource{explicit}");
        Self {
            error: refusal(StatusCode::FORBIDDEN, "AccessDeniedException", text),
            code: "AccessDenied",
        }
    }

    /// The answer.
    pub fn response(&self, words: Words) -> Response {
        let id = RequestId::draw();
        let mut response = match words {
            Words::Json => refuse(&self.error),
            Words::S3 => self.xml(id),
        };
        let (content, name) = match words {
            Words::Json => ("application/json", REQUEST_ID),
            Words::S3 => ("application/xml", S3_REQUEST_ID),
        };
        let id = HeaderValue::from_str(&id.to_string()).expect("hexadecimal is a header value");
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(name, id);
        if response.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110 §15.5.2 wants one.
            let challenge = HeaderValue::from_static("AWS4-HMAC-SHA256");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }

    fn xml(&self, id: RequestId) -> Response {
        let (code, message) = (self.code, escaped(&self.error.message));
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
        );
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::FORBIDDEN);
        response
    }
}

impl From<Denied> for Denial {
    fn from(denied: Denied) -> Self {
        let (status, code) = match &denied {
            Denied::Signature(SigV4Error::MissingAuthenticationToken) => {
                (StatusCode::UNAUTHORIZED, "AccessDenied")
            }
            Denied::Signature(SigV4Error::IncompleteSignature(_)) => {
                (StatusCode::FORBIDDEN, "AuthorizationHeaderMalformed")
            }
            Denied::Signature(
                SigV4Error::SignatureExpired(_) | SigV4Error::SignatureNotYetCurrent(_),
            ) => (StatusCode::FORBIDDEN, "RequestTimeTooSkewed"),
            Denied::Expired => (StatusCode::FORBIDDEN, "ExpiredToken"),
            Denied::Token => (StatusCode::FORBIDDEN, "InvalidToken"),
            // Other refusals, of later versions too, are those of the signature.
            _ => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
        };
        Self {
            error: refusal(status, denied.error_type(), denied.message()),
            code,
        }
    }
}

impl From<ApiError> for Denial {
    /// A body that could not be read.
    fn from(error: ApiError) -> Self {
        let code = match error.status {
            413 => "EntityTooLarge",
            408 => "RequestTimeout",
            _ => "IncompleteBody",
        };
        Self { error, code }
    }
}

/// A text as XML has it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
