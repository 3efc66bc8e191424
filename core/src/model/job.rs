//! Work that is longer than a commit: what is left of it, kept until it is done.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use minicbor::bytes::ByteArray;
use userpool_ports::{Key, Timestamp};

use super::{group::GroupId, keys, sub::Sub};
use crate::{cbor::Cbor, engine::Record};

/// How long a job waits before it begins, so that requests which began before the commit that made it
/// have ended, on every node: hosts let no request commit later than a minute after its beginning.
pub const WAIT: Duration = Duration::from_secs(70);

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Job {
    /// When it may begin.
    #[n(0)]
    pub begins: Timestamp,
    /// What is to be done.
    #[n(1)]
    pub task: Task,
}

impl Record for Job {
    const KIND: &'static str = "a job";
}

/// What a job does.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
pub enum Task {
    /// Empties a pool that was deleted, then removes it.
    #[n(0)]
    DeletePool {
        /// The pool.
        #[n(0)]
        pool: String,
        /// Where the sweep through the kinds of record stands.
        #[n(1)]
        at: Sweep,
    },
    /// Takes the members from a group that was deleted.
    #[n(1)]
    EmptyGroup {
        /// The pool.
        #[n(0)]
        pool: String,
        /// The group.
        #[cbor(n(1), bytes)]
        group: GroupId,
    },
    /// Takes a user that was deleted from the lists of its groups.
    #[n(2)]
    LeaveGroups {
        /// The pool.
        #[n(0)]
        pool: String,
        /// The user.
        #[n(1)]
        sub: Sub,
        /// The groups.
        #[n(2)]
        groups: Vec<ByteArray<16>>,
    },
    /// Removes the devices of a user that was deleted.
    #[n(10)]
    ForgetDevices {
        /// The pool.
        #[n(0)]
        pool: String,
        /// The user.
        #[n(1)]
        sub: Sub,
    },
    /// Makes users of the rows of a file.
    #[n(11)]
    ImportUsers {
        /// The pool.
        #[n(0)]
        pool: String,
        /// The import.
        #[n(1)]
        import: String,
    },
}

impl Job {
    /// The job that empties a pool.
    #[must_use]
    pub fn delete_pool(pool: &str, now: Timestamp) -> Self {
        Self {
            begins: now.after(WAIT),
            task: Task::DeletePool {
                pool: pool.into(),
                at: Sweep::default(),
            },
        }
    }

    /// The job that empties a group. It may begin at once: whoever joins a group makes sure that it is there.
    #[must_use]
    pub fn empty_group(pool: &str, group: GroupId, now: Timestamp) -> Self {
        Self {
            begins: now,
            task: Task::EmptyGroup {
                pool: pool.into(),
                group,
            },
        }
    }

    /// The job that takes a deleted user from these groups. It may begin at once, too.
    #[must_use]
    pub fn leave_groups(pool: &str, sub: Sub, groups: Vec<GroupId>, now: Timestamp) -> Self {
        Self {
            begins: now,
            task: Task::LeaveGroups {
                pool: pool.into(),
                sub,
                groups: groups.into_iter().map(ByteArray::from).collect(),
            },
        }
    }

    /// The job that removes the devices of a deleted user. It may begin at once: whoever writes one makes sure that the
    /// user is there.
    #[must_use]
    pub fn forget_devices(pool: &str, sub: Sub, now: Timestamp) -> Self {
        Self {
            begins: now,
            task: Task::ForgetDevices {
                pool: pool.into(),
                sub,
            },
        }
    }
}

/// Where a sweep through the records of a pool stands.
///
/// The sweep begins again until it has passed every kind without finding a record: a request that began
/// before the pool was deleted may have written behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Sweep {
    /// How many kinds of [`keys::KINDS_OF_POOL`] are passed.
    #[n(0)]
    pub passed: u8,
    /// The key of the kind to go on after; empty at its beginning.
    #[cbor(n(1), bytes)]
    after: Vec<u8>,
    /// Whether this pass found a record.
    #[n(2)]
    pub found: bool,
}

impl Sweep {
    /// The kind whose records are next; `None` when every kind is passed.
    #[must_use]
    pub fn kind(&self) -> Option<u8> {
        keys::KINDS_OF_POOL.get(usize::from(self.passed)).copied()
    }

    /// The key to go on after.
    #[must_use]
    pub fn after(&self) -> Option<Key> {
        (!self.after.is_empty()).then(|| Key::new(self.after.clone()))
    }

    /// The sweep after one page of a kind: `found` tells whether it held records, `more` is the key to go on
    /// after, `None` at the end of the kind.
    #[must_use]
    pub fn next(&self, found: bool, more: Option<&Key>) -> Self {
        Self {
            passed: self.passed + u8::from(more.is_none()),
            after: more.map(|key| key.as_bytes().to_vec()).unwrap_or_default(),
            found: self.found || found,
        }
    }
}
