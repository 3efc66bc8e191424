//! The client's side of SRP as Amazon Cognito user pools speak it.
//!
//! For JavaScript this is a wasm module of a few functions over one [buffer](IO_BYTES), with the npm package
//! `userpool-srp` around it. For Rust it is [`exchange`]: the same steps, without `std` and without allocation, and
//! the arithmetic itself is [`srp`].
//!
//! The module takes chance from its host and knows no clock. What is in the buffer is wiped when a function returns,
//! except what the function gives. Compilers leave copies on the stack, which a host wipes up to the address that
//! `stack` gives: Rust cannot, and the package does so.

#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod exchange;
#[cfg(target_arch = "wasm32")]
mod module;

pub use userpool_crypto::srp;

/// How many bytes the buffer has through which the module is called.
pub const IO_BYTES: usize = 32 * 1024;
