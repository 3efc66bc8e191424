//! Passkeys: what a relying party checks of WebAuthn registrations and assertions (W3C Web Authentication Level 3,
//! §7.1 and §7.2).
//!
//! Pure functions over bytes: the caller draws challenges, keeps credentials, knows the time, and sees to it that a
//! challenge is answered once, that a credential id belongs to one user, and that the user handle of an assertion
//! names that user. What comes back is what was proven, or [`Invalid`].
//!
//! | file | what it reads |
//! |---|---|
//! | [`party`] | whom credentials are for, and from which pages they may be used |
//! | [`client_data`] | what the browser says: type, challenge, origin |
//! | [`authenticator_data`] | what the authenticator says: relying party, flags, counter, new credential |
//! | [`key`] | COSE public keys: ES256, EdDSA with Ed25519, RS256 |
//! | [`attestation`] | the statement about a new credential's authenticator |
//! | [`registration`] | all of it, for a new credential |
//! | [`authentication`] | all of it, for the use of one |
//! | [`unproven`] | claims whose signature somebody else may check |
//!
//! **Attestation is not trusted.** `none` and self attestation are checked whole; a statement of any other format
//! has to be well formed, is otherwise not looked at, and is reported as [`attestation::Attestation::Unverified`].
//!
//! **Counters**: one that does not rise is refused, as the sign of a copied authenticator, unless both it and the
//! one before are 0, as with passkeys that are synchronised.
//!
//! ```
//! use userpool_webauthn::{
//!     Invalid,
//!     authentication::{self, Assertion, Credential},
//!     party::{Embedding, Expected, Origins, RelyingParty, UserVerification},
//! };
//!
//! let expected = Expected {
//!     party: RelyingParty { id: "example.org", origins: Origins::OfId, embedding: Embedding::Never },
//!     challenge: &[7; 32],
//!     verification: UserVerification::Required,
//! };
//! let assertion = Assertion {
//!     client_data: br#"{"type":"webauthn.get","challenge":"another","origin":"https://example.org"}"#,
//!     authenticator_data: &[0; 37],
//!     signature: b"",
//! };
//! # let key = [&[0xA4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], &[0x58], &[0x66; 31]].concat();
//! // The key and the rest were kept when the credential was registered.
//! let credential = Credential { key: &key, counter: 0, backup_eligible: false };
//! let end = authentication::check(&expected, &credential, &assertion);
//! assert_eq!(end.err(), Some(Invalid::Challenge));
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod attestation;
pub mod authentication;
pub mod authenticator_data;
pub mod client_data;
mod invalid;
pub mod key;
pub mod party;
pub mod registration;
pub mod unproven;

pub use invalid::Invalid;
