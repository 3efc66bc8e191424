//! What an engine does between requests: sweep what has ended.

use userpool_ports::StoreFault;

use crate::engine::Engine;

/// The most ended entries that one round removes.
const SWEEP: usize = 1_000;

impl Engine {
    /// One bounded round of upkeep; tells whether more is left to do at once.
    ///
    /// Hosts call it every few seconds, and again at once while it answers `true`.
    ///
    /// # Errors
    /// The store failed.
    pub fn maintain_blocking(&self) -> Result<bool, StoreFault> {
        let swept = self.storage().sweep(self.clock().now(), SWEEP)?;
        Ok(swept == SWEEP)
    }
}
