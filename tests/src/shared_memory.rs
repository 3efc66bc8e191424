//! The reference store behind a lock, for stories with several threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

use userpool_ports::memory::MemoryStore;
use userpool_ports::{Batch, Entry, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp};

/// A [`MemoryStore`] that threads share; its methods never leave it half changed.
#[derive(Debug, Default)]
pub struct SharedMemory(Mutex<MemoryStore>);

impl SharedMemory {
    fn lock(&self) -> MutexGuard<'_, MemoryStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for SharedMemory {
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
