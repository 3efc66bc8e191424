//! A world around the engine in which everything is fixed: the clock, chance, the store, the couriers.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;
use userpool_core::engine::{
    Answered, Caller, Done, Environment, Failure, Machine, Output, Program, SharedRecords, Shelf,
    Step, Work, WorkFault, worker,
};
use userpool_core::ops::imports::file::{BeginFile, EndFile, FileParts};
use userpool_core::ops::{oauth, table};
use userpool_crypto::sealed::{KeyId, RootKeys, SealKey};
use userpool_crypto::secret::SecretArray;
use userpool_ports::memory::MemoryStore;
use userpool_ports::{FetchReply, Key, Message, Timestamp, Version};
use userpool_wire::{Auth, OperationSpec, Service};

use crate::marks::{self, Marks};

/// When the world begins.
const BEGINNING: Timestamp = Timestamp::from_secs(1_750_000_000);

/// An engine, its store, and all that was sent.
pub struct World {
    environment: Arc<Environment>,
    shelf: Arc<Kept>,
    store: RefCell<MemoryStore>,
    key_pair: Option<Done>,
    calls: u64,
    counted: bool,
    /// How often each operation was called.
    pub counts: BTreeMap<String, u64>,
    /// Every message, oldest first.
    pub messages: Vec<Message>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A world without pools.
    ///
    /// # Panics
    /// Never: the name of the root key is well formed.
    #[must_use]
    pub fn new() -> Self {
        let id = KeyId::parse("bench").expect("a short word names a key");
        let shelf = Arc::new(Kept::default());
        let environment = Environment {
            account_id: "000000000000".into(),
            default_region: "us-east-1".into(),
            base_url: "http://127.0.0.1:9229".into(),
            issuer: "{base}/{pool}".into(),
            root_keys: RootKeys::new(SealKey::new(id, SecretArray::new([7; 32]))),
            shared: SharedRecords::on(shelf.clone()),
            message_keys: Default::default(),
            pkce: Default::default(),
            login_providers: Default::default(),
            broker: None,
        };
        Self {
            environment: Arc::new(environment),
            shelf,
            store: RefCell::new(MemoryStore::new()),
            key_pair: None,
            calls: 0,
            counted: false,
            counts: BTreeMap::new(),
            messages: Vec::new(),
        }
    }

    /// The same world again, its requests under marks, with a pair of keys that need not be made again.
    #[must_use]
    pub fn counted_life(self) -> Self {
        Self {
            key_pair: self.key_pair,
            counted: true,
            ..Self::new()
        }
    }

