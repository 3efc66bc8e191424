//! Who signed a request.

use alloc::{borrow::Cow, string::String};
use core::fmt;

use userpool_crypto::{
    sealed::RootKeys,
    sigv4::{self, Authorization, Expectation, Payloads, Request, SigV4Error},
};

use super::ticket::{self, Principal, Ticket};

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
    /// What may stand for the body; signed chunks may only where the body is asked for, too.
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
        let shown = self.shown(request, expected)?;
        sigv4::verify(
            &shown.authorization,
            request,
            &shown.ticket.secret(),
            &expected.of_signature(),
        )?;
        Ok(shown.principal())
    }

    /// Who signed this very request, and the body that they signed: the one that was received, or what its signed chunks hold.
    ///
    /// Refusals as those of [`principal`](Self::principal), and then those of [`sigv4::verify_body`].
    ///
    /// # Errors
    /// The refusals above.
    pub fn principal_and_body<'b>(
        &self,
        request: &Request<'b>,
        expected: &Expected<'_>,
    ) -> Result<(Principal, Cow<'b, [u8]>), Denied> {
        let shown = self.shown(request, expected)?;
        let body = sigv4::verify_body(
            &shown.authorization,
            request,
            &shown.ticket.secret(),
            &expected.of_signature(),
        )?;
        Ok((shown.principal(), body))
    }

    fn shown(&self, request: &Request<'_>, expected: &Expected<'_>) -> Result<Shown, Denied> {
        let authorization = Authorization::of(request)?;
        let token = authorization.session_token(request).ok_or(Denied::Token)?;
        let id = authorization.access_key_id();
        let ticket = ticket::open(&self.root_keys, id, &token).ok_or(Denied::Token)?;
        if expected.now >= ticket.expires {
            return Err(Denied::Expired);
        }
        Ok(Shown {
            authorization,
            ticket,
        })
    }
}

/// What a request shows, before its signature is checked.
struct Shown {
    authorization: Authorization,
    ticket: Ticket,
}

impl Shown {
    fn principal(&self) -> Principal {
        self.ticket.principal(self.authorization.access_key_id())
    }
}

impl<'a> Expected<'a> {
    fn of_signature(&self) -> Expectation<'a> {
        Expectation {
            service: self.service,
            region: self.region,
            signed_headers: &["host"],
            payloads: self.payloads,
            now: self.now,
        }
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
