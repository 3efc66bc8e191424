//! The embedded store of userpool: one file, kept by redb behind a writer that syncs for many at once.
//!
//! [`RedbStore`] keeps the contract of [`userpool_ports::storage`]:
//!
//! - **Durable**: each commit is redb's two-phase commit with both of its syncs; what was told
//!   [`Committed`](userpool_ports::Outcome::Committed) survives a crash of the process and of the machine.
//! - **Grouped**: whoever commits alone writes at once, in its own thread. While a commit is being
//!   synced, others queue up; the writer's thread takes all of them, applies one after another in one
//!   transaction, syncs once and tells each its own outcome. There is no timer and no delay.
//! - **Readers never wait for a sync**: they read the last synced state.
//! - **Bounded**: the queue holds at most 1,024 batches and 64 MiB. [`commit`](Storage::commit) waits for
//!   room; [`submit`](Storage::submit) is refused with a fault.
//! - **No caller hangs**: a write that fails or panics answers everyone who waits for it, with
//!   [`Unknown`](userpool_ports::Outcome::Unknown) where the batch may have landed. The file is opened anew before
//!   the next access, except after a failed *sync*: then the system may show data that the disk does not
//!   hold, so the store stops for good and says so.
//!
//! Opening takes milliseconds after a clean end. After a crash redb reads the whole file to find its free
//! pages, some seconds a gigabyte.
//!
//! Two calls are bound to a thread: [`commit`](Storage::commit) and [`sweep`](Storage::sweep) wait, so they are
//! refused inside a callback given to [`submit`](Storage::submit), which runs on the writer's thread.
//!
//! # Examples
//!
//! ```
//! use userpool_ports::{Batch, Change, Expect, Key, Outcome, Storage, Timestamp, Write};
//! use userpool_redb::RedbStore;
//!
//! # let folder = std::env::temp_dir().join(format!("userpool-redb-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let store = RedbStore::open(folder.join("store.redb"))?;
//! let write = Write {
//!     key: Key::new(*b"greeting"),
//!     expect: Expect::Absent,
//!     change: Change::Put { value: (*b"hello").into(), expires: None },
//! };
//! let batch = Batch { token: [7; 16], now: Timestamp::from_secs(0), writes: vec![write] };
//! assert_eq!(store.commit(&batch)?, Outcome::Committed);
//! assert_eq!(store.commit(&batch)?, Outcome::Committed); // the same token: once
//! # drop(store);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod apply;
mod layout;
mod opening;
mod queue;
mod read;
mod watched;
mod writer;

use std::{fmt, io, path::PathBuf, sync::Arc, thread};

use redb::StorageBackend;
use userpool_ports::{
    Batch, Entry, Key, Landed, Outcome, PageRequest, Storage, StoreFault, Timestamp,
};

pub use opening::OpenFault;

use apply::{Done, Task};
use opening::Source;
use queue::{Job, Queue, Told, Work};
use writer::Writer;

/// How many ended rows one transaction of a sweep removes, so that commits get their turns.
const SWEEP_STEP: usize = 1_024;

/// A store in one file; see the [crate](self) for what it promises.
///
/// Dropping it finishes what is queued, then closes the file.
pub struct RedbStore {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

struct Shared {
    queue: Queue,
    writer: Writer,
}

impl RedbStore {
    /// Opens the store in a file, and makes the file where there is none.
    ///
    /// The folder must exist. On Unix a new file is readable and writable by its owner only.
    ///
    /// # Errors
    /// The file is open already, here or in another process; it is not a store, or one of a newer
    /// version; the system failed.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenFault> {
        Self::of_source(Source::file(path.into()))
    }

    /// Opens the store on a backend of redb's, to be used once: after a failed write the store stops.
    ///
    /// # Errors
    /// The backend does not hold a store, or holds one of a newer version; the backend failed.
    pub fn with_backend(backend: impl StorageBackend) -> Result<Self, OpenFault> {
        Self::of_source(Source::once(backend))
    }

    /// Opens the store on backends that are made anew for each opening, so that it recovers from a failed write.
    ///
    /// # Errors
    /// As [`RedbStore::with_backend`], or no backend could be made.
    pub fn with_backends<B: StorageBackend>(
        make: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Result<Self, OpenFault> {
        Self::of_source(Source::repeated(make))
    }

    fn of_source(source: Source) -> Result<Self, OpenFault> {
        let shared = Arc::new(Shared {
            queue: Queue::default(),
            writer: Writer::open(source)?,
        });
        let thread = thread::Builder::new()
            .name("userpool-redb".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.serve()
            })
            .map_err(OpenFault::Io)?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    fn on_writer_thread(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| thread.thread().id() == thread::current().id())
    }

    /// Queues work and waits for its end.
    fn wait_for(&self, work: Work) -> Result<Done, StoreFault> {
        let (told, end) = Told::by_channel();
        self.shared.queue.push_waiting(Job { work, told })?;
        // A job that is dropped untold may have landed.
        end.recv().unwrap_or(Ok(Done::Ended(Outcome::Unknown)))
    }

    fn refuse_on_writer_thread(&self) -> Result<(), StoreFault> {
        if self.on_writer_thread() {
            return Err(StoreFault::new(
                "a callback on the writer's thread waited for the writer; it may only submit",
            ));
        }
        Ok(())
    }
}

impl Shared {
    /// The writer's thread: group after group, until the store is dropped and the queue is empty.
    fn serve(&self) {
        let _closing = self.queue.close_at_the_end();
        while let Some((turn, jobs)) = self.queue.next_group() {
            let tasks: Vec<Task<'_>> = jobs.iter().map(|job| job.work.task()).collect();
            let ends = self.writer.write(&tasks);
            drop(turn);
            for (job, end) in jobs.into_iter().zip(ends) {
                job.told.tell(end);
            }
        }
    }
}

impl Storage for RedbStore {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        read::load(&*self.shared.writer.database()?, keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        read::page(&*self.shared.writer.database()?, request)
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        batch.check()?;
        self.refuse_on_writer_thread()?;
        let end = match self.shared.queue.lone_turn() {
            Some(_turn) => self.shared.writer.write_one(Task::Commit(batch)),
            None => self.wait_for(Work::Commit(batch.clone())),
        };
        end.map(Done::outcome)
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        if let Err(fault) = batch.check() {
            return landed(Err(fault));
        }
        let told = Told::by_call(move |end| landed(end.map(Done::outcome)));
        let work = Work::Commit(batch);
        if let Err((job, fault)) = self.shared.queue.push(Job { work, told }) {
            job.told.tell(Err(fault));
        }
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.refuse_on_writer_thread()?;
        let mut swept = 0;
        while swept < max {
            let step = SWEEP_STEP.min(max - swept);
            let of_step = match self.wait_for(Work::Sweep { now, max: step })? {
                Done::Swept(count) => count,
                Done::Ended(_) => return Err(StoreFault::new("the end of a sweep is unknown")),
            };
            swept += of_step;
            if of_step < step {
                break;
            }
        }
        Ok(swept)
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        self.shared.queue.close();
        let on_writer_thread = self.on_writer_thread();
        if let Some(thread) = self.thread.take()
            && !on_writer_thread
        {
            // The thread catches panics; if it died all the same, its jobs were told when they dropped.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}
