//! Why the server does not start, told to whoever started it.

use std::fmt;

/// A reason that ends the process, in words.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure for a reason.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
