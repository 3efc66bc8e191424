//! An identity of an identity pool: a guest, or whoever its logins are.
//!
//! | state | logins | becomes |
//! |---|---|---|
//! | guest | none | a user by its first login; disabled where that login has an identity already |
//! | user | at least one | unreachable when its last login is unlinked, or merged into another |
//! | disabled | none, names the identity that it became | |

use alloc::{string::String, vec::Vec};

use minicbor::bytes::ByteArray;
use userpool_ports::Timestamp;

use super::sub::uuid_text;
use crate::{cbor::Cbor, engine::Record};

/// The id of an identity, 16 bytes; a region and a colon stand before it in its text.
pub type IdentityId = [u8; 16];

/// The most logins of an identity.
pub const MAX_LOGINS: usize = 20;

/// An identity.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PooledIdentity {
    /// The id.
    #[cbor(n(0), bytes)]
    pub id: IdentityId,
    /// The identity pool.
    #[n(1)]
    pub pool: String,
    /// The logins, oldest first.
    #[n(2)]
    pub logins: Vec<Login>,
    /// When it was made.
    #[n(3)]
    pub created: Timestamp,
    /// When its logins last changed.
    #[n(4)]
    pub modified: Timestamp,
    /// The identity that this one became.
    #[n(5)]
    pub became: Option<ByteArray<16>>,
    /// Whether it ever had a login; one that had is no guest when it has none left.
    #[n(6)]
    pub was_user: Option<bool>,
}

impl Record for PooledIdentity {
    const KIND: &'static str = "an identity of an identity pool";
}

/// What an identity logs in with.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Login {
    /// The provider.
    #[n(0)]
    pub provider: String,
    /// Who it is there.
    #[n(1)]
    pub subject: String,
    /// Who vouches for it.
    #[n(2)]
    pub by: VouchedBy,
}

/// Who vouches for a login. The names of the two kinds of provider are apart from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(index_only)]
pub enum VouchedBy {
    /// A provider, by a token.
    #[n(0)]
    Provider,
    /// A backend, by its own signature.
    #[n(1)]
    Developer,
}

impl VouchedBy {
    /// The byte in keys.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Provider => b'p',
            Self::Developer => b'd',
        }
    }
}

impl PooledIdentity {
    /// A new identity with these logins.
    #[must_use]
    pub fn new(id: IdentityId, pool: &str, logins: Vec<Login>, now: Timestamp) -> Self {
        Self {
            id,
            pool: pool.into(),
            was_user: (!logins.is_empty()).then_some(true),
            logins,
            created: now,
            modified: now,
            became: None,
        }
    }

    /// The same with further logins.
    #[must_use]
    pub fn with(&self, logins: impl IntoIterator<Item = Login>, now: Timestamp) -> Self {
        let mut all = self.logins.clone();
        all.extend(logins);
        Self {
            logins: all,
            modified: now,
            was_user: Some(true),
            ..self.clone()
        }
    }

    /// The same without some logins.
    #[must_use]
    pub fn without(&self, gone: impl Fn(&Login) -> bool, now: Timestamp) -> Self {
        let mut left = self.logins.clone();
        left.retain(|login| !gone(login));
        Self {
            logins: left,
            modified: now,
            ..self.clone()
        }
    }

    /// The same, disabled: whoever comes as it is the other one.
    #[must_use]
    pub fn becoming(&self, other: IdentityId, now: Timestamp) -> Self {
        Self {
            logins: Vec::new(),
            modified: now,
            became: Some(other.into()),
            ..self.clone()
        }
    }

    /// Whether it never had a login.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.was_user != Some(true)
    }

    /// Its id as text.
    #[must_use]
    pub fn text(&self) -> String {
        text(&self.pool, &self.id)
    }
}

/// The id of an identity as text: the region of its pool, a colon, a UUID.
#[must_use]
pub fn text(pool: &str, id: &IdentityId) -> String {
    let region = pool.split_once(':').map_or("", |(region, _)| region);
    [region, ":", &uuid_text(id)].concat()
}

/// The identity of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct LoginOwner {
    /// The identity.
    #[cbor(n(0), bytes)]
    pub identity: IdentityId,
}

impl Record for LoginOwner {
    const KIND: &'static str = "the identity of a login";
}

/// An identity in the list of its pool; the key says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ListedIdentity {
    /// Whether it became another one.
    #[n(0)]
    pub disabled: bool,
}

impl Record for ListedIdentity {
    const KIND: &'static str = "an identity in the list of its pool";
}
