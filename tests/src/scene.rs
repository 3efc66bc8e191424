//! A world with a pool, two app clients and a request in hand, made of JSON calls alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use userpool::{
    ApiError, Broker, Builder, Call, Caller, LoginProviders, PkceDemand, Undeliverable,
    testing::{self, Mailbox, TestClock},
    triggers::Triggers,
};
use userpool_core::model::keys;
use userpool_crypto::{base32, digest::sha256, totp};
use userpool_ports::{
    Batch, BreachedPasswords, Clock, Courier, Entropy, Entry, Fetch, Hooks, Key, LogDelivery,
    Outcome, PageRequest, Storage, StoreFault, Timestamp, Told, memory::MemoryStore,
};

use userpool_wire::OperationSpec;

use crate::{
    pool::{PASSWORD, Stage},
    store::Store,
    world::{World, world},
};

/// The flows of the clients of a scene.
const FLOWS: [&str; 4] = [
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
];

/// The number of the users of a scene who have one.
pub const PHONE: &str = "+12065550100";

/// A world, and a request that succeeds in it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The world around.
    pub world: World,
    /// The body of the request.
    pub body: Value,
    /// The pool.
    pub pool: String,
    /// A client that tells which users exist.
    pub client: String,
    /// A client that hides which users exist.
    pub hiding: String,
    /// What the scene got on its way: tokens, sessions, secrets.
    pub facts: BTreeMap<&'static str, String>,
    seeds: OtherSeeds,
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// A world without a pool.
    pub fn new() -> Self {
        Self {
            world: world(),
            body: json!({}),
            pool: String::new(),
            client: String::new(),
            hiding: String::new(),
            facts: BTreeMap::new(),
            seeds: OtherSeeds::default(),
        }
    }

    /// A world with a pool that verifies e-mail addresses by itself, and its two clients.
    pub fn with_pool() -> Self {
        Self::with_pool_of(json!({}))
    }

    /// As [`Scene::with_pool`], with these settings besides.
    pub fn with_pool_of(settings: Value) -> Self {
        let mut scene = Self::new();
        scene.move_to_pool_of(settings);
        scene
    }

    /// Makes another pool in the same world, and its two clients; the scene and its request are about it from
    /// now on.
    pub fn move_to_pool_of(&mut self, settings: Value) {
        let mut pool = json!({"PoolName": "stage", "AutoVerifiedAttributes": ["email"]});
        extend(&mut pool, settings);
        let pool = self.call("CreateUserPool", pool);
        self.pool = text(&pool["UserPool"]["Id"]);
        let client = |prevent: &str| self.client_of(json!({"PreventUserExistenceErrors": prevent}));
        (self.client, self.hiding) = (client("LEGACY"), client("ENABLED"));
        for (member, value) in [("UserPoolId", &self.pool), ("ClientId", &self.client)] {
            if self.body.get(member).is_some() {
                self.body[member] = json!(value);
            }
        }
    }

    /// Makes another client of the pool; its id.
    pub fn client_of(&self, settings: Value) -> String {
        let mut client =
            json!({"UserPoolId": self.pool, "ClientName": "stage", "ExplicitAuthFlows": FLOWS});
        extend(&mut client, settings);
        let reply = self.call("CreateUserPoolClient", client);
        text(&reply["UserPoolClient"]["ClientId"])
    }

    /// Sends the request from a client that has a secret.
    pub fn use_client_with_secret(&mut self) {
        self.set("ClientId", self.client_of(json!({"GenerateSecret": true})));
    }

    /// Sends the request from the client that hides which users exist.
    pub fn hide(&mut self) {
        self.set("ClientId", self.hiding.clone());
    }

    /// Configures a trigger of the pool.
    pub fn trigger(&self, name: &str) {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        let body = json!({"UserPoolId": self.pool, "AutoVerifiedAttributes": ["email"],
            "LambdaConfig": {name: arn}});
        self.call("UpdateUserPool", body);
    }

    /// Signs a user up with the address `<name>@example.com`.
    pub fn sign_up(&self, name: &str) {
        let body = json!({"ClientId": self.client, "Username": name, "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": address(name)}]});
        self.call("SignUp", body);
    }

    /// A confirmed user with the usual password and a verified address.
    pub fn user(&self, name: &str) {
        self.sign_up(name);
        let body = json!({"ClientId": self.client, "Username": name,
            "ConfirmationCode": self.code_of(name)});
        self.call("ConfirmSignUp", body);
    }

    /// Signs a user in; the facts are `access`, `id` and `refresh` from then on.
    pub fn sign_in(&mut self, name: &str) {
        self.sign_in_at(&self.client.clone(), name);
    }

    /// As [`Scene::sign_in`], at another client.
    pub fn sign_in_at(&mut self, client: &str, name: &str) {
        let body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}});
        let reply = self.call("InitiateAuth", body);
        let result = &reply["AuthenticationResult"];
        for (fact, member) in [
            ("access", "AccessToken"),
            ("id", "IdToken"),
            ("refresh", "RefreshToken"),
        ] {
            self.facts.insert(fact, text(&result[member]));
        }
    }

    /// The newest code that went to a user.
    pub fn code_of(&self, name: &str) -> String {
        let code = self.world.mailbox.code_to(&address(name));
        code.unwrap_or_else(|| panic!("no code for {name}"))
    }

    /// Gives a user the number `+12065550100`, not verified.
    pub fn phone(&self, name: &str) {
        let body = json!({"UserPoolId": self.pool, "Username": name,
            "UserAttributes": [{"Name": "phone_number", "Value": PHONE}]});
        self.call("AdminUpdateUserAttributes", body);
    }

    /// Sets the second factors of the pool: text messages, software tokens and e-mails, or none where they are off.
    pub fn factors(&self, mfa: &str) {
        let mut body = json!({"UserPoolId": self.pool, "MfaConfiguration": mfa});
        if mfa != "OFF" {
            let factors = json!({"SmsMfaConfiguration": {}, "EmailMfaConfiguration": {},
                "SoftwareTokenMfaConfiguration": {"Enabled": true}});
            extend(&mut body, factors);
        }
        self.call("SetUserPoolMfaConfig", body);
    }

    /// Switches second factors of a user on, by their member in the request.
    pub fn prefer(&self, name: &str, settings: Value) {
        let mut body = json!({"UserPoolId": self.pool, "Username": name});
        extend(&mut body, settings);
        self.call("AdminSetUserMFAPreference", body);
    }

    /// Gives the user who has signed in a software token; the fact `secret` from then on. A step later the next
    /// code is good.
    pub fn software_token(&mut self) {
        let access = json!({"AccessToken": self.fact("access")});
        let secret = self.call("AssociateSoftwareToken", access);
        self.facts.insert("secret", text(&secret["SecretCode"]));
        let body = json!({"AccessToken": self.fact("access"), "UserCode": self.totp(0)});
        let reply = self.call("VerifySoftwareToken", body);
        assert_eq!(reply, json!({"Status": "SUCCESS"}));
        self.advance(30);
    }

    /// The code of the software token some steps from now.
    pub fn totp(&self, steps: i64) -> String {
        let secret = base32::decode(self.fact("secret")).expect("a secret");
        let now = self.now().secs() + steps * totp::STEP_SECONDS;
        totp::code_at(&secret, totp::step_at(now).expect("a step"))
    }

    /// A code that the software token does not show around now.
    pub fn wrong_totp(&self) -> String {
        let shown: Vec<String> = (-2..=2).map(|steps| self.totp(steps)).collect();
        let mut codes = (0..).map(|code| format!("{code:06}"));
        let wrong = codes.find(|code| !shown.contains(code));
        wrong.expect("more codes than steps")
    }

    /// Begins a sign-in by password; the challenge that follows.
    pub fn challenge(&self, name: &str) -> Value {
        let body = json!({"ClientId": self.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}});
        let reply = self.call("InitiateAuth", body);
        assert!(reply["Session"].is_string(), "no challenge: {reply}");
        reply
    }

    /// The answer to a challenge, with the user's name.
    pub fn answer(&self, challenge: &Value, name: &str, responses: Value) -> Value {
        let mut all = json!({"USERNAME": name});
        extend(&mut all, responses);
        json!({"ClientId": self.client, "ChallengeName": challenge["ChallengeName"],
            "Session": challenge["Session"], "ChallengeResponses": all})
    }

    /// Answers a challenge rightly.
    #[track_caller]
    pub fn answered(&self, challenge: &Value, name: &str, responses: Value) -> Value {
        self.call(
            "RespondToAuthChallenge",
            self.answer(challenge, name, responses),
        )
    }

    /// A fact of this name.
    pub fn fact(&self, name: &str) -> &str {
        self.facts
            .get(name)
            .unwrap_or_else(|| panic!("no fact {name}"))
    }

    /// What typed clients do in the same world.
    pub fn stage(&self) -> Stage {
        self.stage_at(&self.client)
    }

    /// As [`Scene::stage`], at another client.
    pub fn stage_at(&self, client: &str) -> Stage {
        Stage {
            world: self.world.clone(),
            pool: self.pool.clone(),
            client: client.to_owned(),
        }
    }

    /// Sets a member of the request.
    pub fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.body[member] = value.into();
    }

    /// Sets an entry of a map of the request.
    pub fn put(&mut self, map: &str, name: &str, value: &str) {
        self.body[map][name] = json!(value);
    }

    /// Takes a member from the request.
    pub fn drop(&mut self, member: &str) {
        self.body.as_object_mut().expect("a body").remove(member);
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
    }

    /// Calls an operation as an administrator; an empty reply is `null`.
    ///
    /// # Errors
    /// The service's.
    pub fn try_call(&self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        self.send(operation, body.to_string().into_bytes(), Some("admin"))
    }

    /// Calls an operation with a body as it is; `administrator` signed it, if anybody.
    ///
    /// # Errors
    /// The service's.
    pub fn send(
        &self,
        operation: &str,
        body: Vec<u8>,
        administrator: Option<&str>,
    ) -> Result<Value, ApiError> {
        let caller = Caller {
            administrator: administrator.map(Into::into),
            ..Caller::default()
        };
        self.put_to(operation, body, caller)
    }

    fn put_to(&self, operation: &str, body: Vec<u8>, caller: Caller) -> Result<Value, ApiError> {
        let call = Call {
            operation: operation_of(operation),
            body,
            caller,
        };
        let body = self.world.answer(call)?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&body).expect("a reply is JSON"))
    }

    /// Calls an operation from an address, by a device that introduces itself so.
    ///
    /// # Errors
    /// The service's.
    pub fn call_from(
        &self,
        (address, agent): (&str, &str),
        operation: &str,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let caller = Caller {
            administrator: Some("admin".into()),
            source: Some(address.parse().expect("an address")),
            user_agent: Some(agent.into()),
            ..Caller::default()
        };
        self.put_to(operation, body.to_string().into_bytes(), caller)
    }

    /// Calls an operation as an administrator who signs for a region.
    ///
    /// # Errors
    /// The service's.
    pub fn try_call_in(
        &self,
        region: &str,
        operation: &str,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let caller = Caller {
            administrator: Some("admin".into()),
            region: Some(region.into()),
            ..Caller::default()
        };
        self.put_to(operation, body.to_string().into_bytes(), caller)
    }

    /// Calls an operation that succeeds.
    #[track_caller]
    pub fn call(&self, operation: &str, body: Value) -> Value {
        match self.try_call(operation, &body) {
            Ok(reply) => reply,
            Err(error) => panic!("{operation}: {error}"),
        }
    }

    /// Calls an operation about a user as an administrator.
    #[track_caller]
    pub fn admin(&self, operation: &str, name: &str) -> Value {
        self.call(
            operation,
            json!({"UserPoolId": self.pool, "Username": name}),
        )
    }

    /// The refusal of a call, as `name: text`.
    ///
    /// # Panics
    /// The call succeeds, or a record of another kind than those in `changes` differs afterwards.
    #[track_caller]
    pub fn refusal(&self, operation: &str, body: &Value, changes: &str) -> String {
        let before = self.records();
        let error = match self.try_call(operation, body) {
            Ok(reply) => panic!("{operation} answered {reply}"),
            Err(error) => error.to_string(),
        };
        let changed = changed_kinds(&before, &self.records());
        assert!(
            changed.iter().all(|kind| changes.contains(*kind)),
            "{operation}: {error}, and records of the kinds {changed:?} changed"
        );
        error
    }

    /// Sends the request of the scene again and again; how it ends is of no matter.
    pub fn repeat(&self, operation: &str, times: usize) {
        for _ in 0..times {
            drop(self.try_call(operation, &self.body));
        }
    }

    /// From now on no message can be handed over.
    pub fn cut_couriers(&mut self) {
        self.reopen(self.world.store.clone(), Undeliverable);
    }

    /// From now on triggers are asked of these.
    pub fn serve(&mut self, hooks: impl Hooks + Send + Sync + 'static) {
        self.surrounded(|builder| builder.hooks(hooks));
    }

    /// From now on other servers are these, and triggers are asked of those.
    pub fn surround(&mut self, fetch: impl Fetch + Send + Sync + 'static, hooks: Option<Triggers>) {
        self.surrounded(|builder| match hooks {
            Some(hooks) => builder.fetch(fetch).hooks(hooks),
            None => builder.fetch(fetch),
        });
    }

    /// From now on other servers are these, identity pools take logins of those providers, and a broker gives out their
    /// credentials if there is one.
    pub fn trust(
        &mut self,
        fetch: impl Fetch + Send + Sync + 'static,
        providers: LoginProviders,
        broker: Option<Broker>,
    ) {
        self.surrounded(|builder| {
            let builder = builder.fetch(fetch).login_providers(providers);
            match broker {
                Some(broker) => builder.broker(broker),
                None => builder,
            }
        });
    }

    /// From now on these passwords are known from a breach.
    pub fn breach(&mut self, breached: impl BreachedPasswords + Send + Sync + 'static) {
        self.surrounded(|builder| builder.breached_passwords(breached));
    }

    /// From now on the logs of pools go there.
    pub fn log(&mut self, logs: impl LogDelivery + Send + Sync + 'static) {
        self.surrounded(|builder| builder.log_delivery(logs));
    }

    /// As [`Scene::log`], and no message is delivered.
    pub fn log_without_couriers(&mut self, logs: impl LogDelivery + Send + Sync + 'static) {
        self.surrounded(|builder| builder.log_delivery(logs).courier(Undeliverable));
    }

    /// From now on these app clients must send challenges with their requests for codes.
    pub fn demand_pkce(&mut self, of: PkceDemand) {
        self.surrounded(|builder| builder.pkce(of));
    }

    fn surrounded(&mut self, by: impl FnOnce(Builder) -> Builder) {
        let World {
            store,
            clock,
            mailbox,
            ..
        } = &self.world;
        let builder = testing::builder(store.clone(), clock, mailbox);
        let builder = by(builder.entropy(self.seeds.clone()));
        self.world.engine = builder.open().expect("threads start");
    }

    /// From now on every commit loses its race.
    pub fn lose_every_race(&mut self) {
        self.reopen(Losing(self.world.store.clone()), self.world.mailbox.clone());
    }

    /// From now on the engine is over another store, which holds the same.
    pub fn move_over(&mut self, store: impl Storage + Send + Sync + 'static) {
        self.reopen(store, self.world.mailbox.clone());
    }

    /// The same scene with a store, clock and mailbox of its own.
    pub fn copy(&self) -> Self {
        let store = Store::holding(&self.records());
        let clock = TestClock::default();
        let passed = self.now().millis() - clock.now().millis();
        clock.advance(Duration::from_millis(passed.unsigned_abs()));
        let mailbox = Mailbox::default();
        for message in self.world.mailbox.messages() {
            mailbox
                .deliver(&message)
                .expect("a mailbox takes everything");
        }
        let mut copy = self.clone();
        copy.seeds = self.seeds.later();
        copy.world = World {
            engine: self.world.engine.clone(),
            store: store.clone(),
            clock,
            mailbox: mailbox.clone(),
        };
        copy.reopen(store, mailbox);
        copy
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// What the store holds.
    pub fn records(&self) -> MemoryStore {
        self.world.store.records()
    }

    fn reopen(
        &mut self,
        store: impl Storage + Send + Sync + 'static,
        courier: impl Courier + Send + Sync + 'static,
    ) {
        let World { clock, mailbox, .. } = &self.world;
        let builder = testing::builder(store, clock, mailbox);
        let builder = builder.entropy(self.seeds.clone()).courier(courier);
        self.world.engine = builder.open().expect("threads start");
    }
}

