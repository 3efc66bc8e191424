//! The holes of other servers of this protocol, one test each: every way in is refused by the service's own error,
//! and nothing but attempts and spent marks changes.

mod accounts;
mod clients;
mod codes;
mod devices;
mod first_factors;
mod guessers;
mod proofs;
mod requests;
mod risks;
mod second_factors;
mod sessions;
mod shown;
mod tokens;

/// The records that count a failure.
pub const COUNTED: &str = "AFZ";
/// The refusal of a wrong password or proof.
pub const INCORRECT: &str = "NotAuthorizedException: Incorrect username or password.";
/// A password that fits the policy and is nobody's.
pub const WRONG: &str = "Wrong-horse-9";
