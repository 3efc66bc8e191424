//! Batches at the bounds land; beyond them they are refused and change nothing.

use std::ops::Deref;

use userpool_ports::storage::{MAX_BATCH, MAX_KEY, MAX_VALUE, MAX_WRITES};
use userpool_ports::{Batch, Change, Expect, Key, Storage, Write};

use super::batches::{batch, entry, everything, key, land, put, value, version};

/// Key, value, number of writes and size of the batch all at their bound.
pub fn the_largest_batch_lands<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let each = MAX_BATCH / MAX_WRITES - MAX_KEY;
    let writes: Vec<_> = (0..MAX_WRITES)
        .map(|n| put(&long_key(n), Expect::Absent, vec![7; each]))
        .collect();
    land(&*store, &batch(1, writes));
    assert_eq!(everything(&*store).len(), MAX_WRITES);

    let long = key("long");
    let writes = [put(&long, Expect::Absent, vec![9; MAX_VALUE])];
    land(&*store, &batch(2, writes));
    assert_eq!(value(&*store, &long), Some(vec![9; MAX_VALUE]));
}

/// Each bound broken alone; what stood before still stands.
pub fn a_batch_beyond_a_bound_is_refused_and_changes_nothing<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let old = key("old");
    land(&*store, &batch(1, [put(&old, Expect::Absent, "old")]));
    let at = Expect::At(version(&*store, &old));
    let before = everything(&*store);
    for (what, writes) in beyond_a_bound() {
        let mut writes = writes;
        writes.push(put(&old, at, "new"));
        let beyond = Batch {
            writes,
            ..batch(2, [])
        };
        assert!(store.commit(&beyond).is_err(), "{what}");
        assert_eq!(everything(&*store), before, "{what}");
    }
}

/// What was refused never used its token.
pub fn a_refused_batch_leaves_its_token_free<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    let beyond = batch(1, [put(&name, Expect::Absent, vec![0; MAX_VALUE + 1])]);
    assert!(store.commit(&beyond).is_err());
    land(&*store, &batch(1, [put(&name, Expect::Absent, "fits")]));
    assert!(entry(&*store, &name).is_some());
}

fn long_key(n: usize) -> Key {
    let mut bytes = vec![b'k'; MAX_KEY];
    bytes[..2].copy_from_slice(&[0, n as u8]);
    key(bytes)
}

/// Writes whose keys all sort before `old`, each list breaking one bound.
fn beyond_a_bound() -> Vec<(&'static str, Vec<Write>)> {
    let new = |key: &Key, len: usize| put(key, Expect::Absent, vec![1; len]);
    let absent = |key: Key, change| Write {
        key,
        expect: Expect::Absent,
        change,
    };
    let each = MAX_BATCH / MAX_WRITES - MAX_KEY;
    vec![
        ("an empty key", vec![new(&key(""), 1)]),
        ("a long key", vec![new(&key(vec![b'a'; MAX_KEY + 1]), 1)]),
        ("a long value", vec![new(&key("a"), MAX_VALUE + 1)]),
        (
            "too many writes",
            (0..MAX_WRITES).map(|n| new(&long_key(n), 1)).collect(),
        ),
        (
            "a large batch",
            (0..MAX_WRITES - 1)
                .map(|n| new(&long_key(n), each + each / 32))
                .collect(),
        ),
        ("a key twice", vec![new(&key("a"), 1), new(&key("a"), 2)]),
        (
            "keys out of order",
            vec![new(&key("b"), 1), new(&key("a"), 1)],
        ),
        ("an absent removal", vec![absent(key("a"), Change::Remove)]),
        ("an absent check", vec![absent(key("a"), Change::Check)]),
    ]
}
