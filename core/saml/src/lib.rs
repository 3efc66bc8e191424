//! SAML 2.0 as a service provider of web browser sign-in and single logout (saml-profiles-2.0-os §4.1 and §4.4).
//!
//! Pure functions over bytes: the caller draws the ids of requests, signs what it is given to sign, knows the time,
//! keeps which requests are open and which assertions were used, and sends browsers on. What comes back is what the
//! provider says of a user, or [`Refused`].
//!
//! | file | what it does |
//! |---|---|
//! | [`metadata`] | what is known of a provider: name, addresses, keys |
//! | [`request`] | asks for a sign-in |
//! | [`response`] | checks what comes back of it |
//! | [`encrypted`] | opens assertions that are encrypted for this service |
//! | [`logout`] | asks for a sign-out, and checks what comes back |
//! | [`sign_out`] | checks and answers a sign-out that the provider begins |
//! | [`post`] | the binding that carries messages in forms (saml-bindings-2.0-os §3.5) |
//! | [`redirect`] | the binding that carries messages in addresses (saml-bindings-2.0-os §3.4) |
//! | `signature`, `canonical` | the profile of XML signatures that SAML allows (saml-core-2.0-os §5.4), and no more |
//! | `certificate` | keys in certificates, [`modulus`] |
//! | `xml`, `time` | documents and moments, bounded; [`moment`] |
//!
//! **What is read is what was signed.** There is one tree: a signature counts only for the element that is its parent
//! and whose id it names, only where that is the response itself or its one assertion, and only that element is read.
//! A document that has another signature or another assertion anywhere, or an id twice, is refused before any
//! arithmetic. Text is read as canonicalization writes it, so that a comment in a name changes nothing.
//!
//! **Keys are those of the metadata.** What a message says of keys is not looked at. RSA with SHA-256, SHA-384 or
//! SHA-512 is accepted, exclusive canonicalization, and no other transform; SHA-1 is refused.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod canonical;
mod certificate;
pub mod encrypted;
pub mod logout;
pub mod metadata;
pub mod post;
pub mod redirect;
mod refused;
pub mod request;
pub mod response;
pub mod sign_out;
mod signature;
mod time;
mod xml;

pub use certificate::modulus;
pub use refused::Refused;
pub use time::read as moment;
