//! A store of one's own, written from the docs of the contract alone: an ordered map, and a file that holds all of it.
//!
//! Each commit writes the whole file anew, so that this is for an example and for small pools. What it has to think of is
//! what every store has to: tokens and the count of versions are kept as well as entries, what is on disk is told as
//! landed and nothing else, and a commit that may have landed is `Unknown`.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write as _},
    ops::Deref,
    path::{Path, PathBuf},
    process,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use userpool_ports::{
    Batch, Change, Entry, Expect, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp,
    Version, storage::TOKEN_LIFE_MILLIS,
};
use userpool_store_contract::openings::Place;

userpool_store_contract::storage_contract!(in_a_new_folder);
userpool_store_contract::storage_contract_across_threads!(in_a_new_folder);
userpool_store_contract::storage_contract_across_openings!(Folder::new);

/// A map in memory, and the file that it was last written to.
struct FileStore {
    folder: PathBuf,
    kept: Mutex<Kept>,
}

/// All that a store has to keep.
#[derive(Clone, Default)]
struct Kept {
    entries: BTreeMap<Key, Entry>,
    /// When each token may be forgotten.
    tokens: BTreeMap<[u8; 16], Timestamp>,
    /// The newest version: it only ever rises, whatever is removed.
    newest: u64,
}

impl FileStore {
    fn open(folder: &Path) -> io::Result<Self> {
        let kept = match fs::read_to_string(folder.join("store")) {
            Ok(text) => Kept::parse(&text).ok_or(io::ErrorKind::InvalidData)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error),
        };
        Ok(Self {
            folder: folder.into(),
            kept: Mutex::new(kept),
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the file, and tells whether that is certain: the new one is there from its renaming on, and stays once the
    /// folder is synced.
    fn write(&self, kept: &Kept) -> Result<Outcome, StoreFault> {
        let next = self.folder.join("store.next");
        let replaced = fs::File::create(&next)
            .and_then(|mut file| {
                file.write_all(kept.to_text().as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&next, self.folder.join("store")));
        replaced.map_err(|error| StoreFault::new(error.to_string()))?;
        let synced = fs::File::open(&self.folder).and_then(|folder| folder.sync_all());
        Ok(synced.map_or(Outcome::Unknown, |()| Outcome::Committed))
    }
}

impl Storage for FileStore {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        let kept = self.kept();
        Ok(keys
            .iter()
            .map(|key| kept.entries.get(key).cloned())
            .collect())
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        let kept = self.kept();
        let from = request.after.as_ref().max(Some(&request.prefix));
        let entries = kept
            .entries
            .range(from.unwrap_or(&request.prefix)..)
            .filter(|(key, _)| Some(*key) != request.after.as_ref())
            .take_while(|(key, _)| key.as_bytes().starts_with(request.prefix.as_bytes()));
        Ok(entries
            .take(request.limit)
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect())
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        batch.check()?;
        let mut kept = self.kept();
        if kept.tokens.contains_key(&batch.token) {
            return Ok(Outcome::Committed);
        }
        let holds = batch.writes.iter().all(|write| {
            let version = kept.entries.get(&write.key).map(|entry| entry.version);
            match write.expect {
                Expect::Absent => version.is_none(),
                Expect::At(expected) => version == Some(expected),
            }
        });
        if !holds {
            return Ok(Outcome::Conflict);
        }
        let mut next = kept.clone();
        next.newest += 1;
        for write in &batch.writes {
            match &write.change {
                Change::Put { value, expires } => {
                    let entry = Entry {
                        value: value.clone(),
                        version: Version::from_raw(next.newest),
                        expires: *expires,
                    };
                    next.entries.insert(write.key.clone(), entry);
                }
                Change::Remove => {
                    next.entries.remove(&write.key);
                }
                Change::Check => {}
            }
        }
        let forgotten = batch.now.millis().saturating_add(TOKEN_LIFE_MILLIS);
        next.tokens
            .insert(batch.token, Timestamp::from_millis(forgotten));
        let outcome = self.write(&next)?;
        if outcome == Outcome::Committed {
            *kept = next;
        }
        Ok(outcome)
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        let mut kept = self.kept();
        let mut next = kept.clone();
        let mut removed = 0;
        let mut goes = |end: Option<Timestamp>| {
            let goes = removed < max && end.is_some_and(|end| end <= now);
            removed += usize::from(goes);
            goes
        };
        next.entries.retain(|_, entry| !goes(entry.expires));
        next.tokens.retain(|_, forgotten| !goes(Some(*forgotten)));
        if removed > 0 {
            self.write(&next)?;
            *kept = next;
        }
        Ok(removed)
    }
}

/// The form of the file: the newest version, then a line of hexadecimal digits for each entry and each token.
impl Kept {
    fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.newest);
        for (key, entry) in &self.entries {
            let ends = entry
                .expires
                .map_or("-".into(), |it| it.millis().to_string());
            let (key, value) = (hex(key.as_bytes()), hex(&entry.value));
            text += &format!("entry {key} {} {ends} {value}\n", entry.version.raw());
        }
        for (token, forgotten) in &self.tokens {
            text += &format!("token {} {}\n", hex(token), forgotten.millis());
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut kept = Self {
            newest: lines.next()?.parse().ok()?,
            ..Self::default()
        };
        let moment = |text: &str| Some(Timestamp::from_millis(text.parse().ok()?));
        for line in lines {
            match *line.split(' ').collect::<Vec<_>>() {
                ["entry", key, version, ends, value] => {
                    let entry = Entry {
                        value: bytes(value)?.into(),
                        version: Version::from_raw(version.parse().ok()?),
                        expires: if ends == "-" {
                            None
                        } else {
                            Some(moment(ends)?)
                        },
                    };
                    kept.entries.insert(Key::new(bytes(key)?), entry);
                }
                ["token", token, forgotten] => {
                    let token = bytes(token)?.try_into().ok()?;
                    kept.tokens.insert(token, moment(forgotten)?);
                }
                _ => return None,
            }
        }
        Some(kept)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2));
    pairs
        .map(|pair| u8::from_str_radix(pair?, 16).ok())
        .collect()
}

/// A folder in which the store is opened; it goes when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("userpool-own-store-{}-{count}", process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("a new folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over harms nobody.
        drop(fs::remove_dir_all(&self.0));
    }
}

impl Place for Folder {
    type Store = FileStore;

    fn open(&self) -> FileStore {
        FileStore::open(&self.0).expect("the store opens")
    }
}

/// A store, and the folder that goes when the store has gone.
struct Housed {
    store: FileStore,
    _folder: Folder,
}

impl Deref for Housed {
    type Target = FileStore;

    fn deref(&self) -> &FileStore {
        &self.store
    }
}

fn in_a_new_folder() -> Housed {
    let folder = Folder::new();
    Housed {
        store: folder.open(),
        _folder: folder,
    }
}
