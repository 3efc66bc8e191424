//! The signature: making it and checking it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::authorization::{Authorization, Place, format_authorization};
use super::canonical::{PathForm, QUERY_SIGNATURE, Request, canonical_hash, list};
use super::date::{WINDOW_SECONDS, check_window, format_date, parse_date};
use super::error::SigV4Error;
use super::{ALGORITHM, TERMINATOR};
use crate::digest::{ct_eq, hmac_sha256, sha256};
use crate::integer::hex;
use crate::secret::{SecretArray, SecretText};

const DATE: &str = "x-amz-date";
const CONTENT_HASH: &str = "x-amz-content-sha256";

/// What a client may put in the place of the body's hash instead.
const UNCOVERED: [&str; 2] = ["UNSIGNED-PAYLOAD", "STREAMING-"];
/// The longest life of a presigned address, in seconds.
const MAX_PRESIGNED: i64 = 604_800;

/// What may stand for the body in a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payloads {
    /// The hash of the body that was received.
    Covered,
    /// That, or that there is none: `UNSIGNED-PAYLOAD`, the names of bodies that come in chunks, and presigned addresses
    /// of S3. Who signed is known then, and not that the body is theirs: the signatures of chunks are not checked.
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
    let date = date.as_str();
    let time = parse_date(date).ok_or_else(|| {
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
    let payload = payload(authorization, request, expected)?;

    let scope = Scope {
        day: authorization.day(),
        region: authorization.region(),
        service: authorization.service(),
    };
    let path = PathForm::of(authorization.service());
    let hash = canonical_hash(request, authorization.signed_headers(), path, &payload)
        .ok_or(SigV4Error::InvalidSignature)?;
    if ct_eq(
        &signature(secret, date, &scope, &hash),
        authorization.signature(),
    ) {
        Ok(())
    } else {
        Err(SigV4Error::InvalidSignature)
    }
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
    expected: &Expectation<'_>,
) -> Result<String, SigV4Error> {
    let own = hex(&sha256(&[request.body]));
    let is_presigned = authorization.place() == Place::Query;
    let claimed = match request.single(CONTENT_HASH) {
        Some(claimed) => Some(claimed.trim().to_owned()),
        None if is_presigned && authorization.service() == "s3" => Some(UNCOVERED[0].to_owned()),
        None => None,
    };
    match claimed {
        None => Ok(own),
        Some(claimed) if claimed == own => Ok(own),
        Some(claimed)
            if expected.payloads == Payloads::DangerMayBeUncovered
                && UNCOVERED.iter().any(|word| claimed.starts_with(word)) =>
        {
            Ok(claimed)
        }
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
    let signature = signature(credentials.secret, &date, &scope, &hash);
    let authorization = format_authorization(
        credentials.access_key_id,
        &scope.text(),
        &list(&names),
        &signature,
    );
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

fn signature(secret: &SecretText, date: &str, scope: &Scope<'_>, canonical: &[u8; 32]) -> [u8; 32] {
    let mut first = Zeroizing::new(Vec::from(b"AWS4"));
    first.extend_from_slice(secret.expose().as_bytes());
    let mut key = SecretArray::new(hmac_sha256(&first, &[scope.day.as_bytes()]));
    for part in [scope.region, scope.service, TERMINATOR] {
        key = SecretArray::new(hmac_sha256(key.expose(), &[part.as_bytes()]));
    }
    let text = format!("{ALGORITHM}\n{date}\n{}\n{}", scope.text(), hex(canonical));
    hmac_sha256(key.expose(), &[text.as_bytes()])
}

/// At most the first sixteen characters, none of them a control character.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(16)
        .collect()
}
