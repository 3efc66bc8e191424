//! Signatures of RSA keys that others hold, of 2,048 to 4,096 bits: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 §8).
//!
//! Nothing here is secret: the arithmetic takes what time the numbers make it take. Where keys are ours the arithmetic is
//! that of `userpool-arith`.

use alloc::vec;
use alloc::vec::Vec;

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::integer::{fixed, shortest};

/// The bytes that a modulus may have.
pub(crate) const MODULUS: core::ops::RangeInclusive<usize> = 256..=512;
/// The greatest public exponent.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// A hash function that signatures use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash of parts, one after the other.
    pub fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn hash<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let hasher = parts
                .iter()
                .fold(D::new(), |hasher, part| hasher.chain_update(part));
            hasher.finalize().to_vec()
        }
        match self {
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sha384 => hash::<Sha384>(parts),
            Self::Sha512 => hash::<Sha512>(parts),
        }
    }

    /// What stands before the hash in a padded message: the DER of `DigestInfo` (RFC 8017 §9.2, note 1).
    fn info(self) -> [u8; 19] {
        let (number, length) = match self {
            Self::Sha256 => (1, 32),
            Self::Sha384 => (2, 48),
            Self::Sha512 => (3, 64),
        };
        [
            0x30,
            17 + length,
            0x30,
            0x0d,
            0x06,
            0x09,
            0x60,
            0x86,
            0x48,
            0x01,
            0x65,
            0x03,
            0x04,
            0x02,
            number,
            0x05,
            0x00,
            0x04,
            length,
        ]
    }
}

/// A public exponent, big-endian; nothing where it is even, below 3 or above 2^33.
pub(crate) fn exponent(bytes: &[u8]) -> Option<u64> {
    let exponent = fixed(bytes).map(u64::from_be_bytes)?;
    (exponent & 1 == 1 && (3..=MAX_EXPONENT).contains(&exponent)).then_some(exponent)
}

/// An odd modulus and a public exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// The modulus, big-endian and without leading zeros.
    pub modulus: Vec<u8>,
    pub exponent: u64,
    /// The words of the modulus, the lowest first.
    n: Vec<u32>,
    /// `-1/n` modulo `2^32`.
    inverse: u32,
}

