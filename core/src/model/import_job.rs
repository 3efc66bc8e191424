//! Imports of users from a file of comma-separated values.
//!
//! ## Machine: the state of an import
//!
//! | state | StartUserImportJob | StopUserImportJob | a day | the next row | the end of the file | a row with other columns than the pool's |
//! |---|---|---|---|---|---|---|
//! | Created | Pending | - | Expired | - | - | - |
//! | Pending | - | Stopping | - | InProgress | - | Failed |
//! | InProgress | - | Stopping | - | InProgress | Succeeded | InProgress |
//! | Stopping | - | - | - | Stopped | Stopped | Stopped |
//! | Stopped | - | - | - | - | - | - |
//! | Failed | - | - | - | - | - | - |
//! | Succeeded | - | - | - | - | - | - |
//! | Expired | - | - | - | - | - | - |
//!
//! What is marked `-` is refused, or does not happen. The first row names the columns; ten thousand rows that made no user
//! end an import as Failed, too.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Timestamp;

use super::signing::Moment;
use crate::{cbor::Cbor, engine::Record};

/// How long an import waits to be started.
pub const WAITS: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the parts of a file are kept at most.
pub const FILE_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How many bytes a part of a file has; only the last one has fewer.
pub const PART: usize = 60_000;
/// The longest row, in bytes: it lies in two parts at most.
pub const MAX_ROW: usize = 48_000;
/// The longest file, in bytes.
pub const MAX_FILE: u64 = 100 * 1_024 * 1_024;
/// The most imports of a pool.
pub const MAX_OF_POOL: u32 = 1_000;
/// How many bytes of a report are kept in one record.
pub const REPORT_PART: usize = 8_000;

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ImportJob {
    /// Its id.
    #[n(0)]
    pub id: String,
    /// Its name.
    #[n(1)]
    pub name: String,
    /// The role that the service would write its log with.
    #[n(2)]
    pub role: String,
    /// Where it stands.
    #[n(3)]
    pub state: ImportState,
    /// When it was made.
    #[n(4)]
    pub created: Timestamp,
    /// When it was started.
    #[n(5)]
    pub started: Option<Moment>,
    /// When it ended.
    #[n(6)]
    pub ended: Option<Moment>,
    /// How often somebody began to send a file: the parts of the last one count.
    #[n(7)]
    pub sent: u32,
    /// How long the file is, once all of it came.
    #[n(8)]
    pub bytes: Option<u64>,
    /// What each column holds, once the first row was read.
    #[n(9)]
    pub columns: Vec<String>,
    /// Where the next row begins.
    #[n(10)]
    pub at: u64,
    /// The number of the last row that was read; the first has the names of the columns.
    #[n(11)]
    pub row: u64,
    /// How many users were made.
    #[n(12)]
    pub imported: u64,
    /// How many rows are of names that are taken.
    #[n(13)]
    pub skipped: u64,
    /// How many rows are of no user.
    #[n(14)]
    pub failed: u64,
    /// How it ended, in words.
    #[n(15)]
    pub message: Option<String>,
    /// How many parts its report has.
    #[n(16)]
    pub report: u32,
}

impl Record for ImportJob {
    const KIND: &'static str = "an import of users";
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(index_only)]
pub enum ImportState {
    /// Waits for its file, and to be started.
    #[n(0)]
    Created,
    /// Started.
    #[n(1)]
    Pending,
    /// Makes users.
    #[n(2)]
    InProgress,
    /// Shall end.
    #[n(3)]
    Stopping,
    /// Ended because somebody stopped it.
    #[n(4)]
    Stopped,
    /// Ended because of what the file holds.
    #[n(5)]
    Failed,
    /// Ended with the file.
    #[n(6)]
    Succeeded,
    /// Was not started in time.
    #[n(7)]
    Expired,
}

impl ImportJob {
    /// A new import.
    #[must_use]
    pub fn new(id: String, name: &str, role: &str, now: Timestamp) -> Self {
        Self {
            id,
            name: name.into(),
            role: role.into(),
            state: ImportState::Created,
            created: now,
            started: None,
            ended: None,
            sent: 0,
            bytes: None,
            columns: Vec::new(),
            at: 0,
            row: 0,
            imported: 0,
            skipped: 0,
            failed: 0,
            message: None,
            report: 0,
        }
    }

    /// Where it stands by now.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ImportState {
        match self.state {
            ImportState::Created if now >= self.created.after(WAITS) => ImportState::Expired,
            state => state,
        }
    }

    /// The same, ended.
    #[must_use]
    pub fn end(self, state: ImportState, message: &str, now: Timestamp) -> Self {
        Self {
            state,
            message: Some(message.into()),
            ended: Some(Moment(now)),
            ..self
        }
    }
}

/// The imports of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Imports {
    /// How many there are.
    #[n(0)]
    pub count: u32,
    /// The one that is started and has not ended.
    #[n(1)]
    pub active: Option<String>,
}

impl Record for Imports {
    const KIND: &'static str = "the imports of a pool";
}

/// A part of the file or the report of an import. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ImportPart {
    /// The bytes.
    #[cbor(n(0), bytes)]
    pub bytes: Vec<u8>,
}

impl Record for ImportPart {
    const KIND: &'static str = "a part of an import";
}

impl core::fmt::Debug for ImportPart {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ImportPart").finish_non_exhaustive()
    }
}
