//! Opening the database: where its bytes come from, whether they are a store, what the writer must know.

use std::{
    error, fmt, fs, io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{
    Builder, Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable,
    StorageBackend, StorageError, TableError, backends::FileBackend,
};

use crate::{
    apply::Memory,
    layout::{self, FORMAT, FORMAT_ROW, SEQUENCE_ROW, TABLE},
    watched::Watched,
};

/// The memory that redb may use for pages.
const CACHE_BYTES: usize = 256 * 1024 * 1024;

/// Why a store could not be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenFault {
    /// The file breaks a promise of its format; the text says which.
    Damaged(String),
    /// The file is a database of something else.
    Foreign,
    /// The file is open already, in this process or another one.
    InUse,
    /// The system failed.
    Io(io::Error),
    /// The file was written by a version from before the first release.
    Older {
        /// The format of the file.
        found: u32,
    },
    /// The file was written by a newer version of the store.
    Newer {
        /// The format of the file.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
}

impl fmt::Display for OpenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => write!(f, "the store's file is damaged: {what}"),
            Self::Foreign => f.write_str("the file is not a userpool store"),
            Self::InUse => f.write_str("the store's file is in use by another process or store"),
            Self::Io(cause) => write!(f, "the store's file could not be opened: {cause}"),
            Self::Older { found } => write!(
                f,
                "the store's file has format {found}, of a version before the first release: \
                 begin with a new data folder, or use that version"
            ),
            Self::Newer { found, known } => write!(
                f,
                "the store's file has format {found}, and this version knows formats up to {known}: \
                 use a newer version"
            ),
        }
    }
}

impl error::Error for OpenFault {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(cause) => Some(cause),
            Self::Damaged(_)
            | Self::Foreign
            | Self::InUse
            | Self::Older { .. }
            | Self::Newer { .. } => None,
        }
    }
}

impl From<redb::Error> for OpenFault {
    fn from(cause: redb::Error) -> Self {
        match cause {
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => Self::Foreign,
            redb::Error::Io(cause) => Self::Io(cause),
            other => Self::Damaged(other.to_string()),
        }
    }
}

type MakeBackend = dyn Fn() -> io::Result<Box<dyn StorageBackend>> + Send + Sync;

/// Where the bytes of the database are, for every opening.
pub(crate) struct Source {
    place: Place,
    sync_failed: Arc<AtomicBool>,
}

enum Place {
    File(PathBuf),
    Made(Box<MakeBackend>),
}

impl Source {
    /// A file, made where there is none.
    pub(crate) fn file(path: PathBuf) -> Self {
        Self::of(Place::File(path))
    }

    /// A backend that can be opened once.
    pub(crate) fn once(backend: impl StorageBackend) -> Self {
        let backend = Mutex::new(Some(backend));
        Self::repeated_boxed(move || {
            let mut backend = backend.lock().unwrap_or_else(PoisonError::into_inner);
            let backend = backend
                .take()
                .ok_or_else(|| io::Error::other("the backend was given to be opened once"))?;
            Ok(Box::new(backend))
        })
    }

