//! A store that fails at one of its visits.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use userpool_ports::{
    Batch, Entry, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Timestamp, Told,
};

use crate::store::Store;

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
    store: Store,
    left: Arc<AtomicUsize>,
    how: Failing,
}

impl Unreliable {
    /// A store that does not fail yet.
    pub fn new(how: Failing) -> Self {
        Self {
            store: Store::new(),
            left: Arc::new(AtomicUsize::new(usize::MAX)),
            how,
        }
    }

    /// Fails at a visit from now on, counted from 0.
    pub fn fail_at(&self, visit: usize) {
        self.left.store(visit, Ordering::SeqCst);
    }

    /// What it keeps, to look at without a visit.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn read<T>(&self, work: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        if self.fails_before() {
            return Err(fault());
        }
        work()
    }

    fn fails_before(&self) -> bool {
        match self.how {
            Failing::Before => self.is_time(),
            Failing::After => false,
        }
    }

    fn is_time(&self) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

fn fault() -> StoreFault {
    StoreFault::new("as told")
}

impl Storage for Unreliable {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.read(|| self.store.load(keys))
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.read(|| self.store.page(request))
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        match (self.is_time(), self.how) {
            (false, _) => self.store.commit(batch),
            (true, Failing::Before) => Err(fault()),
            (true, Failing::After) => {
                self.store.commit(batch)?;
                Err(fault())
            }
        }
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        match (self.is_time(), self.how) {
            (false, _) => self.store.submit(batch, landed),
            (true, Failing::Before) => landed(Err(fault())),
            (true, Failing::After) => self
                .store
                .submit(batch, Box::new(|end| landed(end.and(Err(fault()))))),
        }
    }

    fn is_remote(&self) -> bool {
        self.store.is_remote()
    }

    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        match self.fails_before() {
            true => loaded(Err(fault())),
            false => self.store.load_later(keys, loaded),
        }
    }

    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        match self.fails_before() {
            true => paged(Err(fault())),
            false => self.store.page_later(request, paged),
        }
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.read(|| self.store.sweep(now, max))
    }
}
