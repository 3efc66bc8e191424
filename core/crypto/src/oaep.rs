//! What is encrypted for keys of ours: RSAES-OAEP with an empty label (RFC 8017 §7.1.2).

use alloc::vec::Vec;

use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::public_rsa::mask;
use crate::rs256::SigningKey;
use crate::secret::SecretBytes;

/// A hash function of OAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// For OAEP it need not resist collisions (RFC 8017 §7.1), and many use no other.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Hash {
    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => parts
                .iter()
                .fold(Sha1::new(), |hash, part| hash.chain_update(part))
                .finalize()
                .to_vec(),
            Self::Sha256 => parts
                .iter()
                .fold(Sha256::new(), |hash, part| hash.chain_update(part))
                .finalize()
                .to_vec(),
        }
    }
}

/// Opens what was encrypted for a key in DER of PKCS#8, with the hash of the label and that of the mask; the 32 random
/// bytes hide what is computed.
///
/// The same answer, none, is given whatever is wrong, and neither the time nor the places in memory tell more (Manger,
/// 2001).
pub fn open(
    pkcs8: &[u8],
    chance: &[u8; 32],
    (hash, masks): (Hash, Hash),
    ciphertext: &[u8],
) -> Option<SecretBytes> {
    let key = SigningKey::from_pkcs8(pkcs8).ok()?;
    let encoded = Zeroizing::new(key.power(ciphertext.try_into().ok()?, chance)?);
    let label = hash.of(&[]);
    let length = label.len();
    let (first, rest) = encoded.split_first()?;
    let (seed, block) = rest.split_at(length);
    let mut seed = Zeroizing::new(seed.to_vec());
    let mut block = Zeroizing::new(block.to_vec());
    unmask(&mut seed, &block, masks);
    unmask(&mut block, &seed, masks);
    let (found, padded) = block.split_at(length);
    // Zeros, a one, and the message: the place of the first one, whatever it is, is found by reading everything.
    let (mut searching, mut start) = (Choice::from(1), 0_u32);
    let mut right = first.ct_eq(&0) & found.ct_eq(&label);
    for (at, byte) in (1..).zip(padded) {
        let one = byte.ct_eq(&1);
        right &= !searching | one | byte.ct_eq(&0);
        start.conditional_assign(&at, searching & one);
        searching &= !one;
    }
    right &= !searching;
    // Whether it is right is told to the caller, and then how long the message is.
    bool::from(right).then(|| SecretBytes::new(padded[start as usize..].to_vec()))
}

fn unmask(text: &mut [u8], seed: &[u8], masks: Hash) {
    let mask = Zeroizing::new(mask(|parts| masks.of(parts), seed, text.len()));
    for (byte, mask) in text.iter_mut().zip(mask.iter()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
    use rsa::BoxedUint;
    use rsa::oaep::EncryptingKey;
    use rsa::traits::RandomizedEncryptor;

    use super::*;
    use crate::rs256::tests::test_key;

    fn encrypted(message: &[u8], hash: Hash, masks: Hash) -> Vec<u8> {
        let public = test_key().public().clone();
        let number =
            |bytes: &[u8]| BoxedUint::from_be_slice(bytes, 8 * bytes.len() as u32).unwrap();
        let key =
            rsa::PublicKey::new(number(&public.modulus()), number(&public.exponent())).unwrap();
        let stream = &mut ChaCha20Rng::from_seed([3; 32]);
        match (hash, masks) {
            (Hash::Sha1, Hash::Sha1) => {
                EncryptingKey::<Sha1, Sha1>::new(key).encrypt_with_rng(stream, message)
            }
            (Hash::Sha1, Hash::Sha256) => {
                EncryptingKey::<Sha1, Sha256>::new(key).encrypt_with_rng(stream, message)
            }
            (Hash::Sha256, Hash::Sha1) => {
                EncryptingKey::<Sha256, Sha1>::new(key).encrypt_with_rng(stream, message)
            }
            (Hash::Sha256, Hash::Sha256) => {
                EncryptingKey::<Sha256, Sha256>::new(key).encrypt_with_rng(stream, message)
            }
        }
        .unwrap()
    }

    #[test]
    fn what_the_rsa_crate_encrypts_is_opened_with_its_own_hashes_alone() {
        let file = test_key().to_pkcs8();
        let both = [Hash::Sha1, Hash::Sha256];
        for (hash, masks) in both
            .iter()
            .flat_map(|hash| both.map(|masks| (*hash, masks)))
        {
            for message in [&[][..], &[0], &[1, 2, 3], &[7; 32], &[1; 190]] {
                let sent = encrypted(message, hash, masks);
                let opened = open(file.expose(), &[1; 32], (hash, masks), &sent);
                assert_eq!(opened.unwrap().expose(), message);
                for (other, others) in both
                    .iter()
                    .flat_map(|hash| both.map(|masks| (*hash, masks)))
                {
                    let opened = open(file.expose(), &[1; 32], (other, others), &sent);
                    assert_eq!(opened.is_some(), (other, others) == (hash, masks));
                }
            }
        }
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let file = test_key().to_pkcs8();
        let sent = encrypted(b"a key", Hash::Sha1, Hash::Sha1);
        let hashes = (Hash::Sha1, Hash::Sha1);
        for at in (0..sent.len()).step_by(17) {
            let mut changed = sent.clone();
            changed[at] ^= 4;
            assert!(open(file.expose(), &[1; 32], hashes, &changed).is_none());
        }
        for other in [&sent[1..], &[], &[0; 256], &[0xff; 256], &vec![1; 512]] {
            assert!(open(file.expose(), &[1; 32], hashes, other).is_none());
        }
        assert!(open(&[], &[1; 32], hashes, &sent).is_none());
    }
}
