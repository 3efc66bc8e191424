//! The reference store behind a lock, for hosts with threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use userpool_ports::{
    Batch, Entry, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp, memory::MemoryStore,
};

/// A store in memory: gone when the process ends. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<MemoryStore>>);

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The store itself, for looking into it.
    pub fn lock(&self) -> MutexGuard<'_, MemoryStore> {
        // No method of the store panics half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for Memory {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        Ok(self.lock().load(keys))
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        Ok(self.lock().page(request))
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.lock().commit(batch)
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        Ok(self.lock().sweep(now, max))
    }
}
