//! Tokens: given out at sign-in, renewed by refresh tokens, revoked, and the keys that sign them.

mod claims;
pub(crate) mod issue;
pub mod keys;
mod refresh_token;
pub(crate) mod shown;
