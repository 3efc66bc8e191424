//! Threads for slow arithmetic, a stock of key pairs made ahead, and signing keys kept open.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use userpool_core::engine::{
    Done, Environment, KeyName, Work, WorkFault,
    worker::{self, CheckKey, OpenKey},
};
use userpool_crypto::{rs256::Blinding, secret::SecretBytes};
use userpool_ports::Entropy;

use crate::{
    accepted::{Accepted, Signed},
    arithmetic::Arithmetic,
};

/// Key pairs made ahead: enough for two pools.
const STOCK: usize = 4;
/// Keys of a kind kept open; beyond this, all are forgotten and opened again as needed.
const OPEN_KEYS: usize = 1_024;
/// Pieces of work that may wait.
#[cfg(feature = "tokio")]
const WAITING: usize = 4_096;

type Job = Box<dyn FnOnce() + Send>;

/// Does [`Work`] on threads of its own, so that an event loop never waits for arithmetic.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
    /// How many of them do work; one more may keep the stock full.
    working: usize,
}

/// A signing key, and what hides the numbers that it is applied to: one for each signature that is under way.
struct KeptKey {
    key: OpenKey,
    blindings: Mutex<Vec<Blinding>>,
}

struct Shared {
    environment: Arc<Environment>,
    /// Asked first, if there is one.
    arithmetic: Option<Arc<dyn Arithmetic>>,
    queue: Mutex<Queue>,
    ready: Condvar,
    keys: Mutex<HashMap<KeyName, Arc<KeptKey>>>,
    /// Keys that check signatures, by modulus.
    check_keys: Mutex<HashMap<Vec<u8>, Arc<CheckKey>>>,
    accepted: Accepted,
    stock: Mutex<Stock>,
    /// Woken when the stock is not full.
    wanted: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

struct Stock {
    pairs: VecDeque<(SecretBytes, Vec<u8>)>,
    /// Whether pairs are handed out again and again; for tests.
    endless: bool,
    closed: bool,
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}

impl Workers {
    /// Starts the threads: one a processor, and one that keeps the stock of key pairs full.
    pub fn start(
        environment: Arc<Environment>,
        entropy: Arc<dyn Entropy + Send + Sync>,
        arithmetic: Option<Arc<dyn Arithmetic>>,
        ready_keys: Vec<(SecretBytes, Vec<u8>)>,
    ) -> std::io::Result<Self> {
        let make_keys = ready_keys.is_empty();
        let shared = Arc::new(Shared {
            environment,
            arithmetic,
            queue: Mutex::default(),
            ready: Condvar::new(),
            keys: Mutex::default(),
            check_keys: Mutex::default(),
            accepted: Accepted::default(),
            stock: Mutex::new(Stock {
                pairs: ready_keys.into(),
                endless: !make_keys,
                closed: false,
            }),
            wanted: Condvar::new(),
        });
        let count = thread::available_parallelism().map_or(1, usize::from);
        let mut threads = Vec::with_capacity(count + 1);
        for index in 0..count {
            let shared = shared.clone();
            let builder = thread::Builder::new().name(format!("userpool-work-{index}"));
            threads.push(builder.spawn(move || shared.serve())?);
        }
        if make_keys {
            let shared = shared.clone();
            let builder = thread::Builder::new().name("userpool-keys".into());
            threads.push(builder.spawn(move || shared.keep_stock(entropy.as_ref()))?);
        }
        Ok(Self {
            shared,
            threads,
            working: count,
        })
    }

    /// Whether a piece of work is so short that handing it to a thread costs about as much. Pairs of a stock without
    /// end are taken in the order asked, so that worlds for tests are the same in every run.
    pub fn is_short(&self, work: &Work) -> bool {
        match work {
            Work::Verify { .. } => true,
            Work::GenerateKey { .. } => lock(&self.shared.stock).endless,
            _ => false,
        }
    }

    /// Does a piece of work in this thread.
    pub fn perform(&self, work: &Work) -> Result<Done, WorkFault> {
        self.shared.perform(work)
    }

    /// Does pieces of work in this thread and in those that are free meanwhile; the ends are in the order of the pieces.
    pub fn perform_all(&self, works: Vec<Work>) -> Vec<Result<Done, WorkFault>> {
        let heap = Arc::new(Heap::new(works));
        {
            let mut queue = lock(&self.shared.queue);
            // Threads that have others' work before them would come too late, and this one has a processor too.
            let free = self.working.saturating_sub(queue.jobs.len() + 1);
            for _ in 0..free.min(heap.works.len().saturating_sub(1)) {
                let (shared, heap) = (self.shared.clone(), heap.clone());
                queue.jobs.push_back(Box::new(move || heap.clear(&shared)));
                self.shared.ready.notify_one();
            }
        }
        heap.clear(&self.shared);
        heap.wait()
    }

    /// Has a piece of work done by a thread; `done` is called exactly once.
    #[cfg(feature = "tokio")]
    pub fn submit(&self, work: Work, done: impl FnOnce(Result<Done, WorkFault>) + Send + 'static) {
        let shared = self.shared.clone();
        let mut queue = lock(&self.shared.queue);
        if queue.jobs.len() >= WAITING {
            drop(queue);
            return done(Err(WorkFault("too much work is waiting".into())));
        }
        queue
            .jobs
            .push_back(Box::new(move || done(shared.perform(&work))));
        drop(queue);
        self.shared.ready.notify_one();
    }
}

/// Pieces of work that several threads take one by one.
struct Heap {
    works: Vec<Work>,
    /// The next that nobody has taken.
    next: AtomicUsize,
    done: Mutex<Vec<Option<Result<Done, WorkFault>>>>,
    added: Condvar,
}

impl Heap {
    fn new(works: Vec<Work>) -> Self {
        Self {
            next: AtomicUsize::new(0),
            done: Mutex::new(works.iter().map(|_| None).collect()),
            added: Condvar::new(),
            works,
        }
    }

