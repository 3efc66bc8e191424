//! The storage contract: load keys, read a page, commit a batch with its expectations, sweep.
//!
//! The contract, each sentence a test of the suite that every store runs, a store of your own too (the crate
//! `userpool-store-contract` makes the tests, and has one over a map and a file as an example):
//!
//! - [`Storage::load`] answers in the order of the keys asked for, from one consistent view.
//! - [`Storage::page`] gives entries under a prefix in ascending byte order of their keys.
//! - [`Storage::commit`] applies all writes of a batch when every expectation holds, or none.
//! - A [`Version`] is opaque and **never recurs for a key**, even after removal.
//! - A key that is only checked ([`Change::Check`]) exists and stays locked until the batch landed.
//! - **Committing the same token twice is committing once**: the second call answers
//!   [`Outcome::Committed`] and changes nothing, for at least [`TOKEN_LIFE_MILLIS`] after the first, whatever
//!   later commits did to the same keys. So an [`Outcome::Unknown`] is settled by submitting the
//!   identical batch again. Two different batches never carry the same token.
//! - Once [`Outcome::Committed`] was told, the batch survives any crash of the process or machine.
//! - `load` and `page` may still return an entry whose `expires` has passed; [`Storage::sweep`] removes
//!   such entries in bounded steps. A swept key counts as absent.
//! - Bounds: [`MAX_KEY`], [`MAX_VALUE`], [`MAX_WRITES`], [`MAX_BATCH`]; a batch beyond them is refused
//!   with [`StoreFault`] and changes nothing. A key stands at most once in a batch.

use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::fmt;

use crate::Timestamp;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 512;
/// The longest value, in bytes; larger things are kept in chunks.
pub const MAX_VALUE: usize = 64 * 1024;
/// The most writes in a batch.
pub const MAX_WRITES: usize = 64;
/// The most bytes of keys and values in a batch.
pub const MAX_BATCH: usize = 1024 * 1024;
/// How long a store remembers the token of a landed batch, in milliseconds.
pub const TOKEN_LIFE_MILLIS: i64 = 10 * 60 * 1_000;

/// The name of an entry: 1 to [`MAX_KEY`] bytes, ordered as bytes. Its `Debug` shows the first byte, which tells the kind
/// of the record, and the length: the rest may hold a person's address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.get(..1).unwrap_or_default().escape_ascii();
        write!(f, "Key({kind}.., {} bytes)", self.0.len())
    }
}

/// The state of an entry at one moment: opaque, and never the same again for its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// A version from the number by which a store counts.
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// The store's number.
    #[must_use]
    pub const fn raw(self) -> u64 {
        self.0
    }
}

/// A value with its version and, where it has one, its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The bytes, as committed.
    pub value: Arc<[u8]>,
    /// The state to name when replacing or removing it.
    pub version: Version,
    /// When the entry stops to count; the reader checks it, `sweep` removes it.
    pub expires: Option<Timestamp>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("bytes", &self.value.len())
            .field("version", &self.version)
            .field("expires", &self.expires)
            .finish()
    }
}

/// What a write takes for granted about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is no entry.
    Absent,
    /// The entry is still in this state.
    At(Version),
}

/// What a write does to its key.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Puts a value, with its end where it has one.
    Put {
        /// The bytes to keep.
        value: Arc<[u8]>,
        /// When the entry stops to count.
        expires: Option<Timestamp>,
    },
    /// Removes the entry; expects [`Expect::At`].
    Remove,
    /// Changes nothing, but the expectation must hold when the batch lands; expects [`Expect::At`].
    Check,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { value, expires } => {
                write!(f, "Put({} bytes, expires {expires:?})", value.len())
            }
            Self::Remove => f.write_str("Remove"),
            Self::Check => f.write_str("Check"),
        }
    }
}

/// One write of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The entry it is about.
    pub key: Key,
    /// What must hold for the batch to land.
    pub expect: Expect,
    /// What happens to the entry.
    pub change: Change,
}

/// Writes that land together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Names this batch: the same token is the same batch.
    pub token: [u8; 16],
    /// The engine's time, from which the life of the token counts.
    pub now: Timestamp,
    /// The writes, in ascending order of their keys, each key once.
    pub writes: Vec<Write>,
}

