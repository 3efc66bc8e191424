//! What a migration writes into a store so that nobody serves it.

use userpool_ports::{Change, Expect, Key, Storage, StoreFault, Version};

use super::walk;
use crate::failure::Failure;

/// The key of the mark: after the keys of all records, whose first byte is a letter.
pub(crate) const MARK: &[u8] = b"\xffmigration";

/// Why a store is not to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Not everything is in it yet.
    Unfinished,
    /// It was copied while it was served; its copy is served now.
    Moved,
}

impl Mark {
    const fn text(self) -> &'static [u8] {
        match self {
            Self::Unfinished => b"not whole yet",
            Self::Moved => b"moved",
        }
    }

    /// The mark of a store, and its state.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn of(store: &dyn Storage) -> Result<Option<(Self, Version)>, StoreFault> {
        let found = store.load(&[Key::new(MARK)])?.pop().flatten();
        Ok(found.map(|entry| {
            let moved = *entry.value == *Self::Moved.text();
            let mark = if moved { Self::Moved } else { Self::Unfinished };
            (mark, entry.version)
        }))
    }

    /// Marks a store that bears no mark.
    ///
    /// # Errors
    /// It bears one, or cannot be written.
    pub(crate) fn set(self, store: &dyn Storage) -> Result<(), StoreFault> {
        let value = Change::Put {
            value: self.text().into(),
            expires: None,
        };
        let write = walk::write_of(Key::new(MARK), Expect::Absent, value);
        walk::commit(store, vec![write])
    }

    /// Takes the mark away.
    ///
    /// # Errors
    /// The mark is another one by now, or the store cannot be written.
    pub(crate) fn take(store: &dyn Storage, mark: Version) -> Result<(), StoreFault> {
        let write = walk::write_of(Key::new(MARK), Expect::At(mark), Change::Remove);
        walk::commit(store, vec![write])
    }
}

/// Checks that a store is to be served: no migration into it was cut short, and it was not moved.
///
/// # Errors
/// It is not; or it cannot be read.
pub(crate) fn check_whole(store: &dyn Storage) -> Result<(), Failure> {
    match Mark::of(store).map_err(super::failed)? {
        None => Ok(()),
        Some((Mark::Unfinished, _)) => Err(Failure::new(
            "a migration into this store was cut short; run it again",
        )),
        Some((Mark::Moved, _)) => Err(Failure::new(
            "this store has moved into another one by `userpool migrate`; serve that one",
        )),
    }
}
