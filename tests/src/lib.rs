//! What the tests of userpool share: the contract of stores, stores that fail on purpose, seeded chance.

pub mod authenticator;
pub mod crashing;
pub mod cutting;
pub mod device;
pub mod directory;
pub mod distant;
pub mod folder;
pub mod import;
pub mod ledger;
pub mod lodging;
pub mod outside;
pub mod passkeys;
pub mod player;
pub mod pool;
pub mod postgres;
pub mod provider;
pub mod replay;
pub mod saml;
pub mod scene;
pub mod schedules;
pub mod shared_memory;
pub mod store;
pub mod unreliable;
pub mod world;

pub use userpool_store_contract::{self as contract, chance};

/// The examples of the README, compiled as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
