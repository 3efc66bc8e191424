//! The contract of stores, run on each, and what they do when the system fails.

mod crashes;
mod failures;
mod killed;
mod memory;
mod postgres;
mod redb;
