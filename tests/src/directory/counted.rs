//! A store that counts what is read and written.

use std::{
    ops::Sub,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use userpool_ports::{Batch, Entry, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp};

/// How often a store was visited, and for how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Visits: loads of keys and pages.
    pub visits: u64,
    /// Keys that were loaded.
    pub keys: u64,
    /// Entries that pages held.
    pub entries: u64,
    /// Writes that were committed.
    pub writes: u64,
}

impl Reads {
    /// Keys loaded, and entries of pages.
    #[must_use]
    pub const fn read(self) -> u64 {
        self.keys + self.entries
    }
}

impl Sub for Reads {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            visits: self.visits - before.visits,
            keys: self.keys - before.keys,
            entries: self.entries - before.entries,
            writes: self.writes - before.writes,
        }
    }
}

/// A store behind counters. Cloning shares both.
#[derive(Debug)]
pub struct Counted<S> {
    store: Arc<S>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    visits: AtomicU64,
    keys: AtomicU64,
    entries: AtomicU64,
    writes: AtomicU64,
    largest: AtomicU64,
}

impl<S> Clone for Counted<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            counts: self.counts.clone(),
        }
    }
}

impl<S> Counted<S> {
    /// Counts what is asked of a store from now on.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            counts: Arc::default(),
        }
    }

    /// What was asked so far.
    #[must_use]
    pub fn reads(&self) -> Reads {
        let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
        Reads {
            visits: of(&self.counts.visits),
            keys: of(&self.counts.keys),
            entries: of(&self.counts.entries),
            writes: of(&self.counts.writes),
        }
    }

    /// The most writes that one batch had.
    #[must_use]
    pub fn largest(&self) -> u64 {
        self.counts.largest.load(Ordering::SeqCst)
    }
}

impl<S: Storage> Storage for Counted<S> {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.counts.visits.fetch_add(1, Ordering::SeqCst);
        add(&self.counts.keys, keys.len());
        self.store.load(keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        let page = self.store.page(request)?;
        self.counts.visits.fetch_add(1, Ordering::SeqCst);
        add(&self.counts.entries, page.len());
        Ok(page)
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        let writes = batch.writes.len();
        add(&self.counts.writes, writes);
        self.counts
            .largest
            .fetch_max(writes as u64, Ordering::SeqCst);
        self.store.commit(batch)
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.store.sweep(now, max)
    }
}

fn add(count: &AtomicU64, many: usize) {
    count.fetch_add(many as u64, Ordering::SeqCst);
}
