//! Who signed a request.

use alloc::string::String;
use core::fmt;

use userpool_crypto::{
    sealed::RootKeys,
    sigv4::{self, Authorization, Expectation, Payloads, Request, SigV4Error},
};

use super::ticket::{self, Principal};

/// Tells who signed a request with credentials of an identity pool, by the root keys alone.
#[derive(Clone, Debug)]
pub struct Checker {
    root_keys: RootKeys,
}

/// What a signature must fit besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The service that the client signs for.
    pub service: &'a str,
    /// The region that it signs for; any where it is none.
    pub region: Option<&'a str>,
    /// What may stand for the body.
    pub payloads: Payloads,
    /// The time, in Unix seconds.
    pub now: i64,
}

impl Checker {
    /// A checker of the credentials that an engine with these root keys gives out.
    #[must_use]
    pub fn new(root_keys: RootKeys) -> Self {
        Self { root_keys }
    }

    /// Who signed this very request, in its header or in its query.
    ///
    /// Refusals, in this order: no signature, or one that cannot be taken apart; a session token that is missing, or not
    /// of this access key; credentials that have ended; what [`sigv4::verify`] refuses.
    ///
    /// # Errors
    /// The refusals above.
    pub fn principal(
        &self,
        request: &Request<'_>,
        expected: &Expected<'_>,
    ) -> Result<Principal, Denied> {
        let authorization = Authorization::of(request)?;
        let token = authorization.session_token(request).ok_or(Denied::Token)?;
        let id = authorization.access_key_id();
        let ticket = ticket::open(&self.root_keys, id, &token).ok_or(Denied::Token)?;
        if expected.now >= ticket.expires {
            return Err(Denied::Expired);
        }
        let expectation = Expectation {
            service: expected.service,
            region: expected.region,
            signed_headers: &["host"],
            payloads: expected.payloads,
            now: expected.now,
        };
        sigv4::verify(&authorization, request, &ticket.secret(), &expectation)?;
        Ok(ticket.principal(id))
    }
}

/// Why nobody is known to have signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// The credentials have ended.
    Expired,
    /// The signature is not accepted.
    Signature(SigV4Error),
    /// The session token is missing, or is none of this access key.
    Token,
}

impl Denied {
    /// The name of the error on the wire.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Expired => "ExpiredTokenException",
            Self::Signature(error) => error.error_type(),
            Self::Token => "UnrecognizedClientException",
        }
    }

    /// The text that the client sees.
    #[must_use]
    pub fn message(&self) -> String {
        alloc::format!("{self}")
    }
}

impl From<SigV4Error> for Denied {
    fn from(error: SigV4Error) -> Self {
        Self::Signature(error)
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("The security token included in the request is expired"),
            Self::Signature(error) => error.fmt(f),
            Self::Token => f.write_str("The security token included in the request is invalid."),
        }
    }
}

impl core::error::Error for Denied {}
