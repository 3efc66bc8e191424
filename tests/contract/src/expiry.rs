//! Ended entries stay readable until a sweep removes them, in bounded steps.

use std::{collections::HashSet, ops::Deref};

use userpool_ports::{Expect, Key, Outcome, Storage, Timestamp};

use super::batches::{
    at, batch, entry, everything, key, land, outcome, put, put_until, remove, value, version,
};

/// A store does not read the clock: the entry stands and its version guards it.
pub fn an_ended_entry_still_counts_until_it_is_swept<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    land(
        &*store,
        &batch(1, [put_until(&name, Expect::Absent, "1", at(-60))]),
    );
    let again = batch(2, [put(&name, Expect::Absent, "2")]);
    assert_eq!(outcome(&*store, &again), Outcome::Conflict);
    let found = entry(&*store, &name).expect("nobody swept");
    assert_eq!(found.expires, Some(at(-60)));
    let writes = [put_until(&name, Expect::At(found.version), "3", at(-30))];
    land(&*store, &batch(3, writes));
    assert_eq!(value(&*store, &name), Some(b"3".to_vec()));
}

/// An entry that ends exactly at `now` is swept, one that ends a millisecond later is not.
pub fn sweep_removes_ended_entries_and_no_others<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (before, exactly, after, never) = (key("a"), key("b"), key("c"), key("d"));
    let just_after = Timestamp::from_millis(at(60).millis() + 1);
    land(
        &*store,
        &batch(
            1,
            [
                put_until(&before, Expect::Absent, "1", at(59)),
                put_until(&exactly, Expect::Absent, "1", at(60)),
                put_until(&after, Expect::Absent, "1", just_after),
                put(&never, Expect::Absent, "1"),
            ],
        ),
    );
    assert_eq!(store.sweep(at(60), 100), Ok(2));
    let left: Vec<Key> = everything(&*store)
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(left, [after, never]);
    assert_eq!(store.sweep(at(60), 100), Ok(0));
}

/// Steps of seven over thirty ended entries; `0` removes nothing.
pub fn sweep_takes_at_most_what_it_was_allowed<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let writes: Vec<_> = (0..30)
        .map(|n| put_until(&key([n]), Expect::Absent, "1", at(n.into())))
        .collect();
    land(&*store, &batch(1, writes));
    assert_eq!(store.sweep(at(60), 0), Ok(0));
    for left in [23, 16, 9, 2] {
        assert_eq!(store.sweep(at(60), 7), Ok(7));
        assert_eq!(everything(&*store).len(), left);
    }
    assert_eq!(store.sweep(at(60), 7), Ok(2));
    assert_eq!(store.sweep(at(60), 7), Ok(0));
}

/// After a sweep a creation succeeds, a guard taken before fails, and the version is a new one.
pub fn a_swept_key_counts_as_absent_and_its_versions_do_not_return<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    let mut seen = HashSet::new();
    for round in 0..10 {
        let number = 2 * round;
        let writes = [put_until(&name, Expect::Absent, "1", at(1))];
        land(&*store, &batch(number, writes));
        let swept = version(&*store, &name);
        assert!(seen.insert(swept));
        assert_eq!(store.sweep(at(1), 1), Ok(1));
        assert_eq!(entry(&*store, &name), None);
        let stale = batch(number + 1, [put(&name, Expect::At(swept), "2")]);
        assert_eq!(outcome(&*store, &stale), Outcome::Conflict);
    }
}

/// An old end never sweeps a key that was put again with a later one, or with none.
pub fn a_later_put_moves_or_lifts_the_end<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (later, lifted, sooner, again) = (key("a"), key("b"), key("c"), key("d"));
    let first =
        [&later, &lifted, &sooner, &again].map(|key| put_until(key, Expect::Absent, "1", at(60)));
    land(&*store, &batch(1, first));
    let at_version = |key: &Key| Expect::At(version(&*store, key));
    land(
        &*store,
        &batch(
            2,
            [
                put_until(&later, at_version(&later), "2", at(120)),
                put(&lifted, at_version(&lifted), "2"),
                put_until(&sooner, at_version(&sooner), "2", at(30)),
                put_until(&again, at_version(&again), "2", at(60)),
            ],
        ),
    );
    assert_eq!(store.sweep(at(59), 100), Ok(1));
    assert_eq!(value(&*store, &sooner), None);
    assert_eq!(store.sweep(at(119), 100), Ok(1));
    assert_eq!(value(&*store, &again), None);
    assert_eq!(value(&*store, &later), Some(b"2".to_vec()));
    assert_eq!(store.sweep(at(120), 100), Ok(1));
    assert_eq!(value(&*store, &lifted), Some(b"2".to_vec()));
    assert_eq!(store.sweep(at(500), 100), Ok(0));
}

/// The end of a removed entry does not reach the entry that takes its key.
pub fn removing_an_entry_removes_its_end<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    land(
        &*store,
        &batch(1, [put_until(&name, Expect::Absent, "1", at(1))]),
    );
    land(&*store, &batch(2, [remove(&name, version(&*store, &name))]));
    assert_eq!(store.sweep(at(60), 100), Ok(0));
    land(&*store, &batch(3, [put(&name, Expect::Absent, "2")]));
    assert_eq!(store.sweep(at(60), 100), Ok(0));
    assert_eq!(value(&*store, &name), Some(b"2".to_vec()));
}

/// The first and last moments and those around the epoch sort as time does.
pub fn ends_are_ordered_on_both_sides_of_the_epoch<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let ends = [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_millis);
    let writes: Vec<_> = (0..)
        .zip(ends)
        .map(|(n, end)| put_until(&key([n]), Expect::Absent, "1", end))
        .collect();
    // The batch is of a moment at which no token can end before the last entry does.
    land(&*store, &super::batches::batch_at(1, ends[4], writes));
    for (left, end) in (0..4).rev().zip(&ends[..4]) {
        assert_eq!(store.sweep(*end, 100), Ok(1), "at {end}");
        assert_eq!(everything(&*store).len(), left + 1);
    }
}
