//! The signature: making it and checking it.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::authorization::{Authorization, Place, format_authorization};
use super::canonical::{PathForm, QUERY_SIGNATURE, Request, canonical_hash, list};
use super::chunks::{self, Chain, Framing};
use super::date::{WINDOW_SECONDS, check_window, format_date, parse_date};
use super::error::SigV4Error;
use super::{ALGORITHM, TERMINATOR};
use crate::digest::{ct_eq, hmac_sha256, sha256};
use crate::integer::hex;
use crate::secret::{SecretArray, SecretText};

const DATE: &str = "x-amz-date";
const CONTENT_HASH: &str = "x-amz-content-sha256";
const DECODED_LENGTH: &str = "x-amz-decoded-content-length";

/// What a client puts in the place of the body's hash where it signs none.
const UNCOVERED: &str = "UNSIGNED-PAYLOAD";
/// What it puts there for bodies in chunks begins with this.
const IN_CHUNKS: &str = "STREAMING-";
/// The longest life of a presigned address, in seconds.
const MAX_PRESIGNED: i64 = 604_800;

/// What may stand for the body in a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payloads {
    /// The hash of the body that was received; for [`verify_body`] those of its chunks, too, each signed.
    Covered,
    /// That, or that there is none: `UNSIGNED-PAYLOAD`, the names of bodies that come in chunks, and presigned addresses
    /// of S3. Who signed is known then, and not that the body is theirs. [`verify`] does not look at the signatures of chunks.
    DangerMayBeUncovered,
}

/// What a signature must fit besides the request.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The service that the credential must be scoped to.
    pub service: &'a str,
    /// The region that the credential must be scoped to; any where it is none.
    pub region: Option<&'a str>,
    /// The headers that must be signed, in lower case. Every `x-amz-` header of the request must be
    /// signed as well.
    pub signed_headers: &'a [&'a str],
    /// What may stand for the body.
    pub payloads: Payloads,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Checks that the secret's holder signed this very request, lately and for this service.
///
/// The secret is the one of [`Authorization::access_key_id`].
///
/// # Errors
///
/// In this order: [`SigV4Error::WrongScope`] for another service or region; [`SigV4Error::UnsignedHeader`];
/// [`SigV4Error::IncompleteSignature`] for a date that is absent or of wrong form; [`SigV4Error::WrongScope`] for
/// the scope of another day; [`SigV4Error::SignatureExpired`] and
/// [`SigV4Error::SignatureNotYetCurrent`]; [`SigV4Error::InvalidSignature`] for all else.
pub fn verify(
    authorization: &Authorization,
    request: &Request<'_>,
    secret: &SecretText,
    expected: &Expectation<'_>,
) -> Result<(), SigV4Error> {
    let is_taken = |claimed: &str| match expected.payloads {
        Payloads::Covered => false,
        Payloads::DangerMayBeUncovered => {
            claimed.starts_with(UNCOVERED) || claimed.starts_with(IN_CHUNKS)
        }
    };
    accept(authorization, request, secret, expected, is_taken).map(drop)
}

/// Checks what [`verify`] does, and gives the body that was signed: the one that was received, or what its chunks hold,
/// each of which is signed as well (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, with and without `-TRAILER`).
///
/// Chunks that nobody signed (`STREAMING-UNSIGNED-PAYLOAD-TRAILER`) are put together where [`Payloads`] lets a body be
/// nobody's. Checksums in trailers are not computed.
///
/// # Errors
///
/// Those of [`verify`]; then, for chunks, [`SigV4Error::IncompleteSignature`] for a body that is not made of chunks, or has
/// another length than `X-Amz-Decoded-Content-Length` says, and [`SigV4Error::InvalidSignature`] for a chunk or trailer
/// that was not signed as it is.
pub fn verify_body<'b>(
    authorization: &Authorization,
    request: &Request<'b>,
    secret: &SecretText,
    expected: &Expectation<'_>,
) -> Result<Cow<'b, [u8]>, SigV4Error> {
    let is_taken = |claimed: &str| match (Framing::of(claimed), expected.payloads) {
        (Some(Framing::Unsigned), Payloads::Covered) => false,
        (Some(_), _) => true,
        (None, Payloads::Covered) => false,
        (None, Payloads::DangerMayBeUncovered) => claimed == UNCOVERED,
    };
    let accepted = accept(authorization, request, secret, expected, is_taken)?;
    let Some(framing) = Framing::of(&accepted.payload) else {
        return Ok(Cow::Borrowed(request.body));
    };
    let chain = Chain {
        key: &accepted.key,
        date: &accepted.date,
        scope: &accepted.scope,
        last: *authorization.signature(),
    };
    let body = chunks::unframe(framing, chain, request.body)?;
    let length = request.single(DECODED_LENGTH).map(str::trim);
    match length.and_then(|length| length.parse::<usize>().ok()) {
        Some(length) if length == body.len() => Ok(Cow::Owned(body)),
        _ => Err(SigV4Error::IncompleteSignature(
            "X-Amz-Decoded-Content-Length must be the length of the body without its chunks."
                .into(),
        )),
    }
}

