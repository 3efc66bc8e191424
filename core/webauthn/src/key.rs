//! Public keys of credentials: COSE keys (RFC 9052 §7, RFC 9053, RFC 8230) in the one form that WebAuthn has them
//! in (§6.5.1.1): canonical, with `alg`, and without anything optional.

use alloc::vec::Vec;

use minicbor::{Decoder, Encoder, data::Type};
use p256::ecdsa::signature::Verifier as _;
use userpool_crypto::rs256;

use crate::Invalid;

/// The longest key that is looked at: RSA of 4,096 bits and its surroundings.
const MAX_KEY: usize = 600;
/// The most parameters that a key has.
const MAX_PARAMETERS: u64 = 5;

/// The signature algorithms that are accepted, by their COSE numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// EdDSA over Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2,048 to 4,096 bits.
    Rs256,
}

impl Algorithm {
    /// Every algorithm, the preferred one first; the order for `pubKeyCredParams`.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The COSE number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// The public key of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    cose: Vec<u8>,
    key: Key,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Es256(p256::ecdsa::VerifyingKey),
    EdDsa(ed25519_dalek::VerifyingKey),
    Rs256(rs256::PublicKey),
}

impl PublicKey {
    /// A key from its COSE form.
    ///
    /// # Errors
    /// [`Invalid::Key`] if it is malformed, not canonical, of another algorithm, or no usable key.
    pub fn parse(cose: &[u8]) -> Result<Self, Invalid> {
        match Self::read(cose)? {
            (key, []) => Ok(key),
            _ => Err(Invalid::Key),
        }
    }

    /// The key at the beginning, and what follows it.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Invalid> {
        let mut decoder = Decoder::new(bytes);
        let parameters = Parameters::read(&mut decoder).ok_or(Invalid::Key)?;
        let key = parameters.key().ok_or(Invalid::Key)?;
        let (read, rest) = bytes
            .split_at_checked(decoder.position())
            .ok_or(Invalid::Key)?;
        let cose = encoded(&key);
        // One key, one form: whatever is written otherwise is not canonical.
        if cose != read || cose.len() > MAX_KEY {
            return Err(Invalid::Key);
        }
        Ok((Self { cose, key }, rest))
    }

    /// The COSE form, to be kept.
    #[must_use]
    pub fn cose(&self) -> &[u8] {
        &self.cose
    }

    /// The algorithm of its signatures.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.key {
            Key::Es256(_) => Algorithm::Es256,
            Key::EdDsa(_) => Algorithm::EdDsa,
            Key::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// Whether the signature, in the form of §6.5.5, is one of this message by this key.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Es256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            // Strictly (RFC 8032 §5.1.7 and against small orders): one message, one verdict everywhere.
            Key::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Key::Rs256(key) => key.verify(message, signature),
        }
    }
}

/// The parameters of a COSE key: `kty` (1), `alg` (3), and those of the kind (-1, -2, -3).
#[derive(Default)]
struct Parameters<'a> {
    kind: Option<i64>,
    algorithm: Option<i64>,
    first: Option<First<'a>>,
    second: Option<&'a [u8]>,
    third: Option<&'a [u8]>,
}

/// The parameter -1: the curve, or the modulus of RSA.
enum First<'a> {
    Curve(i64),
    Modulus(&'a [u8]),
}

impl<'a> Parameters<'a> {
    /// Reads a map of them; no other may be there. That none stands twice shows when the key is written anew.
    fn read(decoder: &mut Decoder<'a>) -> Option<Self> {
        let mut found = Self::default();
        let entries = decoder.map().ok()??;
        if entries > MAX_PARAMETERS {
            return None;
        }
        for _ in 0..entries {
            match decoder.i64().ok()? {
                1 => found.kind = Some(decoder.i64().ok()?),
                3 => found.algorithm = Some(decoder.i64().ok()?),
                -1 if decoder.datatype().ok()? == Type::Bytes => {
                    found.first = Some(First::Modulus(decoder.bytes().ok()?));
                }
                -1 => found.first = Some(First::Curve(decoder.i64().ok()?)),
                -2 => found.second = Some(decoder.bytes().ok()?),
                -3 => found.third = Some(decoder.bytes().ok()?),
                _ => return None,
            }
        }
        Some(found)
    }

    fn key(self) -> Option<Key> {
        match (
            self.kind?,
            self.algorithm?,
            self.first?,
            self.second?,
            self.third,
        ) {
            (2, -7, First::Curve(1), x, Some(y)) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(<&[u8; 32]>::try_from(x).ok()?);
                point[33..].copy_from_slice(<&[u8; 32]>::try_from(y).ok()?);
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point);
                key.ok().map(Key::Es256)
            }
            (1, -8, First::Curve(6), x, None) => {
                let key = ed25519_dalek::VerifyingKey::from_bytes(x.try_into().ok()?);
                key.ok().filter(|key| !key.is_weak()).map(Key::EdDsa)
            }
            (3, -257, First::Modulus(n), e, None) => {
                rs256::PublicKey::new(n, e).ok().map(Key::Rs256)
            }
            _ => None,
        }
    }
}

