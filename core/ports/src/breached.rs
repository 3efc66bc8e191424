//! Passwords that are known from breaches.
//!
//! The engine asks by the beginning of a hash, so that neither a password nor its whole hash goes to whoever knows the
//! list. It asks as it asks for any exchange, with a URL of the scheme [`SCHEME`]; the driver puts the question to the
//! port.

use alloc::string::String;

use crate::FetchFault;

/// What the URL of such a question begins with; five upper-case hexadecimal digits follow.
pub const SCHEME: &str = "breached-passwords:";

/// Knows passwords from breaches by the beginning of their hashes.
pub trait BreachedPasswords {
    /// The passwords whose SHA-1 begins with these five upper-case hexadecimal digits: the other 35 digits of each,
    /// one a line; `:` and a number of occurrences may follow, and a line with none counts for nothing.
    ///
    /// # Errors
    /// It is not known. Nobody is kept out for that.
    fn range(&self, prefix: &str) -> Result<String, FetchFault>;
}