/// A signature that was accepted, and what the signatures of chunks follow from.
struct Accepted {
    key: SecretArray<32>,
    date: String,
    scope: String,
    /// What stood for the body.
    payload: String,
}

fn accept(
    authorization: &Authorization,
    request: &Request<'_>,
    secret: &SecretText,
    expected: &Expectation<'_>,
    is_taken: impl Fn(&str) -> bool,
) -> Result<Accepted, SigV4Error> {
    if authorization.service() != expected.service {
        return Err(SigV4Error::WrongScope(format!(
            "Credential should be scoped to correct service: '{}'.",
            expected.service
        )));
    }
    if let Some(region) = expected.region
        && authorization.region() != region
    {
        return Err(SigV4Error::WrongScope(format!(
            "Credential should be scoped to a valid region: '{region}'."
        )));
    }
    // The query is signed without it, so that in a query that is not a signature's own it would be nobody's.
    if authorization.place() == Place::Header && request.has_parameter(QUERY_SIGNATURE) {
        return Err(SigV4Error::InvalidSignature);
    }
    let is_signed = |name: &str| {
        authorization
            .signed_headers()
            .iter()
            .any(|signed| signed == name)
    };
    let sent = request
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase());
    let required = expected
        .signed_headers
        .iter()
        .map(|name| (*name).to_owned());
    for name in required
        .chain((authorization.place() == Place::Header).then(|| DATE.to_owned()))
        .chain(sent.filter(|name| name.starts_with("x-amz-")))
    {
        if !is_signed(&name) {
            return Err(SigV4Error::UnsignedHeader(name));
        }
        // Two values of a header that counts would be read one way here and another elsewhere.
        if request.values(&name).count() > 1 {
            return Err(SigV4Error::InvalidSignature);
        }
    }
    let (date, life) = moment(authorization, request)?;
    let time = parse_date(&date).ok_or_else(|| {
        SigV4Error::IncompleteSignature(
            "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
                .into(),
        )
    })?;
    if authorization.day() != &date[..8] {
        return Err(SigV4Error::WrongScope(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{}' != '{}', from '{date}'.",
            printable(authorization.day()),
            &date[..8],
        )));
    }
    check_window(time, life, expected.now)?;
    let payload = payload(authorization, request, is_taken)?;

    let scope = Scope {
        day: authorization.day(),
        region: authorization.region(),
        service: authorization.service(),
    };
    let path = PathForm::of(authorization.service());
    let hash = canonical_hash(request, authorization.signed_headers(), path, &payload)
        .ok_or(SigV4Error::InvalidSignature)?;
    let (key, scope) = (signing_key(secret, &scope), scope.text());
    if !ct_eq(
        &signature(&key, &date, &scope, &hash),
        authorization.signature(),
    ) {
        return Err(SigV4Error::InvalidSignature);
    }
    Ok(Accepted {
        key,
        date,
        scope,
        payload,
    })
}

