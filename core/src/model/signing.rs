//! The signing keys of a pool: two key pairs in use, announced ones before them, retired ones after them.
//!
//! One pair signs ID tokens, the other access tokens; an identity pool has the first alone. A key is published before it signs and until the last
//! token it signed has run out, so that whoever keeps a copy of the key set misses neither. Time alone moves a
//! key from one state to the next:
//!
//! | state | from | signs | is published |
//! |---|---|---|---|
//! | announced | it was made | no | yes |
//! | in use | `signs_from` | yes, unless a later one of its kind does | yes |
//! | retired | the `signs_from` of its successor | no | yes |
//! | ended | `until` | no | no |

use alloc::{format, string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// The purpose under which private keys are sealed.
pub const PURPOSE: &str = "signing key";

/// How long a key is published before it signs: longer than readers keep a copy of the key set.
pub const ANNOUNCED: Duration = Duration::from_secs(60 * 60);

/// How long a key is published after it signed last: the longest life of a token, and an hour.
pub const RETIRED: Duration = Duration::from_secs(25 * 60 * 60);

/// The field that a private key is sealed as.
#[must_use]
pub fn field(kid: &str) -> String {
    format!("key/{kid}")
}

/// The signing keys of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SigningKeys {
    /// The keys, oldest first.
    #[n(0)]
    pub keys: Vec<SigningKey>,
}

impl Record for SigningKeys {
    const KIND: &'static str = "the signing keys of a pool";
    const IS_SETTING: bool = true;
}

/// One key pair.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SigningKey {
    /// Its name in token headers and in the key set.
    #[n(0)]
    pub kid: String,
    /// What it signs.
    #[n(1)]
    pub signs: TokenUse,
    /// The modulus, big-endian, without a leading zero byte; the exponent is 65,537.
    #[cbor(n(2), bytes)]
    pub modulus: Vec<u8>,
    /// The private key, PKCS #8 DER, sealed as [`field`] of the pool's signing keys.
    #[cbor(n(3), bytes)]
    pub sealed: Vec<u8>,
    /// When it begins to sign.
    #[n(4)]
    pub signs_from: Timestamp,
    /// When it is no longer published; `None` for a key without a successor.
    #[n(5)]
    pub until: Option<Moment>,
}

/// A moment that may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(transparent)]
pub struct Moment(#[n(0)] pub Timestamp);

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum TokenUse {
    /// Tells a client who the user is.
    #[n(0)]
    Id,
    /// Lets a client act for the user.
    #[n(1)]
    Access,
}

impl TokenUse {
    /// The value of the claim `token_use`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Access => "access",
        }
    }
}

impl SigningKeys {
    /// The first keys of a pool. They sign from ever: of two first sign-ins at once, the one that began earlier may
    /// find the keys of the one that began later.
    #[must_use]
    pub fn first(keys: impl IntoIterator<Item = SigningKey>) -> Self {
        let from_ever = |key| SigningKey {
            signs_from: Timestamp::from_secs(0),
            ..key
        };
        Self {
            keys: keys.into_iter().map(from_ever).collect(),
        }
    }

    /// These keys with successors, which sign once they were announced for long enough. Ended keys are left
    /// out. `None` where successors are announced already.
    #[must_use]
    pub fn rotated(&self, successors: [SigningKey; 2], now: Timestamp) -> Option<Self> {
        if self.keys.iter().any(|key| now < key.signs_from) {
            return None;
        }
        let mut keys: Vec<SigningKey> = self.published(now).cloned().collect();
        for key in keys.iter_mut().filter(|key| key.until.is_none()) {
            let successor = successors.iter().find(|next| next.signs == key.signs)?;
            key.until = Some(Moment(successor.signs_from.after(RETIRED)));
        }
        keys.extend(successors);
        Some(Self { keys })
    }

