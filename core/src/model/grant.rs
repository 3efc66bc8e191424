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
//! ## Machine: a family of refresh tokens that rotate
//!
//! | family | the current token | the one before | an older one | the grace period ends | RevokeToken | a global sign-out |
//! |---|---|---|---|---|---|---|
//! | new | rotated | - | - | - | revoked | revoked |
//! | rotated | rotated | rotated | revoked | settled | revoked | revoked |
//! | settled | rotated | revoked | revoked | settled | revoked | revoked |
//! | revoked | revoked | revoked | revoked | revoked | revoked | revoked |
//!
//! A replay revokes the family. A family that is revoked, or was made before the user's last global sign-out,
//! is good for nothing, whatever the generation.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Timestamp;

use super::{client::Client, methods::Methods, user::Head};
use crate::{cbor::Cbor, engine::Record};

/// The scope of every sign-in by the API: the user may manage the own account.
pub const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

/// A grant. Its id stands in its key, and in every token as `event_id`.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Grant {
    /// The app client it was given to.
    #[n(0)]
    pub client: String,
    /// When the user signed in.
    #[n(1)]
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
    /// The key of the device that it was given to, where the pool tracks devices.
    #[n(6)]
    pub device: Option<String>,
    /// The current generation of refresh tokens.
    #[n(7)]
    pub generation: u32,
    /// When the current generation took over.
    #[n(8)]
    pub rotated: Timestamp,
    /// Whether it was revoked.
    #[n(9)]
    pub revoked: bool,
    /// When its refresh tokens run out.
    #[n(10)]
    pub refresh_until: Timestamp,
    /// When the record may go: no token of the family lives longer.
    #[n(11)]
    pub ends: Timestamp,
    /// Whether the device is one whose key was given out with this grant, and that nobody has confirmed yet.
    #[cbor(n(16), default)]
    pub device_is_new: bool,
    /// Whether the OAuth endpoints gave it: its scopes say what its tokens tell, and it is for no device.
    #[cbor(n(17), default)]
    pub hosted: bool,
    /// The API that its access tokens are for (RFC 8707).
    #[n(18)]
    pub resource: Option<String>,
    /// The level of authentication of the sign-in, by its name then.
    #[n(19)]
    pub level: Option<String>,
    /// The session of the login pages that it came from.
    #[cbor(n(20), bytes)]
    pub pages: Option<[u8; 16]>,
    /// How the user signed in.
    #[n(21)]
    pub methods: Option<Methods>,
}

/// The scope without which there is no ID token.
pub const OPENID: &str = "openid";

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
            device_is_new: false,
            hosted: false,
            resource: None,
            level: None,
            pages: None,
            methods: None,
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

    /// Whether its tokens tell an attribute of the user: those of the OAuth endpoints tell what their scopes say
    /// (OpenID Connect Core §5.4); `openid` alone is everything.
    #[must_use]
    pub fn tells(&self, attribute: &str) -> bool {
        !self.hosted || scopes_tell(&self.scopes, attribute)
    }

    /// Whether its tokens are accompanied by an ID token.
    #[must_use]
    pub fn has_id_token(&self) -> bool {
        !self.hosted || self.scopes.iter().any(|scope| scope == OPENID)
    }

    /// Whether the grant was ended before its time: revoked, or by the user's global sign-out.
    #[must_use]
    pub fn is_revoked(&self, head: &Head) -> bool {
        self.revoked || self.revocation_epoch != head.revocation_epoch
    }
}

fn scopes_tell(scopes: &[String], attribute: &str) -> bool {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let alone = !["profile", "email", "phone"].iter().any(|name| has(name));
    let told_by = match attribute {
        "email" | "email_verified" => "email",
        "phone_number" | "phone_number_verified" => "phone",
        _ => "profile",
    };
    has(OPENID) && (alone || has(told_by))
}

fn access_ends(client: &Client, now: Timestamp) -> Timestamp {
    now.after(Duration::from_secs(client.lives.access_secs.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::client::{Flows, TokenLives};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    fn client(rotation_grace: Option<u8>) -> Client {
        Client {
            id: "client".into(),
            pool: "r_p".into(),
            created: at(0),
            modified: at(0),
            secrets: Vec::new(),
            flows: Flows {
                client_token: false,
                delegation: false,
                impersonation: false,
                user_srp: true,
                user_password: false,
                admin_password: false,
                custom: false,
                user_auth: false,
                refresh: rotation_grace.is_none(),
            },
            lives: TokenLives {
                access_secs: 600,
                id_secs: 300,
                refresh_secs: 3_600,
                session_secs: 180,
            },
            read: None,
            write: None,
            revocation: true,
            hides_users: true,
            rotation_grace,
            description: "{}".into(),
            tells_where: false,
            single_sign_on: None,
        }
    }

    /// A grant whose generation 5 took over at second 0.
    fn fifth() -> Grant {
        Grant {
            client: "client".into(),
            signed_in: at(-100),
            origin_jti: [1; 16],
            credential_epoch: 0,
            revocation_epoch: 0,
            scopes: Vec::new(),
            device: None,
            generation: 5,
            rotated: at(0),
            revoked: false,
            refresh_until: at(3_500),
            ends: at(3_500),
            device_is_new: false,
            hosted: false,
            resource: None,
            level: None,
            pages: None,
            methods: None,
        }
    }

    #[test]
    fn every_cell_of_the_table_of_generations_holds() {
        let grant = fifth();
        let replay = Refresh::Replayed(grant.revoked());
        let next = |now| {
            Refresh::Rotates(Grant {
                generation: 6,
                rotated: now,
                ..grant.clone()
            })
        };
        let grace = Some(10);
        for (generation, rotation, secs, expected) in [
            (5, None, 0, Refresh::Stays),
            (5, grace, 0, next(at(0))),
            (5, grace, 10, next(at(10))),
            (4, None, 0, replay.clone()),
            (4, grace, 0, Refresh::Repeats),
            (4, grace, 9, Refresh::Repeats),
            (4, grace, 10, replay.clone()),
            (4, Some(0), 0, replay.clone()),
            (3, None, 0, replay.clone()),
            (3, grace, 0, replay.clone()),
            (0, grace, 9, replay.clone()),
            (6, None, 0, Refresh::Unknown),
            (6, grace, 0, Refresh::Unknown),
            (u32::MAX, grace, 0, Refresh::Unknown),
        ] {
            let found = grant.refresh(generation, &client(rotation), at(secs));
            assert_eq!(found, expected, "{generation} {rotation:?} {secs}");
        }
    }

    #[test]
    fn a_grant_is_kept_until_its_last_token_has_run_out() {
        let client = client(None);
        let early = fifth().kept_for_access(&client, at(0));
        assert_eq!(early.ends, at(3_500));
        let late = fifth().kept_for_access(&client, at(3_499));
        assert_eq!(late.ends, at(3_499 + 600));
        assert_eq!(late.refresh_until, at(3_500));
    }
}
