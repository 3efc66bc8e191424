//! What a request asks for besides the store (functions, couriers, other servers), and one request with every failure of
//! it.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde_json::json;
use userpool_core::{
    cbor::{self, Cbor},
    engine::{KeyService, MessageKeys},
    model::{
        keys,
        pool::{Pool, ProtectionMode},
        risk::{BreachedRule, RiskConfiguration},
    },
};
use userpool_crypto::{base64, secret::SecretText};
use userpool_ports::{
    Batch, Change, CourierFault, Expect, Fetch, FetchFault, FetchReply, FetchRequest, HookAnswer,
    HookCall, HookFault, Key, Outcome, Timestamp, Write, memory::MemoryStore,
};

use crate::{
    player::{Player, Request},
    replay::ReplayStore,
    scene::changed_kinds,
    schedules::{Contents, contents, without_messages},
};

/// The functions of a pool whose words go into its messages.
const WRITING: [&str; 6] = [
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "PreTokenGeneration",
    "CustomMessage",
];
/// The functions of a pool that send its messages.
const SENDING: [&str; 2] = ["CustomEmailSender", "CustomSMSSender"];
/// The key that codes for those are encrypted under.
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/1";
/// What may change where a failure was counted, or seen.
const SEEN: &str = "AFZE";

/// Somebody besides the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// A courier.
    Courier,
    /// Another server: one that draws keys, or one that knows breached passwords.
    Fetch,
    /// A function.
    Hook,
    /// A function that sends a message, once that has landed.
    Sender,
}

/// The world besides the store: functions change nothing, keys are drawn, no password is known from a breach. Without one
/// no function can be reached.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    works: bool,
    fails_at: Option<usize>,
    asked: Vec<Asked>,
    there: Option<There>,
}

/// Another server.
#[derive(Clone)]
struct There(Arc<dyn Fetch + Send + Sync>);

impl fmt::Debug for There {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("There")
    }
}

impl Outside {
    /// One in which other servers are these.
    pub fn with(there: impl Fetch + Send + Sync + 'static) -> Self {
        Self {
            there: Some(There(Arc::new(there))),
            ..Self::default()
        }
    }

    /// One that works, but for whoever is asked at this place, counted from 0.
    fn failing_at(place: Option<usize>) -> Self {
        Self {
            works: true,
            fails_at: place,
            asked: Vec::new(),
            there: None,
        }
    }

    pub(crate) fn asked(&self) -> &[Asked] {
        &self.asked
    }

    pub(crate) fn keys(&self) -> MessageKeys {
        let service = KeyService {
            endpoint: "http://127.0.0.1:1".into(),
            region: "us-east-1".into(),
            access_key_id: "AKID".into(),
            secret: SecretText::new("secret".into()),
            session_token: None,
        };
        MessageKeys {
            service: self.works.then_some(service),
            ..MessageKeys::default()
        }
    }

    /// Whether this one fails.
    fn fails(&mut self, asked: Asked) -> bool {
        self.asked.push(asked);
        self.fails_at == Some(self.asked.len() - 1)
    }

    pub(crate) fn deliver(&mut self) -> Result<(), CourierFault> {
        match self.fails(Asked::Courier) {
            true => Err(CourierFault("as told".into())),
            false => Ok(()),
        }
    }

    pub(crate) fn ask(&mut self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        let asked = match SENDING.contains(&call.trigger) {
            true => Asked::Sender,
            false => Asked::Hook,
        };
        match self.fails(asked) || !self.works {
            true => Err(HookFault::Unreachable("as told".into())),
            false => Ok(HookAnswer(call.event.clone())),
        }
    }

    pub(crate) fn fetch(&mut self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        if let Some(there) = &self.there {
            return there.0.fetch(request);
        }
        if self.fails(Asked::Fetch) || !self.works {
            return Err(FetchFault("as told".into()));
        }
        let body = match request.method {
            "POST" => {
                let [plain, sealed] = [[5; 32], [6; 32]].map(|key| base64::encode(&key));
                json!({"KeyId": KEY, "Plaintext": plain, "CiphertextBlob": sealed}).to_string()
            }
            _ => String::new(),
        };
        Ok(FetchReply {
            status: 200,
            body: body.into_bytes(),
        })
    }
}

