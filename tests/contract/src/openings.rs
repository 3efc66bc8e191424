//! What a store keeps when it is closed and opened again.

use userpool_ports::storage::TOKEN_LIFE_MILLIS;
use userpool_ports::{Expect, Outcome, Storage, Timestamp};

use super::batches::{
    at, batch, check, everything, key, land, outcome, put, put_until, remove, value, version,
};

/// A place where a store lives: opened again, it holds what it held.
pub trait Place {
    /// The store that lives there.
    type Store: Storage;

    /// Opens the store; the one opened before was dropped.
    fn open(&self) -> Self::Store;
}

/// Values, versions and ends.
pub fn what_was_committed_is_there_after_opening_again<P: Place>(place: impl Fn() -> P) {
    let place = place();
    let (name, ending) = (key("name"), key("ending"));
    let store = place.open();
    land(
        &store,
        &batch(
            1,
            [
                put(&name, Expect::Absent, "1"),
                put_until(&ending, Expect::Absent, "2", at(60)),
            ],
        ),
    );
    let before = everything(&store);
    drop(store);
    let store = place.open();
    assert_eq!(everything(&store), before);
    land(&store, &batch(2, [check(&name, version(&store, &name))]));
}

/// Not even when every entry was removed before closing.
pub fn versions_do_not_recur_after_opening_again<P: Place>(place: impl Fn() -> P) {
    let place = place();
    let name = key("name");
    let mut seen = Vec::new();
    for round in 0..5 {
        let store = place.open();
        let number = 3 * round;
        land(&store, &batch(number, [put(&name, Expect::Absent, "1")]));
        let created = version(&store, &name);
        assert!(!seen.contains(&created));
        for stale in &seen {
            let late = batch(number + 1, [put(&name, Expect::At(*stale), "late")]);
            assert_eq!(outcome(&store, &late), Outcome::Conflict);
        }
        seen.push(created);
        land(&store, &batch(number + 2, [remove(&name, created)]));
    }
}

/// An outcome that the old process did not learn is settled by the new one.
pub fn tokens_are_remembered_after_opening_again<P: Place>(place: impl Fn() -> P) {
    let place = place();
    let name = key("name");
    let first = batch(1, [put(&name, Expect::Absent, "1")]);
    let store = place.open();
    land(&store, &first);
    land(&store, &batch(2, [remove(&name, version(&store, &name))]));
    drop(store);
    let store = place.open();
    land(&store, &first);
    assert_eq!(value(&store, &name), None);
    let late = Timestamp::from_millis(at(0).millis() + 2 * TOKEN_LIFE_MILLIS);
    assert_eq!(store.sweep(late, 100), Ok(2));
}

/// The ends are kept with the entries.
pub fn ended_entries_can_be_swept_after_opening_again<P: Place>(place: impl Fn() -> P) {
    let place = place();
    let (ending, lasting) = (key("ending"), key("lasting"));
    let store = place.open();
    land(
        &store,
        &batch(
            1,
            [
                put_until(&ending, Expect::Absent, "1", at(60)),
                put(&lasting, Expect::Absent, "1"),
            ],
        ),
    );
    drop(store);
    let store = place.open();
    assert_eq!(store.sweep(at(59), 100), Ok(0));
    assert_eq!(store.sweep(at(60), 100), Ok(1));
    assert_eq!(value(&store, &ending), None);
    assert_eq!(value(&store, &lasting), Some(b"1".to_vec()));
}
