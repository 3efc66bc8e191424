//! Moving from one store to another: everything is copied, then everything is compared.
//!
//! A mark in the target says that it is not whole yet, so that nobody serves it; the last commit takes the mark away. A
//! migration that was cut short is begun again: what is in the target already is compared and not written.

use std::path::Path;

use clap::Args;
use userpool_ports::storage::{MAX_BATCH, MAX_WRITES};
use userpool_ports::{
    Batch, Change, Clock, Entry, Expect, Key, Outcome, PageRequest, Storage, Version, Write,
};

use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::options::{Resolved, StoreKind};
use crate::progress::{Bar, grouped};
use crate::stores;

/// The key of the mark: after the keys of all records, whose first byte is a letter.
const MARK: &[u8] = b"\xffmigration";
/// How many entries are read at once.
const PAGE: usize = 500;
/// How often a commit whose end is not known is tried again.
const AGAIN: u32 = 20;

/// From where to where.
#[derive(Args, Clone, Debug)]
pub(crate) struct Migration {
    /// Store to copy, which no server has open: `redb` in the data folder, `redb:FILE` or `postgres://…`
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Store to copy into: empty, or of a migration that was cut short
    #[arg(long, value_name = "STORE")]
    to: String,
}

type Store = Box<dyn Storage>;

/// Copies and checks.
///
/// # Errors
/// A store cannot be opened, read or written; the target is not empty; the two still differ at the end.
pub(crate) fn run(settings: &Resolved, migration: &Migration) -> Result<(), Failure> {
    let from = open("from", &migration.from, settings, true)?;
    let to = open("to", &migration.to, settings, false)?;
    check_whole(&*from)?;
    let records = count(&*from)?;
    let mark = mark(&*to)?;
    let copied = compare(&*from, &*to, ("copied", records), true)?;
    let differ = compare(&*from, &*to, ("checked", records), false)?;
    if differ > 0 {
        return Err(Failure::new(format!(
            "{differ} records differ: somebody wrote to one of the stores; begin again"
        )));
    }
    let finished = write_of(Key::new(MARK), Expect::At(mark), Change::Remove);
    commit(&*to, vec![finished])?;
    println!("{records} records are the same in both, {copied} of them copied now.");
    println!("Serve the new store with the root keys of the old one.");
    Ok(())
}

/// Checks that no migration left a store half done.
///
/// # Errors
/// One did; or it cannot be read.
pub(crate) fn check_whole(store: &dyn Storage) -> Result<(), Failure> {
    let found = store.load(&[Key::new(MARK)]);
    match found.map_err(failed)?.pop().flatten() {
        None => Ok(()),
        Some(_) => Err(Failure::new(
            "a migration into this store was cut short; run it again",
        )),
    }
}

fn open(which: &str, text: &str, settings: &Resolved, exists: bool) -> Result<Store, Failure> {
    let embedded = |path: &Path| {
        if exists && !path.exists() {
            return Err(Failure::new(format!("{which}: no {}", path.display())));
        }
        Ok(Box::new(stores::embedded(path)?) as Store)
    };
    if let Some(path) = text.strip_prefix("redb:") {
        return embedded(Path::new(path));
    }
    match StoreKind::named(text, settings.store_password.as_ref())? {
        StoreKind::Redb if exists => embedded(&settings.data.join(stores::FILE)),
        StoreKind::Redb => embedded(&DataFolder::open(&settings.data)?.file(stores::FILE)),
        StoreKind::Postgres(options) => Ok(Box::new(stores::database(&options)?)),
        StoreKind::Memory => Err(Failure::new(format!("{which}: nothing is kept in memory"))),
    }
}

/// Marks the target, unless it is marked; the version of the mark.
fn mark(to: &dyn Storage) -> Result<Version, Failure> {
    let key = Key::new(MARK);
    let found = |to: &dyn Storage| to.load(std::slice::from_ref(&key)).map_err(failed);
    if let Some(mark) = found(to)?.pop().flatten() {
        return Ok(mark.version);
    }
    if !page(to, None, 1)?.is_empty() {
        return Err(Failure::new("to: this store is not empty"));
    }
    let value = Change::Put {
        value: b"not whole yet"[..].into(),
        expires: None,
    };
    commit(to, vec![write_of(key.clone(), Expect::Absent, value)])?;
    let mark = found(to)?.pop().flatten();
    mark.map(|mark| mark.version)
        .ok_or_else(|| Failure::new("to: the store does not keep what is written"))
}

