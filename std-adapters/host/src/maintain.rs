//! What an engine does between requests: sweep what has ended, go on with long jobs, send messages again.

use userpool_core::{
    engine::{Failure, Fault, RefusalKind},
    ops::jobs,
};
use userpool_ports::StoreFault;

use crate::engine::Engine;

/// The most ended entries that one round removes.
const SWEEP: usize = 1_000;
/// The most steps of jobs in one round.
const STEPS: usize = 4;

impl Engine {
    /// One bounded round of upkeep; tells whether more is left to do at once.
    ///
    /// Hosts call it every few seconds, and again at once while it answers `true`.
    ///
    /// # Errors
    /// The store failed. What was not done is done in a later round.
    pub fn maintain_blocking(&self) -> Result<bool, Failure> {
        let swept = self.storage().sweep(self.clock().now(), SWEEP);
        let swept = swept.map_err(stored)? == SWEEP;
        let mut worked = true;
        for _ in 0..STEPS {
            worked = worked && self.run_blocking::<bool>(jobs::work())?;
        }
        let sent = tried(self.run_blocking::<bool>(jobs::resend()))?;
        Ok(swept || worked || sent)
    }

    /// One bounded round of upkeep, awaiting; see [`Engine::maintain_blocking`].
    ///
    /// # Errors
    /// The store failed. What was not done is done in a later round.
    #[cfg(feature = "tokio")]
    pub async fn maintain(&self) -> Result<bool, Failure> {
        let (storage, now) = (self.storage().clone(), self.clock().now());
        let sweeping = tokio::task::spawn_blocking(move || storage.sweep(now, SWEEP));
        let swept = sweeping
            .await
            .map_err(|_| Failure::Faulted(Fault::new("a sweep that died")))?;
        let swept = swept.map_err(stored)? == SWEEP;
        let mut worked = true;
        for _ in 0..STEPS {
            worked = worked && self.run::<bool>(jobs::work()).await?;
        }
        let sent = tried(self.run::<bool>(jobs::resend()).await)?;
        Ok(swept || worked || sent)
    }
}

/// A message that the courier did not take was tried, and waits for its next time.
fn tried(sent: Result<bool, Failure>) -> Result<bool, Failure> {
    match sent {
        Err(Failure::Refused(refusal)) if refusal.kind() == RefusalKind::CodeDeliveryFailure => {
            Ok(true)
        }
        other => other,
    }
}

fn stored(fault: StoreFault) -> Failure {
    Failure::Faulted(Fault::caused("the store", fault))
}
