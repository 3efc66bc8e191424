//! One request against a store, a store step at a time.

use std::{
    cell::RefCell,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use userpool::testing;
use userpool_core::{
    engine::{
        Answered, Caller, Cx, Done, Environment, Failure, Machine, Program, SharedRecords, Step,
        Work, WorkFault, worker,
    },
    ops::{jobs, table},
};
use userpool_crypto::digest::sha256;
use userpool_ports::{
    Batch, Entry, Key, Message, Outcome, PageRequest, Storage, StoreFault, Timestamp,
    memory::MemoryStore,
};
use userpool_wire::OperationSpec;

use crate::{
    outside::{Asked, Outside},
    store::Store,
};

/// A request as a test states it: the operation and its JSON body.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation.
    pub operation: &'static OperationSpec,
    /// The body.
    pub body: Vec<u8>,
}

/// A request to an operation of the user pools.
///
/// # Panics
/// There is no such operation.
pub fn request(operation: &str, body: &serde_json::Value) -> Request {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let operation =
        userpool_wire::find(&target).unwrap_or_else(|| panic!("no operation {operation}"));
    Request {
        operation,
        body: body.to_string().into_bytes(),
    }
}

/// What a request is played against: a copy of records, or the store of a world.
pub trait Stepped {
    /// See [`Storage::load`].
    fn load(&mut self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault>;
    /// See [`Storage::page`].
    fn page(&mut self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault>;
    /// See [`Storage::commit`].
    fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreFault>;
}

impl Stepped for MemoryStore {
    fn load(&mut self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        Ok(Self::load(self, keys))
    }

    fn page(&mut self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        Ok(Self::page(self, request))
    }

    fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreFault> {
        Self::commit(self, batch)
    }
}

impl Stepped for Store {
    fn load(&mut self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        Storage::load(self, keys)
    }

    fn page(&mut self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        Storage::page(self, request)
    }

    fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreFault> {
        Storage::commit(self, batch)
    }
}

/// What the store does at a step instead of its duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It fails; nothing took effect.
    Fault,
    /// A commit lands, and the store cannot say so. Elsewhere as [`Mishap::Fault`].
    LandsUnknown,
    /// A commit does not land, and the store cannot say so. Elsewhere as [`Mishap::Fault`].
    LostUnknown,
}

impl Mishap {
    /// Every mishap.
    pub const ALL: [Self; 3] = [Self::Fault, Self::LandsUnknown, Self::LostUnknown];
}

/// How a request ended: the JSON text of its reply, or the error's name and text. Of upkeep: `true` or `false`,
/// whether there was anything to do.
pub type End = Result<String, (String, String)>;

/// A request on its way, stopped before its next store step.
pub struct Player {
    machine: Machine,
    next: Step,
    /// The messages delivered so far.
    pub messages: Vec<Message>,
    /// How many commits landed.
    pub landed: usize,
    /// A digest of every answer the store gave.
    seen: u64,
    outside: Outside,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Player {
    /// Begins a request. `seed` tells two requests apart; the same seed is the same chance.
    pub fn new(request: &Request, now: Timestamp, seed: &str) -> Self {
        Self::beside(request, now, seed, Outside::default())
    }

    /// As [`Player::new`], with a world besides the store.
    pub fn beside(request: &Request, now: Timestamp, seed: &str, outside: Outside) -> Self {
        let program = match table::program(request.operation, &request.body) {
            Ok(program) => program,
            Err(refusal) => Box::new(move |_: &mut Cx<'_>| Err(refusal.clone().into())),
        };
        Self::of(program, now, seed, outside)
    }

    /// Begins a piece of what the engine does on its own.
    pub fn upkeep(now: Timestamp, seed: &str) -> Self {
        Self::of(jobs::work(), now, seed, Outside::default())
    }

    /// Begins a program whose output is a text.
    pub fn of_program(program: Program, now: Timestamp, seed: &str) -> Self {
        Self::of(program, now, seed, Outside::default())
    }

    /// As [`Player::of_program`], with a world besides the store.
    pub fn of(program: Program, now: Timestamp, seed: &str, outside: Outside) -> Self {
        let environment = Arc::new(Environment {
            account_id: "000000000000".into(),
            default_region: "us-east-1".into(),
            base_url: "http://127.0.0.1:9229".into(),
            issuer: "{base}/{pool}".into(),
            root_keys: testing::root_keys(),
            shared: SharedRecords::default(),
            message_keys: outside.keys(),
            pkce: Default::default(),
            login_providers: Default::default(),
            broker: None,
        });
        let caller = Caller {
            administrator: Some("test".into()),
            ..Caller::default()
        };
        let mut machine = Machine::new(
            environment,
            caller,
            now,
            sha256(&[seed.as_bytes()]),
            program,
        );
        let next = machine.start();
        let mut player = Self {
            machine,
            next,
            messages: Vec::new(),
            landed: 0,
            seen: 0,
            outside,
        };
        player.go_to_store();
        player
    }

    /// Whether the next store step writes.
    pub fn is_about_to_commit(&self) -> bool {
        matches!(self.next, Step::Commit(_) | Step::Settle(_))
    }

    /// The end, once there is no store step left.
    pub fn end(&self) -> Option<End> {
        match &self.next {
            Step::Done(Ok(output)) => Some(Ok(match output.downcast_ref::<bool>() {
                Some(more) => more.to_string(),
                None => output.downcast_ref::<String>().expect("JSON text").clone(),
            })),
            Step::Done(Err(failure)) => Some(Err((failure.name().into(), failure.message()))),
            _ => None,
        }
    }

    /// The fault behind an internal error.
    pub fn fault(&self) -> Option<String> {
        match &self.next {
            Step::Done(Err(Failure::Faulted(fault))) => Some(format!("{fault:?}")),
            _ => None,
        }
    }

    /// What besides the store was asked for so far.
    pub fn asked(&self) -> &[Asked] {
        self.outside.asked()
    }

    /// A digest of everything that the store has answered so far.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Takes one store step, with a mishap or without.
    pub fn store_step(&mut self, store: &mut impl Stepped, mishap: Option<Mishap>) {
        let broken = || StoreFault::new("broken on purpose");
        let answered = match (
            std::mem::replace(&mut self.next, Step::Load(Vec::new())),
            mishap,
        ) {
            (Step::Load(_), Some(_)) => Answered::Loaded(Err(broken())),
            (Step::Page(_), Some(_)) => Answered::Paged(Err(broken())),
            (Step::Commit(_), Some(Mishap::Fault)) => Answered::Landed(Err(broken())),
            (Step::Commit(_), Some(Mishap::LostUnknown)) => Answered::Landed(Ok(Outcome::Unknown)),
            (Step::Commit(batch), Some(Mishap::LandsUnknown)) => {
                let outcome = store.commit(&batch);
                Answered::Landed(outcome.map(|outcome| match outcome {
                    Outcome::Committed => Outcome::Unknown,
                    other => other,
                }))
            }
            (Step::Settle(_), Some(_)) => Answered::Settled,
            (Step::Load(keys), None) => Answered::Loaded(store.load(&keys)),
            (Step::Page(request), None) => Answered::Paged(store.page(&request)),
            (Step::Commit(batch), None) => {
                let outcome = store.commit(&batch);
                self.landed += usize::from(outcome == Ok(Outcome::Committed));
                Answered::Landed(outcome)
            }
            (Step::Settle(batch), None) => {
                store.commit(&batch).expect("a settlement within bounds");
                Answered::Settled
            }
            (other, _) => panic!("{other:?} is no store step"),
        };
        self.seen = digest(self.seen, &answered);
        self.next = self.machine.resume(answered);
        self.go_to_store();
    }

    /// Goes on to the end; gives it.
    pub fn finish(&mut self, store: &mut impl Stepped) -> End {
        loop {
            if let Some(end) = self.end() {
                return end;
            }
            self.store_step(store, None);
        }
    }

    fn go_to_store(&mut self) {
        loop {
            let answered = match std::mem::replace(&mut self.next, Step::Load(Vec::new())) {
                Step::Work(works) => Answered::Worked(works.iter().map(perform).collect()),
                Step::Deliver(message) => {
                    self.messages.push(message);
                    Answered::Delivered(self.outside.deliver())
                }
                Step::Ask(call) => Answered::Asked(self.outside.ask(&call)),
                Step::Fetch(request) => Answered::Fetched(self.outside.fetch(&request)),
                other => {
                    self.next = other;
                    return;
                }
            };
            self.next = self.machine.resume(answered);
        }
    }
}

/// What a request has been told of the store so far, in one number: two that were told the same go on alike.
#[must_use]
pub fn digest(before: u64, answered: &Answered) -> u64 {
    let mut hasher = DefaultHasher::new();
    before.hash(&mut hasher);
    match answered {
        Answered::Loaded(Ok(entries)) => {
            for entry in entries {
                entry.as_ref().map(|entry| entry.version).hash(&mut hasher);
            }
        }
        Answered::Paged(Ok(page)) => {
            for (key, entry) in page {
                (key, entry.version).hash(&mut hasher);
            }
        }
        Answered::Landed(Ok(outcome)) => format!("{outcome:?}").hash(&mut hasher),
        _ => {}
    }
    hasher.finish()
}

/// The answers to work that was done before: the same request runs many times.
type Answers = Vec<(Work, Result<Done, WorkFault>)>;

thread_local! {
    static ANSWERS: RefCell<Answers> = const { RefCell::new(Vec::new()) };
}

fn perform(work: &Work) -> Result<Done, WorkFault> {
    if let Work::GenerateKey { seed } = work {
        // A pair made ahead, the same for the same seed.
        let pairs = testing::ready_keys();
        let (pkcs8, modulus) = pairs[usize::from(seed.expose()[0]) % pairs.len()].clone();
        return Ok(Done::KeyPair { pkcs8, modulus });
    }
    let known = ANSWERS.with_borrow(|answers| {
        answers
            .iter()
            .find(|(asked, _)| asked == work)
            .map(|(_, done)| done.clone())
    });
    known.unwrap_or_else(|| {
        let done = worker::perform(work, &testing::root_keys());
        ANSWERS.with_borrow_mut(|answers| answers.push((work.clone(), done.clone())));
        done
    })
}
