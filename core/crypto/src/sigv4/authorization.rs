//! What a request says of its signature, taken apart.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::canonical::{QUERY_SIGNATURE, Request};
use super::error::SigV4Error;
use super::{ALGORITHM, TERMINATOR};
use crate::integer::hex;

/// The longest header that is looked at.
const MAX_HEADER: usize = 4_096;
/// What tells that a query is signed.
const QUERY_ALGORITHM: &str = "X-Amz-Algorithm";
/// The most names that may be signed.
const MAX_SIGNED_HEADERS: usize = 64;

/// What a request says of its signature: who signed, for what scope, over which headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    access_key_id: String,
    day: String,
    region: String,
    service: String,
    signed_headers: Vec<String>,
    signature: [u8; 32],
    place: Place,
}

/// Where a request says who signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned address.
    Query,
}

impl Authorization {
    /// What a request says in its one `Authorization` header, or else in its query.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); [`SigV4Error::IncompleteSignature`] for both at once, and for several headers.
    pub fn of(request: &Request<'_>) -> Result<Self, SigV4Error> {
        let mut headers = request.values("authorization");
        let (header, more) = (headers.next(), headers.next());
        let is_presigned = request.has_parameter(QUERY_ALGORITHM);
        match header {
            Some(_) if is_presigned || more.is_some() => Err(SigV4Error::IncompleteSignature(
                "There must be one Authorization header, or a signature in the query.".into(),
            )),
            Some(header) => Self::parse(header),
            None if is_presigned => Self::in_query(request),
            None => Err(SigV4Error::MissingAuthenticationToken),
        }
    }

    fn in_query(request: &Request<'_>) -> Result<Self, SigV4Error> {
        let parameter = |name: &str| {
            request.parameter(name).ok_or_else(|| {
                SigV4Error::IncompleteSignature(format!(
                    "The query requires one '{name}' parameter."
                ))
            })
        };
        if parameter(QUERY_ALGORITHM)? != ALGORITHM {
            return Err(SigV4Error::IncompleteSignature(format!(
                "The query requires the '{ALGORITHM}' algorithm."
            )));
        }
        let credential = parameter("X-Amz-Credential")?;
        let names = parameter("X-Amz-SignedHeaders")?;
        let signature = parameter(QUERY_SIGNATURE)?;
        let parsed = Self::of_parts(&credential, &names, &signature)?;
        Ok(Self {
            place: Place::Query,
            ..parsed
        })
    }

    /// The session token that the request carries where it is signed; none where there are several.
    pub fn session_token(&self, request: &Request<'_>) -> Option<String> {
        match self.place {
            Place::Header => request.single("x-amz-security-token").map(Into::into),
            Place::Query => request.parameter("X-Amz-Security-Token"),
        }
    }

    /// Takes the value of the header apart.
    ///
    /// # Errors
    ///
    /// [`SigV4Error::MissingAuthenticationToken`] for an empty value, [`SigV4Error::IncompleteSignature`] for another
    /// algorithm and for parts that are missing, unknown, double or of wrong form, and
    /// [`SigV4Error::WrongScope`] for a scope that does not end as it must.
    pub fn parse(value: &str) -> Result<Self, SigV4Error> {
        if value.trim().is_empty() {
            return Err(SigV4Error::MissingAuthenticationToken);
        }
        let incomplete = |text: &str| SigV4Error::IncompleteSignature(text.into());
        if value.len() > MAX_HEADER {
            return Err(incomplete("Authorization header is too long."));
        }
        let parts = value
            .strip_prefix(ALGORITHM)
            .filter(|rest| rest.starts_with(' '))
            .ok_or_else(|| {
                incomplete("Authorization header requires the 'AWS4-HMAC-SHA256' algorithm.")
            })?;

        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (name, text) = part.trim().split_once('=').ok_or_else(|| {
                incomplete("Authorization header has a part that is not key=value.")
            })?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(incomplete("Authorization header has an unknown parameter.")),
            };
            if place.replace(text).is_some() {
                return Err(incomplete("Authorization header has a parameter twice."));
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (credential, signed_headers, signature)
        else {
            return Err(missing(credential, signature, signed_headers));
        };
        Self::of_parts(credential, signed_headers, signature)
    }

    fn of_parts(
        credential: &str,
        signed_headers: &str,
        signature: &str,
    ) -> Result<Self, SigV4Error> {
        let incomplete = |text: &str| SigV4Error::IncompleteSignature(text.into());
        let mut scope = credential.split('/');
        let (Some(id), Some(day), Some(region), Some(service), Some(terminator), None) = (
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
        ) else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        if [id, day, region, service]
            .iter()
            .any(|element| element.is_empty())
        {
            return Err(incomplete("Credential has an empty element."));
        }
        if terminator != TERMINATOR {
            return Err(SigV4Error::WrongScope(format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}'."
            )));
        }
        Ok(Self {
            access_key_id: id.into(),
            day: day.into(),
            region: region.into(),
            service: service.into(),
            signed_headers: names(signed_headers).ok_or_else(|| {
                incomplete("SignedHeaders must be lower case, sorted and each once.")
            })?,
            signature: digits(signature).ok_or_else(|| {
                incomplete("Signature must be 64 hexadecimal digits in lower case.")
            })?,
            place: Place::Header,
        })
    }

    /// Whose secret signed.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The region of the scope.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service of the scope.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The names of the signed headers, in lower case and sorted.
    pub fn signed_headers(&self) -> &[String] {
        &self.signed_headers
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn day(&self) -> &str {
        &self.day
    }

    pub(super) fn signature(&self) -> &[u8; 32] {
        &self.signature
    }
}

