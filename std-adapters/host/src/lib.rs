//! An embeddable identity engine that speaks Amazon Cognito's protocols.
//!
//! An [`Engine`] is a library with a store under it: no second process, no socket. Every operation of the service is a typed
//! call, [`Engine::call_blocking`] in this thread or `Engine::call` awaiting, with the requests of [`wire::idp`]. The crate
//! `userpool-http` puts HTTP in front, for SDKs and browsers.
//!
//! # A first program
//!
//! ```
//! use std::{collections::BTreeMap, sync::mpsc};
//!
//! use userpool::ports::{Clock, Courier, CourierFault, Message};
//! use userpool::verify::Verifier;
//! use userpool::wire::idp::{
//!     AttributeType, AuthFlowType, ConfirmSignUpRequest, CreateUserPoolClientRequest, CreateUserPoolRequest,
//!     ExplicitAuthFlowsType, InitiateAuthRequest, SignUpRequest, VerifiedAttributeType,
//! };
//! use userpool::{Engine, Memory, RootKeys, SystemClock};
//!
//! /// Hands over codes; one of your own sends e-mail.
//! struct Codes(mpsc::Sender<String>);
//!
//! impl Courier for Codes {
//!     fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
//!         self.0.send(message.code.clone()).map_err(|_| CourierFault("nobody listens".into()))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A name and 32 random bytes that are drawn once and kept: every secret in the store is sealed under them.
//! let keys: RootKeys = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".parse()?;
//! let (sender, codes) = mpsc::channel();
//! let engine = Engine::builder(Memory::new(), keys).courier(Codes(sender)).open()?;
//! engine.prove_root_keys_blocking()?;
//!
//! // A pool and an app client of fixed ids; at the next start they are there already.
//! let (pool, client) = ("us-east-1_AbCdEf123", "1example23456789");
//! let settings = CreateUserPoolRequest {
//!     pool_name: "people".into(),
//!     auto_verified_attributes: Some(vec![VerifiedAttributeType::Email]),
//!     ..Default::default()
//! };
//! engine.declare_user_pool_blocking(pool, &settings)?;
//! let settings = CreateUserPoolClientRequest {
//!     user_pool_id: pool.into(),
//!     client_name: "web".into(),
//!     explicit_auth_flows: Some(vec![ExplicitAuthFlowsType::AllowUserPasswordAuth]),
//!     ..Default::default()
//! };
//! engine.declare_user_pool_client_blocking(client, &settings)?;
//!
//! engine.call_blocking(SignUpRequest {
//!     client_id: client.into(),
//!     username: "ada".into(),
//!     password: Some("Correct-horse-7".into()),
//!     user_attributes: Some(vec![AttributeType {
//!         name: "email".into(),
//!         value: Some("ada@example.com".into()),
//!     }]),
//!     ..Default::default()
//! })?;
//! engine.call_blocking(ConfirmSignUpRequest {
//!     client_id: client.into(),
//!     username: "ada".into(),
//!     confirmation_code: codes.recv()?.into(),
//!     ..Default::default()
//! })?;
//! let said = [("USERNAME", "ada"), ("PASSWORD", "Correct-horse-7")];
//! let said: BTreeMap<String, String> = said.map(|(name, value)| (name.into(), value.into())).into();
//! let reply = engine.call_blocking(InitiateAuthRequest {
//!     auth_flow: AuthFlowType::UserPasswordAuth,
//!     auth_parameters: Some(said.into()),
//!     client_id: client.into(),
//!     ..Default::default()
//! })?;
//! let tokens = reply.authentication_result.ok_or("a further step")?;
//!
//! // Whoever has the keys of the pool can check what it gave.
//! let issuer = "http://127.0.0.1:9229/us-east-1_AbCdEf123";
//! assert!(engine.discovery_blocking(pool)?.contains(issuer));
//! let verifier = Verifier::new(&engine.jwks_blocking(pool)?, issuer)?;
//! let token = tokens.access_token.ok_or("no access token")?;
//! let claims = verifier.verify_access(&token, &[client], SystemClock.now().secs())?;
//! assert_eq!(claims.username(), Some("ada"));
//!
//! // Every few seconds, for as long as the engine lives.
//! while engine.maintain_blocking()? {}
//! # Ok(())
//! # }
//! ```
//!
//! # What a host gives an engine
//!
//! | what | how | without it |
//! |---|---|---|
//! | a store | [`Memory`]; the crates `userpool-redb` (one file) and `userpool-postgres` (many nodes); any that keeps the contract of [`ports::Storage`] | |
//! | root keys | [`RootKeys`] of 32 random bytes each, read from a text as the server keeps it (`id:base64`) and **kept**: whoever loses them loses every password. [`Engine::prove_root_keys_blocking`] before serving tells whether they are the store's | |
//! | upkeep | [`Engine::maintain_blocking`] every few seconds, and again at once while it answers `true` | what has ended is never removed, deleted pools and imports get nowhere, no message is tried again |
//! | where it is reached | [`Settings::base_url`] by [`Builder::settings`] | tokens name `http://127.0.0.1:9229` as their issuer |
//! | messages | [`ports::Courier`] by [`Builder::courier`] | whatever sends a code is refused with CodeDeliveryFailureException |
//! | triggers | closures of [`triggers::Triggers`] (there is how a pool asks them), or [`ports::Hooks`], by [`Builder::hooks`] | a pool that names one refuses what it is asked for |
//! | outbound requests | [`ports::Fetch`] by [`Builder::fetch`] | nobody signs in by an identity provider |
//! | clock, chance | [`ports::Clock`], [`ports::Entropy`] | those of the system |
//!
//! A host that ends waits until `Engine::under_way` is 0: what is under way goes on when its caller has left.
//!
//! # Tokens
//!
//! [`verify::Verifier`] checks them with nothing but the keys that [`Engine::jwks_blocking`] gives, also in programs that have
//! no engine.
//!
//! # Development builds
//!
//! Without optimisation a sign-in takes ten times as long, and the first keys of a pool take seconds. What it is about are four
//! crates, for the `Cargo.toml` of your workspace:
//!
//! ```toml
//! [profile.dev.package]
//! userpool-arith = { opt-level = 3 }
//! userpool-crypto = { opt-level = 3 }
//! crypto-bigint = { opt-level = 3 }
//! rsa = { opt-level = 3 }
//! ```
//!
//! # Features
//!
//! `tokio` (default) has the calls that await. `testing` has the module `testing`: an engine over memory whose clock stands
//! still until it is moved, and whose messages are captured.

