//! What a run may know: records and pages by phase, answers by what was asked.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use core::any::Any;

use userpool_crypto::secret::SecretBytes;
use userpool_ports::{
    Entry, FetchFault, FetchReply, FetchRequest, HookAnswer, HookCall, HookFault, Key, PageRequest,
};

use super::{
    part::Part,
    work::{Done, Work, WorkFault},
};

/// The decoded form of a record, once somebody wanted it.
pub(crate) type Decoded = Option<Arc<dyn Any + Send + Sync>>;

/// One record as it was read, decoded at most once.
#[derive(Default)]
pub(crate) struct Fact {
    pub entry: Option<Entry>,
    pub decoded: Decoded,
}

/// A page as the store gave it.
pub(crate) type Entries = Arc<[(Key, Entry)]>;

/// The records of one phase: everything read between two commits of an operation.
///
/// They stay as they were read until the phase lands, so that every run of the phase sees the same.
#[derive(Default)]
pub(crate) struct Phase {
    /// How often the phase lost a race; part of every draw's label.
    pub attempt: u32,
    pub records: BTreeMap<Key, Fact>,
    pub pages: Vec<(PageRequest, Entries)>,
}

/// Everything a request has learned so far.
///
/// Records and pages belong to a phase and are dropped when it loses a race, and so are the parts that ended in
/// it. Answers of workers, hooks
/// and fetches are kept by content for the whole request: whoever asks the same again gets the same.
#[derive(Default)]
pub(crate) struct Facts {
    pub phases: Vec<Phase>,
    pub work: Vec<(Work, Result<Done, WorkFault>)>,
    pub hooks: Vec<(HookCall, Result<HookAnswer, HookFault>)>,
    pub fetches: Vec<(FetchRequest, Result<FetchReply, FetchFault>)>,
    /// What pure functions gave, by what they are and what they were given: computed once a request.
    pub kept: BTreeMap<(&'static str, Vec<u8>), Arc<dyn Any + Send + Sync>>,
    /// Unsealed values by their sealed bytes.
    pub opened: BTreeMap<Vec<u8>, Arc<SecretBytes>>,
    /// The parts of the operation that ran to their end, in the order in which a run comes to them.
    pub parts: Vec<Option<Part>>,
}

impl Facts {
    /// The records of phase `index`, which exists once the run reached it.
    pub fn phase(&mut self, index: usize) -> &mut Phase {
        while self.phases.len() <= index {
            self.phases.push(Phase::default());
        }
        &mut self.phases[index]
    }

    /// Forgets what a phase read, after it lost a race.
    pub fn lost_race(&mut self, index: usize) -> u32 {
        for part in &mut self.parts {
            if part.as_ref().is_some_and(|part| part.phase >= index) {
                *part = None;
            }
        }
        let phase = self.phase(index);
        phase.attempt += 1;
        phase.records.clear();
        phase.pages.clear();
        phase.attempt
    }

    /// Forgets what was computed from the facts, not the facts.
    pub fn forget_computed(&mut self) {
        self.kept.clear();
        self.opened.clear();
        self.parts.clear();
        for phase in &mut self.phases {
            for fact in phase.records.values_mut() {
                fact.decoded = None;
            }
        }
    }
}
