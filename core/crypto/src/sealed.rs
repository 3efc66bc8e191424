//! Authenticated encryption of what is kept in the store and of what clients carry for us.
//!
//! AES-256-GCM-SIV (RFC 8452), which stays authentic and hides all but equality where a nonce is used
//! twice. A sealed value is
//!
//! ```text
//! 01 | length of key id | key id | nonce, 12 bytes | ciphertext | tag, 16 bytes
//! ```
//!
//! Each purpose and scope has a subkey of its own, `HKDF-Expand(key, "userpool seal 1" | purpose | scope)`. The
//! associated data covers the version, the key id, the purpose, the scope and the caller's own text,
//! each behind its length, so that a value opens only where it was put. The plaintext is padded
//! to one of few lengths before it is sealed (see [`padded_len`]).
//!
//! Values at rest are sealed by a ring of [`RootKeys`], of which the current one seals and all open.
//! A [`SealKey`] alone serves for values with a short life, under a random key that is forgotten
//! afterwards.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use aes_gcm_siv::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use aes_gcm_siv::{Aes256GcmSiv, Key, Nonce, Tag};
use zeroize::Zeroizing;

use crate::digest::Expander;
use crate::secret::{SecretArray, SecretBytes};

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
const MAX_KEY_ID: usize = 16;
/// The byte between the plaintext and the zeros that pad it (ISO/IEC 7816-4).
const END: u8 = 0x80;

/// Where a sealed value belongs: it opens under the same three and nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What the value is for, in a word or two of the program.
    pub purpose: &'a str,
    /// Whose value it is: the id of a pool, or empty.
    pub scope: &'a [u8],
    /// What else it is bound to: schema, record key, field.
    pub associated: &'a [u8],
}

/// The name of a sealing key: 1 to 16 letters, digits, `-`, `_` or `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=MAX_KEY_ID).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        fits.then(|| Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of the key that a sealed value needs, read without opening it.
///
/// Nothing is returned where the bytes do not have the form of a sealed value. The name is not
/// authentic until the value has been opened.
pub fn key_id(sealed: &[u8]) -> Option<KeyId> {
    Parts::of(sealed)?.key_id()
}

/// How many bytes a plaintext of this length is padded to, its end mark included.
///
/// A multiple of 32 up to 256, and above that a multiple of an eighth of the next power of two: a length
/// shows little and costs at most a quarter.
pub fn padded_len(plaintext: usize) -> usize {
    let marked = plaintext + 1;
    let step = (marked.next_power_of_two() / 8).max(32);
    marked.next_multiple_of(step)
}

/// One key that seals and opens.
#[derive(Debug, Clone)]
pub struct SealKey {
    id: KeyId,
    key: Expander,
}

impl SealKey {
    /// Names a key of 32 random bytes.
    pub fn new(id: KeyId, key: SecretArray<32>) -> Self {
        Self {
            id,
            key: Expander::new(key.expose()),
        }
    }

    /// The name of the key.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Seals a value for its context, with 12 fresh random bytes.
    pub fn seal(&self, context: Context<'_>, nonce: [u8; 12], plaintext: &[u8]) -> Vec<u8> {
        let associated = associated(&self.id, context);
        let id = self.id.0.as_bytes();
        let padded = padded_len(plaintext.len());
        let start = 2 + id.len() + NONCE;
        let mut sealed = Vec::with_capacity(start + padded + TAG);
        sealed.extend_from_slice(&[VERSION, id.len() as u8]);
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        sealed.push(END);
        sealed.resize(start + padded, 0);
        let tag = self
            .cipher(context)
            .encrypt_inout_detached(
                &Nonce::from(nonce),
                &associated,
                InOutBuf::from(&mut sealed[start..]),
            )
            .expect("no value comes near the 2^36 bytes of the cipher");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Opens a value that this key sealed for the same context.
    ///
    /// # Errors
    ///
    /// [`Unsealable::UnknownKey`] if another key sealed it, [`Unsealable::Damaged`] if it was changed, cut,
    /// sealed for another context, or is no sealed value at all.
    pub fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<SecretBytes, Unsealable> {
        let parts = Parts::of(sealed).ok_or(Unsealable::Damaged)?;
        if parts.id != self.id.0.as_bytes() {
            let id = parts.key_id().ok_or(Unsealable::Damaged)?;
            return Err(Unsealable::UnknownKey(id));
        }
        let mut plaintext = Zeroizing::new(parts.ciphertext.to_vec());
        self.cipher(context)
            .decrypt_inout_detached(
                &Nonce::from(parts.nonce),
                &associated(&self.id, context),
                InOutBuf::from(&mut plaintext[..]),
                &Tag::from(parts.tag),
            )
            .map_err(|_| Unsealable::Damaged)?;
        let end = plaintext
            .iter()
            .rposition(|byte| *byte != 0)
            .ok_or(Unsealable::Damaged)?;
        if plaintext[end] != END {
            return Err(Unsealable::Damaged);
        }
        plaintext.truncate(end);
        Ok(SecretBytes::new(core::mem::take(&mut *plaintext)))
    }

    fn cipher(&self, context: Context<'_>) -> Aes256GcmSiv {
        let mut subkey = Zeroizing::new([0; 32]);
        self.key.expand(
            &[
                b"userpool seal 1",
                &length(context.purpose.as_bytes()),
                context.purpose.as_bytes(),
                &length(context.scope),
                context.scope,
            ],
            &mut *subkey,
        );
        Aes256GcmSiv::new(&Key::<Aes256GcmSiv>::from(*subkey))
    }
}

/// The ring of root keys: the current one seals, each opens what it sealed.
#[derive(Debug, Clone)]
pub struct RootKeys {
    current: SealKey,
    older: Vec<SealKey>,
}

impl RootKeys {
    /// A ring of one key.
    pub fn new(current: SealKey) -> Self {
        Self {
            current,
            older: Vec::new(),
        }
    }