    /// The key that signs tokens of a kind at this moment.
    #[must_use]
    pub fn signing(&self, signs: TokenUse, now: Timestamp) -> Option<&SigningKey> {
        self.keys
            .iter()
            .filter(|key| key.signs == signs && key.signs_from <= now)
            .max_by_key(|key| key.signs_from)
    }

    /// The key of this name for tokens of a kind, if it is published at this moment.
    #[must_use]
    pub fn verifying(&self, kid: &str, signs: TokenUse, now: Timestamp) -> Option<&SigningKey> {
        self.published(now)
            .find(|key| key.signs == signs && key.kid == kid)
    }

    /// The keys of the key set at this moment.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        self.keys
            .iter()
            .filter(move |key| key.until.is_none_or(|until| now < until.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, signs: TokenUse, signs_from: Timestamp) -> SigningKey {
        SigningKey {
            kid: kid.into(),
            signs,
            modulus: Vec::new(),
            sealed: Vec::new(),
            signs_from,
            until: None,
        }
    }

    fn pair(id: &str, access: &str, from: Timestamp) -> [SigningKey; 2] {
        [
            key(id, TokenUse::Id, from),
            key(access, TokenUse::Access, from),
        ]
    }

    fn published(keys: &SigningKeys, now: Timestamp) -> Vec<&str> {
        keys.published(now).map(|key| key.kid.as_str()).collect()
    }

    #[test]
    fn the_first_keys_sign_for_requests_that_began_before_they_were_made() {
        let made = Timestamp::from_secs(1_000_000);
        let keys = SigningKeys::first(pair("i1", "a1", made));
        let earlier = made.before(Duration::from_millis(1));
        let signing = |signs| keys.signing(signs, earlier).map(|key| key.kid.as_str());
        assert_eq!(signing(TokenUse::Id), Some("i1"));
        assert_eq!(signing(TokenUse::Access), Some("a1"));
    }

    #[test]
    fn a_key_passes_through_its_states_by_time_alone() {
        let start = Timestamp::from_secs(1_000_000);
        let takes_over = start.after(ANNOUNCED);
        let ends = takes_over.after(RETIRED);
        let millisecond = Duration::from_millis(1);
        let keys = SigningKeys::first(pair("i1", "a1", start))
            .rotated(pair("i2", "a2", takes_over), start)
            .unwrap();
        for (now, signs, shown) in [
            (start, "a1", &["i1", "a1", "i2", "a2"][..]),
            (
                takes_over.before(millisecond),
                "a1",
                &["i1", "a1", "i2", "a2"],
            ),
            (takes_over, "a2", &["i1", "a1", "i2", "a2"]),
            (ends.before(millisecond), "a2", &["i1", "a1", "i2", "a2"]),
            (ends, "a2", &["i2", "a2"]),
        ] {
            assert_eq!(keys.signing(TokenUse::Access, now).unwrap().kid, signs);
            assert_eq!(published(&keys, now), shown);
        }
        assert!(keys.verifying("a1", TokenUse::Access, ends).is_none());
        assert!(keys.verifying("i2", TokenUse::Access, ends).is_none());
        assert!(keys.verifying("a2", TokenUse::Access, start).is_some());
    }

    #[test]
    fn only_one_successor_is_announced_at_a_time() {
        let start = Timestamp::from_secs(1_000_000);
        let takes_over = start.after(ANNOUNCED);
        let keys = SigningKeys::first(pair("i1", "a1", start))
            .rotated(pair("i2", "a2", takes_over), start)
            .unwrap();
        let third = pair("i3", "a3", takes_over.after(ANNOUNCED));
        assert_eq!(keys.rotated(third.clone(), start), None);
        let keys = keys.rotated(third, takes_over).unwrap();
        assert_eq!(keys.keys.len(), 6);
        let later = takes_over.after(RETIRED);
        let keys = keys
            .rotated(pair("i4", "a4", later.after(ANNOUNCED)), later)
            .unwrap();
        assert_eq!(
            published(&keys, later),
            ["i2", "a2", "i3", "a3", "i4", "a4"]
        );
    }
}
