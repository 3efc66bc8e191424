//! Several threads on one store: one winner a key, no lost increment, no half batch in sight.

use std::{
    ops::Deref,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use userpool_ports::{Batch, Expect, Key, Outcome, Storage};

use super::batches::{
    batch, check, entry, key, keys_of_page, land, outcome, put, remove, value, version,
};

const THREADS: u64 = 4;

/// All threads create the same key at the same moment, round after round.
pub fn of_many_creators_of_a_key_exactly_one_wins<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage + Sync>,
{
    let guard = fresh();
    let store = &*guard;
    let name = key("name");
    for round in 0..10 {
        let start = Barrier::new(THREADS as usize);
        let winners: Vec<u64> = at_once(|thread| {
            let own = batch(
                round * 10 + thread,
                [put(&name, Expect::Absent, thread.to_be_bytes())],
            );
            start.wait();
            outcome(store, &own)
        })
        .into_iter()
        .zip(0..)
        .filter(|(outcome, _)| *outcome == Outcome::Committed)
        .map(|(_, thread)| thread)
        .collect();
        let [winner] = winners[..] else {
            panic!("{} winners", winners.len());
        };
        assert_eq!(value(store, &name), Some(winner.to_be_bytes().to_vec()));
        let last = batch(round * 10 + 9, [remove(&name, version(store, &name))]);
        land(store, &last);
    }
}

/// Read, add one, commit at the version read: the sum is the number of commits that landed.
pub fn counters_lose_no_increment<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage + Sync>,
{
    const EACH: u64 = 30;
    let guard = fresh();
    let store = &*guard;
    let counters = ["one", "two", "three"].map(key);
    at_once(|thread| {
        let mut number = thread << 32;
        for step in 0..EACH {
            let counter = &counters[((thread + step) % 3) as usize];
            loop {
                number += 1;
                if outcome(store, &incremented(store, counter, number)) == Outcome::Committed {
                    break;
                }
            }
        }
    });
    let sum: u64 = counters.iter().map(|counter| count(store, counter)).sum();
    assert_eq!(sum, THREADS * EACH);
}

fn incremented<S: Storage + ?Sized>(store: &S, counter: &Key, number: u64) -> Batch {
    let found = entry(store, counter);
    let expect = match &found {
        Some(entry) => Expect::At(entry.version),
        None => Expect::Absent,
    };
    let before = found.map_or(0, |entry| number_of(&entry.value));
    batch(number, [put(counter, expect, (before + 1).to_be_bytes())])
}

fn count<S: Storage + ?Sized>(store: &S, counter: &Key) -> u64 {
    value(store, counter).map_or(0, |value| number_of(&value))
}

fn number_of(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().expect("a counter has eight bytes"))
}

/// Pairs are written together with the same value, and created and removed together.
pub fn readers_never_see_half_a_batch<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage + Sync>,
{
    let guard = fresh();
    let store = &*guard;
    let (left, right) = (key("pair/left"), key("pair/right"));
    let pair = [left.clone(), right.clone()];
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let found = store.load(&pair).expect("the store works");
                        let [left, right] = [0, 1].map(|n| found[n].as_ref().map(|e| &e.value));
                        assert_eq!(left, right);
                        let page = keys_of_page(store, &key("pair/"), None, 10);
                        assert!(page.is_empty() || page.len() == 2);
                    }
                })
            })
            .collect();
        for round in 0..60_u64 {
            let writes = match entry(store, &left) {
                Some(found) if round % 5 == 4 => [
                    remove(&left, found.version),
                    remove(&right, version(store, &right)),
                ],
                Some(found) => [
                    put(&left, Expect::At(found.version), round.to_be_bytes()),
                    put(
                        &right,
                        Expect::At(version(store, &right)),
                        round.to_be_bytes(),
                    ),
                ],
                None => [&left, &right].map(|key| put(key, Expect::Absent, round.to_be_bytes())),
            };
            land(store, &batch(round, writes));
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("the pair was whole at every look");
        }
    });
}

/// The write skew: each batch checks the key that the other one writes.
pub fn two_batches_that_check_each_others_keys_never_both_land<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage + Sync>,
{
    let guard = fresh();
    let store = &*guard;
    let keys = ["on call/one", "on call/two"].map(key);
    for round in 0..20 {
        let number = round * 10;
        let expect = |key| match entry(store, key) {
            Some(entry) => Expect::At(entry.version),
            None => Expect::Absent,
        };
        let both = keys.each_ref().map(|key| put(key, expect(key), "on"));
        land(store, &batch(number, both));
        let versions = keys.each_ref().map(|key| version(store, key));
        let start = Barrier::new(2);
        let leave = |own: usize| {
            let other = 1 - own;
            let writes = [
                put(&keys[own], Expect::At(versions[own]), "off"),
                check(&keys[other], versions[other]),
            ];
            let leaving = batch(number + 1 + own as u64, writes);
            start.wait();
            outcome(store, &leaving)
        };
        let landed = thread::scope(|scope| {
            let other = scope.spawn(|| leave(1));
            [leave(0), other.join().expect("the store works")]
        })
        .into_iter()
        .filter(|outcome| *outcome == Outcome::Committed)
        .count();
        assert_eq!(landed, 1, "one lands: nothing else is in its way");
    }
}

/// The same batch from every thread at once: each is told `Committed`, the counter rises by one.
pub fn a_token_raced_against_itself_lands_once<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage + Sync>,
{
    let guard = fresh();
    let store = &*guard;
    let counter = key("counter");
    for round in 0..20 {
        let same = incremented(store, &counter, round);
        let start = Barrier::new(THREADS as usize);
        let outcomes = at_once(|_| {
            start.wait();
            outcome(store, &same)
        });
        assert!(
            outcomes
                .iter()
                .all(|outcome| *outcome == Outcome::Committed)
        );
        assert_eq!(count(store, &counter), round + 1);
    }
}

/// Every end is told, in whatever order, and what was told is so.
pub fn submitted_batches_are_all_told<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage + Sync>,
{
    const EACH: u64 = 25;
    let guard = fresh();
    let store = &*guard;
    let (told, ends) = mpsc::channel();
    let told = Mutex::new(told);
    at_once(|thread| {
        let told = told.lock().expect("no thread died").clone();
        for step in 0..EACH {
            let number = thread * EACH + step;
            let name = key(number.to_be_bytes());
            let own = batch(number, [put(&name, Expect::Absent, "1")]);
            let told = told.clone();
            store.submit(
                own,
                Box::new(move |end| told.send((name, end)).expect("it is awaited")),
            );
        }
    });
    drop(told);
    let mut landed = 0;
    for (name, end) in ends {
        if end.expect("the store works") == Outcome::Committed {
            assert!(entry(store, &name).is_some());
        }
        landed += 1;
    }
    assert_eq!(landed, THREADS * EACH);
}

/// Runs `story` on every thread and gathers what each told, in the order of their numbers.
fn at_once<T: Send>(story: impl Fn(u64) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let story = &story;
        let threads: Vec<_> = (0..THREADS)
            .map(|number| scope.spawn(move || story(number)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("the thread told its story"))
            .collect()
    })
}
