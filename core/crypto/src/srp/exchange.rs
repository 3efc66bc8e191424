//! What both sides compute alike: the public values, the scrambler, the key and the claim.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroize;

use super::group::{ELEMENT_BYTES, Residue, in_range};
use crate::digest::{ct_eq, hkdf_expand, hkdf_extract, hmac_sha256, sha256};
use crate::integer::{padded_parts, parse_hex, shortest_signed, to_hex};
use crate::secret::SecretArray;

/// The most digits that a public value may be written with.
const MAX_DIGITS: usize = 1_024;

const KEY_INFO: &[u8] = b"Caldera Derived Key";

/// The value `A` that a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPublic([u8; ELEMENT_BYTES]);

impl ClientPublic {
    /// Reads the value as it is sent: 1 to 1,024 hexadecimal digits of either case.
    ///
    /// # Errors
    ///
    /// If the text is anything else, or the integer is not in `1..N`. Zero and the multiples of `N`
    /// would let anyone in without a password; other values above `N` no client sends.
    pub fn parse(hex: &str) -> Result<Self, InvalidPublic> {
        parse(hex).map(Self)
    }

    /// Takes back the bytes that [`bytes`](Self::bytes) gave.
    ///
    /// # Errors
    ///
    /// If the integer is not in `1..N`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidPublic> {
        element(bytes).map(Self)
    }

    /// The value as a big-endian integer.
    pub fn bytes(&self) -> &[u8; ELEMENT_BYTES] {
        &self.0
    }

    /// The value as it is sent: lower-case hexadecimal without leading zeros.
    pub fn to_hex(&self) -> String {
        to_hex(&self.0)
    }

    pub(super) fn of(residue: &Residue) -> Self {
        Self(residue.to_bytes())
    }
}

/// The value `B` that a server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPublic([u8; ELEMENT_BYTES]);

impl ServerPublic {
    /// Reads the value as it is sent: 1 to 1,024 hexadecimal digits of either case.
    ///
    /// # Errors
    ///
    /// If the text is anything else, or the integer is not in `1..N`.
    pub fn parse(hex: &str) -> Result<Self, InvalidPublic> {
        parse(hex).map(Self)
    }

    /// Takes back the bytes that [`bytes`](Self::bytes) gave.
    ///
    /// # Errors
    ///
    /// If the integer is not in `1..N`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidPublic> {
        element(bytes).map(Self)
    }

    /// The value as a big-endian integer.
    pub fn bytes(&self) -> &[u8; ELEMENT_BYTES] {
        &self.0
    }

    /// The value as it is sent: lower-case hexadecimal without leading zeros.
    pub fn to_hex(&self) -> String {
        to_hex(&self.0)
    }

    pub(super) fn of(residue: &Residue) -> Option<Self> {
        (!residue.is_zero()).then(|| Self(residue.to_bytes()))
    }
}

/// A public value was not hexadecimal, too long, or not an integer in `1..N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPublic;

impl fmt::Display for InvalidPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a public value of the group")
    }
}

impl core::error::Error for InvalidPublic {}

/// The proof of the key over what the sign-in is about.
///
/// `HMAC-SHA-256(key, group_name | user_id | secret_block | timestamp)`. The secret block is the bytes, not their
/// base64; the timestamp is the text as sent.
pub fn claim(
    key: &[u8; 16],
    group_name: &str,
    user_id: &str,
    secret_block: &[u8],
    timestamp: &str,
) -> [u8; 32] {
    hmac_sha256(
        key,
        &[
            group_name.as_bytes(),
            user_id.as_bytes(),
            secret_block,
            timestamp.as_bytes(),
        ],
    )
}

/// Whether a signature is the [`claim`] over the same things, compared in constant time.
pub fn claim_matches(
    key: &[u8; 16],
    group_name: &str,
    user_id: &str,
    secret_block: &[u8],
    timestamp: &str,
    signature: &[u8],
) -> bool {
    ct_eq(
        &claim(key, group_name, user_id, secret_block, timestamp),
        signature,
    )
}

/// The scrambler `u = H(I(A) | I(B))`: public, as both values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scrambler([u8; 32]);

impl Scrambler {
    /// The scrambler of two public values; nothing where it is zero, which happens to nobody.
    pub fn new(a: &ClientPublic, b: &ServerPublic) -> Option<Self> {
        Self::of_bytes(a, &b.0)
    }

    /// As [`new`](Self::new), for who made the server's value and need not have it checked.
    pub fn of_bytes(a: &ClientPublic, b: &[u8]) -> Option<Self> {
        let ([a_sign, a], [b_sign, b]) = (padded_parts(&a.0), padded_parts(b));
        Self::from_bytes(&sha256(&[a_sign, a, b_sign, b]))
    }

    /// Reads what [`bytes`](Self::bytes) gave; nothing where it is zero or of another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.try_into().ok()?;
        (bytes != [0; 32]).then_some(Self(bytes))
    }

    /// The 32 bytes, big-endian.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The key that follows from the scrambler and the shared secret (RFC 5869).
pub(super) fn derive_key(scrambler: &Scrambler, shared: &Residue) -> SecretArray<16> {
    let mut integer = shared.to_bytes();
    let mut material = [0; ELEMENT_BYTES + 1];
    material[1..].copy_from_slice(&integer);
    let pseudorandom = hkdf_extract(&padded_parts(&scrambler.0), &[shortest_signed(&material)]);
    integer.zeroize();
    material.zeroize();
    let mut key = [0; 16];
    hkdf_expand(pseudorandom.expose(), &[KEY_INFO], &mut key);
    SecretArray::new(key)
}

fn parse(hex: &str) -> Result<[u8; ELEMENT_BYTES], InvalidPublic> {
    let integer = parse_hex(hex, MAX_DIGITS).ok_or(InvalidPublic)?;
    element(&integer)
}

fn element(integer: &[u8]) -> Result<[u8; ELEMENT_BYTES], InvalidPublic> {
    in_range(integer).ok_or(InvalidPublic)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_public_value_is_read_in_any_case_and_width() {
        let minimal = ClientPublic::parse("abc").unwrap();
        assert_eq!(ClientPublic::parse("0ABC").unwrap(), minimal);
        assert_eq!(
            ClientPublic::parse(&("0".repeat(1_021) + "aBc")).unwrap(),
            minimal
        );
        assert_eq!(minimal.to_hex(), "abc");
        assert_eq!(ClientPublic::from_bytes(minimal.bytes()).unwrap(), minimal);
    }

    #[test]
    fn a_public_value_of_too_many_digits_is_refused() {
        assert_eq!(
            ClientPublic::parse(&("0".repeat(1_022) + "abc")),
            Err(InvalidPublic)
        );
        assert_eq!(ServerPublic::parse(&"f".repeat(1_024)), Err(InvalidPublic));
    }

    #[test]
    fn zero_is_no_public_value() {
        assert_eq!(ServerPublic::parse("00"), Err(InvalidPublic));
        assert_eq!(
            ServerPublic::from_bytes(&[0; ELEMENT_BYTES]),
            Err(InvalidPublic)
        );
        assert_eq!(InvalidPublic.to_string(), "not a public value of the group");
    }
}
