//! Tokens in compact form: JWS (RFC 7515 §7.1) with RS256 and nothing else.
//!
//! The header we write is exactly `{"kid":"<key id>","alg":"RS256"}`. A token that comes in is taken apart and
//! bounded here, its algorithm is fixed, and its payload is released once the signature has been
//! checked with the key that its `kid` names. What the claims say is left to others.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::base64;
use crate::rs256::{PublicKey, SigningFault, SigningKey};

/// The longest token that is looked at.
pub const MAX_TOKEN: usize = 131_072;
/// The longest header part that is decoded.
const MAX_HEADER: usize = 8_192;
/// The most members that a header may have.
const MAX_MEMBERS: usize = 32;
/// The longest signature part: that of 4,096 bits.
const MAX_SIGNATURE: usize = 683;

const ALGORITHM: &str = "RS256";

/// Signs a payload, JSON text, as a token.
///
/// `blinding` is 32 fresh random bytes (see [`SigningKey::sign`]).
///
/// # Errors
///
/// If the signature came out wrong.
pub fn sign(key: &SigningKey, payload: &[u8], blinding: &[u8; 32]) -> Result<String, SigningFault> {
    let input = signing_input(key.public(), payload);
    let signature = key.sign(input.as_bytes(), blinding)?;
    Ok(assemble(&input, &signature))
}

/// The text that is signed for a payload: header and payload with a dot between.
///
/// For keys that live elsewhere: sign its bytes there, and [`assemble`] the token.
pub fn signing_input(key: &PublicKey, payload: &[u8]) -> String {
    let header = format!(r#"{{"kid":"{}","alg":"{ALGORITHM}"}}"#, key.key_id());
    format!(
        "{}.{}",
        base64::encode_url(header.as_bytes()),
        base64::encode_url(payload)
    )
}

/// The token of a signed text and its signature.
pub fn assemble(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", base64::encode_url(signature))
}

/// A token taken apart, its signature not yet checked.
#[derive(Clone)]
pub struct Token<'a> {
    header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::Malformed`] if it is not three parts of base64url without padding, is too long, or its
    /// header is no JSON object with each member once; [`InvalidToken::Algorithm`] if the header names another algorithm, or
    /// an extension that must be understood.
    pub fn parse(text: &'a str) -> Result<Self, InvalidToken> {
        if text.len() > MAX_TOKEN {
            return Err(InvalidToken::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(InvalidToken::Malformed)?;
        // A further dot is no letter of base64url and so is refused with the payload.
        if header.len() > MAX_HEADER || signature.len() > MAX_SIGNATURE {
            return Err(InvalidToken::Malformed);
        }
        let decode = |part: &str| base64::decode_url(part).ok_or(InvalidToken::Malformed);
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| InvalidToken::Malformed)?;
        if header.algorithm != ALGORITHM || header.is_critical {
            return Err(InvalidToken::Algorithm);
        }
        Ok(Self {
            header,
            signed,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    /// The key that the token claims to be signed with.
    pub fn key_id(&self) -> &str {
        &self.header.key_id
    }

    /// The payload, which anyone may have written.
    ///
    /// Only for finding out whom to ask for the key; nothing else may follow from it.
    pub fn danger_unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Checks the signature and gives the payload out.
    ///
    /// The key must be the one that [`key_id`](Self::key_id) names.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::Signature`] if the signature is not this key's.
    pub fn verify(self, key: &PublicKey) -> Result<Vec<u8>, InvalidToken> {
        if key.verify(self.signed.as_bytes(), &self.signature) {
            Ok(self.payload)
        } else {
            Err(InvalidToken::Signature)
        }
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Takes a token apart, finds its key by name, checks the signature, and gives the payload out.
///
/// # Errors
///
/// What [`Token::parse`] and [`Token::verify`] refuse, and [`InvalidToken::UnknownKey`] where no
/// key has the name.
///
/// # Examples
///
/// ```
/// use userpool_crypto::jwt::{self, InvalidToken};
/// use userpool_crypto::rs256::SigningKey;
///
/// let key = SigningKey::generate(&[7; 32])?;
/// let token = jwt::sign(&key, br#"{"sub":"34c84488"}"#, &[1; 32])?;
/// let find = |name: &str| (name == key.public().key_id()).then(|| key.public());
/// assert_eq!(jwt::verify(&token, find), Ok(br#"{"sub":"34c84488"}"#.to_vec()));
/// assert_eq!(jwt::verify(&token, |_| None), Err(InvalidToken::UnknownKey));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify<'k>(
    text: &str,
    key: impl FnOnce(&str) -> Option<&'k PublicKey>,
) -> Result<Vec<u8>, InvalidToken> {
    let token = Token::parse(text)?;
    let key = key(token.key_id()).ok_or(InvalidToken::UnknownKey)?;
    token.verify(key)
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidToken {
    /// It asks for another algorithm than RS256, or for an extension.
    Algorithm,
    /// It does not have the form of a token.
    Malformed,
    /// Its signature is not that of its key.
    Signature,
    /// No key has the name that it gives.
    UnknownKey,
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "the token is not signed with RS256",
            Self::Malformed => "the text is no token",
            Self::Signature => "the signature of the token is wrong",
            Self::UnknownKey => "the token names an unknown key",
        })
    }
}

