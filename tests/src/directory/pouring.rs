//! Carrying records from one store into another.

use userpool::Memory;
use userpool_crypto::digest::sha256;
use userpool_ports::{
    Batch, Change, Entry, Expect, Key, Outcome, PageRequest, Storage, Timestamp, Write,
    storage::{MAX_BATCH, MAX_WRITES},
};

use std::sync::mpsc;

/// How many entries are read at once.
const PAGE: usize = 4_096;
/// How many batches may wait to land.
const WAITING: usize = 512;

/// All entries of a store in memory, in order.
pub fn entries(of: &Memory) -> impl Iterator<Item = (Key, Entry)> {
    let of = of.clone();
    let mut after = None;
    let pages = std::iter::from_fn(move || {
        let page = of.lock().page(&PageRequest {
            prefix: Key::new([]),
            after: after.clone(),
            limit: PAGE,
        });
        after = page.last().map(|(key, _)| key.clone());
        after.is_some().then_some(page)
    });
    pages.flatten()
}

/// Puts all entries of a store in memory into another store, over those that are there; how many they were.
///
/// # Panics
/// The store fails, or somebody else writes to it meanwhile.
pub fn pour(from: &Memory, into: &dyn Storage, now: Timestamp) -> u64 {
    let (mut writes, mut bytes, mut poured) = (Vec::new(), 0, 0);
    let (landed, ends) = mpsc::channel();
    let mut waiting = 0;
    let mut submit = |writes: Vec<Write>| {
        let batch = replacing(into, writes, now);
        let landed = landed.clone();
        into.submit(
            batch,
            Box::new(move |end| landed.send(end).expect("somebody listens")),
        );
        waiting += 1;
        if waiting == WAITING {
            assert_eq!(ends.recv(), Ok(Ok(Outcome::Committed)));
            waiting -= 1;
        }
        waiting
    };
    for (key, entry) in entries(from) {
        let size = key.as_bytes().len() + entry.value.len();
        if writes.len() == MAX_WRITES || bytes + size > MAX_BATCH {
            submit(std::mem::take(&mut writes));
            bytes = 0;
        }
        bytes += size;
        poured += 1;
        let (value, expires) = (entry.value, entry.expires);
        writes.push(Write {
            key,
            expect: Expect::Absent,
            change: Change::Put { value, expires },
        });
    }
    for _ in 0..submit(writes) {
        assert_eq!(ends.recv(), Ok(Ok(Outcome::Committed)));
    }
    poured
}

/// A batch that expects what there is.
fn replacing(into: &dyn Storage, mut writes: Vec<Write>, now: Timestamp) -> Batch {
    let keys: Vec<Key> = writes.iter().map(|write| write.key.clone()).collect();
    let found = into.load(&keys).expect("the store reads");
    for (write, found) in writes.iter_mut().zip(found) {
        if let Some(entry) = found {
            write.expect = Expect::At(entry.version);
        }
    }
    let mut token = [0; 16];
    let names: Vec<&[u8]> = keys.iter().map(Key::as_bytes).collect();
    token.copy_from_slice(&sha256(&names)[..16]);
    Batch { token, now, writes }
}
