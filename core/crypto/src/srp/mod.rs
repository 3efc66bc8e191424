//! SRP-6a as Amazon Cognito user pools speak it, for passwords and for remembered devices.
//!
//! The protocol is RFC 2945 and RFC 5054 in outline, with other choices in every detail: the
//! 3072-bit group of RFC 3526 with generator 2, SHA-256, integers hashed in the form
//! [`padded`](crate::integer::padded), the multiplier `k = H(I(N) | I(g))`, and a 16-byte key made by HKDF.
//!
//! ```text
//! x = H(I(salt) | H(group | user | ":" | password))      v = g^x
//! A = g^a                                                B = k v + g^b
//! u = H(I(A) | I(B))
//! S = (B - k g^x)^(a + u x) = (A v^u)^b                  all modulo N
//! K = HKDF-SHA-256(salt I(u), material I(S), info "Caldera Derived Key"), 16 bytes
//! claim = HMAC-SHA-256(K, group | user | secret block | time)
//! ```
//!
//! `group` is the pool's name, the part of its id after the underscore; for a device it is the
//! device's group key, and `user` is the device's key. Texts are hashed as received, without
//! normalisation.
//!
//! The secrets `a`, `b`, `x` and `v` never decide a branch, an index or a division. `u`, `A` and
//! `B` are public. What is left to others: drawing `a`, `b` and salts, keeping verifiers sealed, using each secret
//! block once, and counting failures.

mod client;
mod device;
mod exchange;
mod group;
mod powers;
mod server;
mod timestamp;
mod verifier;

pub use client::{ClientSecret, client_key, client_public};
pub use device::{DeviceConfig, DeviceEnrolment, InvalidDeviceConfig};
pub use exchange::{ClientPublic, InvalidPublic, Scrambler, ServerPublic, claim, claim_matches};
pub use group::ELEMENT_BYTES;
pub use powers::VerifierPowers;
pub use server::{server_key, server_key_with, server_public};
pub use timestamp::{format_timestamp, parse_timestamp};
pub use verifier::{
    InvalidVerifier, Verifier, password_hash, password_matches, private_key, private_key_of_hash,
    verifier,
};