/// An operation by its name, or by its target where both services have one of the name: those of user pools go first.
///
/// # Panics
/// There is none.
pub fn operation_of(name: &str) -> &'static OperationSpec {
    let targets = [
        name.to_owned(),
        format!("AWSCognitoIdentityProviderService.{name}"),
        format!("AWSCognitoIdentityService.{name}"),
    ];
    let found = targets
        .iter()
        .find_map(|target| userpool_wire::find(target));
    found.unwrap_or_else(|| panic!("no operation {name}"))
}

/// The address of a user of a scene.
pub fn address(name: &str) -> String {
    format!("{name}@example.com")
}

/// A member that is a text.
///
/// # Panics
/// It is not.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The kinds of record, by the first byte of their key, of which one differs between two stores.
pub fn changed_kinds(before: &MemoryStore, after: &MemoryStore) -> BTreeSet<char> {
    let all = |store: &MemoryStore| -> BTreeMap<Key, Entry> {
        store
            .iter()
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect()
    };
    let (before, after) = (all(before), all(after));
    let differs = |key: &&Key| match (before.get(*key), after.get(*key)) {
        (Some(old), Some(new)) => old.value != new.value || old.expires != new.expires,
        _ => true,
    };
    let changed = before.keys().chain(after.keys()).filter(differs);
    changed.filter_map(keys::kind).map(char::from).collect()
}

