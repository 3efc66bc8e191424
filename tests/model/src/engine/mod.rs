//! The engine in a world of its own: a store, a clock, a worker, and what the replies have brought so far.

pub mod hooks;
pub mod known;
pub mod play;
pub mod read;
pub mod request;
mod settings;
pub mod shelf;
pub mod worker;

use std::sync::Arc;

use serde_json::Value;
use userpool::testing;
use userpool_core::{
    engine::{Caller, Environment, KeyService, MessageKeys, PkceDemand, Program, SharedRecords},
    ops::jobs,
};
use userpool_crypto::{sealed::RootKeys, secret::SecretText};
use userpool_ports::{Message, Purpose, Timestamp, memory::MemoryStore};
use userpool_tests::replay::ReplayStore;

use self::{
    known::Known,
    play::{Ended, Play},
    shelf::Kept,
    worker::Worker,
};
use crate::{
    act::{Act, At, First, Typed},
    pool::BEGINNING,
    rules::{ADDRESSES, AGENTS, ClientRules, Mfa, Rules},
};

/// The client of which nobody but [`World::offers`] knows.
const HIDING: usize = 2;
/// The engine with everything around it.
pub struct World {
    /// What is kept.
    pub store: ReplayStore,
    /// What the replies have brought.
    pub known: Known,
    /// Does the arithmetic.
    pub worker: Worker,
    /// How many requests there were.
    pub requests: u64,
    /// Whether commits land whatever they expect: no store is so; it shows what the expectations are for.
    pub is_blind: bool,
    /// What was kept before there was any user.
    empty: MemoryStore,
    environment: Arc<Environment>,
    now: u64,
    seed: u64,
    place: usize,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl World {
    /// A world with a pool of these settings and its two clients.
    ///
    /// # Panics
    /// The engine refuses to make them.
    #[must_use]
    pub fn new(rules: &Rules, seed: u64, root_keys: &RootKeys, worker: Worker) -> Self {
        let environment = Arc::new(Environment {
            account_id: "000000000000".into(),
            default_region: "us-east-1".into(),
            base_url: "http://127.0.0.1:9229".into(),
            issuer: "{base}/{pool}".into(),
            root_keys: root_keys.clone(),
            shared: SharedRecords::on(Arc::new(Kept::default())),
            message_keys: MessageKeys {
                service: Some(key_service()),
                ..MessageKeys::default()
            },
            pkce: PkceDemand::Nobody,
            login_providers: Default::default(),
            broker: None,
        });
        let mut world = Self {
            store: ReplayStore::new(),
            empty: MemoryStore::new(),
            known: Known::default(),
            worker,
            requests: 0,
            is_blind: false,
            environment,
            now: BEGINNING,
            seed,
            place: 0,
        };
        world.make_pool(rules);
        let made = (world.store.records(), world.requests);
        world.make_client(&ClientRules {
            hides: true,
            rotation: None,
        });
        world.empty = world.store.records();
        world.store.set_to(&made.0);
        world.requests = made.1;
        world
    }

    fn make_pool(&mut self, rules: &Rules) {
        let reply = self.call("CreateUserPool", &settings::pool(rules));
        self.known.pool = text(&reply["UserPool"]["Id"]);
        self.known.arn = text(&reply["UserPool"]["Arn"]);
        self.known.rules = Some(*rules);
        if rules.mfa != Mfa::Off || rules.passkeys.is_some() {
            let body = settings::factors(&self.known.pool, rules, rules.mfa);
            self.call("SetUserPoolMfaConfig", &body);
        }
        for client in &rules.clients {
            self.make_client(client);
        }
    }

    fn make_client(&mut self, rules: &ClientRules) {
        let body = settings::client(&self.known.pool, rules);
        let reply = self.call("CreateUserPoolClient", &body);
        self.known
            .clients
            .push(text(&reply["UserPoolClient"]["ClientId"]));
    }

    /// From now on a function sends the e-mails of the pool; the key for their codes comes from a key service.
    ///
    /// # Panics
    /// The engine refuses that.
    pub fn send_by_function(&mut self) {
        let rules = self.known.rules.expect("the settings of the pool");
        let body = settings::sender(&self.known.pool, &rules);
        self.call("UpdateUserPool", &body);
    }

    fn call(&mut self, operation: &str, body: &Value) -> Value {
        let mut play = self.begin(operation, &body.to_string());
        let ended = play.finish(self, None);
        let reply = ended.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
        serde_json::from_str(&reply).expect("JSON text")
    }

    /// What the pool offers nobody of a name to begin with: asked of the pool as it was when it had no users.
    pub fn offers(&mut self, typed: Typed) -> Option<Vec<&'static str>> {
        let requests = self.requests;
        let act = Act::UserAuth {
            client: HIDING,
            typed,
            first: First::Open,
        };
        let mut play = self.begin_act(&act)?;
        let empty = ReplayStore::holding(&self.empty);
        let store = std::mem::replace(&mut self.store, empty);
        let ended = play.finish(self, None);
        (self.store, self.requests) = (store, requests);
        let reply: Value = serde_json::from_str(&ended.ok()?).ok()?;
        let words = [
            "PASSWORD_SRP",
            "PASSWORD",
            "EMAIL_OTP",
            "SMS_OTP",
            "WEB_AUTHN",
        ];
        let offered = reply["AvailableChallenges"].as_array()?.iter();
        let word = |offer: &Value| words.into_iter().find(|word| offer == word);
        Some(offered.filter_map(word).collect())
    }

