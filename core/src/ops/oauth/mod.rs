//! The OAuth 2.0 and OpenID Connect endpoints of a pool, and what its login pages ask of the engine.
//!
//! Each endpoint is an [`Endpoint`]: a request as an adapter read it, and a function of the engine that answers it. The
//! adapter turns the answer into a status, headers and a page, and decides nothing.
//!
//! An error of OAuth is an answer, not a refusal: a code that is sent again is refused *and* revokes what it was
//! exchanged for, and both stand in one commit. Refusals of the engine are left for what its own operations refuse.
//!
//! | file | document |
//! |---|---|
//! | `authorize` | RFC 6749 §4.1.1, §4.2.1; OpenID Connect Core §3.1.2; RFC 9207 |
//! | `code` | RFC 6749 §4.1.2; RFC 7636; RFC 9700 §2.1.1 |
//! | `token`, `machine` | RFC 6749 §4.1.3, §4.4, §6 |
//! | `client` | RFC 6749 §2.3.1 |
//! | `resource` | RFC 8707 |
//! | `levels` | OpenID Connect Core §2, §3.1.2.1 (`acr`) |
//! | `user_info` | OpenID Connect Core §5.3; RFC 6750 |
//! | `revoke` | RFC 7009 |
//! | `registration` | RFC 7591 |
//! | `confirm_user`, `logout`, `look`, `brand`, `own_passkey` | the service's own |
//! | `federation` | sign-ins by identity providers, in a table of its own |

pub mod authorize;
pub mod brand;
mod client;
mod code;
pub mod confirm_user;
pub mod error;
pub mod federation;
mod levels;
pub mod logout;
pub mod look;
pub(crate) mod machine;
pub mod own_passkey;
pub mod pages;
pub mod parameters;
pub mod place;
pub mod registration;
pub(in crate::ops) mod request;
mod resource;
pub mod revoke;
pub(crate) mod session;
pub mod token;
pub mod user_info;

use alloc::boxed::Box;

use crate::engine::{Cx, Output, Program, Run};

/// A request to an endpoint of a pool's domain.
pub trait Endpoint: Send + Sized + 'static {
    /// The answer.
    type Reply: Send + 'static;

    /// The endpoint, one run.
    ///
    /// # Errors
    /// Stops with a refusal, a fault, or facts still missing.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Self::Reply>;
}

/// An endpoint bound to its request, for an adapter; its output is the endpoint's reply.
#[must_use]
pub fn program<E: Endpoint>(endpoint: E) -> Program {
    Box::new(move |cx| endpoint.run(cx).map(|reply| Box::new(reply) as Output))
}