    /// The time of the next request: a second after the one before.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        BEGINNING.after(std::time::Duration::from_secs(self.calls))
    }

    /// The code in the newest message.
    ///
    /// # Panics
    /// Nothing was sent.
    #[must_use]
    pub fn code(&self) -> String {
        self.messages
            .last()
            .expect("a message was sent")
            .code
            .clone()
    }

    /// One request, JSON to JSON, its cost under the operation's marks.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn call(&mut self, operation: &str, body: &Value) -> Value {
        self.call_as(operation, operation, body)
    }

    /// As [`World::call`], its cost under marks of another name.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn call_as(&mut self, name: &str, operation: &str, body: &Value) -> Value {
        let marks = if self.counted {
            marks::of(name).expect("the operation has marks")
        } else {
            marks::UNMARKED
        };
        *self.counts.entry(name.into()).or_default() += 1;
        self.answered(marks, operation, body)
    }

    /// As [`World::call`], its cost under no marks.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn unmarked(&mut self, operation: &str, body: &Value) -> Value {
        self.answered(marks::UNMARKED, operation, body)
    }

    fn answered(&mut self, marks: Marks, operation: &str, body: &Value) -> Value {
        let body = body.to_string();
        let specification = specification(operation);
        let mut answer = None;
        (marks.request)(&mut || {
            answer = Some(self.exchange(&marks, specification, body.as_bytes()));
        });
        self.calls += 1;
        let (reply, mut machine) = answer.expect("the mark calls its body");
        machine.forget_computed();
        (marks.once)(&mut || machine.replay());
        self.shelf.settle();
        let reply = match reply {
            Ok(reply) => *reply
                .downcast::<String>()
                .expect("a reply on the wire is text"),
            Err(failure) => panic!("{operation} {body}: {failure}"),
        };
        if reply.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&reply).expect("a reply is JSON")
        }
    }

    /// Makes the signing keys of a pool, as its first reader would; not counted for anybody.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn make_keys(&mut self, pool: &str) {
        let program = userpool_core::ops::tokens::keys::jwks_program(pool);
        let mut machine = self.machine(Caller::default(), program);
        self.drive(&marks::UNMARKED, &mut machine)
            .expect("the keys of a pool");
        self.calls += 1;
    }

    /// Sends what was left to the outbox; not counted for anybody.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn upkeep(&mut self) {
        let mut machine = self.machine(Caller::default(), userpool_core::ops::jobs::resend());
        self.drive(&marks::UNMARKED, &mut machine)
            .expect("a round of upkeep");
        self.calls += 1;
    }

    /// Does the jobs that may begin; not counted for anybody.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn do_jobs(&mut self) {
        loop {
            let mut machine = self.machine(Caller::default(), userpool_core::ops::jobs::work());
            let output = self.drive(&marks::UNMARKED, &mut machine);
            self.calls += 1;
            let output = output.expect("a step of a job");
            if output.downcast_ref::<bool>() != Some(&true) {
                return;
            }
        }
    }

    /// Sends the file of an import, shorter than a part; not counted for anybody.
    ///
    /// # Panics
    /// The engine did not answer with success.
    pub fn send_file(&mut self, made: &Value, file: &[u8]) {
        let address = userpool_tests::import::address(made);
        let sent = 1;
        let (at, bytes) = (0, file.to_vec());
        let length = bytes.len() as u64;
        let parts = FileParts {
            address: address.clone(),
            sent,
            at,
            bytes,
        };
        let end = EndFile {
            address: address.clone(),
            sent,
            bytes: length,
        };
        for program in [
            oauth::program(BeginFile(address)),
            oauth::program(parts),
            oauth::program(end),
        ] {
            let mut machine = self.machine(Caller::default(), program);
            self.drive(&marks::UNMARKED, &mut machine).expect("a file");
            self.calls += 1;
        }
    }

    /// The newest message.
    ///
    /// # Panics
    /// Nothing was sent.
    #[must_use]
    pub fn message(&self) -> &Message {
        self.messages.last().expect("a message was sent")
    }

    fn exchange(
        &mut self,
        marks: &Marks,
        specification: &OperationSpec,
        body: &[u8],
    ) -> (Result<Output, Failure>, Machine) {
        let program = table::program(specification, body).expect("the request is well formed");
        let mut caller = Caller::default();
        if specification.auth == Auth::Signed {
            caller.administrator = Some("AKIAUSERPOOLBENCH000".into());
        }
        let mut machine = self.machine(caller, program);
        let answer = self.drive(marks, &mut machine);
        (answer, machine)
    }

    fn machine(&self, caller: Caller, program: Program) -> Machine {
        let mut seed = [0x5E; 32];
        seed[..8].copy_from_slice(&self.calls.to_be_bytes());
        Machine::new(self.environment.clone(), caller, self.now(), seed, program)
    }

    fn drive(&mut self, marks: &Marks, machine: &mut Machine) -> Result<Output, Failure> {
        let mut step = run(marks, || machine.start());
        loop {
            let answered = match step {
                Step::Load(keys) => stored(marks, || {
                    Answered::Loaded(Ok(self.store.borrow().load(&keys)))
                }),
                Step::Page(page) => stored(marks, || {
                    Answered::Paged(Ok(self.store.borrow().page(&page)))
                }),
                Step::Work(works) => {
                    Answered::Worked(works.iter().map(|work| self.work(marks, work)).collect())
                }
                Step::Ask(_) => panic!("there is no trigger to ask"),
                Step::Fetch(_) => Answered::Fetched(Ok(range())),
                Step::Commit(batch) => stored(marks, || {
                    Answered::Landed(self.store.borrow_mut().commit(&batch))
                }),
                Step::Settle(batch) => stored(marks, || {
                    let landed = self.store.borrow_mut().commit(&batch);
                    landed.expect("the store commits");
                    Answered::Settled
                }),
                Step::Deliver(message) => {
                    self.messages.push(message);
                    Answered::Delivered(Ok(()))
                }
                Step::Done(result) => return result,
            };
            step = run(marks, || machine.resume(answered));
        }
    }

    fn work(&mut self, marks: &Marks, work: &Work) -> Result<Done, WorkFault> {
        if let (Work::GenerateKey { .. }, Some(pair)) = (work, &self.key_pair) {
            return Ok(pair.clone());
        }
        let mut done = None;
        (marks.slow_arithmetic)(&mut || {
            done = Some(worker::perform(work, &self.environment.root_keys))
        });
        let done = done.expect("the mark calls its body");
        if let (Work::GenerateKey { .. }, Ok(pair)) = (work, &done) {
            self.key_pair = Some(pair.clone());
        }
        done
    }
}

