//! RSA keys and RS256 signatures: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2, RFC 7518 §3.3).
//!
//! Signing keys have 2,048 bits. Keys that only verify may have up to 4,096, as those of other issuers do.
//! The arithmetic for 2,048 bits is that of `userpool-arith`. New keys, files of keys and other sizes are left to
//! the `rsa` crate, of which no type is shown.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::sha2::Sha256;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use userpool_arith::rsa::{self as arithmetic, BYTES, CHANCE_BYTES, Numbers};
use zeroize::Zeroizing;

use crate::base64;
use crate::digest::{ct_eq, hkdf_expand, sha256};
use crate::integer::{fixed, shortest};
use crate::secret::SecretBytes;

/// The bits of a signing key.
#[cfg(not(feature = "small"))]
const SIGNING_BITS: usize = 8 * BYTES;
/// The bits that a verifying key may have.
const VERIFYING_BITS: core::ops::RangeInclusive<usize> = 2_048..=4_096;
/// The greatest public exponent that a verifying key may have.
const MAX_EXPONENT: u64 = (1 << 33) - 1;
/// The longest PKCS#8 text of a signing key that is looked at.
const MAX_PKCS8: usize = 4_096;

/// What stands before a hash of SHA-256 in a padded message: the DER of `DigestInfo` (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

const CHANCE: &[u8] = b"userpool RSA blinding 1";

/// A key pair that signs.
///
/// The private numbers are wiped on drop and never printed.
#[derive(Clone)]
pub struct SigningKey {
    private: arithmetic::PrivateKey,
    pkcs8: SecretBytes,
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
        let private = new_key(&mut stream).map_err(|_| InvalidKey)?;
        let document = private.to_pkcs8_der().map_err(|_| InvalidKey)?;
        Self::of(&private, SecretBytes::new(document.as_bytes().to_vec()))
    }

    /// Reads a key in DER of PKCS#8 (RFC 5958).
    ///
    /// # Errors
    ///
    /// If it is no RSA key of 2,048 bits and two primes of 1,024, or its numbers do not fit each other.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        if der.len() > MAX_PKCS8 {
            return Err(InvalidKey);
        }
        let private = rsa::PrivateKey::from_pkcs8_der(der).map_err(|_| InvalidKey)?;
        Self::of(&private, SecretBytes::new(der.to_vec()))
    }

    /// The key in DER of PKCS#8 (RFC 5958).
    pub fn to_pkcs8(&self) -> SecretBytes {
        self.pkcs8.clone()
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message, as [`sign_with`](Self::sign_with) does with a pair made for this once: at twice the cost.
    ///
    /// # Errors
    ///
    /// If the machine computed wrongly.
    pub fn sign(&self, message: &[u8], chance: &[u8; 32]) -> Result<[u8; 256], SigningFault> {
        self.sign_with(message, &mut Blinding::default(), chance)
    }

    /// Signs a message.
    ///
    /// The private operation is applied to a number that nobody can foresee: `blinding` hides it, is renewed by each
    /// use, and is made anew from the 32 fresh random bytes where it is empty or was used often. It leaves no trace in
    /// the signature. The result is checked with the public key before it is released; one that is wrong is computed
    /// once more in another way.
    ///
    /// # Errors
    ///
    /// If that is wrong too: the machine computes wrongly, and the result would give the key away.
    pub fn sign_with(
        &self,
        message: &[u8],
        blinding: &mut Blinding,
        chance: &[u8; 32],
    ) -> Result<[u8; 256], SigningFault> {
        let mut expanded = Zeroizing::new([0; CHANCE_BYTES]);
        let pair = &mut blinding.0;
        if pair.as_ref().is_none_or(arithmetic::Blinding::is_spent) {
            hkdf_expand(chance, &[CHANCE], &mut *expanded);
        }
        self.private
            .power(&padded(message), pair, &expanded)
            .map_err(|_| SigningFault)
    }

    fn of(private: &rsa::PrivateKey, pkcs8: SecretBytes) -> Result<Self, InvalidKey> {
        let public = PublicKey::new(&minimal(private.n()), &minimal(private.e()))?;
        let [p, q] = private.primes() else {
            return Err(InvalidKey);
        };
        let (Some(exponent_p), Some(exponent_q)) = (private.dp(), private.dq()) else {
            return Err(InvalidKey);
        };
        let private = arithmetic::PrivateKey::new(&Numbers {
            modulus: &number(private.n())?,
            exponent: public.exponent_number(),
            private_exponent: &Zeroizing::new(number(private.d())?),
            p: &Zeroizing::new(number(p)?),
            q: &Zeroizing::new(number(q)?),
            exponent_p: &Zeroizing::new(number(exponent_p)?),
            exponent_q: &Zeroizing::new(number(exponent_q)?),
        })
        .map_err(|_| InvalidKey)?;
        Ok(Self {
            private,
            pkcs8,
            public,
        })
    }
}

#[cfg(not(feature = "small"))]
fn new_key(stream: &mut ChaCha20Rng) -> Result<rsa::PrivateKey, rsa::Error> {
    rsa::PrivateKey::new(stream, SIGNING_BITS)
}

