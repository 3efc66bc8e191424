//! The one writer: applies groups, answers every task of a failed one, and opens the database anew.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use redb::Database;
use userpool_ports::{Outcome, StoreFault};

use crate::{
    apply::{self, Done, Failure, Memory, Task},
    opening::{OpenFault, Source},
};

/// The database with what is known about it.
pub(crate) struct Writer {
    source: Source,
    /// Held while writing and while opening anew.
    memory: Mutex<Memory>,
    /// `None` after a failed write, until the next access opens it again.
    database: RwLock<Option<Arc<Database>>>,
}

impl Writer {
    /// Opens the database.
    ///
    /// # Errors
    /// As [`OpenFault`] lists.
    pub(crate) fn open(source: Source) -> Result<Self, OpenFault> {
        let (database, memory) = source.open()?;
        Ok(Self {
            source,
            memory: Mutex::new(memory),
            database: RwLock::new(Some(Arc::new(database))),
        })
    }

    /// Applies one task.
    ///
    /// # Errors
    /// The database failed, and the task did not land.
    pub(crate) fn write_one(&self, task: Task<'_>) -> Result<Done, StoreFault> {
        self.write(&[task])
            .pop()
            .expect("there is an end for every task")
    }

    /// Applies a group and gives an end for each of its tasks.
    pub(crate) fn write(&self, tasks: &[Task<'_>]) -> Vec<Result<Done, StoreFault>> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let database = match self.opened(&mut memory) {
            Ok(database) => database,
            Err(fault) => return vec![Err(fault); tasks.len()],
        };
        let applied = panic::catch_unwind(AssertUnwindSafe(|| {
            apply::apply(&database, &mut memory, tasks)
        }));
        let end = match applied {
            Ok(Ok(ends)) => return ends.into_iter().map(Ok).collect(),
            Ok(Err(Failure::NothingLanded(fault))) => Err(fault),
            Ok(Err(Failure::Unknown)) | Err(_) => Ok(Done::Ended(Outcome::Unknown)),
        };
        self.set_aside(database);
        vec![end; tasks.len()]
    }

    /// The database, opened anew if a write had failed.
    ///
    /// # Errors
    /// It cannot be opened now, or must not be opened again.
    pub(crate) fn database(&self) -> Result<Arc<Database>, StoreFault> {
        if let Some(database) = self.current() {
            return Ok(database);
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        self.opened(&mut memory)
    }

    fn current(&self) -> Option<Arc<Database>> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.clone()
    }

    fn opened(&self, memory: &mut Memory) -> Result<Arc<Database>, StoreFault> {
        if let Some(database) = self.current() {
            return Ok(database);
        }
        if self.source.sync_failed() {
            return Err(StoreFault::new(
                "a sync failed, so what the disk holds is uncertain; \
                 check the disk and restart",
            ));
        }
        let (database, recalled) = self
            .source
            .open_again()
            .map_err(|fault| StoreFault::new(fault.to_string()))?;
        *memory = recalled;
        let database = Arc::new(database);
        self.replace(Some(Arc::clone(&database)));
        Ok(database)
    }

    /// Lets go of a database that failed; the last reader that still holds it closes it.
    fn set_aside(&self, database: Arc<Database>) {
        self.replace(None);
        // After a panic redb's own locks may be poisoned, and closing may panic again.
        let _ = panic::catch_unwind(AssertUnwindSafe(move || drop(database)));
    }

    fn replace(&self, with: Option<Arc<Database>>) {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *database = with;
    }
}