impl PublicKey {
    /// Reads a modulus and an exponent, big-endian; nothing where the modulus is even or has not 2,048 to 4,096 bits,
    /// or the exponent is even, below 3 or above 2^33.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = shortest(modulus);
        let exponent = self::exponent(exponent)?;
        if modulus.last()? & 1 == 0 || !MODULUS.contains(&modulus.len()) {
            return None;
        }
        // All 2,048 bits where there are 256 bytes.
        if modulus.len() == *MODULUS.start() && modulus[0] < 0x80 {
            return None;
        }
        let n = words(modulus);
        // Each step doubles the bits that are right, of which there are 3 at first.
        let inverse = (0..4).fold(n[0], |inverse, _| {
            inverse.wrapping_mul(2_u32.wrapping_sub(n[0].wrapping_mul(inverse)))
        });
        Some(Self {
            modulus: modulus.into(),
            exponent,
            n,
            inverse: inverse.wrapping_neg(),
        })
    }

    /// Whether the signature is one of RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2).
    pub fn verify_pkcs1(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let Some(encoded) = self.power(signature) else {
            return false;
        };
        let (info, digest) = (hash.info(), hash.of(&[message]));
        let mut expected = vec![0, 1];
        expected.resize(encoded.len() - info.len() - digest.len() - 1, 0xff);
        expected.push(0);
        expected.extend(info);
        expected.extend(digest);
        encoded == expected
    }

    /// Whether the signature is one of RSASSA-PSS with a salt as long as the hash (RFC 8017 §8.1.2, §9.1.2; RFC 7518
    /// §3.5).
    pub fn verify_pss(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let Some(encoded) = self.power(signature) else {
            return false;
        };
        // One bit less than the modulus has: if that is a whole number of bytes, the first of ours stands alone.
        let bits = 8 * self.modulus.len() - self.modulus[0].leading_zeros() as usize - 1;
        let (above, encoded) = encoded.split_at(encoded.len() - bits.div_ceil(8));
        let digest = hash.of(&[message]);
        let length = digest.len();
        let [masked @ .., 0xbc] = encoded else {
            return false;
        };
        // 2,047 bits have room for two hashes and more.
        let (masked, seed) = masked.split_at(masked.len() - length);
        let unused = 8 * encoded.len() - bits;
        let top = 0xff_u8 >> unused;
        if above.iter().any(|byte| *byte != 0) || masked[0] & !top != 0 {
            return false;
        }
        let mut block: Vec<u8> = mask(|parts| hash.of(parts), seed, masked.len());
        block
            .iter_mut()
            .zip(masked)
            .for_each(|(mask, byte)| *mask ^= byte);
        block[0] &= top;
        let (padding, salt) = block.split_at(block.len() - length);
        let [zeros @ .., last] = padding else {
            return false;
        };
        let padded = zeros.iter().all(|byte| *byte == 0) && *last == 1;
        padded && hash.of(&[&[0; 8], &digest, salt]) == seed
    }

    /// The signature raised to the exponent (RFC 8017 §5.2.2), as long as the modulus; nothing where it is not as long, or
    /// not below the modulus.
    fn power(&self, signature: &[u8]) -> Option<Vec<u8>> {
        if signature.len() != self.modulus.len() || signature >= &self.modulus[..] {
            return None;
        }
        // 2^32 raised to the number of words is R; a power of 2 that Montgomery's multiplication keeps is R times larger.
        let mut two = vec![0; self.n.len()];
        let bits = 8 * self.modulus.len() - self.modulus[0].leading_zeros() as usize - 1;
        two[bits / 32] = 1 << (bits % 32);
        for _ in bits..=32 * self.n.len() {
            self.double(&mut two);
        }
        let square = self.raise(&two, 32 * self.n.len() as u64);
        let base = self.product(&words(signature), &square);
        let mut one = vec![0; self.n.len()];
        one[0] = 1;
        let power = self.product(&self.raise(&base, self.exponent), &one);
        let bytes: Vec<u8> = power
            .iter()
            .rev()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        Some(bytes[bytes.len() - self.modulus.len()..].to_vec())
    }

    /// A number, kept as `x R`, raised to a power above 0, by its bits.
    fn raise(&self, base: &[u32], exponent: u64) -> Vec<u32> {
        let mut power = base.to_vec();
        for bit in (0..exponent.ilog2()).rev() {
            power = self.product(&power, &power);
            if exponent >> bit & 1 == 1 {
                power = self.product(&power, base);
            }
        }
        power
    }

    /// The product divided by `R`, below the modulus (Montgomery, 1985), word by word.
    fn product(&self, left: &[u32], right: &[u32]) -> Vec<u32> {
        let mut sum = vec![0_u32; self.n.len() + 2];
        for &word in left {
            add_product(&mut sum, right, word);
            let quotient = sum[0].wrapping_mul(self.inverse);
            add_product(&mut sum, &self.n, quotient);
            sum.rotate_left(1);
        }
        self.reduce(&mut sum);
        sum.truncate(self.n.len());
        sum
    }

    fn double(&self, number: &mut Vec<u32>) {
        let mut twice = vec![0; number.len() + 1];
        add_product(&mut twice, number, 2);
        self.reduce(&mut twice);
        twice.truncate(number.len());
        *number = twice;
    }

    /// Takes the modulus from a number below twice of it, unless that is negative.
    fn reduce(&self, number: &mut [u32]) {
        let n = || self.n.iter().copied().chain(core::iter::repeat(0));
        let mut less = number.to_vec();
        let mut borrow = 0_i64;
        for (word, n) in less.iter_mut().zip(n()) {
            borrow += i64::from(*word) - i64::from(n);
            *word = borrow as u32;
            borrow >>= 32;
        }
        if borrow == 0 {
            number.copy_from_slice(&less);
        }
    }
}

/// Adds a number times a word.
fn add_product(sum: &mut [u32], number: &[u32], factor: u32) {
    let mut carry = 0_u64;
    let (low, high) = sum.split_at_mut(number.len());
    for (sum, word) in low.iter_mut().zip(number) {
        carry += u64::from(*sum) + u64::from(*word) * u64::from(factor);
        *sum = carry as u32;
        carry >>= 32;
    }
    for sum in high {
        carry += u64::from(*sum);
        *sum = carry as u32;
        carry >>= 32;
    }
}

