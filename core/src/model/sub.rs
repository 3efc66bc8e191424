//! The immutable id of a user, and other UUIDs.

use alloc::{string::String, vec::Vec};
use core::fmt;

use userpool_crypto::integer::hex;

use crate::cbor::{Bytes, Cbor, Reader};

/// The `sub` of a user: 16 bytes, written as a lower-case UUID with hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Cbor)]
#[cbor(transparent)]
pub struct Sub(#[n(0)] [u8; 16]);

impl Sub {
    /// A new id from random bytes, in the form of a version 4 UUID (RFC 9562 section 5.4).
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(uuid_v4(random))
    }

    /// The id in a text, in the form that `Display` gives.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_uuid(text).map(Self)
    }

    /// The id of these bytes, which a key holds.
    #[must_use]
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The whole bytes that every id has whose text begins like this; `None` where no id does.
    #[must_use]
    pub(crate) fn prefix(text: &str) -> Option<Vec<u8>> {
        let rest = "00000000-0000-0000-0000-000000000000".get(text.len()..)?;
        let bytes = parse_uuid(&[text, rest].concat())?;
        let digits = text.bytes().filter(|byte| *byte != b'-').count();
        Some(bytes[..digits / 2].to_vec())
    }

    /// The 16 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// As a string of bytes, which is shorter than the list of numbers that records hold elsewhere.
impl Bytes for Sub {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self(Bytes::read(reader))
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}

impl fmt::Display for Sub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&uuid_text(&self.0))
    }
}

impl fmt::Debug for Sub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sub({self})")
    }
}

/// Random bytes with the version and variant bits of a version 4 UUID.
#[must_use]
pub fn uuid_v4(mut random: [u8; 16]) -> [u8; 16] {
    random[6] = (random[6] & 0x0F) | 0x40;
    random[8] = (random[8] & 0x3F) | 0x80;
    random
}

/// A UUID as text: lower case, with hyphens.
#[must_use]
pub fn uuid_text(bytes: &[u8; 16]) -> String {
    let digits = hex(bytes);
    [0..8, 8..12, 12..16, 16..20, 20..32]
        .map(|part| &digits[part])
        .join("-")
}

/// The bytes of a UUID in lower case with hyphens.
#[must_use]
pub fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    let mut out = [0; 16];
    let mut digits = bytes.iter().filter(|byte| **byte != b'-');
    for slot in &mut out {
        let high = digit(*digits.next()?)?;
        let low = digit(*digits.next()?)?;
        *slot = high << 4 | low;
    }
    digits.next().is_none().then_some(out)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn the_beginning_of_an_id_gives_its_whole_bytes() {
        let id = "34c84488-e0e1-40ae-92ee-991ad1a898c8";
        let sub = Sub::parse(id).unwrap();
        for length in 0..=id.len() {
            let prefix = Sub::prefix(&id[..length]).unwrap();
            assert!(sub.bytes().starts_with(&prefix), "{length}");
            let digits = id[..length].replace('-', "").len();
            assert_eq!(prefix.len(), digits / 2, "{length}");
        }
        for text in ["3x", "34c84488e", "-", "34C8", "é", &format!("{id}0")] {
            assert_eq!(Sub::prefix(text), None, "{text}");
        }
    }
}
