//! The binding that carries messages in addresses (saml-bindings-2.0-os §3.4).
//!
//! What is signed is the text of the query itself, as it was sent (§3.4.4.1): sender and receiver take it as it is.

use alloc::{format, string::String, vec::Vec};

use miniz_oxide::{deflate, inflate};
use userpool_crypto::base64;

use crate::{Refused, certificate::Key, signature};

/// The longest message, in bytes, and the longest value of a parameter, in characters.
pub(crate) const MAX: usize = 75_000;
/// The longest state that is sent along (§3.4.3 allows 80 bytes; what signs itself needs more).
const STATE: usize = 8_192;
/// How hard the deflation tries.
const EFFORT: u8 = 6;

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// Whether a message asks or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

impl Direction {
    /// The name of the parameter.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message as a browser brought it.
#[derive(Clone, Copy, Debug)]
pub enum Received<'a> {
    /// In a form: the value of the parameter.
    Form(&'a str),
    /// In an address.
    Address(&'a Incoming),
}

/// A message on its way into an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    endpoint: String,
    query: String,
}

impl Outgoing {
    /// Packs a message for an endpoint, with the state that comes back with the answer.
    #[must_use]
    pub fn new(endpoint: &str, direction: Direction, xml: &str, state: Option<&str>) -> Self {
        let packed = base64::encode(&deflate::compress_to_vec(xml.as_bytes(), EFFORT));
        let mut query = format!("{}={}", direction.parameter(), encode(&packed));
        if let Some(state) = state {
            query.push_str("&RelayState=");
            query.push_str(&encode(state));
        }
        Self {
            endpoint: endpoint.into(),
            query,
        }
    }

    /// The address, unsigned.
    #[must_use]
    pub fn unsigned(&self) -> String {
        self.address(&self.query)
    }

    /// What is to be signed with RSA and SHA-256 (RSASSA-PKCS1-v1_5).
    #[must_use]
    pub fn to_sign(&self) -> String {
        format!("{}&SigAlg={}", self.query, encode(RSA_SHA256))
    }

    /// The address with the signature of what is to be signed.
    #[must_use]
    pub fn signed(&self, signature: &[u8]) -> String {
        let signature = encode(&base64::encode(signature));
        self.address(&format!("{}&Signature={signature}", self.to_sign()))
    }

    fn address(&self, query: &str) -> String {
        let joint = if self.endpoint.contains('?') {
            '&'
        } else {
            '?'
        };
        format!("{}{joint}{query}", self.endpoint)
    }
}

/// A message that came in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    xml: String,
    /// The state that was sent along.
    pub state: Option<String>,
    signed: Option<Signed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signed {
    text: String,
    algorithm: String,
    signature: Vec<u8>,
}

impl Incoming {
    /// Reads the message of a query, as it was sent.
    ///
    /// # Errors
    /// There is none, or a parameter comes twice, or the message is malformed or too large.
    pub fn parse(query: &str, direction: Direction) -> Result<Self, Refused> {
        if query.len() > 4 * MAX {
            return Err(Refused::TooLarge);
        }
        let raw = |name: &str| {
            let mut found = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value);
            let first = found.next();
            match found.next() {
                Some(_) => Err(Refused::Malformed),
                None => Ok(first),
            }
        };
        let name = direction.parameter();
        let message = raw(name)?.ok_or(Refused::Malformed)?;
        let state = raw("RelayState")?;
        let packed = decode(message).and_then(|text| crate::xml::decode(&text));
        let bytes = inflate::decompress_to_vec_with_limit(&packed.ok_or(Refused::Malformed)?, MAX)
            .map_err(|error| match error.status {
                inflate::TINFLStatus::HasMoreOutput => Refused::TooLarge,
                _ => Refused::Malformed,
            })?;
        let signed = match (raw("SigAlg")?, raw("Signature")?) {
            (None, None) => None,
            (Some(algorithm), Some(signature)) => {
                let state = state.map_or(String::new(), |state| format!("&RelayState={state}"));
                let signature = decode(signature).and_then(|text| crate::xml::decode(&text));
                Some(Signed {
                    text: format!("{name}={message}{state}&SigAlg={algorithm}"),
                    algorithm: decode(algorithm).ok_or(Refused::Malformed)?,
                    signature: signature.ok_or(Refused::Malformed)?,
                })
            }
            _ => return Err(Refused::Malformed),
        };
        let state = match state {
            Some(state) => Some(decode(state).ok_or(Refused::Malformed)?),
            None => None,
        };
        if state.as_ref().is_some_and(|state| state.len() > STATE) {
            return Err(Refused::TooLarge);
        }
        Ok(Self {
            xml: String::from_utf8(bytes).map_err(|_| Refused::Malformed)?,
            state,
            signed,
        })
    }

    /// The message. Nothing of it is checked.
    #[must_use]
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// Whether the address is signed by one of these keys.
    ///
    /// # Errors
    /// It is signed by others.
    pub(crate) fn is_signed(&self, keys: &[Key]) -> Result<bool, Refused> {
        let Some(signed) = &self.signed else {
            return Ok(false);
        };
        let hash = signature::algorithm(&signed.algorithm)?;
        let text = signed.text.as_bytes();
        if keys
            .iter()
            .any(|key| key.verify(hash, text, &signed.signature))
        {
            Ok(true)
        } else {
            Err(Refused::Signature)
        }
    }
}

/// Writes a value of a query: all but the unreserved characters of RFC 3986 §2.3 is encoded.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Reads a value of a query.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high << 4 | low).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}
