//! A grant: one sign-in, and the family of refresh and access tokens that comes from it.
//!
//! Refresh tokens of a family are counted by generation; only clients with rotation ever leave the first. A
//! token of the generation before the current one may be sent again within the grace period, as long as the
//! current one was not used: its use would have made the next.
//!
//! | generation sent | time | rotation off | rotation on |
//! |---|---|---|---|
//! | the current one, n | before the end | good, n stays | good, n + 1 |
//! | n − 1 | within the grace period | replay | good, n is told again |
//! | n − 1 | after the grace period | replay | replay |
//! | below n − 1 | any | replay | replay |
//! | above n | any | unknown | unknown |
//!
//! A replay revokes the family. A family that is revoked, or was made before the user's last global sign-out,
//! is good for nothing, whatever the generation.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use minicbor::{Decode, Encode};
use userpool_ports::Timestamp;

use super::{client::Client, stamp, user::Head};
use crate::engine::Record;

/// The scope of every sign-in by the API: the user may manage the own account.
pub const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

/// A grant. Its id stands in its key, and in every token as `event_id`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Grant {
    /// The app client it was given to.
    #[n(0)]
    pub client: String,
    /// When the user signed in.
    #[cbor(n(1), with = "stamp")]
    pub signed_in: Timestamp,
    /// The claim `origin_jti`, a UUID.
    #[n(2)]
    pub origin_jti: [u8; 16],
    /// The user's credential epoch at the sign-in.
    #[n(3)]
    pub credential_epoch: u32,
    /// The user's revocation epoch at the sign-in; a later one ends the grant.
    #[n(4)]
    pub revocation_epoch: u32,
    /// The scopes of its access tokens.
    #[n(5)]
    pub scopes: Vec<String>,
    /// The remembered device that it was given to.
    #[n(6)]
    pub device: Option<String>,
    /// The current generation of refresh tokens.
    #[n(7)]
    pub generation: u32,
    /// When the current generation took over.
    #[cbor(n(8), with = "stamp")]
    pub rotated: Timestamp,
    /// Whether it was revoked.
    #[n(9)]
    pub revoked: bool,
    /// When its refresh tokens run out.
    #[cbor(n(10), with = "stamp")]
    pub refresh_until: Timestamp,
    /// When the record may go: no token of the family lives longer.
    #[cbor(n(11), with = "stamp")]
    pub ends: Timestamp,
}

impl Record for Grant {
    const KIND: &'static str = "a grant";
}

/// What a refresh token of some generation is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// New tokens, and the same refresh token stays good.
    Stays,
    /// New tokens and a refresh token of the next generation; this is the grant afterwards.
    Rotates(Grant),
    /// New tokens and the refresh token of the current generation, once more.
    Repeats,
    /// Nothing: it was used before. This is the grant afterwards, revoked.
    Replayed(Grant),
    /// Nothing: no such token was ever given out.
    Unknown,
}

impl Grant {
    /// The grant of a sign-in at this moment.
    #[must_use]
    pub fn opened(
        origin_jti: [u8; 16],
        client: &Client,
        head: &Head,
        device: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let refresh_until = now.after(client.lives.refresh());
        Self {
            client: client.id.clone(),
            signed_in: now,
            origin_jti,
            credential_epoch: head.credential_epoch,
            revocation_epoch: head.revocation_epoch,
            scopes: [SELF_SERVICE.into()].into(),
            device: device.map(Into::into),
            generation: 0,
            rotated: now,
            revoked: false,
            refresh_until,
            ends: refresh_until.max(access_ends(client, now)),
        }
    }

    /// What a refresh token of this generation is good for.
    #[must_use]
    pub fn refresh(&self, generation: u32, client: &Client, now: Timestamp) -> Refresh {
        if generation > self.generation {
            return Refresh::Unknown;
        }
        let is_previous = generation.checked_add(1) == Some(self.generation);
        match client.rotation_grace {
            None if generation == self.generation => Refresh::Stays,
            Some(_) if generation == self.generation => Refresh::Rotates(Self {
                generation: self.generation.saturating_add(1),
                rotated: now,
                ..self.clone()
            }),
            Some(grace)
                if is_previous
                    && now < self.rotated.after(Duration::from_secs(u64::from(grace))) =>
            {
                Refresh::Repeats
            }
            _ => Refresh::Replayed(self.revoked()),
        }
    }

    /// The same grant, revoked.
    #[must_use]
    pub fn revoked(&self) -> Self {
        Self {
            revoked: true,
            ..self.clone()
        }
    }

    /// The same grant, kept until an access token that is given out now has run out.
    #[must_use]
    pub fn kept_for_access(mut self, client: &Client, now: Timestamp) -> Self {
        self.ends = self.ends.max(access_ends(client, now));
        self
    }

    /// Whether the grant was ended before its time: revoked, or by the user's global sign-out.
    #[must_use]
    pub fn is_revoked(&self, head: &Head) -> bool {
        self.revoked || self.revocation_epoch != head.revocation_epoch
    }
}

fn access_ends(client: &Client, now: Timestamp) -> Timestamp {
    now.after(Duration::from_secs(client.lives.access_secs.into()))
}
