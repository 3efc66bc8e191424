//! Outbound HTTP exchanges that the engine asks for.

use alloc::{string::String, vec::Vec};
use core::fmt;

/// A request the engine wants sent. Headers and body may hold secrets, so neither is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// An absolute URL.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// How far it may reach.
    pub reach: Reach,
}

/// Who named the address of a request, and so how far it may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Whoever runs the host: anywhere, and as the address says.
    Operator,
    /// Somebody else, an administrator of a pool or an identity provider: to public addresses alone, unless whoever
    /// runs the host allows more. The check is of the address that a name resolves to. A reply that leads elsewhere
    /// may be followed for `GET`, a few times, each time as far.
    Public,
}

impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// What came back. The body may hold secrets and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchReply {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most 1 MiB.
    pub body: Vec<u8>,
}

impl fmt::Debug for FetchReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchReply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An exchange that gave no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchFault(
    /// What went wrong, without any secret.
    pub String,
);

impl fmt::Display for FetchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the exchange failed: {}", self.0)
    }
}

impl core::error::Error for FetchFault {}

/// Performs outbound exchanges.
pub trait Fetch {
    /// Sends a request and waits for its reply.
    ///
    /// # Errors
    /// No reply came; any HTTP status is a reply.
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault>;
}
