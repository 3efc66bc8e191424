//! SHA-256, HMAC and HKDF over slices of parts, and the one comparison of secrets.
//!
//! FIPS 180-4, RFC 2104 and RFC 5869. The parts of a message are hashed one after another without
//! anything between them: where that could be ambiguous, callers write lengths in front.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    integer::hex,
    secret::{SecretArray, SecretText},
};

/// The SHA-256 digest of the parts, one after another.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The SHA-1 digest of a text as 40 upper-case hexadecimal digits (FIPS 180-4).
///
/// Lists of breached passwords are kept by it; it protects nothing.
pub fn sha1_hex(text: &[u8]) -> SecretText {
    let digest = Sha1::digest(text);
    SecretText::new(hex(&digest).to_ascii_uppercase())
}

/// The HMAC-SHA-256 of the parts, one after another (RFC 2104).
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A pseudorandom key from input keying material (RFC 5869 §2.2); both are given in parts.
///
/// # Panics
///
/// If the salt is longer than the 64 bytes of a block: the length is the program's, never the input's.
pub fn hkdf_extract(salt: &[&[u8]], material: &[&[u8]]) -> SecretArray<32> {
    let mut key = [0; 64];
    let mut at = 0;
    for part in salt {
        key[at..][..part.len()].copy_from_slice(part);
        at += part.len();
    }
    SecretArray::new(hmac_sha256(&key[..at], material))
}

/// Output keying material from a pseudorandom key (RFC 5869 §2.3).
///
/// # Panics
///
/// If `out` is longer than the 8,160 bytes that the expansion can give: the length is the
/// program's, never the input's.
pub fn hkdf_expand(key: &[u8; 32], info: &[&[u8]], out: &mut [u8]) {
    Expander::new(key).expand(info, out);
}

/// A pseudorandom key that is expanded many times (RFC 5869 §2.3): half of each HMAC is computed once.
#[derive(Clone)]
pub struct Expander(Hkdf<Sha256>);

impl Expander {
    /// Prepares a pseudorandom key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Hkdf::from_prk(key).expect("32 bytes are a full pseudorandom key"))
    }

    /// Output keying material.
    ///
    /// # Panics
    ///
    /// If `out` is longer than the 8,160 bytes that the expansion can give: the length is the
    /// program's, never the input's.
    pub fn expand(&self, info: &[&[u8]], out: &mut [u8]) {
        self.0
            .expand_multi_info(info, out)
            .expect("no caller asks for more than 255 blocks");
    }
}

impl core::fmt::Debug for Expander {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Expander(..)")
    }
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
///
/// Every comparison of a secret, a proof or a tag in the project goes through this function.
pub fn ct_eq(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    // Eight bytes at a time: what differs is gathered, and only the sum of it is looked at.
    let (left, left_end) = left.as_chunks();
    let (right, right_end) = right.as_chunks();
    let words = left.iter().zip(right).fold(0, |difference, (left, right)| {
        difference | (u64::from_ne_bytes(*left) ^ u64::from_ne_bytes(*right))
    });
    let ends = left_end.iter().zip(right_end);
    let difference = ends.fold(words, |difference, (left, right)| {
        difference | u64::from(left ^ right)
    });
    core::hint::black_box(difference).ct_eq(&0).into()
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;
    use crate::integer::hex;

    #[test]
    fn sha256_gives_the_digest_of_fips_180() {
        assert_eq!(
            hex(&sha256(&[b"a", b"", b"bc"])),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn hmac_gives_the_values_of_rfc_4231() {
        let cases: [(Vec<u8>, &[u8], &str); 4] = [
            (
                vec![0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, data, expected) in cases {
            let (front, back) = data.split_at(data.len() / 2);
            assert_eq!(hex(&hmac_sha256(&key, &[front, back])), expected);
        }
    }

    #[test]
    fn hkdf_gives_the_values_of_rfc_5869() {
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let prk = hkdf_extract(&[&salt[..5], &salt[5..]], &[&[0x0b; 22]]);
        assert_eq!(
            hex(prk.expose()),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
        );
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let mut okm = [0; 42];
        hkdf_expand(prk.expose(), &[&info[..3], &info[3..]], &mut okm);
        assert_eq!(
            hex(&okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
    }

    #[test]
    fn hkdf_without_salt_gives_the_value_of_rfc_5869() {
        let prk = hkdf_extract(&[], &[&[0x0b; 22]]);
        let mut okm = [0; 42];
        hkdf_expand(prk.expose(), &[], &mut okm);
        assert_eq!(
            hex(&okm),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        );
    }

    #[test]
    fn secrets_are_equal_only_byte_for_byte_and_in_length() {
        assert!(ct_eq(b"", b""));
        assert!(ct_eq(b"same", b"same"));
        assert!(!ct_eq(b"same", b"sane"));
        assert!(!ct_eq(b"same", b"same "));
    }
}
