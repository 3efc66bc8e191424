//! The embedded store when its disk, its callers or its file misbehave: everyone is answered, nothing is invented.

use std::{
    fs, io,
    sync::{Arc, mpsc},
    thread,
};

use redb::{Database, TableDefinition};
use userpool_ports::{Expect, Outcome, Storage, StoreFault};
use userpool_redb::{OpenFault, RedbStore};
use userpool_tests::{
    contract::batches::{batch, entry, everything, key, land, outcome, put, value},
    crashing::{Disk, Trouble},
    folder::Folder,
};

fn recovering(disk: &Disk) -> RedbStore {
    let disk = disk.clone();
    RedbStore::with_backends(move || Ok::<_, io::Error>(disk.backend())).expect("the disk works")
}

#[test]
fn a_full_disk_is_a_fault_or_unknown_and_the_store_recovers() {
    let disk = Disk::new(1);
    let store = recovering(&disk);
    let (old, new) = (key("old"), key("new"));
    land(&store, &batch(1, [put(&old, Expect::Absent, "1")]));
    let second = batch(2, [put(&new, Expect::Absent, "2")]);

    disk.set_trouble(Trouble::Full);
    for _ in 0..3 {
        let end = store.commit(&second);
        assert!(matches!(end, Ok(Outcome::Unknown) | Err(_)), "{end:?}");
    }

    disk.set_trouble(Trouble::None);
    assert_eq!(value(&store, &old), Some(b"1".to_vec()), "readers recover");
    land(&store, &second);
    assert_eq!(value(&store, &new), Some(b"2".to_vec()));
}

#[test]
fn a_failed_sync_stops_the_store_for_good() {
    let disk = Disk::new(2);
    let store = recovering(&disk);
    let first = batch(1, [put(&key("a"), Expect::Absent, "1")]);
    disk.set_trouble(Trouble::FailingSync);
    assert_eq!(store.commit(&first), Ok(Outcome::Unknown));
    disk.set_trouble(Trouble::None);
    let fault = store
        .commit(&first)
        .expect_err("the disk is not to be trusted");
    assert!(fault.to_string().contains("a sync failed"));
    assert!(store.load(&[key("a")]).is_err());
    assert!(store.sweep(first.now, 1).is_err());
}

#[test]
fn a_panicking_write_answers_unknown_and_the_store_recovers() {
    let disk = Disk::new(3);
    let store = recovering(&disk);
    let first = batch(1, [put(&key("a"), Expect::Absent, "1")]);
    disk.set_trouble(Trouble::Panicking);
    assert_eq!(store.commit(&first), Ok(Outcome::Unknown));
    let (told, end) = mpsc::channel();
    store.submit(
        first.clone(),
        Box::new(move |end| told.send(end).expect("it is awaited")),
    );
    let end = end.recv().expect("the end is told");
    assert!(matches!(end, Ok(Outcome::Unknown) | Err(_)), "{end:?}");
    disk.set_trouble(Trouble::None);
    land(&store, &first);
    assert_eq!(value(&store, &key("a")), Some(b"1".to_vec()));
}

#[test]
fn everyone_who_waits_is_told_when_the_power_goes() {
    let disk = Disk::new(4);
    let store = recovering(&disk);
    let held = disk.hold_syncs();
    let (told, ends) = mpsc::channel();
    for number in 0..50 {
        let told = told.clone();
        let own = batch(
            number,
            [put(&key(number.to_be_bytes()), Expect::Absent, "1")],
        );
        store.submit(
            own,
            Box::new(move |end| told.send(end).expect("it is awaited")),
        );
    }
    drop(told);
    disk.cut_power();
    drop(held);
    let ends: Vec<_> = ends.into_iter().collect();
    assert_eq!(ends.len(), 50);
    assert!(!ends.contains(&Ok(Outcome::Committed)));
}

#[test]
fn readers_see_the_last_synced_state_and_never_wait_for_a_sync() {
    let disk = Disk::new(5);
    let store = recovering(&disk);
    let name = key("name");
    land(&store, &batch(1, [put(&name, Expect::Absent, "old")]));
    let at = Expect::At(entry(&store, &name).expect("it was put").version);
    let syncs = disk.syncs();
    let held = disk.hold_syncs();
    thread::scope(|scope| {
        let writing = scope.spawn(|| outcome(&store, &batch(2, [put(&name, at, "new")])));
        while disk.syncs() == syncs {
            thread::yield_now();
        }
        assert_eq!(value(&store, &name), Some(b"old".to_vec()));
        assert_eq!(everything(&store).len(), 1);
        drop(held);
        assert_eq!(writing.join().expect("no panic"), Outcome::Committed);
    });
    assert_eq!(value(&store, &name), Some(b"new".to_vec()));
}

