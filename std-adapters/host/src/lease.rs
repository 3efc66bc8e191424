//! Settings of pools and clients, used for a while after they were read from a store that is a round trip away.
//!
//! What this process writes counts at once, what others write after [`LEASE`] at the latest. A commit that rests on
//! a setting checks it, and one that finds it changed has it read anew: being late costs a repetition, not a wrong
//! record. That nothing is there is never kept, so that what another process has just made is found.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use userpool_core::model::keys::{LEASE, is_setting};
use userpool_ports::{
    Batch, Entry, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Timestamp, Told,
};

/// Settings kept; beyond this, all are forgotten and read again as needed.
const KEPT: usize = 4_096;

type Store = Arc<dyn Storage + Send + Sync>;

/// A store whose settings are read once in a while.
pub(crate) struct Leased {
    store: Store,
    copies: Arc<Copies>,
}

impl Leased {
    /// Puts leases before a store.
    pub(crate) fn of(store: Store) -> Self {
        Self::timed(store, Box::new(Instant::now))
    }

    fn timed(store: Store, now: Box<dyn Fn() -> Instant + Send + Sync>) -> Self {
        let copies = Arc::new(Copies {
            now,
            state: Mutex::default(),
        });
        Self { store, copies }
    }
}

impl Storage for Leased {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        let look = self.copies.look(keys.to_vec());
        if look.missing.is_empty() {
            return Ok(look.found);
        }
        let read = self.store.load(&look.missing)?;
        self.copies.complete(look, read)
    }

    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        let look = self.copies.look(keys);
        if look.missing.is_empty() {
            return loaded(Ok(look.found));
        }
        let copies = self.copies.clone();
        self.store.load_later(
            look.missing.clone(),
            Box::new(move |read| loaded(read.and_then(|read| copies.complete(look, read)))),
        );
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.store.page(request)
    }

    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        self.store.page_later(request, paged);
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        let settings = settings_of(batch);
        let end = self.store.commit(batch);
        self.copies.forget(&settings);
        end
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        let settings = settings_of(&batch);
        if settings.is_empty() {
            return self.store.submit(batch, landed);
        }
        let copies = self.copies.clone();
        let forgotten = move |end| {
            copies.forget(&settings);
            landed(end);
        };
        self.store.submit(batch, Box::new(forgotten));
    }

    fn is_remote(&self) -> bool {
        self.store.is_remote()
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.store.sweep(now, max)
    }
}

/// The settings that a batch writes or checks.
fn settings_of(batch: &Batch) -> Vec<Key> {
    let keys = batch.writes.iter().map(|write| &write.key);
    keys.filter(|key| is_setting(key)).cloned().collect()
}

/// What was read, and when.
struct Copies {
    now: Box<dyn Fn() -> Instant + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<Key, (Entry, Instant)>,
    /// How often settings were forgotten: what was asked for before is not kept after.
    forgotten: u64,
}

/// A read: what was at hand, and what is asked of the store.
struct Look {
    found: Vec<Option<Entry>>,
    /// The keys to ask for, and where each of them stands among those found.
    missing: Vec<Key>,
    places: Vec<usize>,
    began: Instant,
    forgotten: u64,
}

impl Copies {
    fn look(&self, keys: Vec<Key>) -> Look {
        let began = (self.now)();
        let state = self.state();
        let mut look = Look {
            found: Vec::with_capacity(keys.len()),
            missing: Vec::new(),
            places: Vec::new(),
            began,
            forgotten: state.forgotten,
        };
        for (place, key) in keys.into_iter().enumerate() {
            let copy = state.entries.get(&key);
            let copy = copy.filter(|(_, read)| began.saturating_duration_since(*read) < LEASE);
            look.found.push(copy.map(|(entry, _)| entry.clone()));
            if copy.is_none() {
                look.missing.push(key);
                look.places.push(place);
            }
        }
        look
    }

    /// Puts what was read to what was at hand, and keeps the settings in it, unless some were written meanwhile.
    fn complete(
        &self,
        mut look: Look,
        read: Vec<Option<Entry>>,
    ) -> Result<Vec<Option<Entry>>, StoreFault> {
        if read.len() != look.missing.len() {
            return Err(StoreFault::new("a read gave another number of entries"));
        }
        let mut state = self.state();
        let current = state.forgotten == look.forgotten;
        for ((key, place), entry) in look.missing.into_iter().zip(look.places).zip(read) {
            if let Some(entry) = entry.as_ref().filter(|_| current && is_setting(&key)) {
                if state.entries.len() >= KEPT {
                    state.entries.clear();
                }
                state.entries.insert(key, (entry.clone(), look.began));
            }
            look.found[place] = entry;
        }
        Ok(look.found)
    }