    /// The ring with another key that opens and does not seal.
    ///
    /// # Errors
    ///
    /// If a key of that name is there already.
    pub fn with_older(mut self, key: SealKey) -> Result<Self, DuplicateKeyId> {
        if self.key(key.id()).is_some() {
            return Err(DuplicateKeyId(key.id));
        }
        self.older.push(key);
        Ok(self)
    }

    /// The key that seals.
    pub fn current(&self) -> &SealKey {
        &self.current
    }

    /// The key of that name.
    pub fn key(&self, id: &KeyId) -> Option<&SealKey> {
        self.keys().find(|key| key.id() == id)
    }

    /// All keys, the current one first.
    pub fn keys(&self) -> impl Iterator<Item = &SealKey> {
        core::iter::once(&self.current).chain(&self.older)
    }

    /// Seals a value for its context under the current key, with 12 fresh random bytes.
    pub fn seal(&self, context: Context<'_>, nonce: [u8; 12], plaintext: &[u8]) -> Vec<u8> {
        self.current.seal(context, nonce, plaintext)
    }

    /// Opens a value that any key of the ring sealed for the same context.
    ///
    /// # Errors
    ///
    /// [`Unsealable::UnknownKey`] if its key is not in the ring, [`Unsealable::Damaged`] otherwise.
    pub fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<SecretBytes, Unsealable> {
        let parts = Parts::of(sealed).ok_or(Unsealable::Damaged)?;
        let key = self.keys().find(|key| parts.id == key.id.0.as_bytes());
        // The current key tells which one is missing.
        key.unwrap_or(&self.current).open(context, sealed)
    }

    /// Whether the value is sealed under another key than the current one, and so should be sealed anew.
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        key_id(sealed).as_ref() != Some(self.current.id())
    }
}

/// Why a sealed value did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsealable {
    /// Its key is not at hand.
    UnknownKey(KeyId),
    /// It was changed or cut, belongs to another context, or never was a sealed value.
    Damaged,
}

impl fmt::Display for Unsealable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey(id) => write!(f, "sealed under the key {id}, which is not at hand"),
            Self::Damaged => f.write_str("not a value sealed for this place"),
        }
    }
}

impl core::error::Error for Unsealable {}

/// A ring already has a key of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKeyId(pub KeyId);

impl fmt::Display for DuplicateKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two root keys have the name {}", self.0)
    }
}

impl core::error::Error for DuplicateKeyId {}

/// The parts of a sealed value.
struct Parts<'a> {
    /// The name of the key, if it is one.
    id: &'a [u8],
    nonce: [u8; NONCE],
    ciphertext: &'a [u8],
    tag: [u8; TAG],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Option<Self> {
        let [VERSION, id_len, rest @ ..] = sealed else {
            return None;
        };
        let (id, rest) = rest.split_at_checked(usize::from(*id_len))?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some(Self {
            id,
            nonce: *nonce,
            ciphertext,
            tag: *tag,
        })
    }
}

impl Parts<'_> {
    fn key_id(&self) -> Option<KeyId> {
        KeyId::parse(core::str::from_utf8(self.id).ok()?)
    }
}