#[test]
fn those_who_wait_for_a_sync_share_the_next_one() {
    let disk = Disk::new(6);
    let store = recovering(&disk);
    let before = disk.syncs();
    let held = disk.hold_syncs();
    let (told, ends) = mpsc::channel();
    for number in 0..100 {
        let told = told.clone();
        let own = batch(
            number,
            [put(&key(number.to_be_bytes()), Expect::Absent, "1")],
        );
        store.submit(
            own,
            Box::new(move |end| told.send(end).expect("it is awaited")),
        );
    }
    drop(told);
    drop(held);
    assert!(ends.into_iter().all(|end| end == Ok(Outcome::Committed)));
    // A commit is two syncs: one group was being synced, and the rest is the next one.
    assert!(
        disk.syncs() - before <= 6,
        "{} syncs",
        disk.syncs() - before
    );
}

#[test]
fn a_full_queue_refuses_what_is_submitted_and_keeps_what_it_took() {
    let disk = Disk::new(7);
    let store = recovering(&disk);
    let held = disk.hold_syncs();
    let (told, ends) = mpsc::channel();
    for number in 0..2_000_u64 {
        let told = told.clone();
        let own = batch(
            number,
            [put(&key(number.to_be_bytes()), Expect::Absent, "1")],
        );
        store.submit(
            own,
            Box::new(move |end| told.send(end).expect("it is awaited")),
        );
    }
    drop(told);
    drop(held);
    let ends: Vec<Result<Outcome, StoreFault>> = ends.into_iter().collect();
    assert_eq!(ends.len(), 2_000);
    let refused = ends.iter().filter(|end| end.is_err()).count();
    assert!((1..=976).contains(&refused), "{refused} were refused");
    assert_eq!(everything(&store).len(), 2_000 - refused);
}

#[test]
fn dropping_the_store_finishes_what_is_queued() {
    let disk = Disk::new(8);
    let store = recovering(&disk);
    let (told, ends) = mpsc::channel();
    for number in 0..100 {
        let told = told.clone();
        let own = batch(
            number,
            [put(&key(number.to_be_bytes()), Expect::Absent, "1")],
        );
        store.submit(
            own,
            Box::new(move |end| told.send(end).expect("it is awaited")),
        );
    }
    drop((store, told));
    assert_eq!(
        ends.into_iter()
            .filter(|end| *end == Ok(Outcome::Committed))
            .count(),
        100
    );
    assert_eq!(everything(&recovering(&disk)).len(), 100);
}

#[test]
fn a_callback_that_waits_for_the_writer_is_refused_and_not_left_hanging() {
    let disk = Disk::new(9);
    let store = Arc::new(recovering(&disk));
    let (told, ends) = mpsc::channel();
    let within = Arc::clone(&store);
    let first = batch(1, [put(&key("a"), Expect::Absent, "1")]);
    let second = batch(2, [put(&key("b"), Expect::Absent, "1")]);
    store.submit(
        first,
        Box::new(move |_| {
            let waited = within.commit(&second);
            let swept = within.sweep(second.now, 1);
            told.send((waited, swept)).expect("it is awaited");
            within.submit(
                second,
                Box::new(move |end| told.send((end, Ok(0))).expect("it is awaited")),
            );
        }),
    );
    let (waited, swept) = ends.recv().expect("the callback ran");
    assert!(waited.is_err() && swept.is_err());
    assert_eq!(
        ends.recv().expect("the second landed").0,
        Ok(Outcome::Committed)
    );
}

#[test]
fn a_panicking_callback_harms_nobody_else() {
    let disk = Disk::new(10);
    let store = recovering(&disk);
    store.submit(
        batch(1, []),
        Box::new(|_| panic!("the callback panics, as the story has it")),
    );
    let (told, end) = mpsc::channel();
    store.submit(
        batch(2, []),
        Box::new(move |end| told.send(end).expect("it is awaited")),
    );
    assert_eq!(end.recv().expect("the end is told"), Ok(Outcome::Committed));
}

