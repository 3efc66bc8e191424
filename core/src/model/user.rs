//! A user: head, profile, password, names. Each is a record of its own.
//!
//! The head exists from creation to deletion and every commit about a user checks it; what changes status,
//! password or memberships writes it. The profile holds attributes, the password record the verifier.
//!
//! ## Machine: the status of a user
//!
//! | status | SignUp | AdminCreateUser | ConfirmSignUp | AdminConfirmSignUp | a permanent password | a temporary password | AdminResetUserPassword | a finished reset | a new password at the sign-in | deletion |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | nobody | UNCONFIRMED | FORCE_CHANGE_PASSWORD | - | - | - | - | - | - | - | - |
//! | UNCONFIRMED | - | - | CONFIRMED | CONFIRMED | CONFIRMED | FORCE_CHANGE_PASSWORD | - | CONFIRMED | - | nobody |
//! | CONFIRMED | - | - | - | - | CONFIRMED | FORCE_CHANGE_PASSWORD | RESET_REQUIRED | CONFIRMED | - | nobody |
//! | FORCE_CHANGE_PASSWORD | - | - | - | - | CONFIRMED | FORCE_CHANGE_PASSWORD | - | - | CONFIRMED | nobody |
//! | RESET_REQUIRED | - | - | - | - | CONFIRMED | FORCE_CHANGE_PASSWORD | - | CONFIRMED | - | nobody |
//!
//! What is marked `-` is refused. A status `EXTERNAL_PROVIDER` comes with federation, and is left by a permanent
//! password. An import makes users that are RESET_REQUIRED, or CONFIRMED where they may do without a password.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use userpool_ports::Timestamp;

use super::{identity::Identities, sub::Sub};
use crate::{cbor::Cbor, engine::Record};

/// The head of a user.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Head {
    /// The immutable id.
    #[n(0)]
    pub sub: Sub,
    /// The stored user name, as it enters the password hash.
    #[n(1)]
    pub username: String,
    /// Where the account stands.
    #[n(2)]
    pub status: Status,
    /// Whether the user may sign in.
    #[n(3)]
    pub enabled: bool,
    /// Rises when the password changes or is taken away: sessions and codes from before die.
    #[n(4)]
    pub credential_epoch: u32,
    /// Rises at global sign-out and when the user is disabled: grants and access tokens from before die.
    #[n(5)]
    pub revocation_epoch: u32,
    /// When the user was made.
    #[n(6)]
    pub created: Timestamp,
    /// When anything the API shows of the user last changed.
    #[n(7)]
    pub modified: Timestamp,
}

impl Record for Head {
    const KIND: &'static str = "the head of a user";
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum Status {
    /// Signed up, not confirmed.
    #[n(0)]
    Unconfirmed,
    /// In use.
    #[n(1)]
    Confirmed,
    /// Has a temporary password.
    #[n(2)]
    ForceChangePassword,
    /// Must reset the password.
    #[n(3)]
    ResetRequired,
    /// Comes from an identity provider.
    #[n(4)]
    ExternalProvider,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Unconfirmed,
        Self::Confirmed,
        Self::ForceChangePassword,
        Self::ResetRequired,
        Self::ExternalProvider,
    ];

    /// The protocol's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ExternalProvider => "EXTERNAL_PROVIDER",
        }
    }
}

/// The attributes of a user. Its `Debug` shows none.
#[derive(Clone, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Profile {
    /// Attribute values by full name, without `sub`; the `_verified` flags are `"true"` or `"false"`.
    #[n(0)]
    pub attributes: BTreeMap<String, String>,
    /// New addresses that wait for their code, by attribute name.
    #[n(1)]
    pub pending: BTreeMap<String, String>,
    /// What identity providers know the user as.
    #[n(2)]
    pub identities: Option<Identities>,
}

impl Profile {
    /// Whether the account was made for an identity of a provider.
    #[must_use]
    pub fn is_federated(&self) -> bool {
        let identities = self.identities.as_ref();
        identities.is_some_and(Identities::are_primary)
    }
}

impl Record for Profile {
    const KIND: &'static str = "the profile of a user";
}

impl core::fmt::Debug for Profile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Profile")
            .field("attributes", &self.attributes.len())
            .finish_non_exhaustive()
    }
}

/// The password of a user. Sealed values have the record's key as place; fields `verifier/<salt>` and
/// `powers/<salt>`.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Password {
    /// The current verifier; `None` for a user without a password.
    #[n(0)]
    pub current: Option<SealedVerifier>,
    /// When the current one was set.
    #[n(1)]
    pub set: Timestamp,
    /// Earlier verifiers, newest first, as many as the policy's history asks for.
    #[n(2)]
    pub history: Vec<SealedVerifier>,
}

impl Record for Password {
    const KIND: &'static str = "the password of a user";
}

/// An SRP verifier with its salt.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SealedVerifier {
    /// The salt, 16 bytes.
    #[n(0)]
    pub salt: [u8; 16],
    /// The verifier, 384 bytes, sealed with the salt as field `verifier/<hex of salt>`.
    #[cbor(n(1), bytes)]
    pub sealed: Vec<u8>,
    /// Its powers, 1,152 bytes, sealed with the salt as field `powers/<hex of salt>`; none where nobody signs in
    /// with it: an earlier verifier, or one of a user who is not confirmed yet.
    #[cbor(n(2), bytes)]
    pub powers: Option<Vec<u8>>,
}

/// A user name in use: whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Name {
    /// The user.
    #[n(0)]
    pub sub: Sub,
}

impl Record for Name {
    const KIND: &'static str = "a user name";
}

/// What an alias is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AliasKind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A preferred user name.
    PreferredUsername,
}

impl AliasKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::PreferredUsername];

    /// The byte in keys.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Email => b'e',
            Self::Phone => b'p',
            Self::PreferredUsername => b'u',
        }
    }

    /// The attribute that the alias is.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone_number",
            Self::PreferredUsername => "preferred_username",
        }
    }
}

/// The truth about an alias: whose it is. A profile's verified flag counts only while this points back.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Alias {
    /// The user.
    #[n(0)]
    pub sub: Sub,
}

impl Record for Alias {
    const KIND: &'static str = "an alias";
}

/// An entry of an index: the user stands in its key.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Indexed {}

impl Record for Indexed {
    const KIND: &'static str = "an index entry";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_that_was_kept_before_there_were_powers_is_read() {
        let kept = SealedVerifier {
            salt: [7; 16],
            sealed: [9; 3].to_vec(),
            powers: None,
        };
        let mut old = [0xa2, 0x00, 0x90].to_vec();
        old.extend([7; 16]);
        old.extend([0x01, 0x43, 9, 9, 9]);
        assert_eq!(crate::cbor::read::<SealedVerifier>(&old).unwrap(), kept);
    }
}
