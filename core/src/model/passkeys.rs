//! The passkeys of a user: what registrations left, and the registration that waits for its answer.
//!
//! | a credential | a registration | a sign-in |
//! |---|---|---|
//! | known | refused as known | its counter rises, or the sign-in is refused |
//! | unknown | kept, up to twenty | refused |
//!
//! Public keys are sealed at their place although they are no secret: whoever can only write to the store must not be
//! able to give a user another key.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Timestamp;

use super::sub::Sub;
use crate::{cbor::Cbor, engine::Record};

/// The most passkeys of a user.
pub const MOST: usize = 20;
/// How long a registration may be answered.
pub const REGISTRATION_LIFE: Duration = Duration::from_secs(180);

/// The passkeys of a user. Sealed keys have the record's key as place and the field `key/<hex of the credential's hash>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Passkeys {
    /// Those that were registered, oldest first.
    #[n(0)]
    pub all: Vec<Passkey>,
    /// The registration that waits for its answer.
    #[n(1)]
    pub pending: Option<Registration>,
}

impl Record for Passkeys {
    const KIND: &'static str = "the passkeys of a user";
}

impl Passkeys {
    /// Those that were registered for a relying party.
    pub fn of<'p>(&'p self, party: &'p str) -> impl Iterator<Item = &'p Passkey> {
        self.all
            .iter()
            .filter(move |passkey| passkey.party == party)
    }
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Passkey {
    /// The credential id.
    #[cbor(n(0), bytes)]
    pub id: Vec<u8>,
    /// The RP id that it is for.
    #[n(1)]
    pub party: String,
    /// The public key in COSE form, sealed.
    #[cbor(n(2), bytes)]
    pub sealed: Vec<u8>,
    /// The signature counter of its last use.
    #[n(3)]
    pub counter: u32,
    /// Whether it may be backed up, which never changes.
    #[n(4)]
    pub backup_eligible: bool,
    /// How the authenticator is attached, so the browser says.
    #[n(5)]
    pub attachment: Option<String>,
    /// How the authenticator may be reached, so the browser says.
    #[n(6)]
    pub transports: Vec<String>,
    /// The model of the authenticator, so it is claimed.
    #[n(7)]
    pub aaguid: [u8; 16],
    /// When it was registered.
    #[n(8)]
    pub created: Timestamp,
}

impl Passkey {
    /// Whether its authenticator is beside the machine that it is used at, such as a security key.
    #[must_use]
    pub fn is_roaming(&self) -> bool {
        self.attachment.as_deref() == Some("cross-platform")
    }
}

/// A registration that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Registration {
    /// The challenge.
    #[n(0)]
    pub challenge: [u8; 32],
    /// The app client that asked.
    #[n(1)]
    pub client: String,
    /// The RP id.
    #[n(2)]
    pub party: String,
    /// When it ends.
    #[n(3)]
    pub ends: Timestamp,
}

/// A credential id in use: whose it is. It counts while the user has the passkey.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct CredentialOwner {
    /// The user.
    #[n(0)]
    pub sub: Sub,
}

impl Record for CredentialOwner {
    const KIND: &'static str = "the owner of a credential";
}
