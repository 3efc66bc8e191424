//! Another way to do slow arithmetic.

use userpool_core::engine::{Done, Work, WorkFault};
use userpool_crypto::sealed::RootKeys;

/// Does slow arithmetic in another way than the engine's own: with another library, or with hardware.
///
/// The answers must be those that [`worker::perform`](userpool_core::engine::worker::perform) gives: signatures are
/// deterministic (RFC 8017 §8.2), so that two ways to make one agree bit for bit.
pub trait Arithmetic: Send + Sync {
    /// Does a piece of work, or leaves it to the engine's own arithmetic with `None`.
    ///
    /// It is called from several threads at once, and may take as long as the work takes. `root_keys` open a signing
    /// key: [`worker::open_pkcs8`](userpool_core::engine::worker::open_pkcs8).
    fn perform(&self, work: &Work, root_keys: &RootKeys) -> Option<Result<Done, WorkFault>>;
}
