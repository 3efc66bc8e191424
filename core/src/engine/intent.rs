//! What a run leaves behind: the facts that it lacks, or the writes and messages that it decided on.

use alloc::vec::Vec;

use userpool_ports::{Change, FetchRequest, HookCall, Key, PageRequest, Write};

use super::{outbox::Parcel, work::Work};

/// The facts that a run found missing; all of them are fetched before the next run.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub keys: Vec<Key>,
    pub page: Option<PageRequest>,
    pub work: Vec<Work>,
    pub ask: Option<HookCall>,
    pub fetch: Option<FetchRequest>,
}

/// What a run wants written and sent.
#[derive(Default)]
pub(crate) struct Intent {
    /// In the order of their keys, each key once.
    pub writes: Vec<Write>,
    pub messages: Vec<(Key, Parcel)>,
}

impl Intent {
    /// Takes a write up: what is to become of a record replaces what was to become of it.
    pub fn write(&mut self, write: Write) {
        match self
            .writes
            .binary_search_by(|other| other.key.cmp(&write.key))
        {
            Err(place) => self.writes.insert(place, write),
            // A check adds nothing to a write, which checks too.
            Ok(_) if matches!(write.change, Change::Check) => {}
            Ok(place) => self.writes[place].change = write.change,
        }
    }

    /// Takes up what a part decided.
    pub fn add(&mut self, part: &Self) {
        for write in &part.writes {
            self.write(write.clone());
        }
        self.messages.extend_from_slice(&part.messages);
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.messages.is_empty()
    }
}