    /// A backend made anew for every opening.
    pub(crate) fn repeated<B: StorageBackend>(
        make: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Self {
        Self::repeated_boxed(move || Ok(Box::new(make()?)))
    }

    fn repeated_boxed(
        make: impl Fn() -> io::Result<Box<dyn StorageBackend>> + Send + Sync + 'static,
    ) -> Self {
        Self::of(Place::Made(Box::new(make)))
    }

    fn of(place: Place) -> Self {
        Self {
            place,
            sync_failed: Arc::default(),
        }
    }

    /// Whether a sync failed, so that the database must not be opened again.
    pub(crate) fn sync_failed(&self) -> bool {
        self.sync_failed.load(Ordering::Acquire)
    }

    /// Opens the database, makes it a store if it is empty, and reads what the writer must know.
    ///
    /// # Errors
    /// As [`OpenFault`] lists.
    pub(crate) fn open(&self) -> Result<(Database, Memory), OpenFault> {
        match &self.place {
            Place::File(path) if !path.try_exists().map_err(OpenFault::Io)? => {
                self.open_new_file(path)
            }
            Place::File(_) | Place::Made(_) => self.open_again(),
        }
    }

    /// Opens the database that was opened before: a file that is gone by now is not made anew.
    ///
    /// # Errors
    /// As [`OpenFault`] lists.
    pub(crate) fn open_again(&self) -> Result<(Database, Memory), OpenFault> {
        match &self.place {
            Place::Made(make) => self.open_backend(make().map_err(OpenFault::Io)?),
            Place::File(path) => {
                // Whoever made the file may have died before its name was durable.
                sync_folder(path).map_err(OpenFault::Io)?;
                let file = file_options().open(path).map_err(OpenFault::Io)?;
                self.open_file(file)
            }
        }
    }

    /// Makes a store under another name first, so that the file is a whole store or not there.
    fn open_new_file(&self, path: &Path) -> Result<(Database, Memory), OpenFault> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".new");
        let file = file_options()
            .create(true)
            .truncate(false)
            .open(&unfinished)
            .map_err(OpenFault::Io)?;
        // Whoever holds the lock makes the store; what an interrupted one left is of no use.
        file.try_lock().map_err(|fault| match fault {
            fs::TryLockError::WouldBlock => OpenFault::InUse,
            fs::TryLockError::Error(cause) => OpenFault::Io(cause),
        })?;
        if path.try_exists().map_err(OpenFault::Io)? {
            // Another one was faster. The name, if it is there, leads to an empty file of no use.
            drop(file);
            let _: io::Result<()> = fs::remove_file(&unfinished);
            return self.open_again();
        }
        file.set_len(0).map_err(OpenFault::Io)?;
        let opened = self.open_file(file)?;
        fs::rename(&unfinished, path).map_err(OpenFault::Io)?;
        sync_folder(path).map_err(OpenFault::Io)?;
        Ok(opened)
    }

    fn open_file(&self, file: fs::File) -> Result<(Database, Memory), OpenFault> {
        let backend = FileBackend::new(file).map_err(open_fault)?;
        self.open_backend(Box::new(backend))
    }

    fn open_backend(
        &self,
        backend: Box<dyn StorageBackend>,
    ) -> Result<(Database, Memory), OpenFault> {
        let backend = Watched::new(backend, Arc::clone(&self.sync_failed));
        // redb may panic on a file that something else has altered.
        panic::catch_unwind(AssertUnwindSafe(move || {
            let database = Builder::new()
                .set_cache_size(CACHE_BYTES)
                .create_with_backend(backend)
                .map_err(open_fault)?;
            let memory = recall(&database)?;
            Ok((database, memory))
        }))
        .unwrap_or_else(|_| Err(OpenFault::Damaged("redb cannot read it".to_owned())))
    }
}

fn open_fault(cause: DatabaseError) -> OpenFault {
    match cause {
        DatabaseError::DatabaseAlreadyOpen => OpenFault::InUse,
        DatabaseError::Storage(StorageError::Io(cause))
            if cause.kind() == io::ErrorKind::InvalidData =>
        {
            OpenFault::Foreign
        }
        other => redb::Error::from(other).into(),
    }
}

fn file_options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a file's name as durable as what is committed to it.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn recall(database: &Database) -> Result<Memory, OpenFault> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let table = match transaction.open_table(TABLE) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => {
            let mut others = transaction.list_tables().map_err(redb::Error::from)?;
            if others.next().is_some() {
                return Err(OpenFault::Foreign);
            }
            return begin(database).map_err(OpenFault::from);
        }
        Err(cause) => return Err(redb::Error::from(cause).into()),
    };
    let found = u32::from_be_bytes(number(&table, FORMAT_ROW)?);
    if found < FORMAT {
        return Err(OpenFault::Older { found });
    }
    if found > FORMAT {
        let known = FORMAT;
        return Err(OpenFault::Newer { found, known });
    }
    let mut memory = Memory {
        sequence: u64::from_be_bytes(number(&table, SEQUENCE_ROW)?),
        ..Memory::default()
    };
    let tokens = layout::token_rows();
    let rows = table
        .range(&tokens.start[..]..&tokens.end[..])
        .map_err(redb::Error::from)?;
    for row in rows {
        let (row, _) = row.map_err(redb::Error::from)?;
        let token = layout::moment_of_row(row.value())
            .ok()
            .and_then(|(_, token)| token.try_into().ok())
            .ok_or_else(|| OpenFault::Damaged("a token has a wrong length".to_owned()))?;
        memory.tokens.insert(token);
    }
    Ok(memory)
}

/// Makes an empty database a store.
fn begin(database: &Database) -> Result<Memory, redb::Error> {
    let memory = Memory::default();
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    let mut table = transaction.open_table(TABLE)?;
    table.insert(FORMAT_ROW, &FORMAT.to_be_bytes()[..])?;
    table.insert(SEQUENCE_ROW, &memory.sequence.to_be_bytes()[..])?;
    drop(table);
    transaction.commit()?;
    Ok(memory)
}

fn number<const N: usize>(
    table: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    row: &[u8],
) -> Result<[u8; N], OpenFault> {
    let found = ReadableTable::get(table, row).map_err(redb::Error::from)?;
    found
        .and_then(|bytes| bytes.value().try_into().ok())
        .ok_or_else(|| OpenFault::Damaged("a number of the store's own is missing".to_owned()))
}