impl Batch {
    /// Checks the bounds of the contract.
    ///
    /// # Errors
    /// A [`StoreFault`] that names the bound which the batch breaks.
    pub fn check(&self) -> Result<(), StoreFault> {
        if self.writes.len() > MAX_WRITES {
            return Err(StoreFault::new("a batch has too many writes"));
        }
        let mut total = 0;
        let mut last: Option<&Key> = None;
        for write in &self.writes {
            let key = write.key.as_bytes();
            if key.is_empty() || key.len() > MAX_KEY {
                return Err(StoreFault::new("a key has a length outside 1 to 512 bytes"));
            }
            if last.is_some_and(|last| last >= &write.key) {
                return Err(StoreFault::new(
                    "the keys of a batch are not in ascending order",
                ));
            }
            last = Some(&write.key);
            total += key.len();
            match (&write.change, write.expect) {
                (Change::Put { value, .. }, _) => {
                    if value.len() > MAX_VALUE {
                        return Err(StoreFault::new("a value is longer than 64 KiB"));
                    }
                    total += value.len();
                }
                (Change::Remove | Change::Check, Expect::At(_)) => {}
                (Change::Remove | Change::Check, Expect::Absent) => {
                    return Err(StoreFault::new("a remove or check must name a version"));
                }
            }
        }
        if total > MAX_BATCH {
            return Err(StoreFault::new("a batch is larger than 1 MiB"));
        }
        Ok(())
    }
}

/// Entries wanted, in key order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Every key of the page begins with these bytes; where there are none, every key of the store.
    pub prefix: Key,
    /// Only keys greater than this one, if given.
    pub after: Option<Key>,
    /// The most entries to return; at least 1.
    pub limit: usize,
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything landed, now or under the same token before.
    Committed,
    /// An expectation did not hold; nothing landed.
    Conflict,
    /// It may have landed or not; submit the identical batch again to find out.
    Unknown,
}

/// The store failed, and nothing of the call took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFault(String);

impl StoreFault {
    /// A fault with this cause; the text holds no record's content.
    #[must_use]
    pub fn new(cause: impl Into<String>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed: {}", self.0)
    }
}

impl core::error::Error for StoreFault {}

/// Receives the end of a call to a store, exactly once.
pub type Told<T> = Box<dyn FnOnce(Result<T, StoreFault>) + Send>;

/// Receives the end of a commit, exactly once.
pub type Landed = Told<Outcome>;

/// A store of versioned entries; see the [module](self) for the contract.
pub trait Storage {
    /// The entries of these keys, in the order asked, `None` where there is none.
    ///
    /// # Errors
    /// The store could not be read.
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault>;

    /// At most `limit` entries under a prefix, after a cursor, in ascending order of their keys.
    ///
    /// # Errors
    /// The store could not be read.
    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault>;

    /// Applies a batch, all or nothing, and returns when it is durable.
    ///
    /// # Errors
    /// The batch breaks a bound or the store failed; nothing landed. Where that is not certain, the
    /// answer is [`Outcome::Unknown`].
    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault>;

    /// Applies a batch like [`Storage::commit`], but returns at once and tells the end to `landed`.
    ///
    /// Stores with a writer of their own queue the batch, and tell a fault when the queue is full; others
    /// commit inline. `landed` may run on the writer's thread: it may submit, but must not wait for the store.
    fn submit(&self, batch: Batch, landed: Landed) {
        landed(self.commit(&batch));
    }

    /// Whether every call takes a round trip over a network, to a store that other processes write to as well.
    ///
    /// Hosts then keep settings for a while instead of asking for them with every request, and no event loop of theirs
    /// waits for a read.
    fn is_remote(&self) -> bool {
        false
    }

    /// Reads like [`Storage::load`], but returns at once and tells what was read to `loaded`, which may run on any
    /// thread, must not wait for the store, and where it is lost without a word has told of a fault.
    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        loaded(self.load(&keys));
    }

    /// Reads like [`Storage::page`], but returns at once, as [`Storage::load_later`] does.
    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        paged(self.page(&request));
    }

    /// Removes at most `max` entries (and remembered tokens) that ended at or before `now`; tells how many.
    ///
    /// # Errors
    /// The store failed; some entries may be gone already.
    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault>;
}