/// The words of a big-endian number, the lowest first.
fn words(bytes: &[u8]) -> Vec<u32> {
    let word = |chunk: &[u8]| {
        chunk
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte))
    };
    bytes.rchunks(4).map(word).collect()
}

/// `MGF1` (RFC 8017 B.2.1).
pub(crate) fn mask(hash: impl Fn(&[&[u8]]) -> Vec<u8>, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length + 64);
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(hash(&[seed, &counter.to_be_bytes()]));
    }
    mask.truncate(length);
    mask
}

#[cfg(test)]
mod tests {
    use rsa::traits::PublicKeyParts;
    use rsa::{Pkcs1v15Sign, Pss};

    use super::*;

    /// A key of so many bits for tests, the same on every run.
    fn peer(bits: usize) -> rsa::PrivateKey {
        use chacha20::rand_core::SeedableRng;
        let mut stream = chacha20::ChaCha20Rng::from_seed([bits as u8; 32]);
        rsa::PrivateKey::new(&mut stream, bits).unwrap()
    }

    fn ours(peer: &rsa::PrivateKey) -> PublicKey {
        PublicKey::new(&peer.n().to_be_bytes(), &peer.e().to_be_bytes()).unwrap()
    }

    #[test]
    fn signatures_of_the_rsa_crate_verify_and_no_others() {
        use chacha20::rand_core::SeedableRng;
        let mut chance = chacha20::ChaCha20Rng::from_seed([1; 32]);
        for bits in [2_048, 2_049, 2_056, 3_072] {
            let (peer, message) = (peer(bits), b"a message");
            let key = ours(&peer);
            for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
                let digest = hash.of(&[message]);
                let (plain, pss) = match hash {
                    Hash::Sha256 => (
                        peer.sign(Pkcs1v15Sign::new::<Sha256>(), &digest),
                        peer.sign_with_rng(&mut chance, Pss::<Sha256>::new(), &digest),
                    ),
                    Hash::Sha384 => (
                        peer.sign(Pkcs1v15Sign::new::<Sha384>(), &digest),
                        peer.sign_with_rng(&mut chance, Pss::<Sha384>::new(), &digest),
                    ),
                    Hash::Sha512 => (
                        peer.sign(Pkcs1v15Sign::new::<Sha512>(), &digest),
                        peer.sign_with_rng(&mut chance, Pss::<Sha512>::new(), &digest),
                    ),
                };
                let (plain, pss) = (plain.unwrap(), pss.unwrap());
                assert!(key.verify_pkcs1(hash, message, &plain), "{bits} {hash:?}");
                assert!(key.verify_pss(hash, message, &pss), "{bits} {hash:?}");
                assert!(!key.verify_pkcs1(hash, message, &pss));
                assert!(!key.verify_pss(hash, message, &plain));
                for (signature, verify) in [
                    (plain, PublicKey::verify_pkcs1 as fn(&_, _, &_, &_) -> _),
                    (pss, PublicKey::verify_pss),
                ] {
                    assert!(!verify(&key, hash, b"b message", &signature));
                    for at in (0..signature.len()).step_by(31) {
                        let mut changed = signature.clone();
                        changed[at] ^= 1;
                        assert!(!verify(&key, hash, message, &changed), "{bits} {at}");
                    }
                    assert!(!verify(&key, hash, message, &signature[1..]));
                    assert!(!verify(
                        &key,
                        hash,
                        message,
                        &[&[0], &signature[..]].concat()
                    ));
                }
            }
        }
    }

    #[test]
    fn a_number_that_is_not_below_the_modulus_has_no_power() {
        let key = ours(&peer(2_048));
        assert!(key.power(&key.modulus).is_none());
        assert!(key.power(&[0xff; 256]).is_none());
        assert_eq!(key.power(&[0; 256]), Some(vec![0; 256]));
        let mut below = key.modulus.clone();
        below[255] -= 1; // -1, and -1 to an odd power
        assert_eq!(key.power(&below), Some(below));
    }
}
