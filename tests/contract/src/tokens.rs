//! Committing the same token twice is committing once.

use std::{ops::Deref, sync::mpsc};

use userpool_ports::storage::TOKEN_LIFE_MILLIS;
use userpool_ports::{Expect, Outcome, Storage, Timestamp};

use super::batches::{
    at, batch, batch_at, check, entry, everything, key, land, put, remove, value, version,
};

/// The second call is told `Committed` and changes nothing, not even a version.
pub fn the_same_token_twice_is_once<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (name, gone) = (key("name"), key("gone"));
    let first = batch(1, [put(&gone, Expect::Absent, "1")]);
    land(&*store, &first);
    let version_of_gone = version(&*store, &gone);
    let second = batch(
        2,
        [
            put(&name, Expect::Absent, "1"),
            remove(&gone, version_of_gone),
        ],
    );
    land(&*store, &second);
    let before = everything(&*store);
    for again in [&second, &first, &second] {
        land(&*store, again);
        assert_eq!(everything(&*store), before);
    }
}

/// Overwriting, removing and creating the same keys again does not make a token forgotten.
pub fn a_token_is_remembered_whatever_later_commits_did<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    let first = batch(1, [put(&name, Expect::Absent, "first")]);
    land(&*store, &first);
    let created = version(&*store, &name);
    let checked = batch(2, [check(&name, created)]);
    land(&*store, &checked);
    land(
        &*store,
        &batch(3, [put(&name, Expect::At(created), "second")]),
    );
    for again in [&first, &checked] {
        land(&*store, again);
        assert_eq!(value(&*store, &name), Some(b"second".to_vec()));
    }
    land(&*store, &batch(4, [remove(&name, version(&*store, &name))]));
    for again in [&first, &checked] {
        land(&*store, again);
        assert_eq!(value(&*store, &name), None);
    }
    land(&*store, &batch(5, [put(&name, Expect::Absent, "third")]));
    let third = entry(&*store, &name);
    land(&*store, &first);
    assert_eq!(entry(&*store, &name), third);
}

/// A sweep in the last millisecond of a token's life leaves it.
pub fn a_token_is_remembered_for_its_whole_life<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    let first = batch_at(1, at(0), [put(&name, Expect::Absent, "1")]);
    land(&*store, &first);
    land(
        &*store,
        &batch_at(2, at(1), [remove(&name, version(&*store, &name))]),
    );
    let last = Timestamp::from_millis(at(0).millis() + TOKEN_LIFE_MILLIS - 1);
    store.sweep(last, 1_000).expect("the store works");
    land(&*store, &first);
    assert_eq!(value(&*store, &name), None);
}

/// Once their life is over, tokens do not fill the store for ever.
pub fn remembered_tokens_are_swept_in_the_end<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    for number in 0..30 {
        land(&*store, &batch(number, []));
    }
    let late = Timestamp::from_millis(at(0).millis() + 2 * TOKEN_LIFE_MILLIS);
    let mut swept = 0;
    for _ in 0..100 {
        let step = store.sweep(late, 7).expect("the store works");
        assert!(step <= 7);
        swept += step;
    }
    assert_eq!(swept, 30);
    assert_eq!(store.sweep(late, 7), Ok(0));
}

/// `submit` tells the end of each batch once: landed, conflicting, repeated or refused.
pub fn a_submitted_batch_is_told_exactly_once<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    let first = batch(1, [put(&name, Expect::Absent, "1")]);
    let second = batch(2, [put(&name, Expect::Absent, "2")]);
    let refused = batch(3, [put(&key(""), Expect::Absent, "3")]);
    let (told, ends) = mpsc::channel();
    let cases = [
        (first.clone(), Ok(Outcome::Committed)),
        (second, Ok(Outcome::Conflict)),
        (first, Ok(Outcome::Committed)),
        (refused, Err(())),
    ];
    for (batch, expected) in cases {
        let told = told.clone();
        store.submit(
            batch,
            Box::new(move |end| told.send(end).expect("it is awaited")),
        );
        let end = ends.recv().expect("the end is told");
        assert_eq!(end.map_err(|_| ()), expected);
    }
    drop(told);
    assert!(ends.recv().is_err(), "told more than once");
    assert_eq!(value(&*store, &name), Some(b"1".to_vec()));
}
