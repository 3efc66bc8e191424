//! A sign-out that waits for the answer of an identity provider of SAML.

use alloc::string::String;
use core::time::Duration;

use crate::{cbor::Cbor, engine::Record};

/// How long an answer may take.
pub const LIFE: Duration = Duration::from_secs(300);

/// A sign-out that waits. Its key is made of the state that went to the provider; the session has ended already.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PendingSignOut {
    /// The provider's name.
    #[n(0)]
    pub provider: String,
    /// The id of the request.
    #[n(1)]
    pub request: String,
    /// Where the provider sends its answer.
    #[n(2)]
    pub address: String,
    /// Where the browser goes then.
    #[n(3)]
    pub goes: Goes,
}

/// Where a browser goes after a sign-out.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
pub enum Goes {
    /// To an address of the client.
    #[n(0)]
    To(#[n(0)] String),
    /// To the login pages, with this query.
    #[n(1)]
    SignIn(#[n(0)] String),
}

impl Record for PendingSignOut {
    const KIND: &'static str = "a sign-out that waits for an identity provider";
}
