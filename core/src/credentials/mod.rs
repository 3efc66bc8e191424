//! Credentials of identity pools, made and checked without a store.
//!
//! An identity gets an access key id, a secret and a session token, which its client signs requests with
//! (AWS Signature Version 4). The session token is a sealed value: the secret, the identity, its role and tags, and the
//! end of its life, under the root keys and bound to the access key id. So whoever has the root keys checks a signed
//! request by itself, and what is not sealed by one of them is nobody's. Root keys are rotated by the host; older
//! ones go on to open what they sealed.
//!
//! [`Checker`] tells the [`Principal`] of a signed request, and [`Principal::may`] what policies of its role let it do.

mod check;
mod ticket;

/// How somebody with a login came: the first of [`Principal::providers`], of `amr` in tokens, and the name of their role.
pub(crate) const AUTHENTICATED: &str = "authenticated";
/// How a guest came.
pub(crate) const UNAUTHENTICATED: &str = "unauthenticated";

pub use check::{Checker, Denied, Expected};
pub use ticket::Principal;
pub(crate) use ticket::{Ticket, seal};
