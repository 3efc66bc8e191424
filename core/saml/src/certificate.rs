//! The keys in certificates (RFC 5280 §4.1): nothing else of them counts, for the metadata vouches for them.

use alloc::vec::Vec;

use rsa::{
    BoxedUint, Pkcs1v15Sign, PublicKey,
    sha2::{Digest, Sha256, Sha384, Sha512},
};

use crate::Refused;

/// The longest certificate that is looked at: 4,096 characters of base64.
const MAX: usize = 3_072;
/// The bits that a key may have.
const BITS: core::ops::RangeInclusive<usize> = 2_048..=4_096;
/// `rsaEncryption` (RFC 3279 §2.3.1).
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];

/// A hash function that signatures are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash of a text.
    pub(crate) fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha384 => Sha384::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }
}

/// The key of a certificate.
pub(crate) struct Key(PublicKey);

impl Key {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// It is malformed, or its key is not one of RSA of 2,048 to 4,096 bits.
    pub(crate) fn of(der: &[u8]) -> Result<Self, Refused> {
        read(der).ok_or(Refused::Certificate)
    }

    /// Whether the signature is one of this text by this key (RFC 8017 §8.2.2).
    pub(crate) fn verify(&self, hash: Hash, text: &[u8], signature: &[u8]) -> bool {
        let scheme = match hash {
            Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        };
        self.0.verify(scheme, &hash.of(text), signature).is_ok()
    }
}

/// The modulus of the key of a certificate in DER, big-endian; `None` where the key is none of RSA.
#[must_use]
pub fn modulus(der: &[u8]) -> Option<Vec<u8>> {
    let (modulus, _) = numbers(der)?;
    Some(significant(modulus).to_vec())
}

fn read(der: &[u8]) -> Option<Key> {
    let (modulus, exponent) = numbers(der)?;
    key(modulus, exponent)
}

/// Modulus and exponent of a certificate.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    if der.len() > MAX {
        return None;
    }
    let (certificate, _) = value(0x30, der)?;
    let (mut body, _) = value(0x30, certificate)?;
    // The version, in [0], is left out in the first one.
    if body.first() == Some(&0xA0) {
        body = value(0xA0, body)?.1;
    }
    // Serial number, algorithm, issuer, validity, subject.
    for tag in [0x02, 0x30, 0x30, 0x30, 0x30] {
        body = value(tag, body)?.1;
    }
    let (info, _) = value(0x30, body)?;
    let (algorithm, info) = value(0x30, info)?;
    if value(0x06, algorithm)?.0 != RSA_ENCRYPTION {
        return None;
    }
    let (bits, _) = value(0x03, info)?;
    let (numbers, _) = value(0x30, bits.strip_prefix(&[0])?)?;
    let (modulus, numbers) = value(0x02, numbers)?;
    let (exponent, _) = value(0x02, numbers)?;
    Some((modulus, exponent))
}

/// A number without the zeros before it.
fn significant(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..]
}

fn key(modulus: &[u8], exponent: &[u8]) -> Option<Key> {
    let number = |bytes: &[u8]| {
        let bytes = significant(bytes);
        BoxedUint::from_be_slice(bytes, (bytes.len() * 8) as u32).ok()
    };
    let key = PublicKey::new_with_size_limits(number(modulus)?, number(exponent)?, BITS);
    key.ok().map(Key)
}

/// The value behind a tag and length (X.690 §8.1), and what follows it.
fn value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        ..=0x7F => (usize::from(first), rest),
        0x81 | 0x82 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            let length = length
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
