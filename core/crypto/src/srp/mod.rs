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
//!
//! # A client's sign-in
//!
//! `InitiateAuth` with `USER_SRP_AUTH` is sent [`client_public`] as `SRP_A`; the parameters of the challenge that comes back,
//! `PASSWORD_VERIFIER`, are answered so:
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use userpool_crypto::{base64, integer, srp};
//!
//! type Texts = BTreeMap<String, String>;
//!
//! /// `ChallengeResponses` for `RespondToAuthChallenge`; nothing where the server's values are none of SRP.
//! fn answer(pool: &str, password: &str, a: &srp::ClientSecret, asked: &Texts, now: i64) -> Option<Texts> {
//!     let (_, group) = pool.split_once('_')?;
//!     let user = asked.get("USER_ID_FOR_SRP")?;
//!     let salt = integer::parse_hex(asked.get("SALT")?, 64)?;
//!     let b = srp::ServerPublic::parse(asked.get("SRP_B")?).ok()?;
//!     let block = base64::decode(asked.get("SECRET_BLOCK")?)?;
//!     let x = srp::private_key(group, user, password.as_bytes(), &salt);
//!     let key = srp::client_key(a, &srp::client_public(a), &b, &x)?;
//!     let time = srp::format_timestamp(now);
//!     let claim = srp::claim(key.expose(), group, user, &block, &time);
//!     let responses = [
//!         ("USERNAME", user.clone()),
//!         ("PASSWORD_CLAIM_SECRET_BLOCK", base64::encode(&block)),
//!         ("PASSWORD_CLAIM_SIGNATURE", base64::encode(&claim)),
//!         ("TIMESTAMP", time),
//!     ];
//!     Some(responses.map(|(name, value)| (name.into(), value)).into())
//! }
//!
//! // 32 fresh random bytes for each sign-in.
//! let a = srp::ClientSecret::new(&[1; 32]).unwrap();
//! let srp_a = srp::client_public(&a).to_hex();
//! # let verifier = srp::verifier(&srp::private_key("AbCdEf123", "janedoe", b"correct horse", &[7; 16]));
//! # let received = srp::ClientPublic::parse(&srp_a).unwrap();
//! # let b = srp::server_public(&verifier, &[2; 32]).unwrap();
//! # let asked = [("USER_ID_FOR_SRP", "janedoe".to_string()), ("SALT", "07".repeat(16)), ("SRP_B", b.to_hex()), ("SECRET_BLOCK", base64::encode(b"block"))];
//! # let asked = asked.map(|(name, value)| (name.into(), value)).into();
//! let responses = answer("us-east-1_AbCdEf123", "correct horse", &a, &asked, 1_767_225_600).unwrap();
//! assert_eq!(responses["TIMESTAMP"], "Thu Jan 1 00:00:00 UTC 2026");
//! # let key = srp::server_key(&received, &b, &verifier, &[2; 32]).unwrap();
//! # let signature = base64::decode(&responses["PASSWORD_CLAIM_SIGNATURE"]).unwrap();
//! # assert!(srp::claim_matches(key.expose(), "AbCdEf123", "janedoe", b"block", &responses["TIMESTAMP"], &signature));
//! ```

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
