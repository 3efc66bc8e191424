//! Versions are opaque and never recur for a key.

use std::{collections::HashSet, ops::Deref};

use userpool_ports::{Expect, Outcome, Storage};

use super::batches::{batch, key, land, outcome, put, remove, value, version};

/// Even a put of the same bytes is a new state.
pub fn every_put_gives_a_new_version<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    land(&*store, &batch(1, [put(&name, Expect::Absent, "same")]));
    let mut seen = HashSet::from([version(&*store, &name)]);
    for number in 2..20 {
        let at = Expect::At(version(&*store, &name));
        land(&*store, &batch(number, [put(&name, at, "same")]));
        assert!(seen.insert(version(&*store, &name)));
    }
}

/// Neither removal nor work on other keys in between brings a version back.
pub fn a_version_never_recurs_even_after_removal<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let (name, other) = (key("name"), key("other"));
    let mut seen = HashSet::new();
    for round in 0..20 {
        let number = 4 * round;
        land(&*store, &batch(number, [put(&name, Expect::Absent, "1")]));
        let created = version(&*store, &name);
        assert!(seen.insert(created));
        let writes = [put(&name, Expect::At(created), "2")];
        land(&*store, &batch(number + 1, writes));
        let changed = version(&*store, &name);
        assert!(seen.insert(changed));
        land(&*store, &batch(number + 2, [remove(&name, changed)]));
        if round % 3 == 0 {
            let expect = match value(&*store, &other) {
                Some(_) => Expect::At(version(&*store, &other)),
                None => Expect::Absent,
            };
            land(&*store, &batch(number + 3, [put(&other, expect, "1")]));
        }
    }
}

/// A guard taken before a removal fails on the entry that came after it.
pub fn a_stale_version_never_passes_again<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    let name = key("name");
    land(&*store, &batch(1, [put(&name, Expect::Absent, "1")]));
    let stale = version(&*store, &name);
    land(&*store, &batch(2, [remove(&name, stale)]));
    land(&*store, &batch(3, [put(&name, Expect::Absent, "1")]));
    let late = batch(4, [put(&name, Expect::At(stale), "late")]);
    assert_eq!(outcome(&*store, &late), Outcome::Conflict);
    assert_eq!(value(&*store, &name), Some(b"1".to_vec()));
}
