//! Stores in memory that move, at rest and while others write to them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use userpool::Memory;
use userpool_ports::{Change, Expect, Key, Outcome, Storage, StoreFault, Timestamp, Write};

use super::live::{Live, follow};
use super::mark::Mark;
use super::tap::Tap;
use super::walk::{commit, compare, count, write_of};
use super::{check_whole, mark, rest, serving};

fn put(key: &[u8], expect: Expect, value: &[u8]) -> Write {
    let change = Change::Put {
        value: value.into(),
        expires: Some(Timestamp::from_secs(9_000_000_000)),
    };
    write_of(Key::new(key), expect, change)
}

fn with(records: &[(&str, &str)]) -> Memory {
    let store = Memory::new();
    for (key, value) in records {
        let write = put(key.as_bytes(), Expect::Absent, value.as_bytes());
        commit(&store, vec![write]).unwrap();
    }
    store
}

fn many(records: usize) -> Memory {
    let many: Vec<(String, String)> = (0..records)
        .map(|number| (format!("k{number}"), "v".repeat(number)))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(k, v)| (&**k, &**v)).collect();
    with(&many)
}

fn differences(from: &dyn Storage, to: &dyn Storage) -> u64 {
    compare(from, to, ("checked", 0), false).unwrap()
}

fn repair(from: &Memory, to: &Memory) -> u64 {
    let differed = compare(from, to, ("copied", 0), true).unwrap();
    assert_eq!(differences(from, to), 0);
    differed
}

/// The store as another process sees it; a thread serves it.
fn live(tap: &Tap<Memory>) -> Result<Live, crate::failure::Failure> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let tap = tap.clone();
    thread::spawn(move || serving::serve(theirs, &tap));
    Live::begin(ours)
}

#[test]
fn an_empty_target_gets_everything_and_a_second_time_nothing() {
    let (from, to) = (many(1_500), Memory::new());
    mark(&to).unwrap();
    assert_eq!(count(&from).unwrap(), 1_500);
    assert_eq!(repair(&from, &to), 1_500);
    assert_eq!(repair(&from, &to), 0);
}

#[test]
fn what_changed_since_the_first_attempt_is_made_the_same() {
    let from = with(&[("a", "1"), ("b", "2"), ("d", "4")]);
    let to = with(&[("a", "1"), ("b", "other"), ("c", "gone"), ("e", "gone")]);
    assert_eq!(repair(&from, &to), 4);
}

#[test]
fn a_target_that_holds_something_else_is_refused() {
    assert!(mark(&with(&[("a", "1")])).is_err());
}

#[test]
fn a_store_with_a_mark_is_not_whole() {
    let to = Memory::new();
    let first = mark(&to).unwrap();
    assert_eq!(mark(&to).unwrap(), first, "begun again");
    assert!(check_whole(&to).is_err());
    Mark::take(&to, first).unwrap();
    assert!(check_whole(&to).is_ok());
}

