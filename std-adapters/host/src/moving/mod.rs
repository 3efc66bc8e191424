//! Moving a pool between stores: `Engine::export_pool_blocking` writes it to a file, `Engine::import_pool_blocking` puts the
//! file into the store of another engine.
//!
//! The file is JSON lines: a head, a line for each record, and a last line without which the file is torn. No secret is in
//! the clear in it: each is sealed under an [`ExportKey`], which is kept apart from the file. Names, addresses and other
//! attributes are not sealed. [The format](https://github.com/userpool/userpool/blob/main/core/docs/moving.md) is described
//! with the records.
//!
//! Neither holds more than a few records in memory. An import that broke off goes on where it was when it is run again with
//! the same file.
//!
//! # Examples
//!
#![cfg_attr(feature = "testing", doc = "```")]
#![cfg_attr(not(feature = "testing"), doc = "```ignore")]
//! use std::io::Cursor;
//! use userpool::{Engine, moving::ExportKey, testing, wire::idp::CreateUserPoolRequest};
//!
//! let here = testing::world().engine;
//! let request = CreateUserPoolRequest { pool_name: "demo".into(), ..Default::default() };
//! let pool = here.call_blocking(request)?.user_pool.and_then(|pool| pool.id).unwrap();
//!
//! let key = ExportKey::draw();
//! let mut file = Vec::new();
//! here.export_pool_blocking(&pool, &key, &mut file, |_| {})?;
//!
//! let there = testing::world().engine;
//! let moved = there.import_pool_blocking(&key, &mut Cursor::new(file), |_| {})?;
//! assert_eq!(moved.pool, pool);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod export;
mod format;
mod import;
mod key;
mod listed;

use std::{error::Error, fmt, io};

use crate::Failure;

pub use self::{key::ExportKey, listed::Listed};

/// How far an export or import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is done: of an export in records that each user has three of, of an import in bytes of the file.
    pub done: u64,
    /// What there is to do, in the same measure; of an export as well as it is known.
    pub of: u64,
    /// How many records have passed.
    pub records: u64,
    /// How many users have passed.
    pub users: u64,
}

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// The id of the pool.
    pub pool: String,
    /// Its name.
    pub name: String,
    /// How many records.
    pub records: u64,
    /// How many users.
    pub users: u64,
}

/// Why a pool was not moved.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotMoved {
    /// The file could not be read or written.
    File(io::Error),
    /// The file is not a whole export that this version and this key can read; says why.
    Unreadable(String),
    /// The store or the engine said no.
    Engine(Failure),
}

impl fmt::Display for NotMoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(cause) => write!(f, "the file: {cause}"),
            Self::Unreadable(why) => f.write_str(why),
            Self::Engine(Failure::Refused(refusal)) => f.write_str(refusal.message()),
            Self::Engine(Failure::Faulted(fault)) => {
                write!(f, "{fault}")?;
                let cause = fault.source();
                cause.map_or(Ok(()), |cause| write!(f, ": {cause}"))
            }
        }
    }
}

impl Error for NotMoved {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File(cause) => Some(cause),
            Self::Unreadable(_) => None,
            Self::Engine(cause) => Some(cause),
        }
    }
}

impl From<Failure> for NotMoved {
    fn from(failure: Failure) -> Self {
        Self::Engine(failure)
    }
}

impl From<io::Error> for NotMoved {
    fn from(cause: io::Error) -> Self {
        Self::File(cause)
    }
}
