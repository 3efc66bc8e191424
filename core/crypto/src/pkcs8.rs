//! Private RSA keys as files hold them: PKCS#8 (RFC 5958) around RSAPrivateKey (RFC 8017 A.1.2), in DER (X.690 §10).
//!
//! What is read is what is written, and what the Web Cryptography API and other issuers of such files write: one form of
//! each number, two primes, and nothing optional.

use alloc::vec::Vec;

use userpool_arith::rsa::{EXPONENT, Generated};
use zeroize::Zeroizing;

use crate::integer::{padded_parts, shortest};
use crate::secret::SecretBytes;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The `AlgorithmIdentifier` of RSA (RFC 8017 A.1): its object identifier and `NULL`.
const RSA: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// The integers of an `RSAPrivateKey`, big-endian and without leading zeros.
pub(crate) struct Integers<'a> {
    pub modulus: &'a [u8],
    pub exponent: &'a [u8],
    pub private_exponent: &'a [u8],
    pub p: &'a [u8],
    pub q: &'a [u8],
    pub exponent_p: &'a [u8],
    pub exponent_q: &'a [u8],
}

/// Reads a file; nothing where it is not of this form.
pub(crate) fn read(der: &[u8]) -> Option<Integers<'_>> {
    let mut file = only(SEQUENCE, der)?;
    if !integer(&mut file)?.is_empty() {
        return None;
    }
    let mut key = only(SEQUENCE, only(OCTETS, file.strip_prefix(&RSA)?)?)?;
    if !integer(&mut key)?.is_empty() {
        return None;
    }
    let mut next = || integer(&mut key);
    let integers = Integers {
        modulus: next()?,
        exponent: next()?,
        private_exponent: next()?,
        p: next()?,
        q: next()?,
        exponent_p: next()?,
        exponent_q: next()?,
    };
    let _coefficient = next()?;
    key.is_empty().then_some(integers)
}

/// The file of a new key.
pub(crate) fn write(key: &Generated) -> SecretBytes {
    let numbers: [&[u8]; 9] = [
        &[],
        &key.modulus,
        &EXPONENT.to_be_bytes(),
        &key.private_exponent,
        &key.p,
        &key.q,
        &key.exponent_p,
        &key.exponent_q,
        &key.coefficient,
    ];
    // Room for all of it at once: a vector that grows leaves parts of the key behind.
    let mut integers = Zeroizing::new(Vec::with_capacity(2_048));
    for number in numbers {
        let parts = padded_parts(number);
        head(&mut integers, INTEGER, parts[0].len() + parts[1].len());
        for part in parts {
            integers.extend_from_slice(part);
        }
    }
    let key = Zeroizing::new(wrapped(SEQUENCE, &[&integers]));
    let key = Zeroizing::new(wrapped(OCTETS, &[&key]));
    SecretBytes::new(wrapped(SEQUENCE, &[&[INTEGER, 1, 0], &RSA, &key]))
}

/// A value of this tag with this content.
fn wrapped(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut value = Vec::with_capacity(length + 8);
    head(&mut value, tag, length);
    for part in parts {
        value.extend_from_slice(part);
    }
    value
}

/// Writes a tag and a length below 2^16.
fn head(out: &mut Vec<u8>, tag: u8, length: usize) {
    let [.., high, low] = length.to_be_bytes();
    out.push(tag);
    match (high, low) {
        (0, 0..=0x7f) => out.push(low),
        (0, _) => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
}

/// Takes a value of this tag from the front.
fn value<'a>(tag: u8, from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let rest = from.strip_prefix(&[tag])?;
    let (length, rest) = match *rest {
        [length @ 0..=0x7f, ref rest @ ..] => (usize::from(length), rest),
        [0x81, length @ 0x80..=0xff, ref rest @ ..] => (usize::from(length), rest),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => {
            (usize::from(high) << 8 | usize::from(low), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    *from = rest;
    Some(value)
}

/// The one value that there is.
fn only(tag: u8, mut from: &[u8]) -> Option<&[u8]> {
    let value = value(tag, &mut from)?;
    from.is_empty().then_some(value)
}

/// Takes an integer that is not negative, without the zero in front that shows it.
fn integer<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let value = value(INTEGER, from)?;
    let digits = shortest(value);
    let [zeros, _] = padded_parts(digits);
    (value.len() == zeros.len() + digits.len()).then_some(digits)
}
