//! Systems without sockets in folders: there a store moves while no server has it open.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use super::tap::Tap;

/// The name that the socket would have.
pub(crate) const SOCKET: &str = "migrate.sock";

/// There is none.
pub(crate) type Socket = Infallible;

/// Listens to nobody.
pub(crate) fn listen<S>(_: &Path, _: &Tap<S>, _: &Arc<Notify>) -> Option<Socket> {
    None
}
