//! The store and the reference store live through the same random history and agree.

use std::{cell::RefCell, collections::HashMap, ops::Deref};

use userpool_ports::memory::MemoryStore;
use userpool_ports::{
    Batch, Change, Entry, Expect, Key, Outcome, PageRequest, Storage, Timestamp, Version, Write,
};

use super::batches::{at, batch_at, everything, key, outcome};
use crate::chance::Chance;

const SEEDS: u64 = 4;
const STEPS: usize = 150;

/// Outcomes and content are equal at every step; versions are compared by which of them are equal.
pub fn the_store_and_the_reference_live_the_same_history<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    for seed in 0..SEEDS {
        let store = fresh();
        let mut history = History::new(seed, &*store);
        for step in 0..STEPS {
            history.step();
            history.compare(seed, step);
        }
    }
}

/// A batch as both stores are given it: the same but for the numbers of versions.
struct Twins {
    of_store: Batch,
    of_reference: Batch,
}

struct History<'a, S: ?Sized> {
    chance: Chance,
    store: &'a S,
    reference: RefCell<MemoryStore>,
    /// What each key's versions were, as (the reference's, the store's), oldest first.
    versions: HashMap<Key, Vec<(Version, Version)>>,
    /// Batches whose tokens are still remembered.
    past: Vec<Twins>,
    number: u64,
    now: Timestamp,
}

impl<'a, S: Storage + ?Sized> History<'a, S> {
    fn new(seed: u64, store: &'a S) -> Self {
        Self {
            chance: Chance::new(seed),
            store,
            reference: RefCell::default(),
            versions: HashMap::new(),
            past: Vec::new(),
            number: seed << 32,
            now: at(0),
        }
    }

    fn step(&mut self) {
        match self.chance.below(20) {
            0 => self.sweep(),
            1 | 2 if !self.past.is_empty() => self.submit_again(),
            3 | 4 => self.page(),
            _ => self.commit(),
        }
    }

    fn sweep(&mut self) {
        // Tokens live for ten minutes: a minute a sweep keeps the last few batches.
        self.now = self.now.after(std::time::Duration::from_secs(60));
        let life = userpool_ports::storage::TOKEN_LIFE_MILLIS;
        let now = self.now;
        self.past
            .retain(|twins| twins.of_store.now.millis() + life > now.millis());
        self.store.sweep(now, usize::MAX).expect("the store works");
        self.reference.borrow_mut().sweep(now, usize::MAX);
    }

    fn submit_again(&mut self) {
        let twins = self.chance.pick(&self.past);
        assert_eq!(outcome(self.store, &twins.of_store), Outcome::Committed);
        assert_eq!(
            outcome(&self.reference, &twins.of_reference),
            Outcome::Committed
        );
    }

    fn page(&mut self) {
        let any = self.any_key();
        let cut = self.chance.below(any.as_bytes().len() + 1);
        let request = PageRequest {
            prefix: key(&any.as_bytes()[..cut]),
            after: self.chance.happens(1, 2).then(|| self.any_key()),
            limit: 1 + self.chance.below(6),
        };
        let found = self.store.page(&request).expect("the store works");
        let expected = self.reference.borrow().page(&request);
        let bare = |page: Vec<(Key, Entry)>| -> Vec<_> {
            page.into_iter()
                .map(|(key, entry)| (key, entry.value, entry.expires))
                .collect()
        };
        assert_eq!(bare(found), bare(expected), "{request:?}");
    }

    fn commit(&mut self) {
        let mut keys: Vec<Key> = (0..=self.chance.below(4)).map(|_| self.any_key()).collect();
        keys.sort();
        keys.dedup();
        let (mut of_store, mut of_reference) = (Vec::new(), Vec::new());
        for key in keys {
            let (expect, expect_of_reference) = self.expectation(&key);
            let change = self.change(expect);
            of_store.push(Write {
                key: key.clone(),
                expect,
                change: change.clone(),
            });
            of_reference.push(Write {
                key,
                expect: expect_of_reference,
                change,
            });
        }
        self.number += 1;
        let twins = Twins {
            of_store: batch_at(self.number, self.now, of_store),
            of_reference: batch_at(self.number, self.now, of_reference),
        };
        let expected = outcome(&self.reference, &twins.of_reference);
        assert_eq!(outcome(self.store, &twins.of_store), expected);
        if expected == Outcome::Committed {
            self.past.push(twins);
        }
    }

    /// Mostly what holds, now and then a stale version or the wrong absence; for store and reference.
    fn expectation(&mut self, key: &Key) -> (Expect, Expect) {
        let current = self
            .reference
            .borrow()
            .load(std::slice::from_ref(key))
            .remove(0);
        let seen = self.versions.get(key).map_or(&[][..], Vec::as_slice);
        if self.chance.happens(1, 12) {
            return (Expect::Absent, Expect::Absent);
        }
        if self.chance.happens(1, 12) && !seen.is_empty() {
            let (of_reference, of_store) = *self.chance.pick(seen);
            return (Expect::At(of_store), Expect::At(of_reference));
        }
        match (current, seen.last()) {
            (Some(_), Some((of_reference, of_store))) => {
                (Expect::At(*of_store), Expect::At(*of_reference))
            }
            _ => (Expect::Absent, Expect::Absent),
        }
    }

    fn change(&mut self, expect: Expect) -> Change {
        match (self.chance.below(8), expect) {
            (0 | 1, Expect::At(_)) => Change::Remove,
            (2, Expect::At(_)) => Change::Check,
            (kind, _) => Change::Put {
                value: vec![kind as u8; self.chance.below(40)].into(),
                expires: (kind > 5).then(|| {
                    let secs = self.chance.below(300) as u64;
                    self.now.after(std::time::Duration::from_secs(secs))
                }),
            },
        }
    }

    fn any_key(&mut self) -> Key {
        const PARTS: [&[u8]; 4] = [b"a", b"\x00", b"\xff", b"b"];
        let len = 1 + self.chance.below(3);
        let bytes: Vec<u8> = (0..len)
            .flat_map(|_| self.chance.pick(&PARTS).to_vec())
            .collect();
        key(bytes)
    }

    /// Compares everything, and learns which versions are new.
    fn compare(&mut self, seed: u64, step: usize) {
        let found = everything(self.store);
        let expected = everything(&self.reference);
        assert_eq!(found.len(), expected.len(), "seed {seed}, step {step}");
        for ((key, entry), (expected_key, expected)) in found.into_iter().zip(expected) {
            assert_eq!(key, expected_key, "seed {seed}, step {step}");
            assert_eq!(entry.value, expected.value, "seed {seed}, step {step}");
            assert_eq!(entry.expires, expected.expires, "seed {seed}, step {step}");
            let seen = self.versions.entry(key).or_default();
            let (of_reference, of_store) = (expected.version, entry.version);
            if seen.last() == Some(&(of_reference, of_store)) {
                continue;
            }
            let recurs =
                |(one, other): &(Version, Version)| *one == of_reference || *other == of_store;
            assert!(!seen.iter().any(recurs), "seed {seed}, step {step}");
            seen.push((of_reference, of_store));
        }
    }
}
