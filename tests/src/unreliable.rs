//! A store that fails at one of its visits.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use userpool::Memory;
use userpool_ports::{Batch, Entry, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp};

/// How a store fails at one visit.
#[derive(Clone, Copy, Debug)]
pub enum Failing {
    /// At any visit, before anything happened.
    Before,
    /// After a commit landed, so that nobody learned of it.
    After,
}

/// A store that fails at one of its visits, once it is told which.
#[derive(Clone, Debug)]
pub struct Unreliable {
    store: Memory,
    left: Arc<AtomicUsize>,
    how: Failing,
}

impl Unreliable {
    /// A store that does not fail yet.
    pub fn new(how: Failing) -> Self {
        Self {
            store: Memory::new(),
            left: Arc::new(AtomicUsize::new(usize::MAX)),
            how,
        }
    }

    /// Fails at a visit from now on, counted from 0.
    pub fn fail_at(&self, visit: usize) {
        self.left.store(visit, Ordering::SeqCst);
    }

    /// What it keeps, to look at without a visit.
    pub fn store(&self) -> &Memory {
        &self.store
    }

    fn read<T>(&self, work: impl FnOnce() -> T) -> Result<T, StoreFault> {
        match self.how {
            Failing::Before if self.is_time() => Err(StoreFault::new("as told")),
            Failing::Before | Failing::After => Ok(work()),
        }
    }

    fn is_time(&self) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

impl Storage for Unreliable {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.read(|| self.store.lock().load(keys))
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.read(|| self.store.lock().page(request))
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        match (self.is_time(), self.how) {
            (false, _) => self.store.commit(batch),
            (true, Failing::Before) => Err(StoreFault::new("as told")),
            (true, Failing::After) => {
                self.store.commit(batch)?;
                Err(StoreFault::new("as told"))
            }
        }
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.read(|| self.store.lock().sweep(now, max))
    }
}
