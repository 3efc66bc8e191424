//! A store that a server serves meanwhile, as the process that copies it sees it.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use userpool_ports::{Batch, Entry, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp};

use super::failed;
use super::mark::Mark;
use super::talk::{self, Answer, Ask, Found, Kept, TALK};
use super::walk::{compare, compare_some, count};
use crate::failure::Failure;

/// How often what changed is copied before the server is held.
const ROUNDS: u32 = 100;
/// So few changes are copied while the server is held.
const FEW: usize = 200;

/// Copies a store that is served, until its copy may be served in its place.
///
/// # Errors
/// A store cannot be read or written, or the server refuses; where it was held it goes on, unless its store bears the mark.
pub(crate) fn follow(from: &Live, to: &dyn Storage) -> Result<(), Failure> {
    super::check_whole(from)?;
    let records = count(from).map_err(failed)?;
    let mark = super::mark(to)?;
    let copied = compare(from, to, ("copied", records), true).map_err(failed)?;
    // What differs now has changed since, or was not kept: either way it is mended, and compared again below.
    compare(from, to, ("checked", records), true).map_err(failed)?;
    let mut last = from.changed()?;
    for _ in 0..ROUNDS {
        if last.len() <= FEW {
            break;
        }
        compare_some(from, to, &last, true).map_err(failed)?;
        last = from.changed()?;
    }
    let held = Instant::now();
    from.hold()?;
    loop {
        let more = from.changed()?;
        if more.is_empty() {
            break;
        }
        last.extend(more);
    }
    compare_some(from, to, &last, true).map_err(failed)?;
    let differ = compare_some(from, to, &last, false).map_err(failed)?;
    if differ > 0 {
        return Err(Failure::new(format!(
            "{differ} records differ: somebody wrote to the target; begin again"
        )));
    }
    from.leave()?;
    Mark::take(to, mark).map_err(failed)?;
    println!(
        "{copied} records were copied, and what changed meanwhile; the server took nothing for {} ms at the end, and stops now.",
        held.elapsed().as_millis()
    );
    println!("Serve the new store with the root keys of the old one.");
    Ok(())
}

/// The store of a running server; a commit to it is refused.
#[derive(Debug)]
pub(crate) struct Live {
    stream: Mutex<UnixStream>,
    /// What changed, as far as the server has told.
    changed: Mutex<BTreeSet<Key>>,
}

impl Live {
    /// Begins to copy.
    ///
    /// # Errors
    /// The server refuses, or is of another version.
    pub(crate) fn begin(stream: UnixStream) -> Result<Self, Failure> {
        let live = Self {
            stream: Mutex::new(stream),
            changed: Mutex::default(),
        };
        live.done(&Ask::Begin { talk: TALK })?;
        Ok(live)
    }

    /// Keys that changed since they were asked for last; none where nothing did.
    ///
    /// # Errors
    /// The server is gone, or remembers no more.
    pub(crate) fn changed(&self) -> Result<BTreeSet<Key>, Failure> {
        self.hear().map_err(failed)?;
        Ok(std::mem::take(&mut *self.heard()))
    }

    fn hear(&self) -> Result<(), StoreFault> {
        let Answer::Keys(keys) = self.ask(&Ask::Changed)? else {
            return Err(unexpected());
        };
        let keys = keys.into_iter().map(|key| Key::new(Vec::from(key)));
        self.heard().extend(keys);
        Ok(())
    }

    fn heard(&self) -> MutexGuard<'_, BTreeSet<Key>> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the server take no more commits.
    ///
    /// # Errors
    /// It is gone, or its commits do not end.
    pub(crate) fn hold(&self) -> Result<(), Failure> {
        self.done(&Ask::Hold)
    }

    /// Lets the server stop for good.
    ///
    /// # Errors
    /// It is gone, or cannot write that into its store.
    pub(crate) fn leave(&self) -> Result<(), Failure> {
        self.done(&Ask::Leave)
    }

    fn done(&self, ask: &Ask) -> Result<(), Failure> {
        match self.ask(ask).map_err(failed)? {
            Answer::Done => Ok(()),
            _ => Err(failed(unexpected())),
        }
    }

    fn ask(&self, ask: &Ask) -> Result<Answer, StoreFault> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = |it: io::Error| StoreFault::new(format!("the server that has it open: {it}"));
        talk::send(&mut *stream, ask).map_err(gone)?;
        match talk::receive(&mut *stream).map_err(gone)? {
            Answer::Refused(why) => Err(StoreFault::new(format!(
                "the server that has it open refuses: {why}"
            ))),
            answer => Ok(answer),
        }
    }
}

fn unexpected() -> StoreFault {
    StoreFault::new("the server that has it open answers something else")
}

impl Storage for Live {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        let keys = keys.iter().map(talk::bytes).collect();
        match self.ask(&Ask::Load { keys })? {
            Answer::Entries(entries) => Ok(entries
                .into_iter()
                .map(|entry| entry.map(Kept::entry))
                .collect()),
            _ => Err(unexpected()),
        }
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        if !request.prefix.as_bytes().is_empty() {
            return Err(StoreFault::new("only the whole of it can be copied"));
        }
        let ask = Ask::Page {
            after: request.after.as_ref().map(talk::bytes),
            limit: u32::try_from(request.limit).unwrap_or(u32::MAX),
        };
        // The server forgets what it has told.
        self.hear()?;
        match self.ask(&ask)? {
            Answer::Page(page) => Ok(page.into_iter().map(Found::entry).collect()),
            _ => Err(unexpected()),
        }
    }

    fn commit(&self, _: &Batch) -> Result<Outcome, StoreFault> {
        Err(StoreFault::new("a store that is copied is only read"))
    }

    fn sweep(&self, _: Timestamp, _: usize) -> Result<usize, StoreFault> {
        Err(StoreFault::new("a store that is copied is only read"))
    }
}
