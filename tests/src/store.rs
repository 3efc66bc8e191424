//! The store that a run of the tests chose, and what tests see in it.
//!
//! `USERPOOL_TEST_STORE` names it:
//!
//! | name | store |
//! |---|---|
//! | `memory`, or nothing | the reference store |
//! | `redb` | the embedded store, over memory in place of a file |
//! | `postgres` | PostgreSQL by statements, in a schema of each store's own |
//! | `postgres-function` | PostgreSQL by its function |
//!
//! Every scenario and property is written once and runs over each of them; `tests/stores/run` does so, and lists what
//! stays over memory.

use std::{
    env, fmt,
    sync::{
        Arc, Condvar, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::backends::InMemoryBackend;
use userpool::Memory;
use userpool_ports::{
    Batch, Change, Entry, Expect, Key, Landed, Outcome, PageRequest, Storage, StoreFault,
    Timestamp, Told, Write, memory::MemoryStore, storage::MAX_BATCH, storage::MAX_WRITES,
};
use userpool_redb::RedbStore;

use crate::lodging::Lodging;

/// Which store the tests run over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The reference store.
    Memory,
    /// The embedded store.
    Redb,
    /// PostgreSQL, with these words in its URL.
    Postgres(&'static str),
}

impl Choice {
    /// The one of this run.
    ///
    /// # Panics
    /// `USERPOOL_TEST_STORE` names none.
    pub fn of_this_run() -> Self {
        static CHOICE: OnceLock<Choice> = OnceLock::new();
        *CHOICE.get_or_init(|| match env::var("USERPOOL_TEST_STORE").as_deref() {
            Err(_) | Ok("" | "memory") => Self::Memory,
            Ok("redb") => Self::Redb,
            Ok("postgres") => Self::Postgres("commits=statements"),
            Ok("postgres-function") => Self::Postgres("commits=function"),
            Ok(other) => panic!("USERPOOL_TEST_STORE: there is no store '{other}'"),
        })
    }
}

/// A store of the chosen kind. Cloning shares it; it goes with the last clone.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    kept: Kept,
    under_way: UnderWay,
}

enum Kept {
    Memory(Memory),
    Redb(RedbStore),
    Postgres(Lodging),
    Other(Box<dyn Storage + Send + Sync>),
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store.
    ///
    /// # Panics
    /// It cannot be opened.
    pub fn new() -> Self {
        Self::of(Choice::of_this_run())
    }

    /// An empty store of this kind.
    ///
    /// # Panics
    /// It cannot be opened.
    pub fn of(choice: Choice) -> Self {
        let kept = match choice {
            Choice::Memory => Kept::Memory(Memory::new()),
            Choice::Redb => {
                let store = RedbStore::with_backend(InMemoryBackend::new());
                Kept::Redb(store.expect("the store opens"))
            }
            Choice::Postgres(words) => Kept::Postgres(Lodging::take(words)),
        };
        Self::kept_so(kept)
    }

    /// One that a test has opened itself, whatever was chosen.
    pub fn opened(store: impl Storage + Send + Sync + 'static) -> Self {
        Self::kept_so(Kept::Other(Box::new(store)))
    }

    fn kept_so(kept: Kept) -> Self {
        Self(Arc::new(Shared {
            kept,
            under_way: UnderWay::default(),
        }))
    }

    /// A store that holds the same entries as another; their versions are its own.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn holding(records: &MemoryStore) -> Self {
        let store = Self::new();
        if let Kept::Memory(memory) = &store.0.kept {
            *memory.lock() = records.clone();
            return store;
        }
        let put = |(key, entry): (&Key, &Entry)| Write {
            key: key.clone(),
            expect: Expect::Absent,
            change: Change::Put {
                value: entry.value.clone(),
                expires: entry.expires,
            },
        };
        let writes = records.iter().map(put).collect();
        store.put(writes);
        store
    }

    /// As [`Store::holding`], of what this one holds.
    pub fn copy(&self) -> Self {
        Self::holding(&self.records())
    }

    /// What it holds, once everything that was submitted has landed.
    ///
    /// # Panics
    /// It cannot be read.
    pub fn records(&self) -> MemoryStore {
        self.0.under_way.wait_for_none();
        if let Kept::Memory(memory) = &self.0.kept {
            return memory.lock().clone();
        }
        self.entries().into_iter().collect()
    }

    /// Every entry that it holds now.
    ///
    /// # Panics
    /// It cannot be read.
    pub fn entries(&self) -> Vec<(Key, Entry)> {
        let everything = PageRequest {
            prefix: Key::new([]),
            after: None,
            limit: usize::MAX,
        };
        self.page(&everything).expect("the store is read")
    }

    /// The entry of a key.
    ///
    /// # Panics
    /// It cannot be read.
    pub fn entry(&self, key: &Key) -> Option<Entry> {
        let mut found = self.load(std::slice::from_ref(key));
        let found = found.as_mut().expect("the store is read");
        found.pop().flatten()
    }

    /// Writes behind the engine's back, in as many batches as it takes.
    ///
    /// # Panics
    /// It cannot be written, or an expectation does not hold.
    pub fn put(&self, mut writes: Vec<Write>) {
        writes.sort_by(|one, other| one.key.cmp(&other.key));
        let mut batch = (Vec::new(), 0);
        for write in writes {
            let value = match &write.change {
                Change::Put { value, .. } => value.len(),
                Change::Remove | Change::Check => 0,
            };
            let bytes = write.key.as_bytes().len() + value;
            if batch.0.len() == MAX_WRITES || batch.1 + bytes > MAX_BATCH {
                self.put_at_once(std::mem::take(&mut batch).0);
            }
            batch.0.push(write);
            batch.1 += bytes;
        }
        self.put_at_once(batch.0);
    }

    fn put_at_once(&self, writes: Vec<Write>) {
        if writes.is_empty() {
            return;
        }
        let batch = Batch {
            token: token(),
            now: Timestamp::from_millis(0),
            writes,
        };
        assert_eq!(self.commit(&batch), Ok(Outcome::Committed));
    }

    fn kept(&self) -> &(dyn Storage + Send + Sync) {
        match &self.0.kept {
            Kept::Memory(store) => store,
            Kept::Redb(store) => store,
            Kept::Postgres(lodging) => lodging.store(),
            Kept::Other(store) => &**store,
        }
    }
}

/// A token that no engine draws.
fn token() -> [u8; 16] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut token = *b"a test's........";
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    token[8..].copy_from_slice(&count.to_be_bytes());
    token
}

impl Storage for Store {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.kept().load(keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.kept().page(request)
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.kept().commit(batch)
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        // Keeps the store until it has told: nothing is under way in one that goes.
        let shared = self.0.clone();
        shared.under_way.enter();
        self.kept().submit(
            batch,
            Box::new(move |end| {
                shared.under_way.leave();
                landed(end);
            }),
        );
    }

    fn is_remote(&self) -> bool {
        self.kept().is_remote()
    }

    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        self.kept().load_later(keys, loaded);
    }

    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        self.kept().page_later(request, paged);
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.kept().sweep(now, max)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// How many batches were submitted and have not landed.
#[derive(Default)]
struct UnderWay {
    count: Mutex<usize>,
    none: Condvar,
}

impl UnderWay {
    fn enter(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    fn leave(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count -= 1;
        self.none.notify_all();
    }

    fn wait_for_none(&self) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.none.wait_while(count, |it| *it > 0));
    }
}
