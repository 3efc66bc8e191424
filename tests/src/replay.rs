//! A store in which the same requests are played from the same records over and over.
//!
//! Requests that are stopped between their steps, in every order, begin thousands of times where others have begun. In
//! memory that takes a copy. Another store is set back instead: what differs from the records is written, and no more.
//! Then two things would tell the runs apart, and are taken from them: the versions of entries, which never come again,
//! are counted for each key from the beginning of a run; and tokens, of which a store knows those of the runs before,
//! are different in each.

use std::collections::BTreeMap;

use userpool_ports::{
    Batch, Change, Entry, Expect, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp,
    Version, Write, memory::MemoryStore,
};

use crate::{
    player::Stepped,
    store::{Choice, Store},
};

/// A store of the kind that this run of the tests chose, which can be set back.
#[derive(Debug)]
pub struct ReplayStore(Kind);

#[derive(Debug)]
enum Kind {
    Memory(MemoryStore),
    Chosen(Chosen),
}

#[derive(Debug, Default)]
struct Chosen {
    store: Store,
    /// The versions that each key was seen in, the first of this run first.
    seen: BTreeMap<Key, Vec<Version>>,
    /// How often it was set back.
    run: u64,
}

impl Default for ReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplayStore {
    /// An empty store.
    ///
    /// # Panics
    /// It cannot be opened.
    pub fn new() -> Self {
        Self::of(Choice::of_this_run())
    }

    /// An empty store of this kind.
    ///
    /// # Panics
    /// It cannot be opened.
    pub fn of(choice: Choice) -> Self {
        Self(match choice {
            Choice::Memory => Kind::Memory(MemoryStore::new()),
            other => Kind::Chosen(Chosen {
                store: Store::of(other),
                ..Chosen::default()
            }),
        })
    }

    /// A store that holds these records.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn holding(records: &MemoryStore) -> Self {
        let mut store = Self::new();
        store.set_to(records);
        store
    }

    /// Begins another run from these records.
    ///
    /// # Panics
    /// It cannot be read or written.
    pub fn set_to(&mut self, records: &MemoryStore) {
        match &mut self.0 {
            Kind::Memory(memory) => *memory = records.clone(),
            Kind::Chosen(chosen) => chosen.set_to(records),
        }
    }

    /// What it holds, in the versions that it tells.
    ///
    /// # Panics
    /// It cannot be read.
    pub fn records(&mut self) -> MemoryStore {
        match &mut self.0 {
            Kind::Memory(memory) => memory.clone(),
            Kind::Chosen(chosen) => {
                let mut entries = chosen.store.entries();
                for (key, entry) in &mut entries {
                    chosen.count(key, entry);
                }
                entries.into_iter().collect()
            }
        }
    }

    /// See [`Storage::sweep`].
    ///
    /// # Errors
    /// The store failed.
    pub fn sweep(&mut self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        match &mut self.0 {
            Kind::Memory(memory) => Ok(memory.sweep(now, max)),
            Kind::Chosen(chosen) => chosen.store.sweep(now, max),
        }
    }
}

impl Stepped for ReplayStore {
    fn load(&mut self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        match &mut self.0 {
            Kind::Memory(memory) => Stepped::load(memory, keys),
            Kind::Chosen(chosen) => {
                let mut found = chosen.store.load(keys)?;
                for (key, entry) in keys.iter().zip(&mut found) {
                    if let Some(entry) = entry {
                        chosen.count(key, entry);
                    }
                }
                Ok(found)
            }
        }
    }

    fn page(&mut self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        match &mut self.0 {
            Kind::Memory(memory) => Stepped::page(memory, request),
            Kind::Chosen(chosen) => {
                let mut page = chosen.store.page(request)?;
                for (key, entry) in &mut page {
                    chosen.count(key, entry);
                }
                Ok(page)
            }
        }
    }

    fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreFault> {
        match &mut self.0 {
            Kind::Memory(memory) => Stepped::commit(memory, batch),
            Kind::Chosen(chosen) => chosen.store.commit(&chosen.as_it_is(batch)),
        }
    }
}

impl Chosen {
    fn set_to(&mut self, records: &MemoryStore) {
        self.seen.clear();
        self.run += 1;
        let mut there: BTreeMap<Key, Entry> = self.store.entries().into_iter().collect();
        let mut writes = Vec::new();
        for (key, entry) in records.iter() {
            let found = there.remove(key);
            let same = |it: &Entry| it.value == entry.value && it.expires == entry.expires;
            if !found.as_ref().is_some_and(same) {
                writes.push(Write {
                    key: key.clone(),
                    expect: found.map_or(Expect::Absent, |it| Expect::At(it.version)),
                    change: Change::Put {
                        value: entry.value.clone(),
                        expires: entry.expires,
                    },
                });
            }
        }
        writes.extend(there.into_iter().map(|(key, entry)| Write {
            key,
            expect: Expect::At(entry.version),
            change: Change::Remove,
        }));
        self.store.put(writes);
    }

    /// Tells the version of an entry by its place among those that its key was seen in.
    fn count(&mut self, key: &Key, entry: &mut Entry) {
        let seen = self.seen.entry(key.clone()).or_default();
        let place = seen.iter().position(|it| *it == entry.version);
        let place = place.unwrap_or_else(|| {
            seen.push(entry.version);
            seen.len() - 1
        });
        entry.version = Version::from_raw(place as u64);
    }

    /// A batch in the versions of the store, and with a token of this run.
    fn as_it_is(&self, batch: &Batch) -> Batch {
        let mut batch = batch.clone();
        for (byte, of_run) in batch.token.iter_mut().zip(self.run.to_be_bytes()) {
            *byte ^= of_run;
        }
        for write in &mut batch.writes {
            if let Expect::At(told) = &mut write.expect {
                let seen = self.seen.get(&write.key);
                let version = seen.and_then(|seen| seen.get(usize::try_from(told.raw()).ok()?));
                *told = *version.expect("a version that was told in this run");
            }
        }
        batch
    }
}