impl core::error::Error for InvalidToken {}

/// The members of a header that matter.
#[derive(Clone)]
struct Header {
    algorithm: String,
    key_id: String,
    is_critical: bool,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Header, A::Error> {
        let (mut algorithm, mut key_id, mut is_critical) = (None, None, false);
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            match &*name {
                "alg" => algorithm = Some(members.next_value()?),
                "kid" => key_id = Some(members.next_value()?),
                _ => {
                    is_critical |= name == "crit";
                    members.next_value::<IgnoredAny>()?;
                }
            }
            if seen.contains(&name) || seen.len() == MAX_MEMBERS {
                return Err(A::Error::custom(
                    "a member stands twice, or there are too many",
                ));
            }
            seen.push(name);
        }
        match (algorithm, key_id) {
            (Some(algorithm), Some(key_id)) => Ok(Header {
                algorithm,
                key_id,
                is_critical,
            }),
            _ => Err(A::Error::custom("alg and kid are needed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rs256::tests::test_key;

    fn signed_with_header(header: &str) -> String {
        let input = format!(
            "{}.{}",
            base64::encode_url(header.as_bytes()),
            base64::encode_url(b"{}")
        );
        let signature = test_key().sign(input.as_bytes(), &[1; 32]).unwrap();
        assemble(&input, &signature)
    }

    #[test]
    fn a_token_begins_with_the_exact_header() {
        let key = test_key();
        let token = sign(&key, b"{}", &[1; 32]).unwrap();
        let header = base64::decode_url(token.split('.').next().unwrap()).unwrap();
        let expected = format!(r#"{{"kid":"{}","alg":"RS256"}}"#, key.public().key_id());
        assert_eq!(header, expected.as_bytes());
        assert!(token.starts_with("eyJra"));
    }

    #[test]
    fn a_token_gives_its_payload_back() {
        let key = test_key();
        let token = sign(&key, br#"{"sub":"x"}"#, &[1; 32]).unwrap();
        let parsed = Token::parse(&token).unwrap();
        assert_eq!(parsed.key_id(), key.public().key_id());
        assert_eq!(parsed.danger_unverified_payload(), br#"{"sub":"x"}"#);
        assert_eq!(parsed.verify(key.public()).unwrap(), br#"{"sub":"x"}"#);
    }

    #[test]
    fn a_token_assembled_from_a_signature_made_elsewhere_verifies() {
        let key = test_key();
        let input = signing_input(key.public(), b"{}");
        let token = assemble(&input, &key.sign(input.as_bytes(), &[1; 32]).unwrap());
        assert!(verify(&token, |_| Some(key.public())).is_ok());
    }

    #[test]
    fn headers_of_other_issuers_are_read() {
        let key = test_key();
        for header in [
            r#"{"alg":"RS256","kid":"k","typ":"JWT"}"#,
            r#"{"alg":"RS256","kid":"k","x5c":["a",{"b":1}]}"#,
            r#" {"kid" : "k", "alg" : "RS256"} "#,
        ] {
            let token = signed_with_header(header);
            assert!(
                verify(&token, |name| (name == "k").then(|| key.public())).is_ok(),
                "{header}"
            );
        }
    }

    #[test]
    fn headers_that_confuse_are_refused_although_signed() {
        for (header, expected) in [
            (r#"{"kid":"k","alg":"none"}"#, InvalidToken::Algorithm),
            (r#"{"kid":"k","alg":"HS256"}"#, InvalidToken::Algorithm),
            (r#"{"kid":"k","alg":"rs256"}"#, InvalidToken::Algorithm),
            (
                r#"{"kid":"k","alg":"RS256","crit":["b64"],"b64":false}"#,
                InvalidToken::Algorithm,
            ),
            (
                r#"{"kid":"k","alg":"none","alg":"RS256"}"#,
                InvalidToken::Malformed,
            ),
            (
                r#"{"kid":"k","alg":"RS256","\u0061lg":"RS256"}"#,
                InvalidToken::Malformed,
            ),
            (
                r#"{"kid":"j","kid":"k","alg":"RS256"}"#,
                InvalidToken::Malformed,
            ),
            (
                r#"{"kid":"k","alg":"RS256","typ":"a","typ":"b"}"#,
                InvalidToken::Malformed,
            ),
            (r#"{"kid":"k"}"#, InvalidToken::Malformed),
            (r#"{"alg":"RS256"}"#, InvalidToken::Malformed),
            (r#"{"kid":7,"alg":"RS256"}"#, InvalidToken::Malformed),
            (r#"{"kid":"k","alg":["RS256"]}"#, InvalidToken::Malformed),
            (r#"["RS256","k"]"#, InvalidToken::Malformed),
            (r#"{"kid":"k","alg":"RS256"}x"#, InvalidToken::Malformed),
            ("null", InvalidToken::Malformed),
            ("", InvalidToken::Malformed),
        ] {
            let token = signed_with_header(header);
            assert_eq!(Token::parse(&token).unwrap_err(), expected, "{header}");
        }
    }

    #[test]
    fn every_changed_letter_is_refused() {
        let key = test_key();
        let token = sign(&key, br#"{"sub":"x"}"#, &[1; 32]).unwrap();
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                verify(&changed, |_| Some(key.public())).is_err(),
                "letter {at}"
            );
        }
    }

    #[test]
    fn a_text_of_another_form_is_refused() {
        let key = test_key();
        let token = sign(&key, b"{}", &[1; 32]).unwrap();
        let (front, signature) = token.rsplit_once('.').unwrap();
        for bad in [
            String::new(),
            ".".into(),
            "..".into(),
            front.into(),
            format!("{front}."),
            format!("{token}."),
            format!(".{token}"),
            format!("{token}="),
            format!("{token} "),
            format!("{front}..{signature}"),
            format!("{token}.{signature}"),
            "A".repeat(MAX_TOKEN + 1),
            format!("{}.e30.AA", "A".repeat(MAX_HEADER + 4)),
        ] {
            assert!(verify(&bad, |_| Some(key.public())).is_err(), "{bad:.80}");
        }
    }

    #[test]
    fn a_deeply_nested_header_is_refused() {
        let header = format!(r#"{{"kid":"k","alg":"RS256","x":{}"#, "[".repeat(5_000));
        let token = format!("{}.e30.AA", base64::encode_url(header.as_bytes()));
        assert_eq!(Token::parse(&token).unwrap_err(), InvalidToken::Malformed);
    }

    proptest! {
        #![proptest_config(crate::cases(256))]

        #[test]
        fn no_text_makes_the_parser_panic(text in "[A-Za-z0-9_.=-]{0,200}") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn no_header_makes_the_parser_panic(header in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Token::parse(&format!("{}.e30.AA", base64::encode_url(&header)));
        }
    }
}
