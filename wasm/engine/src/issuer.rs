//! An issuer: the engine with the requests that are under way, driven by JSON text.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::{Value, json};
use userpool_core::engine::{
    Answered, Environment, Machine, MessageKeys, PkceDemand, SharedRecords, Step, Work,
};
use userpool_crypto::{
    base64,
    sealed::{KeyId, RootKeys, SealKey},
    secret::{SecretArray, SecretBytes},
};
use userpool_ports::{StoreFault, Timestamp};

use crate::{
    answers,
    requests::{self, Asked, NotAsked},
    steps,
    work::{self, Worker},
};

/// The engine with the requests that are under way.
pub struct Issuer {
    environment: Arc<Environment>,
    worker: Worker,
    journeys: BTreeMap<u32, Journey>,
    last: u32,
}

/// A request under way.
struct Journey {
    machine: Machine,
    has_output: bool,
    waiting: Waiting,
}

/// What a request waits for, as far as its answer depends on it.
enum Waiting {
    Load,
    Page,
    Commit,
    Work(Vec<Work>),
    Else,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("under_way", &self.journeys.len())
            .finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer with settings: `accountId`, `region`, `baseUrl`, `issuer`, and `rootKey`, which is 32 bytes in base64;
    /// and `asks`, where the host answers triggers. `None` where one is missing.
    #[must_use]
    pub fn open(settings: &Value) -> Option<Self> {
        let text = |name: &str| settings[name].as_str().map(str::to_owned);
        let key: [u8; 32] = base64::decode(settings["rootKey"].as_str()?)?
            .try_into()
            .ok()?;
        let asks = settings["asks"].as_bool()?;
        let environment = Environment {
            account_id: text("accountId")?,
            default_region: text("region")?,
            base_url: text("baseUrl")?,
            issuer: text("issuer")?,
            root_keys: RootKeys::new(SealKey::new(KeyId::parse("1")?, SecretArray::new(key))),
            shared: SharedRecords::default(),
            // Senders run beside the engine: nothing is encrypted for them.
            message_keys: MessageKeys {
                email_stays: asks,
                sms_stays: asks,
                ..MessageKeys::default()
            },
            pkce: PkceDemand::Nobody,
            login_providers: Default::default(),
            broker: None,
        };
        Some(Self {
            environment: Arc::new(environment),
            worker: Worker::default(),
            journeys: BTreeMap::new(),
            last: 0,
        })
    }

    /// Begins a [request](requests), with `now` in milliseconds and a `seed` of 32 bytes beside it; its first
    /// [step](steps), under an `id` where there is more to do.
    pub fn begin(&mut self, request: &Value) -> Value {
        let Asked {
            program,
            caller,
            has_output,
        } = match requests::decode(request) {
            Ok(asked) => asked,
            Err(NotAsked::Refused(failure)) => return steps::failed(&failure),
            Err(NotAsked::NoSuchOperation) => return no_such_operation(),
            Err(NotAsked::Malformed) => return broken("what was asked is no request"),
        };
        let seed = answers::bytes(&request["seed"]).and_then(|seed| seed.try_into().ok());
        let (Some(now), Some(seed)) = (request["now"].as_i64(), seed) else {
            return broken("a request comes with its time and a seed");
        };
        let now = Timestamp::from_millis(now);
        let mut journey = Journey {
            machine: Machine::new(self.environment.clone(), caller, now, seed, program),
            has_output,
            waiting: Waiting::Else,
        };
        let step = journey.machine.start();
        self.last = self.last.wrapping_add(1);
        self.wait(self.last, journey, step)
    }

    /// Goes on with a request by the world's [answer](answers) to its last step; the next step.
    pub fn resume(&mut self, id: u32, answer: &Value) -> Value {
        let Some(mut journey) = self.journeys.remove(&id) else {
            return broken("no such request is under way");
        };
        let Some(answered) = self.answered(&journey.waiting, answer) else {
            return broken("an answer to another step");
        };
        let step = journey.machine.resume(answered);
        self.wait(id, journey, step)
    }

    /// The private key, PKCS #8 DER, of the signature that a request waits for at this place.
    #[must_use]
    pub fn pkcs8(&self, id: u32, index: usize) -> Option<SecretBytes> {
        match &self.journeys.get(&id)?.waiting {
            Waiting::Work(works) => work::pkcs8(works.get(index)?, &self.environment.root_keys),
            Waiting::Load | Waiting::Page | Waiting::Commit | Waiting::Else => None,
        }
    }

    fn wait(&mut self, id: u32, mut journey: Journey, step: Step) -> Value {
        let mut told = steps::encode(&step, journey.has_output);
        journey.waiting = match step {
            Step::Done(_) => return told,
            Step::Load(_) => Waiting::Load,
            Step::Page(_) => Waiting::Page,
            Step::Commit(_) => Waiting::Commit,
            Step::Work(works) => Waiting::Work(works),
            Step::Ask(_) | Step::Fetch(_) | Step::Deliver(_) | Step::Settle(_) => Waiting::Else,
        };
        told["id"] = id.into();
        self.journeys.insert(id, journey);
        told
    }

    fn answered(&mut self, waiting: &Waiting, answer: &Value) -> Option<Answered> {
        let fault = || answers::store_fault(answer).map(Err::<(), StoreFault>);
        match (waiting, fault()) {
            (Waiting::Work(works), _) => {
                let done = answer["worked"].as_array()?.iter();
                let keys = &self.environment.root_keys;
                let each = works.iter().zip(done);
                let worked = each.map(|(work, done)| self.worker.answer(work, done, keys));
                Some(Answered::Worked(worked.collect()))
            }
            (Waiting::Load, Some(Err(fault))) => Some(Answered::Loaded(Err(fault))),
            (Waiting::Page, Some(Err(fault))) => Some(Answered::Paged(Err(fault))),
            (Waiting::Commit, Some(Err(fault))) => Some(Answered::Landed(Err(fault))),
            _ => answers::decode(answer),
        }
    }
}

/// The answer to a target that names no operation.
fn no_such_operation() -> Value {
    json!({
        "kind": "done",
        "status": 400,
        "error": "UnknownOperationException",
        "message": "The X-Amz-Target header names no operation of this service.",
    })
}

/// The answer where the host broke its side of the agreement.
fn broken(cause: &str) -> Value {
    json!({
        "kind": "done",
        "status": 500,
        "error": "InternalErrorException",
        "message": "Something went wrong",
        "cause": cause,
    })
}
