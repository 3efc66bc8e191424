//! The store's own threads, those who wait for them, and those who are called by them.

use std::{
    cell::Cell,
    future::Future,
    io,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
};
use userpool_ports::{StoreFault, Told};

/// How many tasks may be under way or wait at once; a store with more to do than that is told so.
const MAX_TASKS: usize = 4_096;
/// What the threads are called.
const NAME: &str = "userpool-postgres";
/// How long a store that is dropped waits for what is under way.
const FAREWELL: Duration = Duration::from_secs(5);

thread_local! {
    /// The number of the store whose thread this is; 0 for none.
    static STORE: Cell<u64> = const { Cell::new(0) };
}

/// Threads that serve connections.
pub(crate) struct Threads {
    handle: Handle,
    lives: Option<Lives>,
    number: u64,
    under_way: Arc<UnderWay>,
}

/// What ends with the store.
enum Lives {
    /// One thread has a runtime of its own until this is dropped. It shares no queues, which commits are cheaper for.
    One { _until_dropped: oneshot::Sender<()> },
    /// Several.
    Several(Runtime),
}

impl Threads {
    /// Starts them: one for four processors. They hand bytes on; what takes time happens on the server.
    pub(crate) fn start() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let (handle, lives) = match processors.div_ceil(4) {
            1 => one(number)?,
            several => {
                let runtime = Builder::new_multi_thread()
                    .worker_threads(several)
                    .thread_name(NAME)
                    .on_thread_start(move || STORE.set(number))
                    .enable_all()
                    .build()?;
                (runtime.handle().clone(), Lives::Several(runtime))
            }
        };
        Ok(Self {
            handle,
            lives: Some(lives),
            number,
            under_way: Arc::default(),
        })
    }

    /// Has something done and waits for it.
    ///
    /// # Errors
    /// There is too much to do, this is a thread that must not wait, or what was to be done broke off.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, StoreFault> {
        if STORE.get() == self.number {
            return Err(StoreFault::new(
                "a callback on the store's thread waited for the store; it may only submit",
            ));
        }
        let (tell, told) = mpsc::sync_channel(1);
        self.begin(async move {
            // Whoever waits, waits until here.
            let _ = tell.send(work.await);
        })?;
        told.recv()
            .map_err(|_| StoreFault::new("the store broke off"))
    }

    /// Has something done, and calls on from the thread that did it.
    pub(crate) fn go_on<T: Send + 'static>(
        &self,
        told: Told<T>,
        work: impl Future<Output = Result<T, StoreFault>> + Send + 'static,
    ) {
        match self.under_way.enter() {
            Ok(entered) => self.spawn(async move {
                let end = work.await;
                drop(entered);
                told(end);
            }),
            Err(fault) => told(Err(fault)),
        }
    }

    fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), StoreFault> {
        let entered = self.under_way.enter()?;
        self.spawn(async move {
            work.await;
            drop(entered);
        });
        Ok(())
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if STORE.get() != self.number {
            self.under_way.wait_for_none(FAREWELL);
        }
        match self.lives.take() {
            Some(Lives::Several(runtime)) => runtime.shutdown_background(),
            // That thread ends once it is told, with what is left on it.
            Some(Lives::One { .. }) | None => {}
        }
    }
}

/// A thread with a runtime, which ends when what is given is dropped.
fn one(number: u64) -> io::Result<(Handle, Lives)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let (until_dropped, ended) = oneshot::channel();
    let serve = move || {
        STORE.set(number);
        // Nothing is ever sent: the end is that the sender is gone.
        let _ = runtime.block_on(ended);
        runtime.shutdown_background();
    };
    thread::Builder::new().name(NAME.into()).spawn(serve)?;
    Ok((
        handle,
        Lives::One {
            _until_dropped: until_dropped,
        },
    ))
}

/// How much is under way.
#[derive(Default)]
struct UnderWay {
    tasks: Mutex<usize>,
    fewer: Condvar,
}

impl UnderWay {
    fn enter(self: &Arc<Self>) -> Result<Entered, StoreFault> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if *tasks >= MAX_TASKS {
            return Err(StoreFault::new("the store is overloaded"));
        }
        *tasks += 1;
        Ok(Entered(self.clone()))
    }

    fn wait_for_none(&self, limit: Duration) {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether there are none or time is up: what follows is the same.
        drop(self.fewer.wait_timeout_while(tasks, limit, |it| *it > 0));
    }
}

/// One that is under way, until this is dropped.
struct Entered(Arc<UnderWay>);

impl Drop for Entered {
    fn drop(&mut self) {
        let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        *tasks -= 1;
        if *tasks == 0 {
            self.0.fewer.notify_all();
        }
    }
}