#[test]
fn the_last_owner_may_let_go_inside_a_callback() {
    let disk = Disk::new(11);
    let store = Arc::new(recovering(&disk));
    let (told, end) = mpsc::channel();
    let last = Arc::clone(&store);
    let held = disk.hold_syncs();
    store.submit(
        batch(1, [put(&key("a"), Expect::Absent, "1")]),
        Box::new(move |_| {
            drop(last);
            told.send(()).expect("it is awaited");
        }),
    );
    drop(store);
    drop(held);
    end.recv().expect("the callback ends");
}

/// What opening a store says whose file claims another format.
fn opened_with_format(format: u32) -> OpenFault {
    const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("userpool");
    let folder = Folder::new(&format!("store-format-{format}"));
    let path = folder.path().join("store.redb");
    drop(RedbStore::open(&path).expect("a new store"));
    let database = Database::open(&path).expect("it is a redb file");
    let writing = database.begin_write().expect("redb writes");
    let mut table = writing.open_table(TABLE).expect("the table is there");
    table
        .insert(&b"uformat"[..], &format.to_be_bytes()[..])
        .expect("redb writes");
    drop(table);
    writing.commit().expect("redb commits");
    drop(database);
    RedbStore::open(&path).expect_err("the format is another")
}

#[test]
fn a_store_of_another_format_is_refused() {
    let newer = opened_with_format(7);
    assert!(matches!(newer, OpenFault::Newer { found: 7, .. }));
    assert!(newer.to_string().contains("newer version"));
    let older = opened_with_format(1);
    assert!(matches!(older, OpenFault::Older { found: 1 }));
    assert!(older.to_string().contains("new data folder"));
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = Folder::new("store-foreign");
    let text = folder.path().join("letter.txt");
    fs::write(&text, "Dear reader,".repeat(1_000)).expect("the folder can be written");
    assert!(matches!(RedbStore::open(&text), Err(OpenFault::Foreign)));
    assert_eq!(
        fs::read_to_string(&text).expect("it is there"),
        "Dear reader,".repeat(1_000)
    );

    const OTHER: TableDefinition<'_, &str, u64> = TableDefinition::new("other");
    let other = folder.path().join("other.redb");
    let database = Database::create(&other).expect("redb makes a file");
    let writing = database.begin_write().expect("redb writes");
    writing.open_table(OTHER).expect("redb makes a table");
    writing.commit().expect("redb commits");
    drop(database);
    assert!(matches!(RedbStore::open(&other), Err(OpenFault::Foreign)));
}

#[test]
fn a_missing_folder_is_an_error_of_the_system() {
    let folder = Folder::new("store-nowhere");
    let path = folder.path().join("nowhere/store.redb");
    assert!(matches!(RedbStore::open(path), Err(OpenFault::Io(_))));
}

#[test]
fn an_interrupted_making_of_the_file_is_made_again() {
    let folder = Folder::new("store-interrupted");
    let path = folder.path().join("store.redb");
    fs::write(folder.path().join("store.redb.new"), [0; 5_000]).expect("the folder can be written");
    let store = RedbStore::open(&path).expect("the store is made");
    land(&store, &batch(1, [put(&key("a"), Expect::Absent, "1")]));
    drop(store);
    assert!(!folder.path().join("store.redb.new").exists());
    let store = RedbStore::open(&path).expect("the store opens");
    assert_eq!(value(&store, &key("a")), Some(b"1".to_vec()));
}

#[test]
fn of_many_who_make_the_file_at_once_one_has_the_store() {
    let folder = Folder::new("store-raced");
    let path = folder.path().join("store.redb");
    let opened: Vec<_> = thread::scope(|scope| {
        let racing: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| RedbStore::open(&path)))
            .collect();
        racing
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    let (stores, faults): (Vec<_>, Vec<_>) = opened.into_iter().partition(Result::is_ok);
    assert_eq!(stores.len(), 1);
    for fault in faults {
        assert!(matches!(fault, Err(OpenFault::InUse)), "{fault:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("store-mode");
    let path = folder.path().join("store.redb");
    let _store = RedbStore::open(&path).expect("a new store");
    let mode = fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
