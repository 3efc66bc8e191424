//! An authorization code: what a browser carries to an app client, to be exchanged for tokens once.
//!
//! | the code is | within five minutes | later |
//! |---|---|---|
//! | new | exchanged for tokens | nothing |
//! | exchanged | nothing, and the tokens are revoked | nothing, and the tokens are revoked |
//!
//! It is nothing either once its user signed out, by any of the ways that end sessions, or signed out on the pages.
//!
//! RFC 6749 §4.1.2 has a code that is sent again revoke what it was exchanged for, so the record outlives the code.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_crypto::digest::{ct_eq, sha256};
use userpool_ports::Timestamp;

use super::{methods::Methods, user::Head};
use crate::{cbor::Cbor, engine::Record};

/// How long a code may be exchanged.
pub const LIFE: Duration = Duration::from_secs(300);
/// How long it is known that a code was exchanged.
pub const REMEMBERED: Duration = Duration::from_secs(3_600);

/// What an authorization code is bound to. Its id stands in its key.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct AuthorizationCode {
    /// The app client.
    #[n(0)]
    pub client: String,
    /// Where the browser was sent with it.
    #[n(1)]
    pub redirect_uri: String,
    /// The scopes that were granted.
    #[n(2)]
    pub scopes: Vec<String>,
    /// The S256 challenge of the request (RFC 7636 §4.2), decoded.
    #[cbor(n(3), bytes)]
    pub challenge: Option<[u8; 32]>,
    /// The nonce of the request.
    #[n(4)]
    pub nonce: Option<String>,
    /// When the user signed in.
    #[n(5)]
    pub signed_in: Timestamp,
    /// The user's credential epoch then.
    #[n(6)]
    pub credential_epoch: u32,
    /// The user's revocation epoch then.
    #[n(7)]
    pub revocation_epoch: u32,
    /// Until when it may be exchanged.
    #[n(8)]
    pub ends: Timestamp,
    /// The grant that it was exchanged for.
    #[cbor(n(9), bytes)]
    pub exchanged: Option<[u8; 16]>,
    /// The API that the access token is for.
    #[n(10)]
    pub resource: Option<String>,
    /// The level of authentication of the sign-in, by its name then.
    #[n(11)]
    pub level: Option<String>,
    /// The session of the login pages that it came from.
    #[cbor(n(12), bytes)]
    pub pages: Option<[u8; 16]>,
    /// When that session ends by itself.
    #[n(13)]
    pub pages_end: Option<Timestamp>,
    /// How the user signed in at the pages.
    #[n(14)]
    pub methods: Option<Methods>,
}

impl Record for AuthorizationCode {
    const KIND: &'static str = "an authorization code";
}

impl AuthorizationCode {
    /// Whether the user is still the one who signed in.
    #[must_use]
    pub fn is_of(&self, head: &Head) -> bool {
        head.enabled
            && self.credential_epoch == head.credential_epoch
            && self.revocation_epoch == head.revocation_epoch
    }

    /// The session of the login pages that has to be there still: somebody who has signed out on the pages waits for no
    /// tokens. One that ended by itself takes no code with it.
    #[must_use]
    pub fn needs_session(&self, now: Timestamp) -> Option<[u8; 16]> {
        self.pages
            .filter(|_| self.pages_end.is_some_and(|end| now < end))
    }

    /// Whether a verifier is that of the challenge (RFC 7636 §4.6). A verifier without a challenge is none: who sends
    /// one had a challenge taken away on the way (RFC 9700 §2.1.1).
    #[must_use]
    pub fn is_verified_by(&self, verifier: Option<&str>) -> bool {
        match (&self.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => ct_eq(challenge, &sha256(&[verifier.as_bytes()])),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}