/// The operation of a name, of user pools before one of identity pools; or of a name behind its service's.
fn specification(operation: &str) -> &'static OperationSpec {
    let of =
        |service: Service| userpool_wire::find(&format!("{}.{operation}", service.target_prefix()));
    userpool_wire::find(operation)
        .or_else(|| of(Service::UserPools))
        .or_else(|| of(Service::IdentityPools))
        .expect("the operation exists")
}

/// Decoded settings, kept as hosts keep them. What a request decodes is there for the next one, so that a request that
/// is run again decodes it again.
#[derive(Default)]
struct Kept(Mutex<Shelves>);

#[derive(Default)]
struct Shelves {
    kept: BTreeMap<Key, (Version, Setting)>,
    fresh: BTreeMap<Key, (Version, Setting)>,
}

type Setting = Arc<dyn Any + Send + Sync>;

impl Kept {
    fn settle(&self) {
        let mut shelves = self.0.lock().expect("nobody panics with it");
        let fresh = std::mem::take(&mut shelves.fresh);
        shelves.kept.extend(fresh);
    }
}

impl Shelf for Kept {
    fn find(&self, key: &Key, version: Version) -> Option<Setting> {
        let shelves = self.0.lock().expect("nobody panics with it");
        let (at, record) = shelves.kept.get(key)?;
        (*at == version).then(|| record.clone())
    }

    fn keep(&self, key: &Key, version: Version, record: Setting) {
        let mut shelves = self.0.lock().expect("nobody panics with it");
        shelves.fresh.insert(key.clone(), (version, record));
    }
}

/// A range of breached passwords, as large as the published ones are.
fn range() -> FetchReply {
    static BODY: OnceLock<Vec<u8>> = OnceLock::new();
    let body = BODY.get_or_init(|| {
        let lines = (0..900).map(|number| format!("{number:035X}:1\r\n"));
        lines.collect::<String>().into_bytes()
    });
    FetchReply {
        status: 200,
        body: body.clone(),
    }
}

/// What the store answers, under the mark of the store.
fn stored(marks: &Marks, ask: impl FnOnce() -> Answered) -> Answered {
    let mut ask = Some(ask);
    let mut answered = None;
    (marks.store)(&mut || answered = ask.take().map(|ask| ask()));
    answered.expect("the mark calls its body")
}

/// Goes on to the next step, under the mark of the operation's runs.
fn run(marks: &Marks, go_on: impl FnOnce() -> Step) -> Step {
    let mut go_on = Some(go_on);
    let mut step = None;
    (marks.runs)(&mut || step = go_on.take().map(|go_on| go_on()));
    step.expect("the mark calls its body")
}
