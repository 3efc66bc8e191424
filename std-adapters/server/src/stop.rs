//! The signals that end the server.

use crate::failure::Failure;

/// SIGTERM and SIGINT, listened for from the moment this is made.
#[cfg(unix)]
pub(crate) struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    /// Starts to listen, so that no signal ends the process half way.
    ///
    /// # Errors
    /// The system does not let the process listen.
    pub(crate) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|it| Failure::new(format!("signals cannot be heard: {it}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ctrl-C, where the system has no signals.
#[cfg(not(unix))]
pub(crate) struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    /// Starts to listen.
    ///
    /// # Errors
    /// None on this system.
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self)
    }

    /// Waits for Ctrl-C.
    pub(crate) async fn heard(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