fn associated(id: &KeyId, context: Context<'_>) -> Vec<u8> {
    let parts = [
        id.0.as_bytes(),
        context.purpose.as_bytes(),
        context.scope,
        context.associated,
    ];
    let length_of_all = parts.iter().map(|part| 8 + part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(1 + length_of_all);
    bytes.push(VERSION);
    for part in parts {
        bytes.extend_from_slice(&length(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    const HERE: Context<'_> = Context {
        purpose: "verifier",
        scope: b"us-east-1_AbCdEf123",
        associated: b"user/7/v",
    };

    fn key(id: &str, byte: u8) -> SealKey {
        SealKey::new(KeyId::parse(id).unwrap(), SecretArray::new([byte; 32]))
    }

    #[test]
    fn a_value_opens_where_it_was_sealed() {
        let ring = RootKeys::new(key("2026-03", 1));
        let sealed = ring.seal(HERE, [9; 12], b"secret");
        assert_eq!(ring.open(HERE, &sealed).unwrap().expose(), b"secret");
        assert_eq!(key_id(&sealed).unwrap().as_str(), "2026-03");
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let key = key("k", 1);
        let sealed = key.seal(HERE, [9; 12], b"secret");
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(key.open(HERE, &changed).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn every_cut_or_longer_value_is_refused() {
        let key = key("k", 1);
        let sealed = key.seal(HERE, [9; 12], b"secret");
        for length in 0..sealed.len() {
            assert_eq!(
                key.open(HERE, &sealed[..length]).unwrap_err(),
                Unsealable::Damaged
            );
        }
        let mut longer = sealed;
        longer.push(0);
        assert_eq!(key.open(HERE, &longer).unwrap_err(), Unsealable::Damaged);
    }

    #[test]
    fn a_value_does_not_open_in_another_context() {
        let key = key("k", 1);
        let sealed = key.seal(HERE, [9; 12], b"secret");
        let elsewhere = [
            Context {
                purpose: "session",
                ..HERE
            },
            Context {
                scope: b"us-east-1_AbCdEf124",
                ..HERE
            },
            Context {
                associated: b"user/8/v",
                ..HERE
            },
            Context {
                purpose: "verifieru",
                scope: b"s-east-1_AbCdEf123",
                ..HERE
            },
            Context {
                scope: b"us-east-1_AbCdEf123u",
                associated: b"ser/7/v",
                ..HERE
            },
        ];
        for context in elsewhere {
            assert_eq!(key.open(context, &sealed).unwrap_err(), Unsealable::Damaged);
        }
    }

    #[test]
    fn a_ring_opens_what_its_older_keys_sealed() {
        let sealed = RootKeys::new(key("old", 1)).seal(HERE, [9; 12], b"secret");
        let ring = RootKeys::new(key("new", 2));
        let unknown = Unsealable::UnknownKey(KeyId::parse("old").unwrap());
        assert_eq!(ring.open(HERE, &sealed).unwrap_err(), unknown);
        let ring = ring.with_older(key("old", 1)).unwrap();
        assert_eq!(ring.open(HERE, &sealed).unwrap().expose(), b"secret");
        assert!(ring.is_outdated(&sealed));
        assert!(!ring.is_outdated(&ring.seal(HERE, [9; 12], b"secret")));
    }

    #[test]
    fn a_key_of_the_same_name_but_other_bytes_opens_nothing() {
        let sealed = key("k", 1).seal(HERE, [9; 12], b"secret");
        assert_eq!(
            key("k", 2).open(HERE, &sealed).unwrap_err(),
            Unsealable::Damaged
        );
    }

    #[test]
    fn a_ring_has_each_name_once() {
        let ring = RootKeys::new(key("a", 1)).with_older(key("b", 2)).unwrap();
        assert_eq!(ring.keys().count(), 2);
        assert!(ring.clone().with_older(key("a", 3)).is_err());
        assert!(ring.with_older(key("b", 3)).is_err());
    }

    #[test]
    fn lengths_fall_into_few_buckets() {
        assert_eq!(padded_len(0), 32);
        assert_eq!(padded_len(31), 32);
        assert_eq!(padded_len(32), 64);
        assert_eq!(padded_len(384), 448);
        assert_eq!(padded_len(2_000), 2_048);
        for length in 0..10_000 {
            let padded = padded_len(length);
            assert!(padded > length && padded <= (length + 1) * 5 / 4 + 32);
        }
    }

    #[test]
    fn a_key_id_is_short_and_plain() {
        assert!(KeyId::parse("2026-03_a.b").is_some());
        for bad in ["", "with space", "with:colon", "ä", "12345678901234567"] {
            assert!(KeyId::parse(bad).is_none());
        }
    }

    #[test]
    fn keys_print_a_placeholder() {
        let printed = format!("{:?}", RootKeys::new(key("k", 65)));
        assert!(
            printed.contains("Expander(..)") && !printed.contains("65"),
            "{printed}"
        );
    }

    proptest! {
        #![proptest_config(crate::cases(128))]

        #[test]
        fn any_plaintext_comes_back(plaintext in prop::collection::vec(any::<u8>(), 0..700), zeros in 0usize..40, nonce: [u8; 12]) {
            let mut plaintext = plaintext;
            plaintext.extend(vec![0; zeros]);
            let key = key("k", 1);
            let sealed = key.seal(HERE, nonce, &plaintext);
            prop_assert_eq!(sealed.len(), 3 + 12 + padded_len(plaintext.len()) + 16);
            let opened = key.open(HERE, &sealed).unwrap();
            prop_assert_eq!(opened.expose(), &plaintext[..]);
        }

        #[test]
        fn no_bytes_make_opening_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(key("k", 1).open(HERE, &bytes).is_err());
        }
    }
}
