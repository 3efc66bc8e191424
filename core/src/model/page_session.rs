//! A session of the login pages: a browser whose user has signed in there.
//!
//! It lives behind a cookie and gives codes and tokens to the pool's app clients without another sign-in, as long as
//! the user's epochs are those of the sign-in: a new password, a sign-out everywhere, or being disabled ends it.

use alloc::string::String;
use core::time::Duration;

use userpool_ports::Timestamp;

use super::{client::Client, methods::Methods, saml_answer::Told, user::Head};
use crate::{cbor::Cbor, engine::Record};

/// For how many minutes a session serves an app client that says nothing of it.
pub const MINUTES: u32 = 60;

/// A session of the login pages. Its id stands in its key.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PageSession {
    /// The app client that the user signed in for.
    #[n(0)]
    pub client: String,
    /// When.
    #[n(1)]
    pub signed_in: Timestamp,
    /// The user's credential epoch then.
    #[n(2)]
    pub credential_epoch: u32,
    /// The user's revocation epoch then.
    #[n(3)]
    pub revocation_epoch: u32,
    /// When it ends.
    #[n(4)]
    pub ends: Timestamp,
    /// The identity provider that the user came from; none for users of the pool itself.
    #[n(5)]
    pub provider: Option<String>,
    /// Who the user is at a provider of SAML that is told of the end.
    #[n(6)]
    pub saml: Option<Told>,
    /// The level of authentication that an identity provider told.
    #[n(7)]
    pub level: Option<u8>,
    /// How the user signed in here.
    #[n(8)]
    pub methods: Option<Methods>,
}

impl Record for PageSession {
    const KIND: &'static str = "a session of the login pages";
}

impl PageSession {
    /// The session of a sign-in at this moment: it lives for an hour, or longer where the app client says so.
    #[must_use]
    pub fn begun(client: &Client, head: &Head, now: Timestamp) -> Self {
        let minutes = client.single_sign_on.unwrap_or(MINUTES).max(MINUTES);
        Self {
            client: client.id.clone(),
            ends: now.after(Duration::from_secs(u64::from(minutes) * 60)),
            signed_in: now,
            credential_epoch: head.credential_epoch,
            revocation_epoch: head.revocation_epoch,
            provider: None,
            saml: None,
            level: None,
            methods: None,
        }
    }

    /// The level of authentication, if it has one: what a provider told, or what was shown here makes.
    #[must_use]
    pub fn level(&self) -> Option<u8> {
        let own = self.methods.map(Methods::level).filter(|level| *level > 0);
        self.level.or(own)
    }

    /// Whether the user is still the one who signed in.
    #[must_use]
    pub fn is_alive(&self, head: &Head) -> bool {
        head.enabled
            && self.credential_epoch == head.credential_epoch
            && self.revocation_epoch == head.revocation_epoch
    }
}
