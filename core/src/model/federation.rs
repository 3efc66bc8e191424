//! A sign-in that waits for the answer of an identity provider.
//!
//! | the sign-in is | an answer in the browser that began it | in another browser | later |
//! |---|---|---|---|
//! | waiting | taken, once | nothing; of SAML, it is kept for the browser that began | nothing |
//! | taken | nothing | nothing | nothing |

use alloc::string::String;
use core::time::Duration;

use super::saml_answer::SamlAnswer;
use crate::{cbor::Cbor, engine::Record};

/// How long an answer may take.
pub const LIFE: Duration = Duration::from_secs(300);

/// A sign-in that waits. Its key is made of the state that went to the provider.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PendingSignIn {
    /// The provider's name.
    #[n(0)]
    pub provider: String,
    /// The query of the authorization request that it is for.
    #[n(1)]
    pub query: String,
    /// Where the provider sends its answer.
    #[n(2)]
    pub redirect_uri: String,
    /// The hash of what the browser holds.
    #[cbor(n(3), bytes)]
    pub browser: [u8; 32],
    /// The chance that its nonce and verifier are made of.
    #[cbor(n(4), bytes)]
    pub chance: [u8; 32],
    /// What a provider of SAML answered already.
    #[n(5)]
    pub answer: Option<SamlAnswer>,
}

impl Record for PendingSignIn {
    const KIND: &'static str = "a sign-in that waits for an identity provider";
}

impl core::fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PendingSignIn")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}
