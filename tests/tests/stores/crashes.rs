//! Power cuts: nothing acknowledged is lost, nothing is half there, no version returns, every file opens.
//!
//! Each crash is one seed; `USERPOOL_CRASHES` says how many there are, `USERPOOL_CRASH_SEED` tells the first.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::mpsc,
};

use userpool_ports::{
    Batch, Change, Expect, Key, Outcome, Storage, StoreFault, Timestamp, Version, Write,
};
use userpool_redb::RedbStore;
use userpool_tests::{
    chance::Chance,
    contract::batches::{at, batch_at, entry, everything, key, land, outcome},
    crashing::Disk,
};

/// How many crashes one disk lives through.
const CRASHES_A_DISK: u64 = 20;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    let number_of = |name: &str, otherwise| match std::env::var(name) {
        Ok(number) => number.parse().expect("a number"),
        Err(_) => otherwise,
    };
    let first: u64 = number_of("USERPOOL_CRASH_SEED", 0);
    let crashes: u64 = number_of("USERPOOL_CRASHES", 1_000);
    let mut told = Told::default();
    for seed in first..first + crashes.div_ceil(CRASHES_A_DISK) {
        let mut story = Story::new(seed);
        for _ in 0..CRASHES_A_DISK {
            story.live_until_the_power_is_cut();
            story.rise_again();
        }
        told.add(&story.told);
    }
    println!("{told:?}");
    assert!(told.committed > crashes && told.unknown > 0 && told.faults > 0);
    assert!(told.landed_unknown > 0 && told.landed_unknown < told.unknown);
}

/// What the store told, over all stories.
#[derive(Debug, Default)]
struct Told {
    committed: u64,
    unknown: u64,
    faults: u64,
    landed_unknown: u64,
    failed_openings: u64,
}

impl Told {
    fn add(&mut self, other: &Self) {
        self.committed += other.committed;
        self.unknown += other.unknown;
        self.faults += other.faults;
        self.landed_unknown += other.landed_unknown;
        self.failed_openings += other.failed_openings;
    }
}

type Content = BTreeMap<Key, (Vec<u8>, Option<Timestamp>)>;

/// One disk through many crashes, with what it must hold.
struct Story {
    seed: u64,
    chance: Chance,
    disk: Disk,
    store: Option<RedbStore>,
    /// What was acknowledged.
    sure: Content,
    /// Batches that may have landed.
    open: Vec<Batch>,
    /// Keys that a sweep may have removed.
    perhaps_swept: HashSet<Key>,
    versions: HashMap<Key, HashSet<Version>>,
    number: u64,
    now: Timestamp,
    told: Told,
}

