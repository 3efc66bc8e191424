//! OpenSSL's primitives beside ours: what a sign-in costs at least where its arithmetic is OpenSSL's.
//!
//! The library is loaded from the machine when a bench runs. Nothing is compiled or linked but Rust.

pub mod clock;
mod library;
pub mod table;
mod theirs;

pub use theirs::Theirs;