    fn forget(&self, settings: &[Key]) {
        if settings.is_empty() {
            return;
        }
        let mut state = self.state();
        state.forgotten += 1;
        for key in settings {
            state.entries.remove(key);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        time::Duration,
    };

    use userpool_ports::{Change, Expect, Write};

    use super::*;
    use crate::Memory;

    /// Two processes over one store, the first of which has leases.
    struct Nodes {
        store: Arc<Memory>,
        leased: Leased,
        passed: Arc<AtomicU64>,
        token: u8,
    }

    impl Nodes {
        fn new() -> Self {
            let (store, passed) = (Arc::new(Memory::default()), Arc::new(AtomicU64::new(0)));
            let (start, clock) = (Instant::now(), passed.clone());
            let now = move || start + Duration::from_millis(clock.load(Ordering::SeqCst));
            Self {
                leased: Leased::timed(store.clone(), Box::new(now)),
                store,
                passed,
                token: 0,
            }
        }

        fn wait(&self, millis: u64) {
            self.passed.fetch_add(millis, Ordering::SeqCst);
        }

        fn read(&self, key: &Key) -> Option<Vec<u8>> {
            let read = self.leased.load(std::slice::from_ref(key)).unwrap();
            read[0].as_ref().map(|entry| entry.value.to_vec())
        }

        fn put(&mut self, key: &Key, value: &[u8]) -> Batch {
            self.token += 1;
            let held = self.store.load(std::slice::from_ref(key)).unwrap();
            let expect = held[0].as_ref();
            Batch {
                token: [self.token; 16],
                now: Timestamp::from_secs(1),
                writes: vec![Write {
                    key: key.clone(),
                    expect: expect.map_or(Expect::Absent, |entry| Expect::At(entry.version)),
                    change: Change::Put {
                        value: value.into(),
                        expires: None,
                    },
                }],
            }
        }

        fn put_elsewhere(&mut self, key: &Key, value: &[u8]) {
            let batch = self.put(key, value);
            assert_eq!(self.store.commit(&batch), Ok(Outcome::Committed));
        }
    }

    fn setting() -> Key {
        Key::new(*b"Pus-east-1_example")
    }

    #[test]
    fn what_others_write_counts_after_the_lease() {
        let mut nodes = Nodes::new();
        nodes.put_elsewhere(&setting(), b"first");
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"first"[..]));
        nodes.put_elsewhere(&setting(), b"second");
        nodes.wait(4_999);
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"first"[..]));
        nodes.wait(1);
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"second"[..]));
    }

    #[test]
    fn what_this_process_writes_counts_at_once() {
        let mut nodes = Nodes::new();
        nodes.put_elsewhere(&setting(), b"first");
        nodes.read(&setting());
        let batch = nodes.put(&setting(), b"second");
        assert_eq!(nodes.leased.commit(&batch), Ok(Outcome::Committed));
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"second"[..]));
        let batch = nodes.put(&setting(), b"third");
        nodes.leased.submit(batch, Box::new(|_| {}));
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"third"[..]));
    }

    #[test]
    fn a_lost_race_has_the_setting_read_again() {
        let mut nodes = Nodes::new();
        nodes.put_elsewhere(&setting(), b"first");
        nodes.read(&setting());
        let late = nodes.put(&setting(), b"late");
        nodes.put_elsewhere(&setting(), b"second");
        assert_eq!(nodes.leased.commit(&late), Ok(Outcome::Conflict));
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"second"[..]));
    }

    #[test]
    fn what_was_asked_before_a_write_is_not_kept_after_it() {
        let mut nodes = Nodes::new();
        nodes.put_elsewhere(&setting(), b"first");
        let look = nodes.leased.copies.look(vec![setting()]);
        let old = nodes.store.load(&[setting()]).unwrap();
        let batch = nodes.put(&setting(), b"second");
        assert_eq!(nodes.leased.commit(&batch), Ok(Outcome::Committed));
        nodes.leased.copies.complete(look, old).unwrap();
        assert_eq!(nodes.read(&setting()).as_deref(), Some(&b"second"[..]));
    }

    #[test]
    fn absence_and_what_is_no_setting_are_asked_for_each_time() {
        let mut nodes = Nodes::new();
        let head = Key::new(*b"Hus-east-1_example");
        for key in [setting(), head.clone()] {
            assert_eq!(nodes.read(&key), None);
            nodes.put_elsewhere(&key, b"first");
            assert_eq!(nodes.read(&key).as_deref(), Some(&b"first"[..]));
        }
        nodes.put_elsewhere(&head, b"second");
        // One of them is at hand, the other is not: each answer stands in its place.
        let both = nodes.leased.load(&[head, setting()]).unwrap();
        let values = both
            .iter()
            .map(|entry| entry.as_ref().map(|entry| &*entry.value));
        assert_eq!(
            values.collect::<Vec<_>>(),
            [Some(&b"second"[..]), Some(b"first")]
        );
    }
}
