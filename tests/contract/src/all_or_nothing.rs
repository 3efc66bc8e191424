//! A batch lands whole or not at all, and what landed comes back unchanged.

use std::ops::Deref;

use userpool_ports::{Expect, Outcome, Storage, Version};

use super::batches::{
    at, batch, check, entry, everything, key, land, outcome, put, put_until, remove, value, version,
};

/// Puts, a removal and a check land together.
pub fn a_batch_lands_whole_when_every_expectation_holds<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (old, gone, seen, new) = (key("b"), key("c"), key("d"), key("a"));
    let writes = [&old, &gone, &seen].map(|key| put(key, Expect::Absent, "before"));
    land(&*store, &batch(1, writes));
    let [of_old, of_gone, of_seen] = [&old, &gone, &seen].map(|key| version(&*store, key));

    land(
        &*store,
        &batch(
            2,
            [
                put(&new, Expect::Absent, "new"),
                put(&old, Expect::At(of_old), "after"),
                remove(&gone, of_gone),
                check(&seen, of_seen),
            ],
        ),
    );

    assert_eq!(value(&*store, &new), Some(b"new".to_vec()));
    assert_eq!(value(&*store, &old), Some(b"after".to_vec()));
    assert_eq!(value(&*store, &gone), None);
    assert_eq!(value(&*store, &seen), Some(b"before".to_vec()));
}

/// Of five writes, each in turn expects the wrong thing.
pub fn one_failed_expectation_at_any_place_stops_the_whole_batch<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let keys = ["a", "b", "c", "d", "e"].map(key);
    for wrong in 0..keys.len() {
        let store = fresh();
        let first = keys.each_ref().map(|key| put(key, Expect::Absent, "1"));
        land(&*store, &batch(1, first));
        let stale = version(&*store, &keys[wrong]);
        let second = [put(&keys[wrong], Expect::At(stale), "2")];
        land(&*store, &batch(2, second));
        let before = everything(&*store);

        let seen = |place: usize| match place == wrong {
            true => stale,
            false => version(&*store, &keys[place]),
        };
        let writes = [
            put(&keys[0], Expect::At(seen(0)), "3"),
            put_until(&keys[1], Expect::At(seen(1)), "3", at(9)),
            remove(&keys[2], seen(2)),
            check(&keys[3], seen(3)),
            put(&keys[4], Expect::At(seen(4)), "3"),
        ];
        assert_eq!(outcome(&*store, &batch(3, writes)), Outcome::Conflict);
        assert_eq!(everything(&*store), before, "place {wrong}");
    }
}

/// `Absent` does not hold where there is an entry, ended or not.
pub fn an_absent_expectation_meets_an_entry_and_fails<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (lasting, ended, other) = (key("a"), key("b"), key("c"));
    land(
        &*store,
        &batch(
            1,
            [
                put(&lasting, Expect::Absent, "1"),
                put_until(&ended, Expect::Absent, "1", at(-60)),
            ],
        ),
    );
    for (number, taken) in [(2, &lasting), (3, &ended)] {
        let writes = [
            put(taken, Expect::Absent, "2"),
            put(&other, Expect::Absent, "2"),
        ];
        assert_eq!(outcome(&*store, &batch(number, writes)), Outcome::Conflict);
        assert_eq!(value(&*store, taken), Some(b"1".to_vec()));
        assert_eq!(value(&*store, &other), None);
    }
}

/// A version does not hold where there is no entry, whatever the change.
pub fn a_version_expectation_fails_on_an_absent_key<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (some, none, other) = (key("some"), key("none"), key("other"));
    land(&*store, &batch(1, [put(&some, Expect::Absent, "1")]));
    for (number, guess) in [(2, version(&*store, &some)), (20, Version::from_raw(0))] {
        let changes = [
            put(&none, Expect::At(guess), "2"),
            remove(&none, guess),
            check(&none, guess),
        ];
        for (number, change) in (number..).zip(changes) {
            let writes = [change, put(&other, Expect::Absent, "2")];
            assert_eq!(outcome(&*store, &batch(number, writes)), Outcome::Conflict);
            assert_eq!(everything(&*store).len(), 1);
        }
    }
}