/// Adds the members of an object to another; `null` takes one away.
fn extend(object: &mut Value, further: Value) {
    let Value::Object(further) = further else {
        panic!("{further} is no object");
    };
    let object = object.as_object_mut().expect("an object");
    for (member, value) in further {
        match value {
            Value::Null => drop(object.remove(&member)),
            value => drop(object.insert(member, value)),
        }
    }
}

/// Seeds that no world of [`testing::world`] has drawn: a copy draws other ids than its original did.
#[derive(Clone, Debug, Default)]
struct OtherSeeds(Arc<AtomicU64>);

impl OtherSeeds {
    /// Seeds beyond those that were drawn so far.
    fn later(&self) -> Self {
        Self(Arc::new(AtomicU64::new(
            self.0.load(Ordering::SeqCst) + 1_000,
        )))
    }
}

impl Entropy for OtherSeeds {
    fn seed(&self) -> [u8; 32] {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        sha256(&[b"the seeds of a copy", &count.to_be_bytes()])
    }
}

/// A store in which somebody else is always faster.
#[derive(Clone, Debug)]
struct Losing(Store);

impl Storage for Losing {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.0.load(keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.0.page(request)
    }

    fn commit(&self, _: &Batch) -> Result<Outcome, StoreFault> {
        Ok(Outcome::Conflict)
    }

    fn is_remote(&self) -> bool {
        self.0.is_remote()
    }

    fn load_later(&self, keys: Vec<Key>, loaded: Told<Vec<Option<Entry>>>) {
        self.0.load_later(keys, loaded);
    }

    fn page_later(&self, request: PageRequest, paged: Told<Vec<(Key, Entry)>>) {
        self.0.page_later(request, paged);
    }

    fn sweep(&self, _: Timestamp, _: usize) -> Result<usize, StoreFault> {
        Ok(0)
    }
}
