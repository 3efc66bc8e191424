//! An embeddable identity engine that speaks Amazon Cognito's protocols.

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
pub use userpool_crypto::sealed::{KeyId, RootKeys, SealKey};
pub use userpool_crypto::secret::{SecretArray, SecretText};
pub use userpool_ports as ports;
pub use userpool_wire as wire;
