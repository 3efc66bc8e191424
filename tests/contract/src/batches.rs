//! Short words for keys, writes and batches, and for what a store holds.

use std::sync::Arc;

use userpool_ports::{
    Batch, Change, Entry, Expect, Key, Outcome, PageRequest, Storage, Timestamp, Version, Write,
};

/// The moment `secs` seconds after the stories of the suite begin.
#[must_use]
pub fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

/// A key of these bytes.
#[must_use]
pub fn key(bytes: impl AsRef<[u8]>) -> Key {
    Key::new(bytes.as_ref())
}

/// Puts a value that never ends.
#[must_use]
pub fn put(key: &Key, expect: Expect, value: impl AsRef<[u8]>) -> Write {
    Write {
        key: key.clone(),
        expect,
        change: Change::Put {
            value: Arc::from(value.as_ref()),
            expires: None,
        },
    }
}

/// Puts a value that ends at `expires`.
#[must_use]
pub fn put_until(key: &Key, expect: Expect, value: impl AsRef<[u8]>, expires: Timestamp) -> Write {
    Write {
        key: key.clone(),
        expect,
        change: Change::Put {
            value: Arc::from(value.as_ref()),
            expires: Some(expires),
        },
    }
}

/// Removes the entry in this state.
#[must_use]
pub fn remove(key: &Key, version: Version) -> Write {
    Write {
        key: key.clone(),
        expect: Expect::At(version),
        change: Change::Remove,
    }
}

/// Checks that the entry is in this state.
#[must_use]
pub fn check(key: &Key, version: Version) -> Write {
    Write {
        key: key.clone(),
        expect: Expect::At(version),
        change: Change::Check,
    }
}

/// The batch number `number` of a story, at its beginning; its writes are put in order.
#[must_use]
pub fn batch(number: u64, writes: impl Into<Vec<Write>>) -> Batch {
    batch_at(number, at(0), writes)
}

/// The batch number `number` of a story, at `now`; its writes are put in order.
#[must_use]
pub fn batch_at(number: u64, now: Timestamp, writes: impl Into<Vec<Write>>) -> Batch {
    let mut token = [0; 16];
    token[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    token[8..].copy_from_slice(&number.to_be_bytes());
    let mut writes = writes.into();
    writes.sort_by(|one, other| one.key.cmp(&other.key));
    Batch { token, now, writes }
}

/// Commits, and submits the identical batch again while the outcome is unknown.
///
/// # Panics
/// The store failed, or the outcome stayed unknown.
pub fn outcome<S: Storage + ?Sized>(store: &S, batch: &Batch) -> Outcome {
    for _ in 0..20 {
        match store.commit(batch).expect("the store works") {
            Outcome::Unknown => {}
            known => return known,
        }
    }
    panic!("the outcome stayed unknown");
}

/// Commits a batch whose expectations hold.
///
/// # Panics
/// It did not land.
pub fn land<S: Storage + ?Sized>(store: &S, batch: &Batch) {
    assert_eq!(outcome(store, batch), Outcome::Committed);
}

/// The entry of a key.
///
/// # Panics
/// The store failed, or answered another number of entries than it was asked for.
pub fn entry<S: Storage + ?Sized>(store: &S, key: &Key) -> Option<Entry> {
    let mut entries = store
        .load(std::slice::from_ref(key))
        .expect("the store works");
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

/// The version of a key that has an entry.
///
/// # Panics
/// There is no entry.
pub fn version<S: Storage + ?Sized>(store: &S, key: &Key) -> Version {
    entry(store, key).expect("the entry exists").version
}

/// The value of a key, if it has an entry.
pub fn value<S: Storage + ?Sized>(store: &S, key: &Key) -> Option<Vec<u8>> {
    entry(store, key).map(|entry| entry.value.to_vec())
}

/// All keys under a prefix after a cursor, at most `limit`.
///
/// # Panics
/// The store failed.
pub fn keys_of_page<S: Storage + ?Sized>(
    store: &S,
    prefix: &Key,
    after: Option<&Key>,
    limit: usize,
) -> Vec<Key> {
    let request = PageRequest {
        prefix: prefix.clone(),
        after: after.cloned(),
        limit,
    };
    let page = store.page(&request).expect("the store works");
    page.into_iter().map(|(key, _)| key).collect()
}

/// Everything the store holds, in key order.
///
/// # Panics
/// The store failed.
pub fn everything<S: Storage + ?Sized>(store: &S) -> Vec<(Key, Entry)> {
    let request = PageRequest {
        prefix: key(b""),
        after: None,
        limit: usize::MAX,
    };
    store.page(&request).expect("the store works")
}
