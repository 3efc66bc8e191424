//! What the journeys of the Rust clients need beside them: the message file, the client's side of SRP, a browser.

pub mod browser;
pub mod inbox;
pub mod server;
pub mod srp;