/// The date of a signature as it stands, and how long it is good for.
fn moment(
    authorization: &Authorization,
    request: &Request<'_>,
) -> Result<(String, i64), SigV4Error> {
    match authorization.place() {
        Place::Header => {
            let date = request.single(DATE).map(str::trim).unwrap_or_default();
            Ok((date.into(), WINDOW_SECONDS))
        }
        Place::Query => {
            let life = request.parameter("X-Amz-Expires");
            let life = life.and_then(|life| life.parse::<i64>().ok());
            let life = life.filter(|life| (1..=MAX_PRESIGNED).contains(life));
            let life = life.ok_or_else(|| {
                SigV4Error::IncompleteSignature(format!(
                    "X-Amz-Expires must be a number of seconds from 1 to {MAX_PRESIGNED}."
                ))
            })?;
            Ok((request.parameter("X-Amz-Date").unwrap_or_default(), life))
        }
    }
}

/// What stands for the body.
fn payload(
    authorization: &Authorization,
    request: &Request<'_>,
    is_taken: impl Fn(&str) -> bool,
) -> Result<String, SigV4Error> {
    let own = hex(&sha256(&[request.body]));
    let is_presigned = authorization.place() == Place::Query;
    let claimed = match request.single(CONTENT_HASH) {
        Some(claimed) => Some(claimed.trim().to_owned()),
        None if is_presigned && authorization.service() == "s3" => Some(UNCOVERED.to_owned()),
        None => None,
    };
    match claimed {
        None => Ok(own),
        Some(claimed) if claimed == own => Ok(own),
        Some(claimed) if is_taken(&claimed) => Ok(claimed),
        Some(_) => Err(SigV4Error::InvalidSignature),
    }
}

/// Who signs, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// The name of the secret.
    pub access_key_id: &'a str,
    /// The secret.
    pub secret: &'a SecretText,
    /// The region of the scope.
    pub region: &'a str,
    /// The service of the scope.
    pub service: &'a str,
}

/// The headers that signing adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `X-Amz-Date`.
    pub date: String,
    /// `Authorization`.
    pub authorization: String,
}

/// Signs a request over all its headers and the date, as a client does.
///
/// `now` is in seconds since 1970. The request must be sent with both headers that come back and may not have
/// either of them yet.
pub fn sign(request: &Request<'_>, credentials: &Credentials<'_>, now: i64) -> Signed {
    let date = format_date(now);
    let mut headers: Vec<(&str, &str)> = request.headers.to_vec();
    headers.push((DATE, &date));
    let mut names: Vec<String> = headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    names.dedup();
    let request = Request {
        headers: &headers,
        ..*request
    };
    let payload = hex(&sha256(&[request.body]));
    let path = PathForm::of(credentials.service);
    let hash = canonical_hash(&request, &names, path, &payload)
        .expect("the names are those of the headers");
    let scope = Scope {
        day: &date[..8],
        region: credentials.region,
        service: credentials.service,
    };
    let (key, scope) = (signing_key(credentials.secret, &scope), scope.text());
    let signature = signature(&key, &date, &scope, &hash);
    let authorization =
        format_authorization(credentials.access_key_id, &scope, &list(&names), &signature);
    Signed {
        date,
        authorization,
    }
}

struct Scope<'a> {
    day: &'a str,
    region: &'a str,
    service: &'a str,
}

impl Scope<'_> {
    fn text(&self) -> String {
        format!("{}/{}/{}/{TERMINATOR}", self.day, self.region, self.service)
    }
}

fn signing_key(secret: &SecretText, scope: &Scope<'_>) -> SecretArray<32> {
    let mut first = Zeroizing::new(Vec::from(b"AWS4"));
    first.extend_from_slice(secret.expose().as_bytes());
    let mut key = SecretArray::new(hmac_sha256(&first, &[scope.day.as_bytes()]));
    for part in [scope.region, scope.service, TERMINATOR] {
        key = SecretArray::new(hmac_sha256(key.expose(), &[part.as_bytes()]));
    }
    key
}

fn signature(key: &SecretArray<32>, date: &str, scope: &str, canonical: &[u8; 32]) -> [u8; 32] {
    let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(canonical));
    hmac_sha256(key.expose(), &[text.as_bytes()])
}

/// At most the first sixteen characters, none of them a control character.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(16)
        .collect()
}