/// A check leaves value, version and end alone, and stops the batch once the entry has moved on.
pub fn a_check_changes_nothing_but_must_hold<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (head, body) = (key("head"), key("body"));
    let first = [put_until(&head, Expect::Absent, "1", at(60))];
    land(&*store, &batch(1, first));
    let seen = entry(&*store, &head).expect("it was put");

    let with_check = [check(&head, seen.version), put(&body, Expect::Absent, "1")];
    land(&*store, &batch(2, with_check));
    assert_eq!(entry(&*store, &head), Some(seen.clone()));

    land(
        &*store,
        &batch(3, [put(&head, Expect::At(seen.version), "2")]),
    );
    let stale = [
        check(&head, seen.version),
        put(&body, Expect::At(version(&*store, &body)), "2"),
    ];
    assert_eq!(outcome(&*store, &batch(4, stale)), Outcome::Conflict);
    assert_eq!(value(&*store, &body), Some(b"1".to_vec()));
}

/// Checks need no put beside them.
pub fn a_batch_of_checks_alone_lands<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let keys = ["a", "b"].map(key);
    let writes = keys.each_ref().map(|key| put(key, Expect::Absent, "1"));
    land(&*store, &batch(1, writes));
    let before = everything(&*store);
    let checks = keys.each_ref().map(|key| check(key, version(&*store, key)));
    land(&*store, &batch(2, checks));
    assert_eq!(everything(&*store), before);
}

/// A batch without writes has nothing that could fail.
pub fn an_empty_batch_lands<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    land(&*store, &batch(1, []));
    assert!(everything(&*store).is_empty());
}

/// A conflict leaves the token unused: the same batch lands once its expectations hold.
pub fn a_conflicting_batch_may_land_later_under_its_token<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    land(&*store, &batch(1, [put(&name, Expect::Absent, "1")]));
    let waiting = batch(2, [put(&name, Expect::Absent, "2")]);
    assert_eq!(outcome(&*store, &waiting), Outcome::Conflict);
    land(&*store, &batch(3, [remove(&name, version(&*store, &name))]));
    land(&*store, &waiting);
    assert_eq!(value(&*store, &name), Some(b"2".to_vec()));
}

/// Every byte of keys and values, empty values and ends to the millisecond are kept.
pub fn an_entry_comes_back_as_it_was_put<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let every_byte: Vec<u8> = (0..=255).collect();
    let end = userpool_ports::Timestamp::from_millis(1_700_000_000_123);
    let cases = [
        (key(&every_byte), every_byte.clone(), None),
        (key([0]), Vec::new(), None),
        (key([0, 0]), vec![0; 3], Some(end)),
        (key([255]), vec![255; 3], Some(end)),
    ];
    let writes: Vec<_> = cases
        .iter()
        .map(|(key, value, expires)| match expires {
            Some(expires) => put_until(key, Expect::Absent, value, *expires),
            None => put(key, Expect::Absent, value),
        })
        .collect();
    land(&*store, &batch(1, writes));
    for (key, value, expires) in cases {
        let found = entry(&*store, &key).expect("it was put");
        assert_eq!(&*found.value, &*value);
        assert_eq!(found.expires, expires);
    }
}

/// One entry an asked key, in that order, repetitions and absent keys included.
pub fn load_answers_in_the_order_asked<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (a, b, none) = (key("a"), key("b"), key("none"));
    let writes = [
        put(&a, Expect::Absent, "of a"),
        put(&b, Expect::Absent, "of b"),
    ];
    land(&*store, &batch(1, writes));
    let asked = [&b, &none, &a, &b].map(Clone::clone);
    let values: Vec<_> = store
        .load(&asked)
        .expect("the store works")
        .into_iter()
        .map(|entry| entry.map(|entry| entry.value.to_vec()))
        .collect();
    let [of_a, of_b] = ["of a", "of b"].map(|text| Some(text.as_bytes().to_vec()));
    assert_eq!(values, [of_b.clone(), None, of_a, of_b]);
    assert!(store.load(&[]).expect("the store works").is_empty());
}
