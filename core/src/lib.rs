//! The identity engine: operations as restartable pure functions over facts.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod cbor;
pub mod credentials;
pub mod engine;
mod few;
pub mod model;
pub mod moving;
pub mod ops;
pub mod verify;

pub use userpool_policy as policy;
