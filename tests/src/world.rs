//! An engine over the store that this run of the tests chose, with everything around it in reach.

use tokio::runtime;
use userpool::{
    Answer, Builder, Call, Engine,
    testing::{self, Mailbox, TestClock},
};
use userpool_ports::Storage;

use crate::store::Store;

/// An engine with everything around it.
#[derive(Clone, Debug)]
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// Its store.
    pub store: Store,
    /// Its clock.
    pub clock: TestClock,
    /// Its messages.
    pub mailbox: Mailbox,
}

impl World {
    /// Answers a request as a server does: awaiting where the store is a network away, so that reads are told later.
    ///
    /// # Errors
    /// The service's.
    ///
    /// # Panics
    /// The system has no runtime left.
    pub fn answer(&self, call: Call) -> Answer {
        if !self.store.is_remote() {
            return self.engine.answer_blocking(call);
        }
        let runtime = runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(self.engine.answer(call))
    }
}

/// An engine over an empty store, the same in every run.
pub fn world() -> World {
    world_of(|builder| builder)
}

/// As [`world`], with more around it.
///
/// # Panics
/// The system cannot start threads.
pub fn world_of(by: impl FnOnce(Builder) -> Builder) -> World {
    let store = Store::new();
    let (clock, mailbox) = (TestClock::default(), Mailbox::default());
    let builder = by(testing::builder(store.clone(), &clock, &mailbox));
    World {
        engine: builder.open().expect("threads start"),
        store,
        clock,
        mailbox,
    }
}