mod accepted;
mod arithmetic;
pub mod breached;
mod courier;
mod declare;
mod documents;
mod drive;
mod engine;
#[cfg(feature = "tokio")]
mod journey;
mod keys;
mod lease;
mod maintain;
mod memory;
pub mod moving;
mod shelf;
mod system;
#[cfg(feature = "testing")]
pub mod testing;
pub mod triggers;
mod work;

pub use arithmetic::Arithmetic;
pub use courier::Undeliverable;
pub use engine::{Answer, ApiError, Builder, Call, Caller, Engine, Settings};
pub use keys::Resealing;
pub use memory::Memory;
pub use system::{SystemClock, SystemEntropy};
pub use userpool_core::credentials;
pub use userpool_core::engine::{
    Broker, Done, Failure, Fault, KeyName, KeyService, LoginProvider, LoginProviders, MessageKeys,
    PkceDemand, Refusal, RefusalKind, UnusableProvider, Work, WorkFault, worker,
};
pub use userpool_core::ops::imports::file as imports;
pub use userpool_core::ops::oauth;
pub use userpool_core::ops::provisioned_limits::FREE as FREE_LIMITS;
pub use userpool_core::ops::table::{SUPPORTED, Served};
pub use userpool_core::policy;
pub use userpool_core::verify;
pub use userpool_crypto as crypto;
pub use userpool_crypto::sealed::{KeyId, RootKeys, SealKey};
pub use userpool_crypto::secret::{SecretArray, SecretText};
pub use userpool_ports as ports;
pub use userpool_wire as wire;
