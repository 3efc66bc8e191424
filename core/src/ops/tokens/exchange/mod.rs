//! GetDerivedToken: a token for another (RFC 8693).
//!
//! | the request has | the client needs the flow | the token |
//! |---|---|---|
//! | a subject token | `ALLOW_TOKEN_EXCHANGE_IMPERSONATION` | is about the subject |
//! | an actor token too | `ALLOW_TOKEN_EXCHANGE_DELEGATION` | and says in `act` who acts, before those who acted earlier |
//!
//! From the service's reference: the members, the two flows, `act`, that Audiences and Resources exclude each other, that
//! the scopes are those asked for which subject token and client have, or all of the subject token's where none are asked
//! for. Judged by RFC 8693 and by what is safe, since the reference is silent:
//!
//! - A token of the pool is good as long as it is for the pool's own API: signed, not expired, its client, user and grant
//!   there and not revoked. The new token belongs to the same grant, dies with it, and lives no longer than the subject
//!   token, so that no chain of exchanges outlives the sign-in.
//! - An ID token or what another provider says holds no scopes: of those asked for the client's own are given, but for
//!   the one that manages the own account.
//! - `may_act` in a subject token is held to (§4.4); earlier actors stay, four at most (§4.1).
//! - An ID token is for the client that asks, so that Audiences and Resources are of access tokens alone.
//! - Access tokens of clients, without a user, are actors and no subjects.
//! - Whoever another provider vouches for must have an account, made at a sign-in or linked; none is made here.

mod act;
mod foreign;
mod own;
mod request;

pub(crate) use own::ORIGIN_CLIENT;
pub(crate) use request::get_derived_token;