/// The value of the header, from its parts.
pub(super) fn format_authorization(
    access_key_id: &str,
    scope: &str,
    signed_headers: &str,
    signature: &[u8; 32],
) -> String {
    format!(
        "{ALGORITHM} Credential={access_key_id}/{scope}, SignedHeaders={signed_headers}, Signature={}",
        hex(signature)
    )
}

fn missing(
    credential: Option<&str>,
    signature: Option<&str>,
    signed_headers: Option<&str>,
) -> SigV4Error {
    let text = [
        ("Credential", credential),
        ("Signature", signature),
        ("SignedHeaders", signed_headers),
    ]
    .into_iter()
    .filter(|(_, value)| value.is_none())
    .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
    .collect::<Vec<_>>()
    .join(" ");
    SigV4Error::IncompleteSignature(text)
}

fn names(list: &str) -> Option<Vec<String>> {
    let names: Vec<String> = list
        .split(';')
        .take(MAX_SIGNED_HEADERS + 1)
        .map(Into::into)
        .collect();
    let well_formed = names.len() <= MAX_SIGNED_HEADERS
        && names.iter().all(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase())
        })
        && names.is_sorted_by(|left, right| left < right);
    well_formed.then_some(names)
}

pub(super) fn digits(text: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
        SignedHeaders=host;x-amz-date, \
        Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

    #[test]
    fn a_header_is_taken_apart() {
        let parsed = Authorization::parse(GOOD).unwrap();
        assert_eq!(parsed.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(
            (parsed.day(), parsed.region(), parsed.service()),
            ("20150830", "us-east-1", "service")
        );
        assert_eq!(parsed.signed_headers(), ["host", "x-amz-date"]);
        assert_eq!(parsed.signature()[..2], [0x5f, 0xa0]);
    }

    #[test]
    fn parts_may_come_in_any_order_and_without_spaces() {
        let (front, signature) = GOOD.rsplit_once(", ").unwrap();
        let turned = front
            .replacen(' ', &alloc::format!(" {signature},"), 1)
            .replace(", ", ",");
        assert_eq!(Authorization::parse(&turned), Authorization::parse(GOOD));
    }

    #[test]
    fn no_header_is_a_missing_token() {
        for value in ["", "  "] {
            assert_eq!(
                Authorization::parse(value),
                Err(SigV4Error::MissingAuthenticationToken)
            );
        }
    }

    #[test]
    fn missing_parts_are_named() {
        let error =
            Authorization::parse("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."
        );
        assert_eq!(error.error_type(), "IncompleteSignatureException");
    }

    #[test]
    fn a_header_of_another_form_is_refused() {
        for (from, to) in [
            ("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256"),
            ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
            ("AWS4-HMAC-SHA256", "Bearer"),
            ("Credential=", "Credential"),
            ("Credential=", "credential="),
            ("Signature=", "Signature=5"),
            ("Signature=5fa", "Signature=5FA"),
            ("Signature=5f", "Signature=gf"),
            ("Signature=5fa", "Signature="),
            ("us-east-1/", ""),
            ("us-east-1/", "us-east-1/more/"),
            ("us-east-1/", "/"),
            ("AKIDEXAMPLE", ""),
            ("host;x-amz-date", "x-amz-date;host"),
            ("host;x-amz-date", "host;host"),
            ("host;x-amz-date", "Host;x-amz-date"),
            ("host;x-amz-date", ""),
            ("host;x-amz-date", "host;;x-amz-date"),
            ("host;x-amz-date", "host;x amz-date"),
            (
                "SignedHeaders=host",
                "SignedHeaders=host, SignedHeaders=host",
            ),
            ("SignedHeaders=host", "Extra=1, SignedHeaders=host"),
        ] {
            let value = GOOD.replacen(from, to, 1);
            assert_ne!(value, GOOD);
            let error = Authorization::parse(&value).unwrap_err();
            assert_eq!(
                error.error_type(),
                "IncompleteSignatureException",
                "{value}"
            );
        }
        assert!(matches!(
            Authorization::parse(&GOOD.replace("aws4_request", "aws4")),
            Err(SigV4Error::WrongScope(_))
        ));
    }

    #[test]
    fn a_header_is_bounded() {
        let many: Vec<String> = (0..65).map(|at| alloc::format!("a{at:02}")).collect();
        assert!(Authorization::parse(&GOOD.replace("host;x-amz-date", &many.join(";"))).is_err());
        assert!(Authorization::parse(&GOOD.replace("AKIDEXAMPLE", &"A".repeat(5_000))).is_err());
    }

    proptest! {
        #![proptest_config(crate::cases(256))]

        #[test]
        fn no_text_makes_the_parser_panic(text in "(AWS4-HMAC-SHA256 )?[A-Za-z0-9=,;/ -]{0,120}") {
            let _ = Authorization::parse(&text);
        }
    }
}
