//! A disk that loses power: what was not synced is dropped, reordered or torn, as a seed has it.
//!
//! [`Disk::backend`] gives redb the disk; the story then cuts the power after some operations, restores
//! it and opens the store again. Writes become durable only by a sync. At a power cut, every sector that
//! unsynced writes touched holds one of its states since the last sync, chosen sector by sector, so
//! later writes may survive where earlier ones are lost; some writes are torn inside a sector; and the
//! length is one of those the file had. The disk can also be full, fail its syncs, panic, or keep a
//! sync waiting.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use redb::StorageBackend;

use crate::chance::Chance;

/// The unit that a disk writes whole, unless the write is torn.
const SECTOR: usize = 512;

/// A disk; its clones are the same disk.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    /// What survives for certain.
    synced: Vec<u8>,
    /// What the running process sees.
    seen: Vec<u8>,
    /// The changes between the two, in order.
    unsynced: Vec<Change>,
    /// How many more operations the power lasts.
    fuse: Option<usize>,
    /// Raised at a power cut, so that backends from before it stay dead.
    life: u64,
    cut: bool,
    trouble: Trouble,
    held: bool,
    syncs: u64,
}

#[derive(Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

/// What is wrong with a disk that has power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// Writes and growth fail.
    Full,
    /// Syncs fail.
    FailingSync,
    /// Writes panic.
    Panicking,
}

impl Disk {
    /// An empty disk; the seed decides what each power cut loses.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                chance: Chance::new(seed),
                synced: Vec::new(),
                seen: Vec::new(),
                unsynced: Vec::new(),
                fuse: None,
                life: 0,
                cut: false,
                trouble: Trouble::None,
                held: false,
                syncs: 0,
            }),
            released: Condvar::new(),
        }))
    }

    /// A backend that reads and writes this disk until the power is cut.
    #[must_use]
    pub fn backend(&self) -> Backend {
        Backend {
            life: self.lock().life,
            disk: self.clone(),
        }
    }

    /// Cuts the power during the operation after the next `operations` ones that change or sync the disk.
    pub fn cut_power_after(&self, operations: usize) {
        self.lock().fuse = Some(operations);
    }

    /// Cuts the power now.
    pub fn cut_power(&self) {
        self.lock().cut = true;
        self.0.released.notify_all();
    }

    /// Whether the power is cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.lock().cut
    }

    /// Restores the power, after cutting it if it was on: what was not synced is lost in part.
    pub fn restore_power(&self) {
        let mut state = self.lock();
        state.lose_unsynced();
        state.cut = false;
        state.fuse = None;
        state.life += 1;
        drop(state);
        self.0.released.notify_all();
    }

    /// Gives the disk a trouble, or ends it.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.lock().trouble = trouble;
    }

    /// Keeps syncs waiting until what is returned is dropped.
    #[must_use]
    pub fn hold_syncs(&self) -> Held {
        self.lock().held = true;
        Held(self.clone())
    }

    /// How many syncs were asked for, those that wait included.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Syncs wait while this lives.
#[derive(Debug)]
pub struct Held(Disk);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.lock().held = false;
        self.0.0.released.notify_all();
    }
}

impl State {
    /// Counts an operation; the power may go in the middle of it.
    fn burns_out(&mut self) -> bool {
        match &mut self.fuse {
            Some(0) => self.cut = true,
            Some(left) => *left -= 1,
            None => {}
        }
        self.cut
    }

    fn lose_unsynced(&mut self) {
        let changes = std::mem::take(&mut self.unsynced);
        // Now and then nothing at all arrived, or everything did.
        let mood = self.chance.below(6);
        let mut lengths = vec![self.synced.len()];
        let mut sectors = BTreeSet::new();
        for change in &changes {
            match change {
                Change::SetLen(len) => lengths.push(*len),
                Change::Write { offset, bytes } => {
                    sectors.extend(offset / SECTOR..(offset + bytes.len()).div_ceil(SECTOR));
                }
            }
        }
        let len = match mood {
            0 => lengths[0],
            1 => lengths[lengths.len() - 1],
            _ => *self.chance.pick(&lengths),
        };
        self.synced.resize(len, 0);
        for sector in sectors {
            let touching: Vec<_> = changes
                .iter()
                .filter_map(|change| part_in_sector(change, sector))
                .collect();
            let arrived = match mood {
                0 => 0,
                1 => touching.len(),
                _ => self.chance.below(touching.len() + 1),
            };
            for (number, (offset, bytes)) in touching[..arrived].iter().enumerate() {
                let torn = mood > 1 && number + 1 == arrived && self.chance.happens(1, 4);
                let kept = match torn {
                    true => self.chance.below(bytes.len() + 1),
                    false => bytes.len(),
                };
                let end = (offset + kept).min(self.synced.len());
                let start = (*offset).min(end);
                self.synced[start..end].copy_from_slice(&bytes[..end - start]);
            }
        }
        self.seen = self.synced.clone();
    }

    fn sync(&mut self) {
        for change in self.unsynced.drain(..) {
            apply(&mut self.synced, &change);
        }
    }
}

/// The part of a write that falls into a sector, with its offset on the disk.
fn part_in_sector(change: &Change, sector: usize) -> Option<(usize, &[u8])> {
    let Change::Write { offset, bytes } = change else {
        return None;
    };
    let start = (sector * SECTOR).max(*offset);
    let end = ((sector + 1) * SECTOR).min(offset + bytes.len());
    (start < end).then(|| (start, &bytes[start - offset..end - offset]))
}

fn apply(image: &mut Vec<u8>, change: &Change) {
    match change {
        Change::SetLen(len) => image.resize(*len, 0),
        Change::Write { offset, bytes } => {
            let end = offset + bytes.len();
            if image.len() < end {
                image.resize(end, 0);
            }
            image[*offset..end].copy_from_slice(bytes);
        }
    }
}

/// A disk as one life of a process sees it; after a power cut it answers errors for ever.
#[derive(Debug)]
pub struct Backend {
    disk: Disk,
    life: u64,
}

impl Backend {
    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.lock();
        if state.cut || state.life != self.life {
            return Err(no_power());
        }
        Ok(state)
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.alive()?;
        match state.trouble {
            Trouble::Full => return Err(io::ErrorKind::StorageFull.into()),
            Trouble::Panicking => {
                drop(state);
                panic!("the disk panics, as the story has it");
            }
            Trouble::None | Trouble::FailingSync => {}
        }
        let burnt = state.burns_out();
        apply(&mut state.seen, &change);
        state.unsynced.push(change);
        match burnt {
            true => Err(no_power()),
            false => Ok(()),
        }
    }
}

fn no_power() -> io::Error {
    io::Error::other("the disk has no power")
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.alive()?.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.alive()?;
        let start = offset as usize;
        let bytes = state
            .seen
            .get(start..start + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::SetLen(len as usize))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write {
            offset: offset as usize,
            bytes: data.to_vec(),
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.alive()?;
        state.syncs += 1;
        while state.held && !state.cut && state.life == self.life {
            state = self
                .disk
                .0
                .released
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.life != self.life || state.cut || state.burns_out() {
            return Err(no_power());
        }
        if state.trouble == Trouble::FailingSync {
            return Err(io::Error::other("the sync failed, as the story has it"));
        }
        state.sync();
        Ok(())
    }
}
