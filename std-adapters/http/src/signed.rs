//! The AWS Signature Version 4 of administrators' requests, held against the request received.
//!
//! Refused in this order: no `Authorization`; one that cannot be taken apart; an access key id
//! that is unknown, or comes with a session token; and then what
//! [`sigv4::verify`] refuses: another service, a header that is
//! not signed, a date outside five minutes, another signature.

use std::str::from_utf8;

use axum::extract::OriginalUri;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use userpool::ApiError;
use userpool_crypto::sigv4::{self, Authorization, Expectation, Payloads, Request, SigV4Error};
use userpool_wire::OperationSpec;

use crate::api::Api;
use crate::reply::refusal;

/// What a signature must cover besides the body, the date and every other `x-amz-` header.
const SIGNED_HEADERS: [&str; 3] = ["host", "x-amz-date", "x-amz-target"];
/// What temporary credentials come with; no administrator has such.
const SESSION_TOKEN: &str = "x-amz-security-token";

/// Who signed a request, and for where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signer {
    /// The administrator.
    pub access_key_id: String,
    /// The region of the signature's scope.
    pub region: String,
}

/// Checks that an administrator signed this very request.
pub(crate) fn verify<A>(
    api: &Api<A>,
    operation: &OperationSpec,
    parts: &Parts,
    body: &[u8],
) -> Result<Signer, ApiError> {
    let authorization = authorization(&parts.headers).map_err(|it| refused(&it))?;
    let secret = api
        .credentials
        .secret(authorization.access_key_id())
        .filter(|_| !parts.headers.contains_key(SESSION_TOKEN))
        .ok_or_else(|| {
            refusal(
                StatusCode::BAD_REQUEST,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        })?;
    let headers = headers(parts);
    let request = request(parts, &headers, body);
    let expected = Expectation {
        service: operation.service.signing_name(),
        region: None,
        signed_headers: &SIGNED_HEADERS,
        payloads: Payloads::Covered,
        now: api.clock.now().secs(),
    };
    sigv4::verify(&authorization, &request, &secret, &expected).map_err(|it| refused(&it))?;
    Ok(Signer {
        access_key_id: authorization.access_key_id().to_owned(),
        region: authorization.region().to_owned(),
    })
}

/// The address that the client sent, and signed: under a nested router the path was shortened since.
pub(crate) fn sent_uri(parts: &Parts) -> &Uri {
    let original = parts.extensions.get::<OriginalUri>();
    original.map_or(&parts.uri, |it| &it.0)
}

/// The headers that the client sent, as far as they are text.
pub(crate) fn headers(parts: &Parts) -> Vec<(&str, &str)> {
    let sent = parts.headers.iter();
    let mut headers: Vec<(&str, &str)> = sent
        .filter_map(|(name, value)| Some((name.as_str(), from_utf8(value.as_bytes()).ok()?)))
        .collect();
    // HTTP/2 has the host in `:authority`.
    if let (None, Some(authority)) = (parts.headers.get(HOST), sent_uri(parts).authority()) {
        headers.push((HOST.as_str(), authority.as_str()));
    }
    headers
}

/// What the client sent, with its [`headers`], as it was signed.
pub(crate) fn request<'a>(
    parts: &'a Parts,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
) -> Request<'a> {
    let uri = sent_uri(parts);
    Request {
        method: parts.method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or(""),
        headers,
        body,
    }
}

fn authorization(headers: &HeaderMap) -> Result<Authorization, SigV4Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().and_then(|it| it.to_str().ok()).unwrap_or("");
    if values.next().is_some() {
        let text = "There must be one Authorization header.";
        return Err(SigV4Error::IncompleteSignature(text.into()));
    }
    Authorization::parse(value)
}

fn refused(error: &SigV4Error) -> ApiError {
    refusal(
        StatusCode::BAD_REQUEST,
        error.error_type(),
        error.to_string(),
    )
}
