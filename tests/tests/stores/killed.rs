//! A process killed in the middle of its commits: what it had acknowledged is there, and whole.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use userpool_redb::{OpenFault, RedbStore};
use userpool_tests::{
    chance::Chance,
    contract::batches::{everything, key, value},
    folder::Folder,
};

#[test]
fn a_killed_process_loses_nothing_it_had_acknowledged() {
    let folder = Folder::new("store-killed");
    let path = folder.path().join("store.redb");
    let mut chance = Chance::new(2);
    let mut acknowledged: HashMap<String, u64> = HashMap::new();
    for _ in 0..12 {
        let lines = 1 + chance.below(150);
        run_and_kill(&path, lines, &mut acknowledged);
        let store = RedbStore::open(&path).expect("the store opens after a kill");
        check(&store, &acknowledged);
    }
}

#[test]
fn a_second_process_is_told_that_the_store_is_in_use() {
    let folder = Folder::new("store-in-use");
    let path = folder.path().join("store.redb");
    let mut child = writer(&path);
    let out = child.stdout.take().expect("it is piped");
    let first = BufReader::new(out).lines().next();
    assert!(first.is_some(), "the child has committed");

    let fault = RedbStore::open(&path).expect_err("the child has it open");
    assert!(matches!(fault, OpenFault::InUse));
    assert!(fault.to_string().contains("in use"));

    child.kill().expect("the child lives");
    child.wait().expect("the child ends");
    RedbStore::open(&path).expect("nobody has it open");
}

fn writer(path: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_commit_until_killed"))
        .arg(path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the writer starts")
}

/// Kills the writer after some lines, and notes every line it wrote.
fn run_and_kill(path: &Path, lines: usize, acknowledged: &mut HashMap<String, u64>) {
    let mut child = writer(path);
    let out = child.stdout.take().expect("it is piped");
    for (number, line) in (1..).zip(BufReader::new(out).lines()) {
        let line = line.expect("lines are text");
        let (thread, count) = line.split_once(' ').expect("thread and count");
        let count: u64 = count.parse().expect("a number");
        acknowledged.insert(thread.to_owned(), count);
        if number == lines {
            child.kill().expect("the child lives");
        }
    }
    child.wait().expect("the child ends");
}

fn check(store: &RedbStore, acknowledged: &HashMap<String, u64>) {
    for (thread, count) in acknowledged {
        let left = value(store, &key(format!("{thread}/left"))).expect("it was acknowledged");
        let right = value(store, &key(format!("{thread}/right"))).expect("it was acknowledged");
        assert_eq!(left, right, "a pair is whole");
        let found = u64::from_be_bytes(left[..8].try_into().expect("eight bytes"));
        assert!(found == *count || found == count + 1, "{found} for {count}");
    }
    assert!(everything(store).len().is_multiple_of(2));
}
