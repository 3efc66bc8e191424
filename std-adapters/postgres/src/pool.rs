//! Connections, lent to one task at a time.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout, timeout_at},
};
use userpool_ports::StoreFault;

use crate::{
    connect::{Hosts, Link, Pauses, Session},
    ladder::Step,
    options::{Commits, Options},
    trouble::Trouble,
};

/// The connections of a store.
pub(crate) struct Pool {
    hosts: Hosts,
    pub(crate) schema: String,
    pub(crate) commits: Commits,
    /// How the tables come to be.
    pub(crate) ladder: &'static [Step],
    /// Into how many parts the tables are made; 0 for none.
    pub(crate) partitions: u16,
    /// Whether nothing is written, tables neither.
    pub(crate) read_only: bool,
    idle: Mutex<Idle>,
    room: Semaphore,
    round_trips: RoundTrips,
    answer_limit: Duration,
    patience: Duration,
}

/// A count of answers that were waited for, not of those while connecting. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct RoundTrips(Arc<AtomicU64>);

impl RoundTrips {
    /// How many so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Links that nobody uses, the last used on top.
#[derive(Default)]
struct Idle {
    links: Vec<Link>,
    /// Rises when a link broke: those that were made before are not trusted any more.
    age: u64,
}

impl Pool {
    /// A pool without a connection.
    pub(crate) fn new(options: Options, ladder: &'static [Step]) -> Self {
        Self {
            hosts: Hosts::new(&options, ladder),
            schema: options.schema,
            commits: options.commits,
            ladder,
            partitions: options.partitions,
            read_only: options.read_only,
            idle: Mutex::default(),
            room: Semaphore::new(options.connections),
            round_trips: RoundTrips::default(),
            answer_limit: options.answer_limit,
            patience: options.patience,
        }
    }

    /// When a call that begins now gives up.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// A session outside of the pool.
    ///
    /// # Errors
    /// No host takes writes.
    pub(crate) async fn session(&self) -> Result<Session, Trouble> {
        self.hosts.session().await
    }

    /// Lends a link, as soon as there is one.
    ///
    /// # Errors
    /// There is none until the deadline, or never will be.
    pub(crate) async fn lend(&self, deadline: Instant) -> Result<Lent<'_>, StoreFault> {
        let none = |_| StoreFault::new("every connection is in use");
        let room = timeout_at(deadline, self.room.acquire())
            .await
            .map_err(none)?
            .map_err(|_| StoreFault::new("the store is closed"))?;
        let mut pauses = Pauses::until(deadline);
        loop {
            let age = {
                let mut idle = self.idle();
                let open = |link: &Link| !link.session.client.is_closed();
                if let Some(link) = idle.links.pop().filter(open) {
                    return Ok(Lent::new(self, link, idle.age, room));
                }
                idle.age
            };
            match self.hosts.link().await {
                Ok(link) => return Ok(Lent::new(self, link, age, room)),
                Err(Trouble::Refused(cause)) => return Err(StoreFault::new(cause)),
                Err(trouble) if !pauses.pause().await => return Err(trouble.into_fault()),
                Err(_) => {}
            }
        }
    }

    /// Waits for an answer, within the limit.
    ///
    /// # Errors
    /// None came in time.
    pub(crate) async fn answer<T>(&self, asked: impl Future<Output = T>) -> Result<T, Trouble> {
        self.round_trips.0.fetch_add(1, Ordering::Relaxed);
        timeout(self.answer_limit, asked)
            .await
            .map_err(|_| Trouble::Broken("the server took too long to answer".into()))
    }

    /// How many answers were waited for.
    pub(crate) fn round_trips(&self) -> RoundTrips {
        self.round_trips.clone()
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A link on loan. It goes back where it is clean, else it is closed.
pub(crate) struct Lent<'a> {
    pool: &'a Pool,
    link: Option<Link>,
    age: u64,
    clean: bool,
    _room: SemaphorePermit<'a>,
}

impl<'a> Lent<'a> {
    fn new(pool: &'a Pool, link: Link, age: u64, room: SemaphorePermit<'a>) -> Self {
        Self {
            pool,
            link: Some(link),
            age,
            clean: true,
            _room: room,
        }
    }

    /// From now on something is under way: whoever drops it closes it.
    pub(crate) fn begin(&mut self) {
        self.clean = false;
    }

    /// Nothing is under way any more.
    pub(crate) fn end(&mut self) {
        self.clean = true;
    }

    /// It is of no use any more, and those that were made before it may not be either.
    pub(crate) fn broke(&mut self) {
        self.clean = false;
        let mut idle = self.pool.idle();
        if idle.age == self.age {
            idle.age += 1;
            idle.links.clear();
        }
    }
}

impl Deref for Lent<'_> {
    type Target = Link;

    fn deref(&self) -> &Link {
        self.link.as_ref().expect("it is taken when it is dropped")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let Some(link) = self.link.take() else {
            return;
        };
        if self.clean && !link.session.client.is_closed() {
            let mut idle = self.pool.idle();
            if idle.age == self.age {
                idle.links.push(link);
            }
        }
    }
}
