//! One request on its way through the machine, a store step at a time, with what may go wrong.

use std::sync::Arc;

use serde_json::json;
use userpool_core::{
    engine::{Answered, Caller, Cx, Environment, Failure, Machine, Program, Step, WorkFault},
    ops::table,
};
use userpool_crypto::{
    base64,
    digest::{sha1_hex, sha256},
};
use userpool_ports::{
    Batch, Change, CourierFault, Expect, FetchFault, FetchReply, HookFault, Message, Outcome,
    StoreFault, Timestamp, breached::SCHEME,
};

use super::{World, hooks, settings::KEY};
use crate::rules::{BREACHED, PASSWORDS};
use userpool_tests::{
    player::{Stepped as _, digest},
    replay::ReplayStore,
};

/// The answer of the engine: JSON text, or the error's name and text.
pub type Ended = Result<String, (String, String)>;

/// What goes wrong in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The store fails at this step; nothing took effect.
    Fault(usize),
    /// A commit at this step lands, and the store fails before it can say so.
    LandsFault(usize),
    /// A commit at this step lands, and the store cannot say so.
    LandsUnknown(usize),
    /// A commit at this step does not land, and the store cannot say so.
    LostUnknown(usize),
    /// No message is taken by the courier.
    Courier,
    /// The worker fails.
    Work,
    /// The functions of the pool are out of reach.
    Hook,
    /// The list of passwords that are known from breaches is out of reach.
    Fetch,
}

/// A request, stopped before its next store step.
pub struct Play {
    machine: Machine,
    next: Step,
    steps: usize,
    /// The messages that the courier took.
    pub messages: Vec<Message>,
    /// How many commits landed.
    pub landed: usize,
    /// A digest of every answer that the store gave.
    pub seen: u64,
    /// Whether the mishap happened.
    pub struck: bool,
    /// What was shown of everything on the way, for whoever looks for secrets.
    pub shown: String,
}

