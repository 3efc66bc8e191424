//! RSA keys and RS256 signatures: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2, RFC 7518 §3.3).
//!
//! Signing keys have 2,048 bits. Keys that only verify may have up to 4,096, as those of other issuers do.
//! The arithmetic is that of the `rsa` crate; no type of it is shown.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::sha2::Sha256;
use rsa::traits::PublicKeyParts;

use crate::base64;
use crate::digest::sha256;
use crate::integer::shortest;
use crate::secret::SecretBytes;

/// The bits of a signing key.
const SIGNING_BITS: usize = 2_048;
/// The bits that a verifying key may have.
const VERIFYING_BITS: core::ops::RangeInclusive<usize> = 2_048..=4_096;
/// The longest PKCS#8 text of a signing key that is looked at.
const MAX_PKCS8: usize = 4_096;

/// A key pair that signs.
///
/// The private numbers are wiped on drop and never printed.
#[derive(Clone)]
pub struct SigningKey {
    private: rsa::PrivateKey,
    public: PublicKey,
}

impl SigningKey {
    /// Makes a key of 2,048 bits from 32 random bytes.
    ///
    /// The bytes seed a ChaCha20 stream, and the primes are searched in it. Whoever has the seed has the key, so
    /// it is drawn for this call and forgotten. Keep the key by [`to_pkcs8`](Self::to_pkcs8): another
    /// version of this crate may find other primes in the same stream.
    ///
    /// # Errors
    ///
    /// If the search fails, which the arithmetic allows for and no seed is known to cause.
    pub fn generate(seed: &[u8; 32]) -> Result<Self, InvalidKey> {
        let mut stream = ChaCha20Rng::from_seed(*seed);
        rsa::PrivateKey::new(&mut stream, SIGNING_BITS)
            .map_err(|_| InvalidKey)
            .and_then(Self::of)
    }

    /// Reads a key in DER of PKCS#8 (RFC 5958).
    ///
    /// # Errors
    ///
    /// If it is no RSA key of 2,048 bits and two primes, or its numbers do not fit each other.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        if der.len() > MAX_PKCS8 {
            return Err(InvalidKey);
        }
        rsa::PrivateKey::from_pkcs8_der(der)
            .map_err(|_| InvalidKey)
            .and_then(Self::of)
    }

    /// The key in DER of PKCS#8 (RFC 5958).
    pub fn to_pkcs8(&self) -> SecretBytes {
        let document = self
            .private
            .to_pkcs8_der()
            .expect("a key of two primes has a PKCS#8 form");
        SecretBytes::new(document.as_bytes().to_vec())
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message.
    ///
    /// The private operation is blinded in base, exponents and moduli by numbers that the 32 fresh
    /// random bytes expand to; they leave no trace in the signature. The result is checked with the public key
    /// before it is released.
    ///
    /// # Errors
    ///
    /// If that check fails: the machine computed wrongly, and the result would give the key away.
    pub fn sign(&self, message: &[u8], blinding: &[u8; 32]) -> Result<[u8; 256], SigningFault> {
        let mut stream = ChaCha20Rng::from_seed(*blinding);
        let signature = self
            .private
            .sign_with_rng(
                &mut stream,
                Pkcs1v15Sign::new::<Sha256>(),
                &sha256(&[message]),
            )
            .map_err(|_| SigningFault)?;
        signature.try_into().map_err(|_| SigningFault)
    }

    fn of(private: rsa::PrivateKey) -> Result<Self, InvalidKey> {
        if private.n().bit_width() as usize != SIGNING_BITS {
            return Err(InvalidKey);
        }
        let public = PublicKey::of(private.to_public_key());
        Ok(Self { private, public })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ..)", self.public.key_id)
    }
}

/// A key that verifies.
#[derive(Clone)]
pub struct PublicKey {
    key: rsa::PublicKey,
    key_id: String,
}

impl PublicKey {
    /// Reads a modulus and an exponent, both big-endian integers.
    ///
    /// # Errors
    ///
    /// If the modulus is even or has not 2,048 to 4,096 bits, or the exponent is even, below 3 or above 2^33.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, InvalidKey> {
        let (modulus, exponent) = (shortest(modulus), shortest(exponent));
        if exponent.len() > 8 || exponent == [1] || modulus.len() * 8 > *VERIFYING_BITS.end() {
            return Err(InvalidKey);
        }
        let number = |bytes: &[u8]| {
            BoxedUint::from_be_slice(bytes, (bytes.len() * 8) as u32).map_err(|_| InvalidKey)
        };
        rsa::PublicKey::new_with_size_limits(number(modulus)?, number(exponent)?, VERIFYING_BITS)
            .map(Self::of)
            .map_err(|_| InvalidKey)
    }

    /// The modulus, big-endian and without leading zeros.
    pub fn modulus(&self) -> Vec<u8> {
        minimal(self.key.n())
    }

    /// The exponent, big-endian and without leading zeros.
    pub fn exponent(&self) -> Vec<u8> {
        minimal(self.key.e())
    }

    /// The name of the key in token headers and key sets: its thumbprint (RFC 7638) in standard base64.
    ///
    /// Only keys that we made have this name; those of other issuers are called what they say.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Whether the signature is one of this message by this key.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key
            .verify(
                Pkcs1v15Sign::new::<Sha256>(),
                &sha256(&[message]),
                signature,
            )
            .is_ok()
    }

    fn of(key: rsa::PublicKey) -> Self {
        let key_id = key_id(&minimal(key.n()), &minimal(key.e()));
        Self { key, key_id }
    }
}