    /// Begins a request.
    pub fn begin(&mut self, operation: &str, body: &str) -> Play {
        self.requests += 1;
        let now = Timestamp::from_secs(i64::try_from(self.now).unwrap_or(i64::MAX));
        Play::new(
            self.environment.clone(),
            operation,
            body,
            self.caller(),
            (now, (self.seed, self.requests)),
        )
    }

    /// Who asks: an administrator's key signs every request, and each comes from where everybody is.
    fn caller(&self) -> Caller {
        Caller {
            administrator: Some("model".into()),
            source: Some(ADDRESSES[self.place % 2].into()),
            user_agent: Some(AGENTS[self.place / 2].into()),
            ..Caller::default()
        }
    }

    /// Everybody goes to another place.
    pub fn go_to(&mut self, place: usize) {
        self.place = place;
    }

    /// Begins an act; `None` where something that it needs was never learned.
    pub fn begin_act(&mut self, act: &Act) -> Option<Play> {
        let count = u32::try_from(self.requests).unwrap_or(u32::MAX);
        let body = request::body(act, &self.known, &self.worker, (self.now, count))?;
        Some(self.begin(act.operation(), &body.to_string()))
    }

    /// Time goes by.
    pub fn advance(&mut self, seconds: u64) {
        self.now += seconds;
    }

    /// Clears up: one job, what waits in the outbox, and what has ended goes from the store. Gives where e-mails about
    /// sign-ins went.
    pub fn upkeep(&mut self) -> String {
        let now = Timestamp::from_secs(i64::try_from(self.now).unwrap_or(i64::MAX));
        self.maintain(now, jobs::work());
        let mut told = Vec::new();
        loop {
            let sent = self.maintain(now, jobs::resend());
            if sent.is_empty() {
                break;
            }
            let is_notice = |it: &Message| it.purpose == Purpose::AccountTakeOverNotification;
            for notice in sent.into_iter().filter(is_notice) {
                if let Some((event, token)) = notice.body.split_once(' ') {
                    self.known.secret.add(token);
                    self.known.notices.insert(event.into(), token.into());
                }
                told.push(notice.destination);
            }
        }
        let swept = self.store.sweep(now, 64);
        swept.expect("the store is swept");
        told.sort_unstable();
        told.join(",")
    }

    fn maintain(&mut self, now: Timestamp, program: Program) -> Vec<Message> {
        self.requests += 1;
        let seed = (self.seed, self.requests);
        let mut play = Play::upkeep(self.environment.clone(), program, now, seed);
        let ended: Ended = play.finish(self, None);
        assert!(ended.is_ok(), "upkeep: {ended:?}");
        play.messages
    }

    /// Learns what an act brought.
    pub fn learn(&mut self, at: At, act: &Act, play: &Play, ended: &Ended) -> crate::told::Told {
        for (index, message) in play.messages.iter().enumerate() {
            self.known.codes.insert((at, index), message.code.clone());
            self.known.secret.add(&message.code);
        }
        match ended {
            Ok(reply) => Ok(read::told(at, act, reply, &mut self.known)),
            Err((name, text)) => {
                let others = self.known.others.values();
                let text = others.fold(text.clone(), |text, id| text.replace(id, "other"));
                Err((name.clone(), text))
            }
        }
    }
}

fn key_service() -> KeyService {
    KeyService {
        endpoint: "http://keys.test".into(),
        region: "us-east-1".into(),
        access_key_id: "model".into(),
        secret: SecretText::new("Secret-of-the-service".into()),
        session_token: None,
    }
}

/// The root keys of every world.
#[must_use]
pub fn root_keys() -> RootKeys {
    testing::root_keys()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
