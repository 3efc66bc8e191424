//! The served store while somebody copies it: what changed since, and an end to all changes.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use userpool_ports::{
    Batch, Entry, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Timestamp,
};

/// How many changed keys are remembered until somebody takes them.
const MAX_CHANGED: usize = 1_000_000;
/// How long commits that are under way may take to end.
const QUIET_LIMIT: Duration = Duration::from_secs(30);

/// A store that tells whoever copies it what changes, and can be held. Nothing is told while nobody copies.
#[derive(Debug)]
pub(crate) struct Tap<S>(Arc<Inner<S>>);

#[derive(Debug)]
struct Inner<S> {
    store: S,
    watch: Mutex<Watch>,
    /// Told when no commit is under way any more.
    quiet: Condvar,
}

#[derive(Debug, Default)]
struct Watch {
    state: State,
    under_way: usize,
    /// The keys that commits wrote since they were taken last.
    changed: BTreeSet<Key>,
    overflowed: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nobody copies.
    #[default]
    Free,
    /// Somebody copies, and the store goes on.
    Watched,
    /// Somebody takes the last changes: no commit is taken.
    Held,
    /// The store lives somewhere else: never again is a commit taken.
    Left,
}

impl<S> Clone for Tap<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Storage> Tap<S> {
    /// A store that nobody copies.
    pub(crate) fn over(store: S) -> Self {
        Self(Arc::new(Inner {
            store,
            watch: Mutex::default(),
            quiet: Condvar::new(),
        }))
    }

    /// Begins to copy; [`Copying`] ends with it.
    ///
    /// # Errors
    /// Somebody else copies, or the store has left.
    pub(crate) fn copy(&self) -> Result<Copying<S>, StoreFault> {
        let mut watch = self.0.watch();
        match watch.state {
            State::Free => watch.state = State::Watched,
            State::Watched | State::Held => {
                return Err(StoreFault::new("another migration is under way"));
            }
            State::Left => return Err(StoreFault::new("it has moved already")),
        }
        Ok(Copying(self.clone()))
    }
}

impl<S> Inner<S> {
    fn watch(&self) -> MutexGuard<'_, Watch> {
        // Nothing panics half way through a change of it.
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> Result<(), StoreFault> {
        let mut watch = self.watch();
        if matches!(watch.state, State::Held | State::Left) {
            return Err(StoreFault::new("it is moving to another place"));
        }
        watch.under_way += 1;
        Ok(())
    }

    /// Notes what a commit wrote, unless it certainly wrote nothing.
    fn end(&self, keys: impl IntoIterator<Item = Key>, end: &Result<Outcome, StoreFault>) {
        let mut watch = self.watch();
        watch.under_way -= 1;
        let landed = !matches!(end, Ok(Outcome::Conflict) | Err(_));
        if landed && matches!(watch.state, State::Watched | State::Held) {
            watch.changed.extend(keys);
            watch.overflowed |= watch.changed.len() > MAX_CHANGED;
        }
        if watch.under_way == 0 {
            self.quiet.notify_all();
        }
    }
}

fn keys(batch: &Batch) -> impl Iterator<Item = Key> {
    batch.writes.iter().map(|write| write.key.clone())
}

impl<S: Storage + Send + Sync + 'static> Storage for Tap<S> {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.0.store.load(keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.0.store.page(request)
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.0.begin()?;
        let end = self.0.store.commit(batch);
        self.0.end(keys(batch), &end);
        end
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        if let Err(fault) = self.0.begin() {
            return landed(Err(fault));
        }
        let (inner, keys) = (Arc::clone(&self.0), keys(&batch).collect::<Vec<_>>());
        let noted = move |end| {
            inner.end(keys, &end);
            landed(end);
        };
        self.0.store.submit(batch, Box::new(noted));
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        if self.0.begin().is_err() {
            return Ok(0);
        }
        let swept = self.0.store.sweep(now, max);
        // What has ended counts for nothing wherever it is: that it is gone need not be copied.
        self.0.end([], &Ok(Outcome::Committed));
        swept
    }
}

/// Somebody who copies the store; it goes on as before when this is dropped, unless it has left.
#[derive(Debug)]
pub(crate) struct Copying<S>(Tap<S>);

impl<S: Storage> Copying<S> {
    /// The store, past whatever holds it.
    pub(crate) fn store(&self) -> &S {
        &self.0.0.store
    }

    /// Takes at most `max` of the keys that commits wrote since they were taken last, in ascending order: they were durable
    /// before they came here, so that whoever reads them now reads what was written, or something later.
    ///
    /// # Errors
    /// More changed than is remembered: the copy has to begin again.
    pub(crate) fn changed(&self, max: usize) -> Result<Vec<Key>, StoreFault> {
        let mut watch = self.0.0.watch();
        if watch.overflowed {
            return Err(StoreFault::new(
                "more changed than is remembered; begin again",
            ));
        }
        let rest = match watch.changed.iter().nth(max).cloned() {
            Some(key) => watch.changed.split_off(&key),
            None => BTreeSet::new(),
        };
        let taken = std::mem::replace(&mut watch.changed, rest);
        Ok(taken.into_iter().collect())
    }

    /// Takes no more commits, and waits for the end of those that are under way.
    ///
    /// # Errors
    /// They do not end; the store goes on.
    pub(crate) fn hold(&self) -> Result<(), StoreFault> {
        let mut watch = self.0.0.watch();
        watch.state = State::Held;
        let under_way = |watch: &mut Watch| watch.under_way > 0;
        let waited = self
            .0
            .0
            .quiet
            .wait_timeout_while(watch, QUIET_LIMIT, under_way);
        let (mut watch, ended) = waited.unwrap_or_else(PoisonError::into_inner);
        if ended.timed_out() {
            watch.state = State::Watched;
            return Err(StoreFault::new("commits do not end"));
        }
        Ok(())
    }

    /// From now on the store is somewhere else.
    pub(crate) fn leave(self) {
        self.0.0.watch().state = State::Left;
    }
}

impl<S> Drop for Copying<S> {
    fn drop(&mut self) {
        let mut watch = self.0.0.watch();
        if watch.state != State::Left {
            watch.state = State::Free;
        }
        watch.changed.clear();
        watch.overflowed = false;
    }
}