/// The name of a key in token headers and key sets: its thumbprint (RFC 7638) in standard base64.
///
/// Modulus and exponent are big-endian integers; zeros in front count nothing.
pub fn key_id(modulus: &[u8], exponent: &[u8]) -> String {
    base64::encode(&sha256(&[
        br#"{"e":""#,
        base64::encode_url(shortest(exponent)).as_bytes(),
        br#"","kty":"RSA","n":""#,
        base64::encode_url(shortest(modulus)).as_bytes(),
        br#""}"#,
    ]))
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.key_id)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for PublicKey {}

/// Numbers or bytes do not make a usable RSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a usable RSA key")
    }
}

impl core::error::Error for InvalidKey {}

/// A signature did not stand the check before its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningFault;

impl fmt::Display for SigningFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a signature came out wrong and was withheld")
    }
}

impl core::error::Error for SigningFault {}

fn minimal(number: &BoxedUint) -> Vec<u8> {
    shortest(&number.to_be_bytes()).into()
}

#[cfg(test)]
pub(crate) mod tests {
    use alloc::format;

    use super::*;

    /// A key for tests, the same on every run.
    pub(crate) fn test_key() -> SigningKey {
        SigningKey::generate(&[7; 32]).unwrap()
    }

    #[test]
    fn a_signature_verifies_for_its_message_and_key_only() {
        let key = test_key();
        let signature = key.sign(b"message", &[1; 32]).unwrap();
        assert!(key.public().verify(b"message", &signature));
        assert!(!key.public().verify(b"messagf", &signature));
        let other = SigningKey::generate(&[8; 32]).unwrap();
        assert!(!other.public().verify(b"message", &signature));
    }

    #[test]
    fn the_blinding_leaves_no_trace() {
        let key = test_key();
        assert_eq!(
            key.sign(b"m", &[1; 32]).unwrap(),
            key.sign(b"m", &[2; 32]).unwrap()
        );
    }

    #[test]
    fn every_changed_byte_of_a_signature_is_refused() {
        let key = test_key();
        let signature = key.sign(b"m", &[1; 32]).unwrap();
        for at in 0..signature.len() {
            let mut changed = signature;
            changed[at] ^= 1 << (at % 8);
            assert!(!key.public().verify(b"m", &changed));
        }
        for bad in [
            &signature[..255],
            &[&[0][..], &signature[..]].concat(),
            &[],
            &[0; 256],
            &[0xff; 256],
        ] {
            assert!(!key.public().verify(b"m", bad));
        }
    }

    #[test]
    fn a_key_goes_to_pkcs8_and_back() {
        let key = test_key();
        let der = key.to_pkcs8();
        let read = SigningKey::from_pkcs8(der.expose()).unwrap();
        assert_eq!(read.public(), key.public());
        assert_eq!(read.sign(b"m", &[1; 32]), key.sign(b"m", &[1; 32]));
    }

    #[test]
    fn bytes_that_are_no_key_are_refused() {
        let der = test_key().to_pkcs8();
        for length in (0..der.len()).step_by(37) {
            assert_eq!(
                SigningKey::from_pkcs8(&der.expose()[..length]).unwrap_err(),
                InvalidKey
            );
        }
        let mut wrong = der.expose().to_vec();
        let last = wrong.len() - 1;
        wrong[last] ^= 1;
        let damaged = SigningKey::from_pkcs8(&wrong);
        assert!(damaged.is_err() || damaged.unwrap().sign(b"m", &[1; 32]).is_ok());
        assert!(SigningKey::from_pkcs8(&[0x30; 5_000]).is_err());
    }

    #[test]
    fn one_seed_makes_one_key() {
        assert_eq!(test_key().public(), test_key().public());
        assert_ne!(
            test_key().public(),
            SigningKey::generate(&[9; 32]).unwrap().public()
        );
    }

    #[test]
    fn a_public_key_goes_to_bytes_and_back() {
        let key = test_key();
        let (n, e) = (key.public().modulus(), key.public().exponent());
        assert_eq!((n.len(), &e[..]), (256, &[1, 0, 1][..]));
        let read = PublicKey::new(&[&[0][..], &n].concat(), &e).unwrap();
        assert_eq!(&read, key.public());
        assert_eq!(read.key_id(), key.public().key_id());
        assert_eq!(base64::decode(read.key_id()).unwrap().len(), 32);
    }

    #[test]
    fn numbers_that_make_no_key_are_refused() {
        let n = test_key().public().modulus();
        let mut even = n.clone();
        even[255] &= 0xfe;
        for (modulus, exponent) in [
            (&n[..], &[][..]),
            (&n, &[0]),
            (&n, &[1]),
            (&n, &[2]),
            (&n, &[0xff; 9]),
            (&n, &[1, 0, 0, 0, 0, 0, 0, 1]),
            (&even, &[1, 0, 1]),
            (&n[..128], &[1, 0, 1]),
            (&[], &[1, 0, 1]),
            (&[0xff; 513], &[1, 0, 1]),
        ] {
            assert!(
                PublicKey::new(modulus, exponent).is_err(),
                "{} {exponent:?}",
                modulus.len()
            );
        }
    }

    #[test]
    fn a_signing_key_prints_its_name_only() {
        let key = test_key();
        assert_eq!(
            format!("{key:?}"),
            format!("SigningKey({}, ..)", key.public().key_id())
        );
    }
}
