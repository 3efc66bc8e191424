//! A session of the login pages: a browser whose user has signed in there.
//!
//! It lives behind a cookie and gives codes and tokens to the pool's app clients without another sign-in, as long as
//! the user's epochs are those of the sign-in: a new password, a sign-out everywhere, or being disabled ends it.

use alloc::string::String;
use core::time::Duration;

use minicbor::{Decode, Encode};
use userpool_ports::Timestamp;

use super::{stamp, user::Head};
use crate::engine::Record;

/// How long a session lives, from the sign-in on.
pub const LIFE: Duration = Duration::from_secs(3_600);

/// A session of the login pages. Its id stands in its key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PageSession {
    /// The app client that the user signed in for.
    #[n(0)]
    pub client: String,
    /// When.
    #[cbor(n(1), with = "stamp")]
    pub signed_in: Timestamp,
    /// The user's credential epoch then.
    #[n(2)]
    pub credential_epoch: u32,
    /// The user's revocation epoch then.
    #[n(3)]
    pub revocation_epoch: u32,
}

impl Record for PageSession {
    const KIND: &'static str = "a session of the login pages";
}

impl PageSession {
    /// The session of a sign-in at this moment.
    #[must_use]
    pub fn begun(client: &str, head: &Head, now: Timestamp) -> Self {
        Self {
            client: client.into(),
            signed_in: now,
            credential_epoch: head.credential_epoch,
            revocation_epoch: head.revocation_epoch,
        }
    }

    /// When it ends.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.signed_in.after(LIFE)
    }

    /// Whether the user is still the one who signed in.
    #[must_use]
    pub fn is_alive(&self, head: &Head) -> bool {
        head.enabled
            && self.credential_epoch == head.credential_epoch
            && self.revocation_epoch == head.revocation_epoch
    }
}
