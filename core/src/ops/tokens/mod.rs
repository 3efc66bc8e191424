//! Tokens: given out at sign-in, renewed by refresh tokens, revoked, and the keys that sign them.

pub(crate) mod claims;
pub(crate) mod client_secret;
pub(crate) mod exchange;
pub mod get_client_token;
pub mod get_user;
pub(crate) mod issue;
pub mod keys;
pub mod refresh;
mod refresh_token;
pub mod revoke;
pub mod sign_out;

#[cfg(test)]
mod tests;
