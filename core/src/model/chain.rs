//! A challenge chain: a sign-in with further steps.
//!
//! | step | asked by | leads to |
//! |---|---|---|
//! | new password | a right temporary password | tokens |
//!
//! Each answer that leads on makes older Sessions dead; a chain dies with its time and with the epochs of its user.

use alloc::string::String;

use minicbor::{Decode, Encode};
use userpool_ports::Timestamp;

use super::{stamp, sub::Sub, user::Head};
use crate::engine::Record;

/// A challenge chain; its key names pool, user and chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Chain {
    /// The app client.
    #[n(0)]
    pub client: String,
    /// What is asked for now.
    #[n(1)]
    pub step: Step,
    /// Counts the steps; a Session names the one it was given for.
    #[n(2)]
    pub generation: u32,
    /// The credential epoch under which it began.
    #[n(3)]
    pub credential_epoch: u32,
    /// The revocation epoch under which it began.
    #[n(4)]
    pub revocation_epoch: u32,
}

impl Record for Chain {
    const KIND: &'static str = "a challenge chain";
}

impl Chain {
    /// Whether the user is still who began it.
    #[must_use]
    pub fn fits(&self, head: &Head) -> bool {
        self.credential_epoch == head.credential_epoch
            && self.revocation_epoch == head.revocation_epoch
    }
}

/// What a chain asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// `NEW_PASSWORD_REQUIRED`.
    #[n(0)]
    NewPassword,
}

/// What a Session holds: a reference to a chain and the step it was given for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Session {
    /// The user.
    #[n(0)]
    pub sub: Sub,
    /// The chain.
    #[n(1)]
    pub chain: [u8; 16],
    /// The step.
    #[n(2)]
    pub generation: u32,
    /// When the Session ends.
    #[cbor(n(3), with = "stamp")]
    pub ends: Timestamp,
}
