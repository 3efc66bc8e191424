//! A store that is a round trip away, and counts the trips.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use userpool_ports::{
    Batch, Entry, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Timestamp, Told,
};

use crate::store::{Choice, Store};

/// A store in memory that says it is remote. What is asked to be told later is told by another thread.
#[derive(Clone, Debug)]
pub struct Distant {
    store: Store,
    reads: Arc<AtomicUsize>,
    commits: Arc<AtomicUsize>,
}

/// How often a store was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trips {
    /// Loads and pages.
    pub reads: usize,
    /// Commits.
    pub commits: usize,
}

impl Default for Distant {
    fn default() -> Self {
        Self {
            store: Store::of(Choice::Memory),
            reads: Arc::default(),
            commits: Arc::default(),
        }
    }
}

impl Distant {
    /// What it keeps, to look at without a trip.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The trips since this was asked last.
    pub fn trips(&self) -> Trips {
        Trips {
            reads: self.reads.swap(0, Ordering::SeqCst),
            commits: self.commits.swap(0, Ordering::SeqCst),
        }
    }

    fn later(&self, work: impl FnOnce(Self) + Send + 'static) {
        let store = self.clone();
        thread::spawn(move || work(store));
    }
}

impl Storage for Distant {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.load(keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.page(request)
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.store.commit(batch)
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        self.later(move |store| landed(store.commit(&batch)));
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        self.later(move |store| loaded(store.load(&keys)));
    }

    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        self.later(move |store| paged(store.page(&request)));
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.store.sweep(now, max)
    }
}
