//! The sessions of a user, in a pool that tracks them: one for each sign-in, and when it was last active.
//!
//! What a session may do follows from its grant alone. This is the list of them, the quietest first, by which a user
//! sees where they are signed in, and by which a pool bounds how many sessions a user has at once.

use alloc::{string::String, vec::Vec};

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// The sessions of a user, the one that was quiet for longest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Sessions {
    /// Them all; some may have ended.
    #[n(0)]
    pub all: Vec<TokenSession>,
}

impl Record for Sessions {
    const KIND: &'static str = "the sessions of a user";
}

/// A session: a sign-in that has a grant.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct TokenSession {
    /// The id of the grant.
    #[cbor(n(0), bytes)]
    pub grant: [u8; 16],
    /// The app client.
    #[n(1)]
    pub client: String,
    /// When it began.
    #[n(2)]
    pub began: Timestamp,
    /// When tokens were last given out in it.
    #[n(3)]
    pub active: Timestamp,
    /// What the device was then, in words.
    #[n(4)]
    pub device: Option<String>,
    /// The address then.
    #[n(5)]
    pub address: Option<String>,
    /// When its grant ends.
    #[n(6)]
    pub ends: Timestamp,
}

impl Sessions {
    /// With a session that is active now, whether it is new or known.
    #[must_use]
    pub fn active(&self, session: TokenSession) -> Self {
        let mut next = self.without(&session.grant);
        next.all.push(session);
        next
    }

    /// The session of a grant.
    #[must_use]
    pub fn of(&self, grant: &[u8; 16]) -> Option<&TokenSession> {
        self.all.iter().find(|session| session.grant == *grant)
    }

    /// Without the session of a grant.
    #[must_use]
    pub fn without(&self, grant: &[u8; 16]) -> Self {
        let others = self.all.iter().filter(|session| session.grant != *grant);
        Self {
            all: others.cloned().collect(),
        }
    }

    /// When the last of them ends; none is there after that.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.all.iter().map(|session| session.ends).max()
    }
}