/// The canonical COSE form (CTAP 2 §6, message encoding) of a key.
fn encoded(key: &Key) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(80);
    let mut encoder = Encoder::new(&mut bytes);
    let written = match key {
        Key::Es256(key) => {
            let point = key.to_sec1_point(false);
            let coordinates = point.as_bytes();
            let (x, y) = (&coordinates[1..33], &coordinates[33..]);
            let encoder = encoder
                .map(5)
                .and_then(|it| it.i64(1)?.i64(2)?.i64(3)?.i64(-7));
            encoder.and_then(|it| {
                it.i64(-1)?
                    .i64(1)?
                    .i64(-2)?
                    .bytes(x)?
                    .i64(-3)?
                    .bytes(y)?
                    .ok()
            })
        }
        Key::EdDsa(key) => {
            let encoder = encoder
                .map(4)
                .and_then(|it| it.i64(1)?.i64(1)?.i64(3)?.i64(-8));
            encoder.and_then(|it| it.i64(-1)?.i64(6)?.i64(-2)?.bytes(key.as_bytes())?.ok())
        }
        Key::Rs256(key) => {
            let encoder = encoder
                .map(4)
                .and_then(|it| it.i64(1)?.i64(3)?.i64(3)?.i64(-257));
            let (n, e) = (key.modulus(), key.exponent());
            encoder.and_then(|it| it.i64(-1)?.bytes(&n)?.i64(-2)?.bytes(&e)?.ok())
        }
    };
    written.expect("writing to memory cannot fail");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The point of RFC 6979 A.2.5.
    fn es256() -> Vec<u8> {
        const X: &[u8] = b"\x60\xFE\xD4\xBA\x25\x5A\x9D\x31\xC9\x61\xEB\x74\xC6\x35\x6D\x68\
            \xC0\x49\xB8\x92\x3B\x61\xFA\x6C\xE6\x69\x62\x2E\x60\xF2\x9F\xB6";
        const Y: &[u8] = b"\x79\x03\xFE\x10\x08\xB8\xBC\x99\xA4\x1A\xE9\xE9\x56\x28\xBC\x64\
            \xF2\xF1\xB2\x0C\x2D\x7E\x9F\x51\x77\xA3\xC2\x94\xD4\x46\x22\x99";
        [
            b"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20",
            X,
            b"\x22\x58\x20",
            Y,
        ]
        .concat()
    }

    /// The key of RFC 8032 §7.1, test 1.
    fn eddsa() -> Vec<u8> {
        const X: &[u8] = b"\xD7\x5A\x98\x01\x82\xB1\x0A\xB7\xD5\x4B\xFE\xD3\xC9\x64\x07\x3A\
            \x0E\xE1\x72\xF3\xDA\xA6\x23\x25\xAF\x02\x1A\x68\xF7\x07\x51\x1A";
        [b"\xA4\x01\x01\x03\x27\x20\x06\x21\x58\x20", X].concat()
    }

    #[test]
    fn keys_come_back_as_they_were_written() {
        for (cose, algorithm) in [(es256(), Algorithm::Es256), (eddsa(), Algorithm::EdDsa)] {
            let key = PublicKey::parse(&cose).unwrap();
            assert_eq!(key.cose(), cose);
            assert_eq!(key.algorithm(), algorithm);
        }
    }

    #[test]
    fn a_signature_of_rfc_8032_is_accepted_and_no_other() {
        const SIGNATURE: &[u8] =
            b"\xE5\x56\x43\x00\xC3\x60\xAC\x72\x90\x86\xE2\xCC\x80\x6E\x82\x8A\
            \x84\x87\x7F\x1E\xB8\xE5\xD9\x74\xD8\x73\xE0\x65\x22\x49\x01\x55\
            \x5F\xB8\x82\x15\x90\xA3\x3B\xAC\xC6\x1E\x39\x70\x1C\xF9\xB4\x6B\
            \xD2\x5B\xF5\xF0\x59\x5B\xBE\x24\x65\x51\x41\x43\x8E\x7A\x10\x0B";
        let key = PublicKey::parse(&eddsa()).unwrap();
        assert!(key.verify(b"", SIGNATURE));
        assert!(!key.verify(b"x", SIGNATURE));
        assert!(!key.verify(b"", &SIGNATURE[..63]));
    }

    #[test]
    fn what_is_not_canonical_is_no_key() {
        let good = es256();
        let swapped = [b"\xA5\x03\x26\x01\x02", &good[5..]].concat();
        let longer_number = [b"\xA5\x18\x01\x02", &good[3..]].concat();
        let twice = [b"\xA5\x01\x02\x01\x02\x03\x26\x20\x01\x21", &good[8..43]].concat();
        let optional = [b"\xA6\x01\x02\x02\x40", &good[3..]].concat();
        let endless = [b"\xBF", &good[1..], b"\xFF"].concat();
        let follows = [&good[..], b"\0"].concat();
        for bytes in [swapped, longer_number, twice, optional, endless, follows] {
            assert_eq!(
                PublicKey::parse(&bytes).err(),
                Some(Invalid::Key),
                "{bytes:x?}"
            );
        }
        for length in 0..good.len() {
            assert_eq!(PublicKey::parse(&good[..length]).err(), Some(Invalid::Key));
        }
    }

    #[test]
    fn points_off_the_curve_and_weak_keys_are_no_keys() {
        let mut off = es256();
        off[50] ^= 1;
        assert!(PublicKey::parse(&off).is_err());
        let mut zero = eddsa();
        zero[10..].fill(0);
        assert!(PublicKey::parse(&zero).is_err());
        zero[10] = 1;
        assert!(PublicKey::parse(&zero).is_err());
    }

    #[test]
    fn other_algorithms_and_curves_are_no_keys() {
        for (at, value) in [(2, 1), (4, 0x27), (4, 0x38), (6, 2), (6, 8)] {
            let mut other = es256();
            other[at] = value;
            assert!(PublicKey::parse(&other).is_err(), "{at} {value}");
        }
    }
}
