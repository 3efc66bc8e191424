//! The reference store: the whole contract over two ordered maps.

use alloc::{collections::BTreeMap, vec::Vec};
use core::{cell::RefCell, ops::Bound};

use crate::Timestamp;
use crate::storage::{
    Batch, Change, Entry, Expect, Key, Outcome, PageRequest, Storage, StoreFault,
    TOKEN_LIFE_MILLIS, Version,
};

/// Entries and remembered tokens in memory; the methods state the contract in code.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    entries: BTreeMap<Key, Entry>,
    tokens: BTreeMap<[u8; 16], Timestamp>,
    sequence: u64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies a batch, all or nothing.
    ///
    /// # Errors
    /// The batch breaks a bound of the contract.
    pub fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreFault> {
        batch.check()?;
        if self.tokens.contains_key(&batch.token) {
            return Ok(Outcome::Committed);
        }
        let holds = |write: &crate::Write| match (write.expect, self.entries.get(&write.key)) {
            (Expect::Absent, found) => found.is_none(),
            (Expect::At(version), found) => found.is_some_and(|entry| entry.version == version),
        };
        if !batch.writes.iter().all(holds) {
            return Ok(Outcome::Conflict);
        }
        self.sequence += 1;
        let version = Version::from_raw(self.sequence);
        for write in &batch.writes {
            match &write.change {
                Change::Put { value, expires } => {
                    let entry = Entry {
                        value: value.clone(),
                        version,
                        expires: *expires,
                    };
                    self.entries.insert(write.key.clone(), entry);
                }
                Change::Remove => {
                    self.entries.remove(&write.key);
                }
                Change::Check => {}
            }
        }
        let forgotten =
            Timestamp::from_millis(batch.now.millis().saturating_add(TOKEN_LIFE_MILLIS));
        self.tokens.insert(batch.token, forgotten);
        Ok(Outcome::Committed)
    }

    /// Removes at most `max` ended entries and tokens; tells how many.
    pub fn sweep(&mut self, now: Timestamp, max: usize) -> usize {
        let ended = |entry: &Entry| entry.expires.is_some_and(|expires| expires <= now);
        let keys: Vec<Key> = self
            .entries
            .iter()
            .filter(|(_, entry)| ended(entry))
            .take(max)
            .map(|(key, _)| key.clone())
            .collect();
        for key in &keys {
            self.entries.remove(key);
        }
        let tokens: Vec<[u8; 16]> = self
            .tokens
            .iter()
            .filter(|(_, forgotten)| **forgotten <= now)
            .take(max - keys.len())
            .map(|(token, _)| *token)
            .collect();
        for token in &tokens {
            self.tokens.remove(token);
        }
        keys.len() + tokens.len()
    }

    /// The entries of these keys, in the order asked.
    #[must_use]
    pub fn load(&self, keys: &[Key]) -> Vec<Option<Entry>> {
        keys.iter()
            .map(|key| self.entries.get(key).cloned())
            .collect()
    }

    /// At most `limit` entries under a prefix, after a cursor.
    #[must_use]
    pub fn page(&self, request: &PageRequest) -> Vec<(Key, Entry)> {
        let from = match &request.after {
            Some(after) if *after >= request.prefix => Bound::Excluded(after.clone()),
            _ => Bound::Included(request.prefix.clone()),
        };
        self.entries
            .range((from, Bound::Unbounded))
            .take_while(|(key, _)| key.as_bytes().starts_with(request.prefix.as_bytes()))
            .take(request.limit)
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect()
    }

    /// How many entries there are, ended ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every entry in key order, for comparing two stores and for searching one.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries.iter()
    }
}

/// A store that holds these entries in these versions, and remembers no token.
impl FromIterator<(Key, Entry)> for MemoryStore {
    fn from_iter<T: IntoIterator<Item = (Key, Entry)>>(entries: T) -> Self {
        let entries: BTreeMap<Key, Entry> = entries.into_iter().collect();
        let versions = entries.values().map(|entry| entry.version.raw());
        Self {
            sequence: versions.max().unwrap_or_default(),
            entries,
            tokens: BTreeMap::new(),
        }
    }
}

/// A [`MemoryStore`] for one thread; hosts with threads put theirs behind a lock.
impl Storage for RefCell<MemoryStore> {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        Ok(self.borrow().load(keys))
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        Ok(self.borrow().page(request))
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.borrow_mut().commit(batch)
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        Ok(self.borrow_mut().sweep(now, max))
    }
}
