//! Two stores side by side: where they differ, and what makes the second like the first.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use userpool_ports::storage::{MAX_BATCH, MAX_WRITES};
use userpool_ports::{
    Batch, Change, Clock, Entry, Expect, Key, Outcome, PageRequest, Storage, StoreFault, Write,
};

use super::mark::MARK;
use crate::progress::{Bar, grouped};

/// How many entries are read at once.
const PAGE: usize = 500;
/// How often a commit whose end is not known is tried again.
const AGAIN: u32 = 20;

/// Walks both stores side by side; makes the target the same where told to. Tells how many records differed.
pub(crate) fn compare(
    from: &dyn Storage,
    to: &dyn Storage,
    (what, of): (&'static str, u64),
    repair: bool,
) -> Result<u64, StoreFault> {
    let (mut bar, mut done) = (Bar::begin(what), 0);
    let (mut old, mut new) = (Walk::through(from), Walk::through(to));
    let (mut differ, mut writes) = (0, Writes::default());
    loop {
        let (key, entry, there) = match (old.peek()?, new.peek()?) {
            (None, None) => break,
            (Some((key, entry)), None) => (key, Some(entry), None),
            (None, Some((key, there))) => (key, None, Some(there)),
            (Some((key, entry)), Some((other, there))) => match key.cmp(other) {
                Ordering::Less => (key, Some(entry), None),
                Ordering::Equal => (key, Some(entry), Some(there)),
                Ordering::Greater => (other, None, Some(there)),
            },
        };
        let (in_old, in_new) = (entry.is_some(), there.is_some());
        if let Some(write) = mending(key, entry, there) {
            differ += 1;
            if repair {
                writes.add(to, write)?;
            }
        }
        if in_old {
            old.step();
            done += 1;
            bar.show(done, of, || format!("{} records", grouped(done)));
        }
        if in_new {
            new.step();
        }
    }
    writes.flush(to)?;
    bar.end();
    Ok(differ)
}

/// Compares some records; makes the target the same where told to. Tells how many differed.
pub(crate) fn compare_some(
    from: &dyn Storage,
    to: &dyn Storage,
    keys: &BTreeSet<Key>,
    repair: bool,
) -> Result<u64, StoreFault> {
    let keys: Vec<Key> = keys.iter().cloned().collect();
    let (mut differ, mut writes) = (0, Writes::default());
    for keys in keys.chunks(PAGE) {
        let (old, new) = (from.load(keys)?, to.load(keys)?);
        for ((key, entry), there) in keys.iter().zip(old).zip(new) {
            let Some(write) = mending(key, entry.as_ref(), there.as_ref()) else {
                continue;
            };
            differ += 1;
            if repair {
                writes.add(to, write)?;
            }
        }
    }
    writes.flush(to)?;
    Ok(differ)
}

/// What makes a record of the target like that of the source, unless it is.
fn mending(key: &Key, entry: Option<&Entry>, there: Option<&Entry>) -> Option<Write> {
    let expect = there.map_or(Expect::Absent, |there| Expect::At(there.version));
    let change = match (entry, there) {
        (None, None) => return None,
        (Some(entry), Some(there))
            if entry.value == there.value && entry.expires == there.expires =>
        {
            return None;
        }
        (Some(entry), _) => put(entry),
        (None, Some(_)) => Change::Remove,
    };
    Some(write_of(key.clone(), expect, change))
}

fn put(entry: &Entry) -> Change {
    Change::Put {
        value: entry.value.clone(),
        expires: entry.expires,
    }
}

pub(crate) fn write_of(key: Key, expect: Expect, change: Change) -> Write {
    Write {
        key,
        expect,
        change,
    }
}

/// How many records a store has.
pub(crate) fn count(store: &dyn Storage) -> Result<u64, StoreFault> {
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

    fn peek(&mut self) -> Result<Option<&(Key, Entry)>, StoreFault> {
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

/// Whether a store holds nothing.
pub(crate) fn is_empty(store: &dyn Storage) -> Result<bool, StoreFault> {
    Ok(page(store, None, 1)?.is_empty())
}

fn page(
    store: &dyn Storage,
    after: Option<Key>,
    limit: usize,
) -> Result<Vec<(Key, Entry)>, StoreFault> {
    let request = PageRequest {
        prefix: Key::new([]),
        after,
        limit,
    };
    store.page(&request)
}

/// Writes that wait for enough of them.
#[derive(Default)]
struct Writes {
    waiting: Vec<Write>,
    bytes: usize,
}

impl Writes {
    fn add(&mut self, to: &dyn Storage, write: Write) -> Result<(), StoreFault> {
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

    fn flush(&mut self, to: &dyn Storage) -> Result<(), StoreFault> {
        self.bytes = 0;
        match std::mem::take(&mut self.waiting) {
            none if none.is_empty() => Ok(()),
            writes => commit(to, writes),
        }
    }
}

/// Commits, however often that has to be tried.
///
/// # Errors
/// Somebody else writes there, or the store does not say how it ended.
pub(crate) fn commit(to: &dyn Storage, writes: Vec<Write>) -> Result<(), StoreFault> {
    let mut token = [0; 16];
    getrandom::fill(&mut token)
        .map_err(|it| StoreFault::new(format!("the system has no random bytes: {it}")))?;
    let now = userpool::SystemClock.now();
    let batch = Batch { token, now, writes };
    for _ in 0..AGAIN {
        match to.commit(&batch)? {
            Outcome::Committed => return Ok(()),
            Outcome::Conflict => {
                return Err(StoreFault::new("somebody else writes to the target"));
            }
            Outcome::Unknown => {}
        }
    }
    Err(StoreFault::new(
        "the target does not say whether it keeps what is written",
    ))
}
