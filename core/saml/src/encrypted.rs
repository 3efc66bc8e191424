//! Encrypted assertions (saml-core-2.0-os §2.3.4, xmlenc-core1): a key wrapped for this service, and what it opens.
//!
//! Keys are wrapped by RSA-OAEP, and assertions sealed by AES-GCM. CBC authenticates nothing: whether a padding was
//! right would tell an attacker, who may send what he likes, what is in it (xmlenc-core1 §6.1.1). It is opened where the
//! provider signed the response around it, so that nobody else sends anything. PKCS #1 v1.5 is refused, since keys are
//! unwrapped before a signature is looked at.

use alloc::vec::Vec;

use aes_gcm::{
    Aes128Gcm, Aes256Gcm,
    aead::{Aead, KeyInit},
    aes::{Aes128, Aes256},
};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Iso10126},
};
use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
use roxmltree::Node;
use rsa::sha2::Sha256;
use rsa::{PrivateKey, oaep::DecryptingKey, pkcs8::DecodePrivateKey, traits::RandomizedDecryptor};
use sha1::Sha1;
use userpool_crypto::secret::SecretBytes;

use crate::{
    Refused,
    xml::{
        self,
        namespace::{ENCRYPTION, ENCRYPTION_11, SIGNATURE},
    },
};

/// The longest wrapped key: of 4,096 bits.
const WRAPPED: usize = 512;
/// The longest private key that is looked at.
const PKCS8: usize = 4_096;
const NONCE: usize = 12;
const VECTOR: usize = 16;

/// The key of an encrypted assertion, wrapped for this service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    bytes: Vec<u8>,
    hash: Hash,
    mask: Hash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    /// For OAEP it need not resist collisions (RFC 8017 §7.1), and many providers use no other.
    Sha1,
    Sha256,
}

impl WrappedKey {
    /// Opens it with this service's private key in DER of PKCS #8; the 32 random bytes hide what is computed.
    ///
    /// The same answer, none, is given whatever is wrong.
    #[must_use]
    pub fn open(&self, pkcs8: &[u8], chance: &[u8; 32]) -> Option<SecretBytes> {
        if pkcs8.len() > PKCS8 {
            return None;
        }
        let key = PrivateKey::from_pkcs8_der(pkcs8).ok()?;
        let mut stream = ChaCha20Rng::from_seed(*chance);
        let (stream, bytes) = (&mut stream, &self.bytes);
        let plain = match (self.hash, self.mask) {
            (Hash::Sha1, Hash::Sha1) => {
                DecryptingKey::<Sha1, Sha1>::new(key).decrypt_with_rng(stream, bytes)
            }
            (Hash::Sha1, Hash::Sha256) => {
                DecryptingKey::<Sha1, Sha256>::new(key).decrypt_with_rng(stream, bytes)
            }
            (Hash::Sha256, Hash::Sha1) => {
                DecryptingKey::<Sha256, Sha1>::new(key).decrypt_with_rng(stream, bytes)
            }
            (Hash::Sha256, Hash::Sha256) => {
                DecryptingKey::<Sha256, Sha256>::new(key).decrypt_with_rng(stream, bytes)
            }
        };
        plain.ok().map(SecretBytes::new)
    }

    /// The wrapped key of an encrypted assertion.
    pub(crate) fn of(assertion: Node<'_, '_>) -> Result<Self, Refused> {
        let mut keys = assertion
            .descendants()
            .filter(|node| xml::is(*node, ENCRYPTION, "EncryptedKey"));
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(Refused::Decryption);
        };
        let method = xml::one(key, ENCRYPTION, "EncryptionMethod")?;
        let mask = match method.attribute("Algorithm").unwrap_or_default() {
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => Hash::Sha1,
            "http://www.w3.org/2009/xmlenc11#rsa-oaep" => mask(method)?,
            _ => return Err(Refused::Algorithm),
        };
        if xml::children(method, ENCRYPTION, "OAEPparams")
            .next()
            .is_some()
        {
            return Err(Refused::Algorithm);
        }
        let hash = match xml::at_most_one(method, SIGNATURE, "DigestMethod")? {
            None => Hash::Sha1,
            Some(node) => match node.attribute("Algorithm").unwrap_or_default() {
                "http://www.w3.org/2000/09/xmldsig#sha1" => Hash::Sha1,
                "http://www.w3.org/2001/04/xmlenc#sha256" => Hash::Sha256,
                _ => return Err(Refused::Algorithm),
            },
        };
        let bytes = cipher_value(key)?;
        if bytes.len() > WRAPPED {
            return Err(Refused::TooLarge);
        }
        Ok(Self { bytes, hash, mask })
    }
}

fn mask(method: Node<'_, '_>) -> Result<Hash, Refused> {
    match xml::at_most_one(method, ENCRYPTION_11, "MGF")? {
        None => Ok(Hash::Sha1),
        Some(node) => match node.attribute("Algorithm").unwrap_or_default() {
            "http://www.w3.org/2009/xmlenc11#mgf1sha1" => Ok(Hash::Sha1),
            "http://www.w3.org/2009/xmlenc11#mgf1sha256" => Ok(Hash::Sha256),
            _ => Err(Refused::Algorithm),
        },
    }
}

/// Opens an encrypted assertion: nonce, ciphertext and tag follow each other (xmlenc-core1 §5.2.4), or with CBC, which
/// has to be `signed` around, the vector and the ciphertext (§5.2.2).
pub(crate) fn open(
    assertion: Node<'_, '_>,
    key: &SecretBytes,
    signed: bool,
) -> Result<Vec<u8>, Refused> {
    let data = xml::one(assertion, ENCRYPTION, "EncryptedData")?;
    let method = xml::one(data, ENCRYPTION, "EncryptionMethod")?;
    let open = match method.attribute("Algorithm").unwrap_or_default() {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => by_gcm::<Aes128Gcm>,
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => by_gcm::<Aes256Gcm>,
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" if signed => by_cbc::<Decryptor<Aes128>>,
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" if signed => by_cbc::<Decryptor<Aes256>>,
        _ => return Err(Refused::Algorithm),
    };
    open(key.expose(), &cipher_value(data)?).ok_or(Refused::Decryption)
}

fn by_gcm<C: KeyInit + Aead>(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let cipher = C::new_from_slice(key).ok()?;
    cipher.decrypt(nonce.try_into().ok()?, sealed).ok()
}

fn by_cbc<C: KeyIvInit + BlockModeDecrypt>(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (vector, sealed) = sealed.split_at_checked(VECTOR)?;
    let cipher = C::new_from_slices(key, vector).ok()?;
    cipher.decrypt_padded_vec::<Iso10126>(sealed).ok()
}

fn cipher_value(node: Node<'_, '_>) -> Result<Vec<u8>, Refused> {
    let data = xml::one(node, ENCRYPTION, "CipherData")?;
    xml::base64(xml::one(data, ENCRYPTION, "CipherValue")?)
}