/// Runs a request of a pool that has every function, and looks passwords up, once for every time that somebody besides
/// the store is asked, with a failure there; first of a pool whose functions write its messages, then of one whose
/// functions send them.
///
/// After each: an end that names what failed, or a success; nothing landed, or what the undisturbed run lands after one
/// of its commits, or what counts a failure, or that but for a
/// grant that is taken back; and the same request again meets no half state. Gives how many runs there
/// were, and who was asked.
///
/// # Panics
/// One of these does not hold.
pub fn every_failure(
    base: &MemoryStore,
    pool: &str,
    now: Timestamp,
    request: &Request,
) -> (usize, BTreeSet<Asked>) {
    let mut runs = 0;
    let mut all = BTreeSet::new();
    for functions in [&WRITING[..], &[&WRITING[..5], &SENDING[..]].concat()] {
        let Some(base) = with_functions(base, pool, functions) else {
            break;
        };
        let mut whole = vec![without_messages(&contents(&base))];
        let mut store = ReplayStore::holding(&base);
        let outside = Outside::failing_at(None);
        let mut player = Player::beside(request, now, "outside", outside);
        while player.end().is_none() {
            player.store_step(&mut store, None);
            whole.push(without_messages(&contents(&store.records())));
        }
        let end = player.end().expect("an end");
        let name = request.operation.name;
        assert!(end.is_ok(), "{name} with functions: {end:?}");
        let asked = player.asked().to_vec();
        for (place, who) in asked.iter().enumerate() {
            store.set_to(&base);
            let outside = Outside::failing_at(Some(place));
            let mut player = Player::beside(request, now, "outside", outside);
            let end = player.finish(&mut store);
            runs += 1;
            let what = format!("{name}: {who:?} failed at place {place} of {asked:?}");
            let records = store.records();
            let after = without_messages(&contents(&records));
            if let Err((told, _)) = &end {
                let expected = match who {
                    Asked::Courier => "CodeDeliveryFailureException",
                    Asked::Fetch | Asked::Hook => "UnexpectedLambdaException",
                    Asked::Sender => panic!("{what}, and the caller heard of it: {end:?}"),
                };
                assert_eq!(told, expected, "{what}");
                let changed = changed_kinds(&base, &records);
                let counted = changed.iter().all(|kind| SEEN.contains(*kind));
                // A sign-in that was refused after it landed is over, and its grant is taken back.
                let grants = |state: &Contents| state.keys().filter(|key| is_grant(key)).count();
                let taken_back = grants(&after) <= grants(&whole[0])
                    && whole
                        .iter()
                        .any(|state| without_grants(state) == without_grants(&after));
                assert!(
                    whole.contains(&after) || counted || taken_back,
                    "{what} left a half state: {changed:?}"
                );
            } else if *who == Asked::Sender {
                assert_eq!(whole.last(), Some(&after), "{what}");
            }
            let outside = Outside::failing_at(None);
            let again = Player::beside(request, now, "again", outside).finish(&mut store);
            assert!(
                !again
                    .as_ref()
                    .is_err_and(|(name, _)| name == "InternalErrorException"),
                "{what}, then again: {again:?}"
            );
        }
        all.extend(asked);
    }
    (runs, all)
}

fn is_grant(key: &Key) -> bool {
    keys::kind(key) == Some(b'G')
}

fn without_grants(state: &Contents) -> Contents {
    let mut state = state.clone();
    state.retain(|key, _| !is_grant(key));
    state
}

/// The same store, the pool with these functions, and with passwords looked up; `None` where there is no such pool.
fn with_functions(base: &MemoryStore, pool: &str, functions: &[&str]) -> Option<MemoryStore> {
    let key = keys::pool(pool);
    let held = base.load(std::slice::from_ref(&key)).remove(0)?;
    let (schema, body) = held.value.split_first().expect("a record");
    let mut kept: Pool = cbor::read(body).expect("a pool");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let functions = functions.iter().map(|name| ((*name).into(), arn.into()));
    kept.rules.triggers = functions.collect();
    kept.rules.message_key = Some(KEY.into());
    kept.rules.protection.mode = Some(ProtectionMode::Enforced);
    let risk = RiskConfiguration {
        breached: Some(BreachedRule {
            filter: None,
            blocks: true,
        }),
        ..RiskConfiguration::default()
    };
    let mut store = base.clone();
    let risks = keys::risk(pool, "");
    let old = store.load(std::slice::from_ref(&risks)).remove(0);
    let mut writes = vec![
        put(key, Expect::At(held.version), *schema, &kept),
        put(
            risks,
            old.map_or(Expect::Absent, |old| Expect::At(old.version)),
            *schema,
            &risk,
        ),
    ];
    writes.sort_by(|a, b| a.key.cmp(&b.key));
    let batch = Batch {
        token: *b"with functions..",
        now: Timestamp::from_secs(0),
        writes,
    };
    assert_eq!(store.commit(&batch), Ok(Outcome::Committed));
    Some(store)
}

fn put(key: Key, expect: Expect, schema: u8, value: &impl Cbor) -> Write {
    Write {
        key,
        expect,
        change: Change::Put {
            value: cbor::write(value, vec![schema]).into(),
            expires: None,
        },
    }
}
