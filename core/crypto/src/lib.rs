//! The cryptography of userpool: pure functions over bytes that somebody else drew, kept and timed.
//!
//! Nothing here reads a clock, an entropy source, a file or a socket, and nothing here knows what a
//! user is. Callers pass random bytes, the time and the texts that enter each formula; what comes
//! back is bytes, a verdict, or a refusal.
//!
//! | module | what it computes |
//! |---|---|
//! | [`srp`] | SRP-6a over the 3072-bit group, for passwords and for devices, both sides |
//! | `rs256` | RSA keys and signatures for tokens, with the feature `rsa` |
//! | `jwt` | tokens in compact form, with the feature `rsa` |
//! | `jws` | signatures of tokens that others issue, with the feature `rsa` |
//! | [`sealed`] | authenticated encryption of records and of state that clients carry |
//! | [`envelope`] | messages in the format of the AWS Encryption SDK |
//! | [`root_keys`] | root keys in writing |
//! | [`code`] | one-time codes and their keyed hashes |
//! | [`secret_hash`] | the proof that a client knows its secret |
//! | [`totp`] | one-time passwords of authenticator apps |
//! | [`sigv4`] | AWS Signature Version 4, checked and made |
//! | [`random`] | labelled draws from one seed |
//! | [`digest`] | SHA-256, HMAC, HKDF, and the one comparison of secrets |
//! | [`secret`] | bytes that are wiped and never printed |
//! | [`integer`] | integers as the bytes and digits that SRP hashes and sends |
//! | [`base64`] | the two alphabets of RFC 4648 that the protocols use |
//! | [`base32`] | the alphabet of authenticator apps |
//! | [`calendar`] | the few calendar sums that the date texts need |
//!
//! Groups are written as fixed big-endian arrays, so a record needs no knowledge of the arithmetic.
//!
//! ```
//! use userpool_crypto::srp::{self, ClientSecret, ServerPublic};
//!
//! // Sign-up: the server learns the password once and keeps the verifier and the salt.
//! let salt = [7; 16];
//! let x = srp::private_key("AbCdEf123", "janedoe", b"correct horse", &salt);
//! let verifier = srp::verifier(&x);
//!
//! // Sign-in: each side sends its public value; both arrive at the same key.
//! let a = ClientSecret::new(&[1; 32]).unwrap();
//! let b = [2; 32];
//! let sent_a = srp::client_public(&a);
//! let sent_b = srp::server_public(&verifier, &b).unwrap();
//! let server = srp::server_key(&sent_a, &sent_b, &verifier, &b).unwrap();
//! let received = ServerPublic::parse(&sent_b.to_hex()).unwrap();
//! let client = srp::client_key(&a, &sent_a, &received, &x).unwrap();
//! assert_eq!(server.expose(), client.expose());
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod base32;
pub mod base64;
pub mod calendar;
pub mod code;
pub mod digest;
pub mod envelope;
pub mod integer;
#[cfg(feature = "rsa")]
pub mod jws;
#[cfg(feature = "rsa")]
pub mod jwt;
mod lanes;
#[cfg(all(feature = "rsa", feature = "small"))]
mod primes;
pub mod random;
pub mod root_keys;
#[cfg(feature = "rsa")]
pub mod rs256;
pub mod sealed;
pub mod secret;
pub mod secret_hash;
pub mod sigv4;
pub mod srp;
pub mod totp;

/// So many cases of a property, the same ones on every run.
#[cfg(test)]
pub(crate) fn cases(number: u32) -> proptest::prelude::ProptestConfig {
    proptest::prelude::ProptestConfig {
        cases: number,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..Default::default()
    }
}