#[test]
fn a_store_moves_whole_while_others_write_to_it() {
    const WRITERS: u64 = 4;
    let (from, to) = (Tap::over(many(3_000)), Memory::new());
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (from, stop, written) = (&from, &stop, &written);
            scope.spawn(move || {
                // Each has keys of its own: it changes some again and again, adds some, and removes some.
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let names = [
                        writer * 100 + round % 100,
                        10_000 + writer + round * WRITERS,
                    ];
                    let keys = names.map(|name| Key::new(format!("k{name}").into_bytes()));
                    for (key, entry) in keys.iter().zip(from.load(&keys).unwrap()) {
                        let write = match entry {
                            Some(entry) if round % 7 == 0 => {
                                let at = Expect::At(entry.version);
                                write_of(key.clone(), at, Change::Remove)
                            }
                            Some(entry) => {
                                let at = Expect::At(entry.version);
                                put(key.as_bytes(), at, &round.to_be_bytes())
                            }
                            None => put(key.as_bytes(), Expect::Absent, &round.to_be_bytes()),
                        };
                        if commit(from, vec![write]).is_ok() {
                            written.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    thread::sleep(Duration::from_micros(200));
                }
            });
        }
        while written.load(Ordering::Relaxed) < 100 {
            thread::yield_now();
        }
        follow(&live(&from).unwrap(), &to).unwrap();
        // They go on for a while, in vain.
        let end = written.load(Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
        assert!(written.load(Ordering::Relaxed) <= end + WRITERS);
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(differences(&from, &to), 0);
    check_whole(&to).unwrap();
    let moved = check_whole(&from).unwrap_err().to_string();
    assert!(moved.contains("has moved"), "{moved}");
    let refused = commit(&from, vec![put(b"late", Expect::Absent, b"")]);
    assert!(refused.is_err());
}

#[test]
fn a_server_goes_on_when_the_copying_process_is_gone() {
    let from = Tap::over(many(10));
    let first = live(&from).unwrap();
    let second = live(&from).unwrap_err().to_string();
    assert!(second.contains("another migration"), "{second}");
    first.hold().unwrap();
    let write = || commit(&from, vec![put(b"new", Expect::Absent, b"")]);
    assert!(write().is_err());
    drop(first);
    let mut tries = 0;
    while write().is_err() {
        tries += 1;
        assert!(tries < 1_000, "it is held for good");
        thread::sleep(Duration::from_millis(5));
    }
    let to = Memory::new();
    follow(&live(&from).unwrap(), &to).unwrap();
    assert_eq!(count(&to).unwrap(), 11);
}

#[test]
fn what_was_cut_short_after_the_store_had_left_is_finished_from_its_file() {
    let (store, to) = (many(10), Memory::new());
    let tap = Tap::over(store.clone());
    let from = live(&tap).unwrap();
    mark(&to).unwrap();
    compare(&from, &to, ("copied", 0), true).unwrap();
    from.hold().unwrap();
    from.leave().unwrap();
    // Neither is served now; and nothing else may be made of what has moved.
    assert!(check_whole(&store).is_err() && check_whole(&to).is_err());
    assert!(rest(&store, &Memory::new()).is_err());
    rest(&store, &to).unwrap();
    check_whole(&to).unwrap();
    assert_eq!(count(&to).unwrap(), 10);
}

#[test]
fn a_batch_that_did_not_land_is_no_change() {
    let tap = Tap::over(many(2));
    let copying = tap.copy().unwrap();
    let mut batch = userpool_ports::Batch {
        token: [1; 16],
        now: Timestamp::from_secs(1),
        writes: vec![put(b"k0", Expect::Absent, b"")],
    };
    assert_eq!(tap.commit(&batch), Ok(Outcome::Conflict));
    assert_eq!(copying.changed(10), Ok(vec![]));
    batch.writes = ["x", "y", "z"]
        .map(|key| put(key.as_bytes(), Expect::Absent, b""))
        .into();
    assert_eq!(tap.commit(&batch), Ok(Outcome::Committed));
    let key = |name: &str| Key::new(name.as_bytes());
    assert_eq!(copying.changed(2), Ok(vec![key("x"), key("y")]));
    assert_eq!(copying.changed(2), Ok(vec![key("z")]));
    copying.hold().unwrap();
    let held = tap.commit(&batch);
    assert!(matches!(held, Err(StoreFault { .. })), "{held:?}");
    assert_eq!(tap.sweep(Timestamp::from_secs(1), 1), Ok(0));
}

#[test]
fn a_socket_may_have_a_long_path() {
    let folder = userpool_tests::folder::Folder::new("long");
    let deep = folder.path().join("x".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    let (tap, left) = (Tap::over(many(1)), std::sync::Arc::default());
    let path = deep.join(serving::SOCKET);
    let socket = serving::listen(&path, &tap, &left).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );
    let stream = super::talk::at(&path, |path| UnixStream::connect(path)).unwrap();
    assert_eq!(count(&Live::begin(stream).unwrap()).unwrap(), 1);
    drop(socket);
    assert!(!path.exists());
}
