//! The traits a host of the userpool engine implements, each with its contract.
//!
//! A port is the smallest trait that lets the core stay ignorant of the world. [`Storage`] is the
//! largest; [`Clock`], [`Entropy`], [`Courier`], [`Hooks`] and [`Fetch`] are a method each. An
//! adapter knows bytes, versions and expiry times; it never knows what a user is.
//!
//! [`memory::MemoryStore`] is the reference implementation of the storage contract, short enough to
//! read in one sitting. The contract itself is tested by one suite that every store runs unchanged, yours too: the
//! crate `userpool-store-contract`.

#![no_std]

extern crate alloc;

pub mod breached;
pub mod clock;
pub mod courier;
pub mod fetch;
pub mod hooks;
pub mod log_delivery;
pub mod memory;
pub mod storage;

pub use breached::BreachedPasswords;
pub use clock::{Clock, Entropy, Timestamp};
pub use courier::{Courier, CourierFault, Medium, Message, Purpose};
pub use fetch::{Fetch, FetchFault, FetchReply, FetchRequest, Reach};
pub use hooks::{HookAnswer, HookCall, HookFault, Hooks};
pub use log_delivery::LogDelivery;
pub use storage::{
    Batch, Change, Entry, Expect, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Told,
    Version, Write,
};
