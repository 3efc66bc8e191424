//! An engine for tests: a memory store, a clock that moves when told, captured messages, chance from a seed.
//!
//! ```
//! use userpool::{testing, wire::idp::CreateUserPoolRequest};
//!
//! let world = testing::world();
//! let request = CreateUserPoolRequest { pool_name: "demo".into(), ..Default::default() };
//! let pool = world.engine.call_blocking(request).unwrap().user_pool.unwrap();
//! assert_eq!(pool.name.as_deref(), Some("demo"));
//! ```

mod keys;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use userpool_core::engine::worker;
use userpool_crypto::{
    base64, digest,
    sealed::{KeyId, RootKeys, SealKey},
    secret::{SecretArray, SecretBytes},
};
use userpool_ports::{Clock, Courier, CourierFault, Entropy, Message, Storage, Timestamp};

use crate::{Builder, Engine, Memory};

/// An engine with everything around it in reach.
#[derive(Clone, Debug)]
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// Its store.
    pub store: Memory,
    /// Its clock.
    pub clock: TestClock,
    /// Its messages.
    pub mailbox: Mailbox,
}

/// An engine over a memory store, the same in every run.
///
/// # Panics
/// The system cannot start threads.
#[must_use]
pub fn world() -> World {
    let store = Memory::new();
    let (clock, mailbox) = (TestClock::default(), Mailbox::default());
    let engine = builder(store.clone(), &clock, &mailbox)
        .open()
        .expect("threads start");
    World {
        engine,
        store,
        clock,
        mailbox,
    }
}

/// An engine for tests over any store.
pub fn builder(
    storage: impl Storage + Send + Sync + 'static,
    clock: &TestClock,
    mailbox: &Mailbox,
) -> Builder {
    builder_under(root_keys(), storage, clock, mailbox)
}

/// As [`builder`], under other root keys.
pub fn builder_under(
    root_keys: RootKeys,
    storage: impl Storage + Send + Sync + 'static,
    clock: &TestClock,
    mailbox: &Mailbox,
) -> Builder {
    Engine::builder(storage, root_keys)
        .clock(clock.clone())
        .entropy(TestEntropy::default())
        .courier(mailbox.clone())
        .ready_keys(ready_keys())
}

/// The root keys of tests: one, of fixed bytes.
///
/// # Panics
/// Never: the name of the key is valid.
#[must_use]
pub fn root_keys() -> RootKeys {
    let id = KeyId::parse("test").expect("the name of a key");
    RootKeys::new(SealKey::new(id, SecretArray::new([7; 32])))
}

/// RSA key pairs for tests, PKCS #8 DER with their moduli.
///
/// # Panics
/// Never: the pairs are valid.
#[must_use]
pub fn ready_keys() -> Vec<(SecretBytes, Vec<u8>)> {
    let pair = |text: &&str| {
        let pkcs8 = SecretBytes::new(base64::decode(text).expect("base64"));
        let modulus = worker::modulus(&pkcs8).expect("a key pair");
        (pkcs8, modulus)
    };
    keys::PAIRS.iter().map(pair).collect()
}

/// A clock that stands still until it is moved. It begins on 2026-01-01T00:00:00Z.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_767_225_600_000)))
    }
}

impl TestClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Seeds that are the same in every run: the hash of a count.
#[derive(Clone, Debug, Default)]
pub struct TestEntropy(Arc<AtomicU64>);

impl Entropy for TestEntropy {
    fn seed(&self) -> [u8; 32] {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        digest::sha256(&[b"userpool test seed", &count.to_be_bytes()])
    }
}

/// A courier that keeps every message.
#[derive(Clone, Debug, Default)]
pub struct Mailbox(Arc<Mutex<Vec<Message>>>);

impl Mailbox {
    /// Every message so far, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The code of the newest message to a destination.
    #[must_use]
    pub fn code_to(&self, destination: &str) -> Option<String> {
        let messages = self.messages();
        messages
            .iter()
            .rev()
            .find(|message| message.destination == destination)
            .map(|message| message.code.clone())
    }
}

impl Courier for Mailbox {
    fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(message.clone());
        Ok(())
    }
}