#[cfg(feature = "small")]
fn new_key(stream: &mut ChaCha20Rng) -> Result<rsa::PrivateKey, rsa::Error> {
    use crate::primes::prime;

    rsa::PrivateKey::from_p_q(prime(stream), prime(stream), 65_537_u32.into())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ..)", self.public.key_id)
    }
}

/// What hides the numbers that one key is applied to, kept from one signature to the next; empty at first.
///
/// It belongs to one key, and to one signature at a time.
#[derive(Debug, Default)]
pub struct Blinding(Option<arithmetic::Blinding>);

/// A key that verifies. A clone shares what was prepared.
#[derive(Clone)]
pub struct PublicKey {
    key: Key,
    key_id: Arc<str>,
}

#[derive(Clone)]
enum Key {
    /// Of 2,048 bits.
    Usual(Arc<arithmetic::PublicKey>),
    /// Of more.
    Long(Arc<rsa::PublicKey>),
}

impl PublicKey {
    /// Reads a modulus and an exponent, both big-endian integers.
    ///
    /// # Errors
    ///
    /// If the modulus is even or has not 2,048 to 4,096 bits, or the exponent is even, below 3 or above 2^33.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, InvalidKey> {
        let (modulus, exponent) = (shortest(modulus), shortest(exponent));
        let exponent_number = fixed(exponent).map(u64::from_be_bytes).ok_or(InvalidKey)?;
        if !(3..=MAX_EXPONENT).contains(&exponent_number)
            || modulus.len() * 8 > *VERIFYING_BITS.end()
        {
            return Err(InvalidKey);
        }
        let key = if let Ok(modulus) = modulus.try_into() {
            let key = arithmetic::PublicKey::new(modulus, exponent_number).ok_or(InvalidKey)?;
            Key::Usual(Arc::new(key))
        } else {
            let number = |bytes: &[u8]| {
                BoxedUint::from_be_slice(bytes, (bytes.len() * 8) as u32).map_err(|_| InvalidKey)
            };
            let (n, e) = (number(modulus)?, number(exponent)?);
            let key = rsa::PublicKey::new_with_size_limits(n, e, VERIFYING_BITS);
            Key::Long(Arc::new(key.map_err(|_| InvalidKey)?))
        };
        let key_id = key_id(modulus, exponent).into();
        Ok(Self { key, key_id })
    }

    /// The modulus, big-endian and without leading zeros.
    pub fn modulus(&self) -> Vec<u8> {
        match &self.key {
            Key::Usual(key) => key.modulus().to_vec(),
            Key::Long(key) => minimal(key.n()),
        }
    }

    /// The exponent, big-endian and without leading zeros.
    pub fn exponent(&self) -> Vec<u8> {
        shortest(&self.exponent_number().to_be_bytes()).to_vec()
    }

    /// The name of the key in token headers and key sets: its thumbprint (RFC 7638) in standard base64.
    ///
    /// Only keys that we made have this name; those of other issuers are called what they say.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Whether the signature is one of this message by this key.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Usual(key) => {
                let number = signature.try_into().ok();
                let power = number.and_then(|number| key.power(number));
                power.is_some_and(|power| ct_eq(&power, &padded(message)))
            }
            Key::Long(key) => {
                let scheme = Pkcs1v15Sign::new::<Sha256>();
                key.verify(scheme, &sha256(&[message]), signature).is_ok()
            }
        }
    }

    fn exponent_number(&self) -> u64 {
        match &self.key {
            Key::Usual(key) => key.exponent(),
            Key::Long(key) => fixed(&minimal(key.e()))
                .map(u64::from_be_bytes)
                .expect("an exponent was below 2^33 when the key was read"),
        }
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
        self.modulus() == other.modulus() && self.exponent() == other.exponent()
    }
}

impl Eq for PublicKey {}

/// The padded message that is signed: `EMSA-PKCS1-v1_5` (RFC 8017 §9.2) of the message's SHA-256.
fn padded(message: &[u8]) -> [u8; BYTES] {
    let mut padded = [0xff; BYTES];
    let (head, hash) = padded.split_at_mut(BYTES - 32);
    let info = head.len() - DIGEST_INFO.len();
    head[..2].copy_from_slice(&[0, 1]);
    head[info - 1] = 0;
    head[info..].copy_from_slice(&DIGEST_INFO);
    hash.copy_from_slice(&sha256(&[message]));
    padded
}

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

/// The number in so many bytes.
fn number<const N: usize>(number: &BoxedUint) -> Result<[u8; N], InvalidKey> {
    fixed(&Zeroizing::new(number.to_be_bytes())).ok_or(InvalidKey)
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
    fn a_pair_hides_many_signatures_and_leaves_no_trace() {
        let key = test_key();
        let mut blinding = Blinding::default();
        let expected = key.sign(b"m", &[1; 32]).unwrap();
        for round in 0..70 {
            let signature = key.sign_with(b"m", &mut blinding, &[round; 32]).unwrap();
            assert_eq!(signature, expected);
        }
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
