//! A group of tasks, applied one after another in one transaction that is synced once.

use std::collections::HashSet;

use redb::{Database, Durability, ReadableTable, Table};
use userpool_ports::storage::TOKEN_LIFE_MILLIS;
use userpool_ports::{Batch, Change, Expect, Outcome, StoreFault, Timestamp, Version, Write};

use crate::layout::{self, Head, TABLE};

/// One thing to do in a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task<'a> {
    /// Commit a batch whose bounds were checked.
    Commit(&'a Batch),
    /// Remove what has ended.
    Sweep {
        /// The engine's time.
        now: Timestamp,
        /// The most rows to remove.
        max: usize,
    },
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// A batch ended so; any task may end as unknown.
    Ended(Outcome),
    /// A sweep removed this many rows.
    Swept(usize),
}

impl Done {
    /// The outcome of a batch.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Ended(outcome) => outcome,
            Self::Swept(_) => Outcome::Unknown,
        }
    }
}

/// What the writer knows of the file beyond the file itself.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The number of the last batch that landed.
    pub(crate) sequence: u64,
    /// The tokens that have a row.
    pub(crate) tokens: HashSet<[u8; 16]>,
}

/// Why a group did not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing of the group landed.
    NothingLanded(StoreFault),
    /// All of the group landed, or nothing.
    Unknown,
}

impl<E: Into<redb::Error>> From<E> for Failure {
    fn from(cause: E) -> Self {
        Self::NothingLanded(fault(cause))
    }
}

/// The fault of an error of redb's.
pub(crate) fn fault(cause: impl Into<redb::Error>) -> StoreFault {
    StoreFault::new(cause.into().to_string())
}

/// Applies the tasks and tells their ends in the same order.
///
/// After a failure `memory` may be ahead of the file; it must be read from the file again.
///
/// # Errors
/// The database failed.
pub(crate) fn apply(
    database: &Database,
    memory: &mut Memory,
    tasks: &[Task<'_>],
) -> Result<Vec<Done>, Failure> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_two_phase_commit(true);
    let mut rows = Rows {
        table: transaction.open_table(TABLE)?,
        memory,
        changed: false,
    };
    let mut ends = Vec::with_capacity(tasks.len());
    for task in tasks {
        ends.push(match task {
            Task::Commit(batch) => Done::Ended(rows.commit(batch)?),
            Task::Sweep { now, max } => Done::Swept(rows.sweep(*now, *max)?),
        });
    }
    if rows.finish()? {
        transaction.commit().map_err(|_| Failure::Unknown)?;
    } else {
        transaction.abort()?;
    }
    Ok(ends)
}

struct Rows<'a> {
    table: Table<'a, &'static [u8], &'static [u8]>,
    memory: &'a mut Memory,
    changed: bool,
}

impl Rows<'_> {
    fn commit(&mut self, batch: &Batch) -> Result<Outcome, Failure> {
        if self.memory.tokens.contains(&batch.token) {
            return Ok(Outcome::Committed);
        }
        let mut heads = Vec::with_capacity(batch.writes.len());
        for write in &batch.writes {
            let row = layout::entry_row(write.key.as_bytes());
            let head = self.head(&row)?;
            let holds = match write.expect {
                Expect::Absent => head.is_none(),
                Expect::At(version) => head.is_some_and(|head| head.version == version),
            };
            if !holds {
                return Ok(Outcome::Conflict);
            }
            heads.push((row, head.and_then(|head| head.expires)));
        }
        self.memory.sequence += 1;
        let version = Version::from_raw(self.memory.sequence);
        for (write, (row, old_end)) in batch.writes.iter().zip(heads) {
            self.change(write, &row, old_end, version)?;
        }
        let forgotten = batch.now.millis().saturating_add(TOKEN_LIFE_MILLIS);
        let row = layout::token_row(Timestamp::from_millis(forgotten), &batch.token);
        self.table.insert(&*row, &[][..])?;
        self.memory.tokens.insert(batch.token);
        self.changed = true;
        Ok(Outcome::Committed)
    }

    fn head(&self, row: &[u8]) -> Result<Option<Head>, Failure> {
        let Some(bytes) = self.table.get(row)? else {
            return Ok(None);
        };
        let (head, _) = Head::split(bytes.value()).map_err(Failure::NothingLanded)?;
        Ok(Some(head))
    }

    fn change(
        &mut self,
        write: &Write,
        row: &[u8],
        old_end: Option<Timestamp>,
        version: Version,
    ) -> Result<(), Failure> {
        let new_end = match &write.change {
            Change::Check => return Ok(()),
            Change::Remove => {
                self.table.remove(row)?;
                None
            }
            Change::Put { value, expires } => {
                let head = Head {
                    version,
                    expires: *expires,
                };
                self.table.insert(row, &*head.with(value))?;
                *expires
            }
        };
        if old_end == new_end {
            return Ok(());
        }
        if let Some(end) = old_end {
            self.table
                .remove(&*layout::end_row(end, write.key.as_bytes()))?;
        }
        if let Some(end) = new_end {
            self.table
                .insert(&*layout::end_row(end, write.key.as_bytes()), &[][..])?;
        }
        Ok(())
    }

    fn sweep(&mut self, now: Timestamp, max: usize) -> Result<usize, Failure> {
        let ended = self.ended(layout::end_rows(), now, max)?;
        for row in &ended {
            let (_, key) = layout::moment_of_row(row).map_err(Failure::NothingLanded)?;
            self.table.remove(&*layout::entry_row(key))?;
            self.table.remove(&**row)?;
        }
        let forgotten = self.ended(layout::token_rows(), now, max - ended.len())?;
        for row in &forgotten {
            let (_, token) = layout::moment_of_row(row).map_err(Failure::NothingLanded)?;
            self.memory.tokens.remove(token);
            self.table.remove(&**row)?;
        }
        let swept = ended.len() + forgotten.len();
        self.changed |= swept > 0;
        Ok(swept)
    }

    /// The first rows of a range whose moment has come, at most `max`.
    fn ended(
        &self,
        range: core::ops::Range<[u8; 1]>,
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        let mut found = Vec::new();
        let (start, end) = (&range.start[..], &range.end[..]);
        for row in self.table.range(start..end)?.take(max) {
            let (row, _) = row?;
            let (moment, _) = layout::moment_of_row(row.value()).map_err(Failure::NothingLanded)?;
            if moment > now {
                break;
            }
            found.push(row.value().to_vec());
        }
        Ok(found)
    }

    /// Writes the sequence if anything changed; tells whether it did.
    fn finish(mut self) -> Result<bool, Failure> {
        if self.changed {
            let sequence = self.memory.sequence.to_be_bytes();
            self.table.insert(layout::SEQUENCE_ROW, &sequence[..])?;
        }
        Ok(self.changed)
    }
}