/// Walks both stores side by side; makes the target the same where told to. Tells how many records differed.
fn compare(
    from: &dyn Storage,
    to: &dyn Storage,
    (what, of): (&'static str, u64),
    repair: bool,
) -> Result<u64, Failure> {
    let (mut bar, mut done) = (Bar::begin(what), 0);
    let mut step = || {
        done += 1;
        bar.show(done, of, || format!("{} records", grouped(done)));
    };
    let (mut old, mut new) = (Walk::through(from), Walk::through(to));
    let (mut differ, mut writes) = (0, Writes::default());
    loop {
        let write = match (old.peek()?, new.peek()?) {
            (None, None) => break,
            (Some((key, entry)), Some((other, there))) if key == other => {
                let same = entry.value == there.value && entry.expires == there.expires;
                let at = Expect::At(there.version);
                let write = (!same).then(|| write_of(key.clone(), at, put(entry)));
                old.step();
                new.step();
                step();
                write
            }
            (Some((key, entry)), other) if other.is_none_or(|(other, _)| key < other) => {
                let write = write_of(key.clone(), Expect::Absent, put(entry));
                old.step();
                step();
                Some(write)
            }
            (_, Some((other, there))) => {
                let at = Expect::At(there.version);
                let write = write_of(other.clone(), at, Change::Remove);
                new.step();
                Some(write)
            }
            (Some(_), None) => unreachable!("nothing is greater than nothing"),
        };
        let Some(write) = write else { continue };
        differ += 1;
        if repair {
            writes.add(to, write)?;
        }
    }
    writes.flush(to)?;
    bar.end();
    Ok(differ)
}

fn put(entry: &Entry) -> Change {
    Change::Put {
        value: entry.value.clone(),
        expires: entry.expires,
    }
}

fn write_of(key: Key, expect: Expect, change: Change) -> Write {
    Write {
        key,
        expect,
        change,
    }
}

fn count(store: &dyn Storage) -> Result<u64, Failure> {
    let (mut walk, mut count) = (Walk::through(store), 0);
    while walk.peek()?.is_some() {
        walk.step();
        count += 1;
    }
    Ok(count)
}

/// All records of a store but the mark, in the order of their keys.
struct Walk<'a> {
    store: &'a dyn Storage,
    page: std::vec::IntoIter<(Key, Entry)>,
    last: Option<Key>,
    next: Option<(Key, Entry)>,
    done: bool,
}

impl<'a> Walk<'a> {
    fn through(store: &'a dyn Storage) -> Self {
        Self {
            store,
            page: Vec::new().into_iter(),
            last: None,
            next: None,
            done: false,
        }
    }

    fn peek(&mut self) -> Result<Option<&(Key, Entry)>, Failure> {
        while self.next.is_none() && !self.done {
            self.next = self.page.next();
            if self.next.is_none() {
                let page = page(self.store, self.last.clone(), PAGE)?;
                self.done = page.is_empty();
                self.last = page.last().map(|(key, _)| key.clone());
                self.page = page.into_iter();
            }
            let marked = |(key, _): &(Key, Entry)| key.as_bytes() == MARK;
            if self.next.as_ref().is_some_and(marked) {
                self.next = None;
            }
        }
        Ok(self.next.as_ref())
    }

    fn step(&mut self) {
        self.next = None;
    }
}

fn page(
    store: &dyn Storage,
    after: Option<Key>,
    limit: usize,
) -> Result<Vec<(Key, Entry)>, Failure> {
    let request = PageRequest {
        prefix: Key::new([]),
        after,
        limit,
    };
    store.page(&request).map_err(failed)
}

/// Writes that wait for enough of them.
#[derive(Default)]
struct Writes {
    waiting: Vec<Write>,
    bytes: usize,
}

impl Writes {
    fn add(&mut self, to: &dyn Storage, write: Write) -> Result<(), Failure> {
        let value = match &write.change {
            Change::Put { value, .. } => value.len(),
            Change::Remove | Change::Check => 0,
        };
        let bytes = write.key.as_bytes().len() + value;
        if self.waiting.len() == MAX_WRITES || self.bytes + bytes > MAX_BATCH {
            self.flush(to)?;
        }
        self.bytes += bytes;
        self.waiting.push(write);
        Ok(())
    }

    fn flush(&mut self, to: &dyn Storage) -> Result<(), Failure> {
        self.bytes = 0;
        match std::mem::take(&mut self.waiting) {
            none if none.is_empty() => Ok(()),
            writes => commit(to, writes),
        }
    }
}

fn commit(to: &dyn Storage, writes: Vec<Write>) -> Result<(), Failure> {
    let mut token = [0; 16];
    getrandom::fill(&mut token)
        .map_err(|it| Failure::new(format!("the system has no random bytes: {it}")))?;
    let now = userpool::SystemClock.now();
    let batch = Batch { token, now, writes };
    for _ in 0..AGAIN {
        match to.commit(&batch).map_err(failed)? {
            Outcome::Committed => return Ok(()),
            Outcome::Conflict => {
                return Err(Failure::new("somebody else writes to the target"));
            }
            Outcome::Unknown => {}
        }
    }
    Err(Failure::new(
        "the target does not say whether it keeps what is written",
    ))
}

fn failed(fault: userpool_ports::StoreFault) -> Failure {
    Failure::new(fault.to_string())
}

#[cfg(test)]
mod tests {
    use userpool::Memory;
    use userpool_ports::Timestamp;

    use super::*;

    fn with(records: &[(&str, &str)]) -> Memory {
        let store = Memory::new();
        for (key, value) in records {
            let change = Change::Put {
                value: value.as_bytes().into(),
                expires: Some(Timestamp::from_secs(9_000_000_000)),
            };
            let write = write_of(Key::new(key.as_bytes()), Expect::Absent, change);
            commit(&store, vec![write]).unwrap();
        }
        store
    }

    fn repair(from: &Memory, to: &Memory) -> u64 {
        let differed = compare(from, to, ("copied", 0), true).unwrap();
        assert_eq!(compare(from, to, ("checked", 0), false).unwrap(), 0);
        differed
    }

    #[test]
    fn an_empty_target_gets_everything_and_a_second_time_nothing() {
        let many: Vec<(String, String)> = (0..1_500)
            .map(|number| (format!("k{number}"), "v".repeat(number)))
            .collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(k, v)| (&**k, &**v)).collect();
        let (from, to) = (with(&many), Memory::new());
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
        let finished = write_of(Key::new(MARK), Expect::At(first), Change::Remove);
        commit(&to, vec![finished]).unwrap();
        assert!(check_whole(&to).is_ok());
    }
}
