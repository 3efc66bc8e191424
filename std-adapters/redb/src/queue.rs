//! Who writes next: the lone caller at once, or the writer's thread for all who wait.

use std::{
    collections::VecDeque,
    panic::{self, AssertUnwindSafe},
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use userpool_ports::{Batch, Change, Outcome, StoreFault, Timestamp};

use crate::apply::{Done, Task};

/// The most jobs that wait.
const MAX_JOBS: usize = 1_024;
/// The most bytes of batches that wait.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most jobs in a group.
const GROUP_JOBS: usize = 256;
/// The most bytes in a group, its last job aside.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// How often the writer's thread lets others run without seeing the queue grow, before it takes what is there.
const YIELDS: usize = 3;

/// Something to write, and who is told its end.
pub(crate) struct Job {
    /// What to write.
    pub(crate) work: Work,
    /// Who is told.
    pub(crate) told: Told,
}

/// A task that waits.
pub(crate) enum Work {
    /// Commit a batch whose bounds were checked.
    Commit(Batch),
    /// Remove what has ended.
    Sweep {
        /// The engine's time.
        now: Timestamp,
        /// The most rows to remove.
        max: usize,
    },
}

impl Work {
    /// The task itself.
    pub(crate) fn task(&self) -> Task<'_> {
        match self {
            Self::Commit(batch) => Task::Commit(batch),
            Self::Sweep { now, max } => Task::Sweep {
                now: *now,
                max: *max,
            },
        }
    }

    fn bytes(&self) -> usize {
        let Self::Commit(batch) = self else { return 0 };
        let of_write = |write: &userpool_ports::Write| {
            write.key.as_bytes().len()
                + match &write.change {
                    Change::Put { value, .. } => value.len(),
                    Change::Remove | Change::Check => 0,
                }
        };
        batch.writes.iter().map(of_write).sum()
    }
}

/// The end of a task, or the fault that kept it from landing.
pub(crate) type End = Result<Done, StoreFault>;

/// Tells an end exactly once; dropped untold, it tells that the outcome is unknown.
pub(crate) struct Told(Option<Box<dyn FnOnce(End) + Send>>);

impl Told {
    /// Calls a function, on the writer's thread.
    pub(crate) fn by_call(call: impl FnOnce(End) + Send + 'static) -> Self {
        Self(Some(Box::new(call)))
    }

    /// Sends to whoever waits at the other end.
    pub(crate) fn by_channel() -> (Self, mpsc::Receiver<End>) {
        let (sender, receiver) = mpsc::sync_channel(1);
        let told = Self::by_call(move |end| {
            // A receiver that is gone asks for nothing.
            let _ = sender.send(end);
        });
        (told, receiver)
    }

    /// Tells the end.
    pub(crate) fn tell(mut self, end: End) {
        self.tell_once(end);
    }

    fn tell_once(&mut self, end: End) {
        if let Some(call) = self.0.take() {
            // A panic of the caller's function is the caller's: the writer goes on.
            let _ = panic::catch_unwind(AssertUnwindSafe(move || call(end)));
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.tell_once(Ok(Done::Ended(Outcome::Unknown)));
    }
}

/// The jobs that wait, and whether someone is writing.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    /// There may be something for the writer's thread.
    work: Condvar,
    /// There may be room for another job.
    room: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    bytes: usize,
    /// Someone holds the turn.
    writing: bool,
    /// The size of the last group that the writer's thread took.
    crowd: usize,
    closed: bool,
}

impl Waiting {
    fn is_full(&self) -> bool {
        self.jobs.len() >= MAX_JOBS || self.bytes >= MAX_BYTES
    }

    fn take_group(&mut self) -> Vec<Job> {
        let mut group = Vec::new();
        let mut bytes = 0;
        while group.len() < GROUP_JOBS && bytes < GROUP_BYTES {
            let Some(job) = self.jobs.pop_front() else {
                break;
            };
            bytes += job.work.bytes();
            group.push(job);
        }
        self.bytes -= bytes;
        self.crowd = group.len();
        self.writing = true;
        group
    }
}

/// The right to write, given back when dropped.
pub(crate) struct Turn<'a>(&'a Queue);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.writing = false;
        if !waiting.jobs.is_empty() || waiting.closed {
            self.0.work.notify_one();
        }
    }
}

/// Closes the queue when dropped, and tells all who still wait.
pub(crate) struct Closing<'a>(&'a Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.closed = true;
        let untold = std::mem::take(&mut waiting.jobs);
        drop(waiting);
        drop(untold);
        self.0.room.notify_all();
    }
}

impl Queue {
    /// The turn, if nobody writes, nobody waits, and nobody did a moment ago.
    pub(crate) fn lone_turn(&self) -> Option<Turn<'_>> {
        let mut waiting = self.lock();
        let lone = !waiting.writing && waiting.jobs.is_empty() && waiting.crowd <= 1;
        lone.then(|| {
            waiting.writing = true;
            Turn(self)
        })
    }

    /// Adds a job, unless there is no room.
    ///
    /// # Errors
    /// The job itself and why it was not taken.
    pub(crate) fn push(&self, job: Job) -> Result<(), (Job, StoreFault)> {
        let waiting = self.lock();
        if waiting.is_full() {
            return Err((job, StoreFault::new("the store is overloaded")));
        }
        self.add(waiting, job)
    }

    /// Adds a job, as soon as there is room.
    ///
    /// # Errors
    /// The writer's thread has ended.
    pub(crate) fn push_waiting(&self, job: Job) -> Result<(), StoreFault> {
        let mut waiting = self.lock();
        while waiting.is_full() && !waiting.closed {
            waiting = self
                .room
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.add(waiting, job).map_err(|(_, fault)| fault)
    }

    fn add(&self, mut waiting: MutexGuard<'_, Waiting>, job: Job) -> Result<(), (Job, StoreFault)> {
        if waiting.closed {
            return Err((job, StoreFault::new("the writer has ended")));
        }
        waiting.bytes += job.work.bytes();
        waiting.jobs.push_back(job);
        if !waiting.writing {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Waits for jobs and for the turn; `None` once the queue is closed and empty.
    pub(crate) fn next_group(&self) -> Option<(Turn<'_>, Vec<Job>)> {
        let mut waiting = self.lock();
        let (mut seen, mut yields) = (0, 0);
        loop {
            if waiting.writing || (waiting.jobs.is_empty() && !waiting.closed) {
                waiting = self
                    .work
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if waiting.jobs.len() > seen {
                (seen, yields) = (waiting.jobs.len(), 0);
            }
            if waiting.crowd <= 1 || waiting.closed || seen >= GROUP_JOBS || yields == YIELDS {
                break;
            }
            // Those who were told the last group's end are about to come back.
            yields += 1;
            drop(waiting);
            thread::yield_now();
            waiting = self.lock();
        }
        if waiting.jobs.is_empty() {
            return None;
        }
        let group = waiting.take_group();
        drop(waiting);
        self.room.notify_all();
        Some((Turn(self), group))
    }

    /// Takes no more jobs; those that wait are still written.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }

    /// Closes the queue whichever way the writer's thread ends.
    pub(crate) fn close_at_the_end(&self) -> Closing<'_> {
        Closing(self)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
