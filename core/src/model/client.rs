//! An app client: who asks on behalf of users, and what it may.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// An app client.
#[derive(Clone, Debug, Cbor)]
#[cbor(map)]
pub struct Client {
    /// The id.
    #[n(0)]
    pub id: String,
    /// The pool it belongs to.
    #[n(1)]
    pub pool: String,
    /// When it was made.
    #[n(2)]
    pub created: Timestamp,
    /// When it last changed.
    #[n(3)]
    pub modified: Timestamp,
    /// Its secrets, newest first; none for a public client.
    #[n(4)]
    pub secrets: Vec<ClientSecret>,
    /// The ways to sign in that it may use.
    #[n(5)]
    pub flows: Flows,
    /// How long its tokens live.
    #[n(6)]
    pub lives: TokenLives,
    /// The attributes it may read; `None` is all standard ones.
    #[n(7)]
    pub read: Option<Vec<String>>,
    /// The attributes it may write; `None` is all standard ones.
    #[n(8)]
    pub write: Option<Vec<String>>,
    /// Whether tokens carry `origin_jti` and `jti`, and RevokeToken works.
    #[n(9)]
    pub revocation: bool,
    /// Whether it hides which users exist.
    #[n(10)]
    pub hides_users: bool,
    /// Refresh token rotation: its grace period in seconds.
    #[n(11)]
    pub rotation_grace: Option<u8>,
    /// The description as the API shows it (`UserPoolClientType`), JSON text, without the secret.
    #[n(12)]
    pub description: String,
    /// Whether what it says of where its users are is believed.
    #[cbor(n(20), default)]
    pub tells_where: bool,
    /// For how many minutes a session of the login pages serves it; `None` is an hour.
    #[n(21)]
    pub single_sign_on: Option<u32>,
}

impl Record for Client {
    const KIND: &'static str = "an app client";
    const IS_SETTING: bool = true;
}

/// An app client in the list of its pool.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ListedClient {
    /// The id.
    #[n(0)]
    pub id: String,
    /// The name.
    #[n(1)]
    pub name: String,
    /// Whether it registered itself.
    #[cbor(n(2), default)]
    pub registered: bool,
}

impl Record for ListedClient {
    const KIND: &'static str = "an app client in a list";
}

/// A secret of a client, sealed; its place is the client's key and `secret/<id>`.
#[derive(Clone, Debug, Cbor)]
#[cbor(map)]
pub struct ClientSecret {
    /// Its id, `<client id>--<epoch>`.
    #[n(0)]
    pub id: String,
    /// When it was made.
    #[n(1)]
    pub created: Timestamp,
    /// The sealed secret.
    #[cbor(n(2), bytes)]
    pub sealed: Vec<u8>,
}

/// The ways to sign in that a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Flows {
    /// `USER_SRP_AUTH`.
    #[n(0)]
    pub user_srp: bool,
    /// `USER_PASSWORD_AUTH`.
    #[n(1)]
    pub user_password: bool,
    /// `ADMIN_USER_PASSWORD_AUTH`, old name `ADMIN_NO_SRP_AUTH`.
    #[n(2)]
    pub admin_password: bool,
    /// `CUSTOM_AUTH`.
    #[n(3)]
    pub custom: bool,
    /// `USER_AUTH`.
    #[n(4)]
    pub user_auth: bool,
    /// `REFRESH_TOKEN_AUTH`.
    #[n(5)]
    pub refresh: bool,
    /// GetClientToken.
    #[cbor(n(6), default)]
    pub client_token: bool,
    /// GetDerivedToken with an actor.
    #[cbor(n(7), default)]
    pub delegation: bool,
    /// GetDerivedToken without one.
    #[cbor(n(8), default)]
    pub impersonation: bool,
}

/// How long the tokens of a client live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct TokenLives {
    /// Access token, in seconds.
    #[n(0)]
    pub access_secs: u32,
    /// ID token, in seconds.
    #[n(1)]
    pub id_secs: u32,
    /// Refresh token, in seconds.
    #[n(2)]
    pub refresh_secs: u32,
    /// A challenge session, in seconds.
    #[n(3)]
    pub session_secs: u16,
}

impl TokenLives {
    /// How long a challenge session lives.
    #[must_use]
    pub fn session(&self) -> Duration {
        Duration::from_secs(self.session_secs.into())
    }

    /// How long a refresh token lives.
    #[must_use]
    pub fn refresh(&self) -> Duration {
        Duration::from_secs(self.refresh_secs.into())
    }
}
