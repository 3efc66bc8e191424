//! A directory of any number of users, and questions whose answers are the same at every size.
//!
//! The users are made by the engine's own operations, in memory, and then [poured](pouring) into the store that is looked
//! at. What the engine asks of a store is [`counted`], so that a question can be put to a small and to a large
//! directory and the two costs compared.
//!
//! | module | subject |
//! |---|---|
//! | [`counted`] | a store that counts what is read and written |
//! | [`making`] | making the users |
//! | [`people`] | who the users are |
//! | [`pouring`] | carrying records from one store into another |
//! | [`questions`] | what is asked of a directory |

pub mod counted;
pub mod making;
pub mod people;
pub mod pouring;
pub mod questions;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::Value;
use userpool::{
    ApiError, Arithmetic, Call, Caller, Engine,
    testing::{self, Mailbox, TestClock},
};
use userpool_core::engine::{Done, Work, WorkFault, worker};
use userpool_crypto::{digest::sha256, sealed::RootKeys};
use userpool_ports::{Entropy, Storage};

use crate::scene::operation_of;

/// An engine over a store with a directory in it.
#[derive(Clone, Debug)]
pub struct Directory {
    /// The engine.
    pub engine: Engine,
    /// Its clock.
    pub clock: TestClock,
    /// What it sent.
    pub mailbox: Mailbox,
    /// The pool.
    pub pool: String,
    /// An app client of the pool.
    pub client: String,
}

impl Directory {
    /// Opens an engine over a store; no two of them may have the same `label`, from which all chance is drawn.
    ///
    /// # Panics
    /// The system cannot start threads.
    #[must_use]
    pub fn open(
        store: impl Storage + Send + Sync + 'static,
        label: &str,
        arithmetic: impl Arithmetic + 'static,
    ) -> Self {
        let (clock, mailbox) = (TestClock::default(), Mailbox::default());
        let engine = testing::builder(store, &clock, &mailbox)
            .entropy(Seeds::new(label))
            .arithmetic(arithmetic)
            .open()
            .expect("threads start");
        Self {
            engine,
            clock,
            mailbox,
            pool: String::new(),
            client: String::new(),
        }
    }

    /// The same engine, asked about this pool and client.
    #[must_use]
    pub fn about(self, pool: &str, client: &str) -> Self {
        Self {
            pool: pool.into(),
            client: client.into(),
            ..self
        }
    }

    /// Calls an operation that succeeds, JSON to JSON.
    ///
    /// # Panics
    /// It does not.
    #[must_use]
    pub fn call(&self, operation: &str, body: &Value) -> Value {
        match self.try_call(operation, body) {
            Ok(reply) => reply,
            Err(error) => panic!("{operation} {body}: {error}"),
        }
    }

    /// Calls an operation, JSON to JSON; an empty reply is `null`.
    ///
    /// # Errors
    /// The service's.
    pub fn try_call(&self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let caller = Caller {
            administrator: Some("admin".into()),
            ..Caller::default()
        };
        let call = Call {
            operation: operation_of(operation),
            body: body.to_string().into_bytes(),
            caller,
        };
        let reply = self.engine.answer_blocking(call)?;
        Ok(serde_json::from_slice(&reply).unwrap_or_default())
    }
}

/// The engine's own arithmetic.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own;

impl Arithmetic for Own {
    fn perform(&self, _: &Work, _: &RootKeys) -> Option<Result<Done, WorkFault>> {
        None
    }
}

/// The engine's own arithmetic, carried out within a function that a profile can tell from the rest.
#[derive(Clone, Copy, Debug)]
pub struct Within(
    /// The function.
    pub fn(&mut dyn FnMut()),
);

impl Arithmetic for Within {
    fn perform(&self, work: &Work, root_keys: &RootKeys) -> Option<Result<Done, WorkFault>> {
        if let Work::GenerateKey { .. } = work {
            return None;
        }
        let mut done = None;
        (self.0)(&mut || done = Some(worker::perform(work, root_keys)));
        done
    }
}

/// Chance that is the same in every run: the hash of a label and a count.
#[derive(Clone, Debug)]
struct Seeds(Arc<(String, AtomicU64)>);

impl Seeds {
    fn new(label: &str) -> Self {
        Self(Arc::new((label.into(), AtomicU64::new(0))))
    }
}

impl Entropy for Seeds {
    fn seed(&self) -> [u8; 32] {
        let (label, count) = &*self.0;
        let count = count.fetch_add(1, Ordering::SeqCst);
        sha256(&[b"directory", label.as_bytes(), &count.to_be_bytes()])
    }
}
