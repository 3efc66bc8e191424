//! Commits to the store in the file that is its argument, from several threads, until it is killed.
//!
//! Each thread raises a pair of counters in one batch and prints `thread count` once that is acknowledged.

use std::{
    io::{self, Write},
    path::PathBuf,
    thread,
};

use userpool_ports::{Expect, Outcome};
use userpool_redb::RedbStore;
use userpool_tests::contract::batches::{batch, entry, key, outcome, put};

const THREADS: u64 = 4;

fn main() {
    let path: PathBuf = std::env::args_os().nth(1).expect("a file").into();
    let store = RedbStore::open(path).expect("the store opens");
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || raise(store, thread));
        }
    });
}

fn raise(store: &RedbStore, thread: u64) -> ! {
    let pair = [
        key(format!("{thread}/left")),
        key(format!("{thread}/right")),
    ];
    loop {
        let found = pair.each_ref().map(|key| entry(store, key));
        let before = found[0].as_ref().map_or(0, |entry| {
            let bytes = &entry.value[..8];
            u64::from_be_bytes(bytes.try_into().expect("eight bytes"))
        });
        let count = before + 1;
        // Some values span pages.
        let mut value = count.to_be_bytes().to_vec();
        value.resize(8 + (count as usize * 997) % 9_000, 7);
        let writes = [0, 1].map(|side| {
            let expect = match &found[side] {
                Some(entry) => Expect::At(entry.version),
                None => Expect::Absent,
            };
            put(&pair[side], expect, &value)
        });
        let raised = batch(thread << 32 | count, writes);
        assert_eq!(outcome(store, &raised), Outcome::Committed);
        // One write, so that a line is whole or not there.
        let line = format!("{thread} {count}\n");
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes()).expect("somebody reads");
        out.flush().expect("somebody reads");
    }
}