impl Story {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            chance: Chance::new(seed),
            disk: Disk::new(seed),
            store: None,
            sure: Content::new(),
            open: Vec::new(),
            perhaps_swept: HashSet::new(),
            versions: HashMap::new(),
            number: 0,
            now: at(0),
            told: Told::default(),
        }
    }

    fn live_until_the_power_is_cut(&mut self) {
        if self.store.is_none() {
            let store = RedbStore::with_backend(self.disk.backend());
            self.store = Some(store.expect("the power is on"));
        }
        self.disk.cut_power_after(self.chance.below(120));
        // Every commit takes operations of the disk, so the fuse burns; but do not count on it.
        for _ in 0..200 {
            if self.disk.is_cut() {
                return;
            }
            match self.chance.below(12) {
                0 => self.sweep(),
                1 => self.submit_several(),
                _ => self.commit_one(),
            }
        }
        self.disk.cut_power();
    }

    fn store(&self) -> &RedbStore {
        self.store.as_ref().expect("the power is on")
    }

    fn commit_one(&mut self) {
        let keys = self.some_keys(1 + self.chance.clone().below(4));
        let batch = self.batch_on(&keys);
        let end = self.store().commit(&batch);
        self.note(batch, end);
    }

    fn submit_several(&mut self) {
        // Apart from each other, so that each may land or not.
        let keys = self.some_keys(12);
        let (told, ends) = mpsc::channel();
        let mut waiting = 0;
        for keys in keys.chunks(2) {
            let batch = self.batch_on(keys);
            let told = told.clone();
            let of_end = batch.clone();
            self.store().submit(
                batch,
                Box::new(move |end| told.send((of_end, end)).expect("it is awaited")),
            );
            waiting += 1;
        }
        drop(told);
        for (batch, end) in ends {
            self.note(batch, end);
            waiting -= 1;
        }
        assert_eq!(waiting, 0, "every end is told");
    }

    fn sweep(&mut self) {
        self.now = self.now.after(std::time::Duration::from_secs(60));
        let now = self.now;
        let ended = |(_, expires): &(Vec<u8>, Option<Timestamp>)| expires.is_some_and(|e| e <= now);
        match self.store().sweep(now, usize::MAX) {
            Ok(_) => self.sure.retain(|_, entry| !ended(entry)),
            Err(_) => {
                let gone = self.sure.iter().filter(|(_, entry)| ended(entry));
                self.perhaps_swept.extend(gone.map(|(key, _)| key.clone()));
            }
        }
    }

    fn note(&mut self, batch: Batch, end: Result<Outcome, StoreFault>) {
        match end {
            Ok(Outcome::Committed) => {
                self.told.committed += 1;
                apply(&mut self.sure, &batch);
                self.note_versions(&batch);
            }
            Ok(Outcome::Conflict) => {
                panic!("seed {}: the expectations of {batch:?} hold", self.seed)
            }
            Ok(Outcome::Unknown) => {
                self.told.unknown += 1;
                self.open.push(batch);
            }
            Err(_) => {
                self.told.faults += 1;
                assert!(self.disk.is_cut(), "seed {}: a fault with power", self.seed);
            }
        }
    }

    /// The versions of what a batch put were never seen before.
    fn note_versions(&mut self, batch: &Batch) {
        for write in &batch.writes {
            let Change::Put { .. } = write.change else {
                continue;
            };
            // Without power nothing can be read; the version is seen after the restart.
            let Ok(found) = self.store().load(std::slice::from_ref(&write.key)) else {
                continue;
            };
            let version = found[0].as_ref().expect("it was committed").version;
            let seen = self.versions.entry(write.key.clone()).or_default();
            assert!(
                seen.insert(version),
                "seed {}: a version recurred",
                self.seed
            );
        }
    }

    fn rise_again(&mut self) {
        self.store = None;
        self.disk.restore_power();
        if self.chance.happens(1, 4) {
            // The power goes again while the file is being repaired.
            self.disk.cut_power_after(self.chance.below(12));
            if RedbStore::with_backend(self.disk.backend()).is_err() {
                self.told.failed_openings += 1;
            }
            self.disk.restore_power();
        }
        let store = RedbStore::with_backend(self.disk.backend())
            .unwrap_or_else(|fault| panic!("seed {}: {fault}", self.seed));
        let found: Content = everything(&store)
            .into_iter()
            .map(|(key, entry)| (key, (entry.value.to_vec(), entry.expires)))
            .collect();
        for key in self.perhaps_swept.drain() {
            if !found.contains_key(&key) {
                self.sure.remove(&key);
            }
        }
        let open = std::mem::take(&mut self.open);
        let mut left = Vec::new();
        for batch in open {
            let mut with = self.sure.clone();
            apply(&mut with, &batch);
            let landed = batch
                .writes
                .iter()
                .all(|write| found.get(&write.key) == with.get(&write.key));
            match landed {
                true => {
                    self.told.landed_unknown += 1;
                    self.sure = with;
                }
                false => left.push(batch.clone()),
            }
            // Either way, submitting it again settles it.
            land(&store, &batch);
        }
        assert_eq!(found, self.sure, "seed {}", self.seed);
        for batch in left {
            apply(&mut self.sure, &batch);
        }
        for (key, entry) in everything(&store) {
            self.versions.entry(key).or_default().insert(entry.version);
        }
        self.try_every_stale_version(&store);
        self.store = Some(store);
    }

    fn try_every_stale_version(&mut self, store: &RedbStore) {
        let key = self.some_keys(1).remove(0);
        let current = entry(store, &key).map(|entry| entry.version);
        for stale in self.versions.get(&key).into_iter().flatten() {
            if Some(*stale) == current {
                continue;
            }
            self.number += 1;
            let write = Write {
                key: key.clone(),
                expect: Expect::At(*stale),
                change: Change::Remove,
            };
            let late = batch_at(self.number, self.now, [write]);
            assert_eq!(outcome(store, &late), Outcome::Conflict);
        }
    }

    /// Writes on these keys whose expectations hold, values all alike, so that half a batch shows.
    fn batch_on(&mut self, keys: &[Key]) -> Batch {
        self.number += 1;
        let mut writes = Vec::new();
        for key in keys {
            let found = match self.store().load(std::slice::from_ref(key)) {
                Ok(mut found) => found.remove(0),
                Err(_) => None,
            };
            let change = match self.chance.below(8) {
                0 if found.is_some() => Change::Remove,
                1 if found.is_some() => Change::Check,
                kind => Change::Put {
                    value: self.some_value().into(),
                    expires: (kind > 5).then(|| {
                        let secs = self.chance.below(200) as u64;
                        self.now.after(std::time::Duration::from_secs(secs))
                    }),
                },
            };
            let expect = match found {
                Some(entry) => Expect::At(entry.version),
                None => Expect::Absent,
            };
            writes.push(Write {
                key: key.clone(),
                expect,
                change,
            });
        }
        batch_at(self.number, self.now, writes)
    }

    /// The number of the batch, sometimes with many pages behind it.
    fn some_value(&mut self) -> Vec<u8> {
        let mut value = self.number.to_be_bytes().to_vec();
        let len = match self.chance.below(10) {
            0 => self.chance.below(20_000),
            _ => self.chance.below(100),
        };
        value.resize(8 + len, self.number as u8);
        value
    }

    fn some_keys(&mut self, count: usize) -> Vec<Key> {
        let mut keys = Vec::new();
        while keys.len() < count {
            let key = key([b'k', self.chance.below(40) as u8]);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

fn apply(content: &mut Content, batch: &Batch) {
    for write in &batch.writes {
        match &write.change {
            Change::Put { value, expires } => {
                content.insert(write.key.clone(), (value.to_vec(), *expires));
            }
            Change::Remove => {
                content.remove(&write.key);
            }
            Change::Check => {}
        }
    }
}