impl std::fmt::Debug for Play {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Play")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Play {
    pub(super) fn new(
        environment: Arc<Environment>,
        operation: &str,
        body: &str,
        caller: Caller,
        (now, seed): (Timestamp, (u64, u64)),
    ) -> Self {
        let target = ["AWSCognitoIdentityProviderService.", operation].concat();
        let operation = userpool_wire::find(&target).expect("an operation of the service");
        let program = match table::program(operation, body.as_bytes()) {
            Ok(program) => program,
            Err(refusal) => Box::new(move |_: &mut Cx<'_>| Err(refusal.clone().into())),
        };
        Self::of(environment, program, caller, (now, seed))
    }

    pub(super) fn upkeep(
        environment: Arc<Environment>,
        program: Program,
        now: Timestamp,
        seed: (u64, u64),
    ) -> Self {
        Self::of(environment, program, Caller::default(), (now, seed))
    }

    fn of(
        environment: Arc<Environment>,
        program: Program,
        caller: Caller,
        (now, seed): (Timestamp, (u64, u64)),
    ) -> Self {
        let seed = sha256(&[&seed.0.to_be_bytes(), &seed.1.to_be_bytes()]);
        let mut machine = Machine::new(environment, caller, now, seed, program);
        let next = machine.start();
        Self {
            machine,
            next,
            steps: 0,
            messages: Vec::new(),
            landed: 0,
            seen: 0,
            struck: false,
            shown: String::new(),
        }
    }

    /// The end, if it has come.
    pub fn ended(&self) -> Option<Ended> {
        match &self.next {
            Step::Done(Ok(output)) => Some(Ok(match output.downcast_ref::<String>() {
                Some(text) => text.clone(),
                None => String::new(),
            })),
            Step::Done(Err(failure)) => Some(Err((failure.name().into(), failure.message()))),
            _ => None,
        }
    }

    /// How many store steps and exchanges are done.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Goes on until a number of store steps and exchanges is done, or the end; whether it has ended.
    pub fn go(&mut self, world: &mut World, steps: usize, mishap: Option<Mishap>) -> bool {
        loop {
            if matches!(self.next, Step::Done(_)) {
                if let Step::Done(Err(Failure::Faulted(fault))) = &self.next {
                    self.shown.push_str(&format!("{fault:?}"));
                }
                return true;
            }
            let counts = matches!(
                self.next,
                Step::Load(_) | Step::Page(_) | Step::Commit(_) | Step::Settle(_) | Step::Fetch(_)
            );
            if counts && self.steps >= steps {
                return false;
            }
            self.step(world, mishap);
        }
    }

    /// Goes on to the end; gives it.
    pub fn finish(&mut self, world: &mut World, mishap: Option<Mishap>) -> Ended {
        self.go(world, usize::MAX, mishap);
        self.ended().expect("an end")
    }

    fn step(&mut self, world: &mut World, mishap: Option<Mishap>) {
        use std::fmt::Write as _;
        let at = self.steps;
        let store = &mut world.store;
        let _ = write!(self.shown, "{:?}", self.next);
        let broken = || StoreFault::new("broken on purpose");
        let fails = mishap == Some(Mishap::Fault(at));
        let next = std::mem::replace(&mut self.next, Step::Load(Vec::new()));
        let answered = match next {
            Step::Load(_) if fails => Answered::Loaded(Err(broken())),
            Step::Page(_) if fails => Answered::Paged(Err(broken())),
            Step::Commit(_) if fails => Answered::Landed(Err(broken())),
            Step::Load(keys) => Answered::Loaded(store.load(&keys)),
            Step::Page(request) => Answered::Paged(store.page(&request)),
            Step::Commit(_) if mishap == Some(Mishap::LostUnknown(at)) => {
                self.struck = true;
                Answered::Landed(Ok(Outcome::Unknown))
            }
            Step::Commit(batch) => {
                let batch = match world.is_blind {
                    true => whatever_holds(store, batch),
                    false => batch,
                };
                let outcome = store.commit(&batch);
                let landed = outcome == Ok(Outcome::Committed);
                self.landed += usize::from(landed);
                match mishap {
                    Some(Mishap::LandsFault(it)) if it == at && landed => {
                        self.struck = true;
                        Answered::Landed(Err(broken()))
                    }
                    Some(Mishap::LandsUnknown(it)) if it == at && landed => {
                        self.struck = true;
                        Answered::Landed(Ok(Outcome::Unknown))
                    }
                    _ => Answered::Landed(outcome),
                }
            }
            Step::Settle(batch) => {
                if !fails {
                    let settled = store.commit(&batch);
                    assert!(settled.is_ok(), "a settlement within bounds");
                }
                Answered::Settled
            }
            Step::Work(works) if mishap == Some(Mishap::Work) => {
                self.struck = true;
                let fault = || WorkFault("broken on purpose".into());
                Answered::Worked(works.iter().map(|_| Err(fault())).collect())
            }
            Step::Work(works) => Answered::Worked(
                works
                    .iter()
                    .map(|work| world.worker.perform(work))
                    .collect(),
            ),
            Step::Deliver(_) if mishap == Some(Mishap::Courier) => {
                self.struck = true;
                Answered::Delivered(Err(CourierFault("broken on purpose".into())))
            }
            Step::Deliver(message) => {
                self.messages.push(message);
                Answered::Delivered(Ok(()))
            }
            Step::Ask(_) if mishap == Some(Mishap::Hook) => {
                self.struck = true;
                Answered::Asked(Err(HookFault::Unreachable("broken on purpose".into())))
            }
            Step::Ask(call) => Answered::Asked(hooks::answer(&call)),
            Step::Fetch(_) if mishap == Some(Mishap::Fetch) => {
                self.struck = true;
                Answered::Fetched(Err(FetchFault("broken on purpose".into())))
            }
            Step::Fetch(request) => Answered::Fetched(Ok(match request.url.strip_prefix(SCHEME) {
                Some(prefix) => breaches(prefix),
                None => data_key(),
            })),
            Step::Done(_) => unreachable!("the end is no step"),
        };
        let is_store = matches!(
            answered,
            Answered::Loaded(_) | Answered::Paged(_) | Answered::Landed(_) | Answered::Settled
        );
        self.steps += usize::from(is_store || matches!(answered, Answered::Fetched(_)));
        self.struck |= is_store && fails;
        self.seen = digest(self.seen, &answered);
        self.next = self.machine.resume(answered);
    }
}

/// The rests of the hashes that begin as is asked for.
fn breaches(asked: &str) -> FetchReply {
    let known = sha1_hex(PASSWORDS[BREACHED].as_bytes());
    let (prefix, rest) = known.expose().split_at(5);
    let body = match asked == prefix {
        true => format!("{rest}:7\r\n"),
        false => String::new(),
    };
    FetchReply {
        status: 200,
        body: body.into(),
    }
}

/// The data key that the key service draws.
fn data_key() -> FetchReply {
    let (plain, wrapped) = (base64::encode(&[7; 32]), base64::encode(b"wrapped"));
    let body = json!({"KeyId": KEY, "Plaintext": plain, "CiphertextBlob": wrapped});
    FetchReply {
        status: 200,
        body: body.to_string().into(),
    }
}

/// A batch that expects what is there.
fn whatever_holds(store: &mut ReplayStore, mut batch: Batch) -> Batch {
    batch.writes.retain_mut(|write| {
        let mut found = store.load(std::slice::from_ref(&write.key));
        let found = found.as_mut().expect("the store is read").pop().flatten();
        write.expect = found
            .as_ref()
            .map_or(Expect::Absent, |found| Expect::At(found.version));
        found.is_some() || matches!(write.change, Change::Put { .. })
    });
    batch
}
