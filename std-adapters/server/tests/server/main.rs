//! The built server as a process, by itself and as one of many nodes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod database_tls;
mod nodes;
mod process;
mod running;