    /// Takes pieces and does them until none is left to be taken.
    fn clear(&self, shared: &Shared) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(work) = self.works.get(at) else {
                return;
            };
            let end = shared.perform(work);
            lock(&self.done)[at] = Some(end);
            self.added.notify_one();
        }
    }

    /// What all came to, once all are done.
    fn wait(&self) -> Vec<Result<Done, WorkFault>> {
        let done = lock(&self.done);
        let mut done = self
            .added
            .wait_while(done, |done| done.iter().any(Option::is_none))
            .unwrap_or_else(PoisonError::into_inner);
        done.drain(..).flatten().collect()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        lock(&self.shared.queue).closed = true;
        lock(&self.shared.stock).closed = true;
        self.shared.ready.notify_all();
        self.shared.wanted.notify_all();
        let own = thread::current().id();
        for thread in self.threads.drain(..) {
            // The key thread may be in the middle of a pair, and a worker may hold the last handle: neither is
            // waited for where that would take long or wait for itself.
            if thread.thread().id() != own && thread.thread().name() != Some("userpool-keys") {
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    fn serve(&self) {
        loop {
            let job = {
                let mut queue = lock(&self.queue);
                loop {
                    if let Some(job) = queue.jobs.pop_front() {
                        break job;
                    }
                    if queue.closed {
                        return;
                    }
                    queue = self
                        .ready
                        .wait(queue)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            };
            // What goes on in this thread after the work may have a bug of its own.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }

    fn perform(&self, work: &Work) -> Result<Done, WorkFault> {
        // A bug in the arithmetic must not take down a thread that others wait for.
        catch_unwind(AssertUnwindSafe(|| self.compute(work)))
            .unwrap_or_else(|_| Err(WorkFault("a worker panicked".into())))
    }

    fn compute(&self, work: &Work) -> Result<Done, WorkFault> {
        let root_keys = &self.environment.root_keys;
        if let Some(other) = &self.arithmetic
            && let Some(done) = other.perform(work, root_keys)
        {
            return done;
        }
        match work {
            Work::GenerateKey { .. } => self.take_pair(work),
            Work::Sign {
                key,
                sealed,
                message,
                blinding,
            } => {
                let kept = self.open_key(key, sealed)?;
                let mut pair = lock(&kept.blindings).pop().unwrap_or_default();
                let signature = worker::sign(&kept.key, &mut pair, message, blinding)?;
                lock(&kept.blindings).push(pair);
                Ok(signature)
            }
            Work::Verify {
                modulus,
                message,
                signature,
            } => {
                let signed = Signed::new(modulus, message, signature);
                if self.accepted.has(&signed) {
                    return Ok(Done::Verdict(true));
                }
                let key = self.check_key(modulus)?;
                let verdict = worker::verify(&key, message, signature);
                if matches!(verdict, Done::Verdict(true)) {
                    self.accepted.add(signed);
                }
                Ok(verdict)
            }
            other => worker::perform(other, root_keys),
        }
    }

    fn open_key(&self, name: &KeyName, sealed: &[u8]) -> Result<Arc<KeptKey>, WorkFault> {
        if let Some(key) = lock(&self.keys).get(name) {
            return Ok(key.clone());
        }
        let key = Arc::new(KeptKey {
            key: worker::open_key(name, sealed, &self.environment.root_keys)?,
            blindings: Mutex::default(),
        });
        keep(&self.keys, name.clone(), key.clone());
        Ok(key)
    }

    fn check_key(&self, modulus: &[u8]) -> Result<Arc<CheckKey>, WorkFault> {
        if let Some(key) = lock(&self.check_keys).get(modulus) {
            return Ok(key.clone());
        }
        let key = Arc::new(worker::public_key(modulus)?);
        keep(&self.check_keys, modulus.to_vec(), key.clone());
        Ok(key)
    }

    /// A pair from the stock, or one made here and now.
    fn take_pair(&self, work: &Work) -> Result<Done, WorkFault> {
        let taken = {
            let mut stock = lock(&self.stock);
            let taken = stock.pairs.pop_front();
            if stock.endless {
                stock.pairs.extend(taken.clone());
            }
            taken
        };
        self.wanted.notify_one();
        match taken {
            Some((pkcs8, modulus)) => Ok(Done::KeyPair { pkcs8, modulus }),
            None => worker::perform(work, &self.environment.root_keys),
        }
    }

    fn keep_stock(&self, entropy: &dyn Entropy) {
        loop {
            {
                let mut stock = lock(&self.stock);
                while stock.pairs.len() >= STOCK && !stock.closed {
                    stock = self
                        .wanted
                        .wait(stock)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                if stock.closed {
                    return;
                }
            }
            let work = Work::GenerateKey {
                seed: SecretBytes::new(entropy.seed().to_vec()),
            };
            match worker::perform(&work, &self.environment.root_keys) {
                Ok(Done::KeyPair { pkcs8, modulus }) => {
                    lock(&self.stock).pairs.push_back((pkcs8, modulus));
                }
                // Whoever needs a pair makes one and learns of the fault.
                _ => return,
            }
        }
    }
}

/// Keeps a key open; where too many are, it starts again.
fn keep<K: Eq + Hash, V>(keys: &Mutex<HashMap<K, V>>, name: K, key: V) {
    let mut keys = lock(keys);
    if keys.len() >= OPEN_KEYS {
        keys.clear();
    }
    keys.insert(name, key);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one of these is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
