//! What a run may know: records and pages by phase, answers by what was asked.

use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
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
    pub records: Records,
    pub pages: Vec<(PageRequest, Entries)>,
}

/// Records by their keys, in the order of those: they are few, and looked up often.
#[derive(Default)]
pub(crate) struct Records(Vec<(Key, Fact)>);

impl Records {
    /// Takes a record up, in the place of what was known under its key.
    pub fn insert(&mut self, key: Key, fact: Fact) {
        match self.place(&key) {
            Ok(place) => self.0[place].1 = fact,
            Err(place) => self.0.insert(place, (key, fact)),
        }
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Where a record stands; where it would, if it is not known.
    pub fn place(&self, key: &Key) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }

    /// The record in a place.
    pub fn at(&mut self, place: usize) -> &mut Fact {
        &mut self.0[place].1
    }

    /// The record under a key.
    pub fn get(&self, key: &Key) -> Option<&Fact> {
        let place = self.place(key).ok()?;
        Some(&self.0[place].1)
    }

    /// All of them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Fact> {
        self.0.iter_mut().map(|(_, fact)| fact)
    }
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
    /// What was drawn.
    pub drawn: Vec<Drawn>,
    /// What pure functions gave, by what they are and what they were given: computed once a request.
    pub kept: BTreeMap<(&'static str, Vec<u8>), Arc<dyn Any + Send + Sync>>,
    /// Unsealed values by their sealed bytes.
    pub opened: BTreeMap<Vec<u8>, Arc<SecretBytes>>,
    /// The parts of the operation that ran to their end, in the order in which a run comes to them.
    pub parts: Vec<Option<Part>>,
}

/// Bytes that were drawn once a request, and where.
pub(crate) struct Drawn {
    pub phase: usize,
    pub attempt: u32,
    pub label: Box<str>,
    pub bytes: SecretBytes,
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
        self.drawn.clear();
        self.kept.clear();
        self.opened.clear();
        self.parts.clear();
        for phase in &mut self.phases {
            for fact in phase.records.iter_mut() {
                fact.decoded = None;
            }
        }
    }
}
