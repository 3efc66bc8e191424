//! The store of userpool for many nodes: PostgreSQL, shared by any number of engines.
//!
//! [`PostgresStore`] keeps the contract of [`userpool_ports::storage`]:
//!
//! - **Durable**: what was told [`Committed`](userpool_ports::Outcome::Committed) is what PostgreSQL calls committed, on
//!   as many machines as `synchronous_standby_names` says.
//! - **Portable**: tables, one sequence and plain statements at `READ COMMITTED`. A commit takes two round trips: all
//!   statements at once, in the order of their keys, then `COMMIT`. With [`Commits::Function`] it takes one.
//! - **Once**: each batch leaves a row with its token. Where a connection breaks after `COMMIT` was sent, the outcome is
//!   [`Unknown`](userpool_ports::Outcome::Unknown), and the same batch submitted again finds its row.
//! - **Patient**: several hosts are tried in turn until one takes writes, each within a limit over the whole of connecting.
//!   What is known not to have landed is tried again, with growing pauses, until [`Options::patience`] is over.
//! - **Never waiting on an event loop**: connections are served by threads of the store's own. The calls that wait are
//!   refused inside a callback, which runs on those threads.
//!
//! | module | subject |
//! |---|---|
//! | `options` | the URL, and what this store adds to it |
//! | `connect` | one connection: hosts, limits, what a session is told |
//! | `pool` | connections, lent to one task at a time |
//! | `schema`, `ladder` | the tables, made and brought to this version, and the steps there |
//! | `read`, `commit`, `sweep` | the three kinds of work |
//! | `trouble` | what an error of the server's says of what landed |
//! | `runtime` | threads, and those who wait for them |
//!
//! # Examples
//!
//! ```no_run
//! use userpool::{Engine, RootKeys};
//! use userpool_postgres::{Options, PostgresStore};
//!
//! // The root keys are the same on every node.
//! # fn open(root_keys: RootKeys, password: &str) -> Result<Engine, Box<dyn std::error::Error>> {
//! let options: Options = "postgres://userpool@127.0.0.1:5432/userpool?commits=function".parse()?;
//! let store = PostgresStore::open(options.password(password))?;
//! let engine = Engine::builder(store, root_keys).open()?;
//! engine.prove_root_keys_blocking()?;
//! # Ok(engine)
//! # }
//! ```
//!
//! Other hosts than this machine are reached by TLS, for which [`Options::tls`] takes a configuration of rustls.

#![forbid(unsafe_code)]

mod commit;
mod connect;
mod ladder;
mod locks;
mod options;
mod pool;
mod read;
mod runtime;
mod schema;
mod statements;
mod sweep;
mod tls;
mod trouble;

use std::{fmt, sync::Arc};

use userpool_ports::{
    Batch, Entry, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Timestamp, Told,
};

pub use options::{Commits, Options, OptionsFault};
pub use pool::RoundTrips;
pub use schema::OpenFault;

use ladder::{LADDER, Step};
use pool::Pool;
use runtime::Threads;

/// A store in a PostgreSQL database; see the [crate](self) for what it promises.
///
/// Dropping it waits for what was submitted, a few seconds at most.
pub struct PostgresStore {
    pool: Arc<Pool>,
    threads: Threads,
}

impl PostgresStore {
    /// Opens the store, and makes its tables where there are none.
    ///
    /// # Errors
    /// No host takes writes, unless the store is [only read](Options::read_only), or none of them lets this user in; the tables
    /// are those of a newer version and cannot be used by this one, or have to change while nodes of an older version use
    /// them; the threads do not start.
    pub fn open(options: Options) -> Result<Self, OpenFault> {
        Self::open_by(options, LADDER)
    }

    /// Opens the store, whose tables come by these steps.
    fn open_by(options: Options, ladder: &'static [Step]) -> Result<Self, OpenFault> {
        let threads = Threads::start().map_err(OpenFault::Threads)?;
        let pool = Arc::new(Pool::new(options, ladder));
        let opening = pool.clone();
        threads
            .wait(async move { schema::prepare(&opening).await })
            .map_err(|fault| OpenFault::Store(fault.to_string()))??;
        Ok(Self { pool, threads })
    }

    /// Refuses what would write to a store that is only read.
    fn check_writable(&self) -> Result<(), StoreFault> {
        match self.pool.read_only {
            true => Err(StoreFault::new("it was opened for reading alone")),
            false => Ok(()),
        }
    }

    /// How often this store waits for an answer of the server's, from its opening on.
    #[must_use]
    pub fn round_trips(&self) -> RoundTrips {
        self.pool.round_trips()
    }
}

impl Storage for PostgresStore {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        let (pool, keys) = (self.pool.clone(), keys.to_vec());
        self.threads
            .wait(async move { read::load(&pool, &keys).await })?
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        let (pool, request) = (self.pool.clone(), request.clone());
        self.threads
            .wait(async move { read::page(&pool, &request).await })?
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.check_writable()?;
        batch.check()?;
        let (pool, batch) = (self.pool.clone(), batch.clone());
        self.threads
            .wait(async move { commit::commit(&pool, &batch).await })?
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        if let Err(fault) = self.check_writable().and_then(|()| batch.check()) {
            return landed(Err(fault));
        }
        let pool = self.pool.clone();
        self.threads
            .go_on(landed, async move { commit::commit(&pool, &batch).await });
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.check_writable()?;
        let pool = self.pool.clone();
        self.threads
            .wait(async move { sweep::sweep(&pool, now, max).await })?
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        let pool = self.pool.clone();
        self.threads
            .go_on(loaded, async move { read::load(&pool, &keys).await });
    }

    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        let pool = self.pool.clone();
        self.threads
            .go_on(paged, async move { read::page(&pool, &request).await });
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
