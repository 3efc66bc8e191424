//! The engine in a world of its own: a memory store, a clock, a worker, and what the replies have brought so far.

pub mod hooks;
pub mod known;
pub mod play;
pub mod read;
pub mod request;
pub mod shelf;
pub mod worker;

use std::sync::Arc;

use serde_json::{Value, json};
use userpool::testing;
use userpool_core::engine::{Environment, SharedRecords};
use userpool_crypto::sealed::RootKeys;
use userpool_ports::{Timestamp, memory::MemoryStore};

use self::{
    known::Known,
    play::{Ended, Play},
    shelf::Kept,
    worker::Worker,
};
use crate::{
    act::{Act, At},
    pool::BEGINNING,
    rules::{Mfa, Names, Recovery, Rules},
};

/// The function of every trigger.
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:lead";

/// The engine with everything around it.
pub struct World {
    /// What is kept.
    pub store: MemoryStore,
    /// What the replies have brought.
    pub known: Known,
    /// Does the arithmetic.
    pub worker: Worker,
    /// How many requests there were.
    pub requests: u64,
    /// Whether commits land whatever they expect: no store is so; it shows what the expectations are for.
    pub is_blind: bool,
    environment: Arc<Environment>,
    now: u64,
    seed: u64,
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
            message_keys: Default::default(),
        });
        let mut world = Self {
            store: MemoryStore::new(),
            known: Known::default(),
            worker,
            requests: 0,
            is_blind: false,
            environment,
            now: BEGINNING,
            seed,
        };
        world.make_pool(rules);
        world
    }

    fn make_pool(&mut self, rules: &Rules) {
        let reply = self.call("CreateUserPool", &pool_request(rules));
        self.known.pool = text(&reply["UserPool"]["Id"]);
        if rules.mfa != Mfa::Off {
            let mut body = json!({"UserPoolId": self.known.pool,
                "MfaConfiguration": if rules.mfa == Mfa::On { "ON" } else { "OPTIONAL" }});
            if rules.factors[0] {
                body["SmsMfaConfiguration"] = json!({});
            }
            if rules.factors[1] {
                body["SoftwareTokenMfaConfiguration"] = json!({"Enabled": true});
            }
            if rules.factors[2] {
                body["EmailMfaConfiguration"] = json!({});
            }
            self.call("SetUserPoolMfaConfig", &body);
        }
        for client in 0..2 {
            let client = &rules.clients[client];
            let mut flows = vec![
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_CUSTOM_AUTH",
                "ALLOW_USER_AUTH",
            ];
            let mut body = json!({"UserPoolId": self.known.pool, "ClientName": "model",
                "PreventUserExistenceErrors": if client.hides { "ENABLED" } else { "LEGACY" }});
            match client.rotation {
                Some(grace) => {
                    body["RefreshTokenRotation"] =
                        json!({"Feature": "ENABLED", "RetryGracePeriodSeconds": grace});
                }
                None => flows.push("ALLOW_REFRESH_TOKEN_AUTH"),
            }
            body["ExplicitAuthFlows"] = json!(flows);
            let reply = self.call("CreateUserPoolClient", &body);
            self.known
                .clients
                .push(text(&reply["UserPoolClient"]["ClientId"]));
        }
    }

    fn call(&mut self, operation: &str, body: &Value) -> Value {
        let mut play = self.begin(operation, &body.to_string());
        let ended = play.finish(self, None);
        let reply = ended.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
        serde_json::from_str(&reply).expect("JSON text")
    }

    /// Begins a request.
    pub fn begin(&mut self, operation: &str, body: &str) -> Play {
        self.requests += 1;
        let now = Timestamp::from_secs(i64::try_from(self.now).unwrap_or(i64::MAX));
        Play::new(
            self.environment.clone(),
            operation,
            body,
            now,
            (self.seed, self.requests),
        )
    }

    /// Begins an act; `None` where something that it needs was never learned.
    pub fn begin_act(&mut self, act: &Act) -> Option<Play> {
        let body = request::body(act, &self.known, &self.worker, self.now)?;
        Some(self.begin(act.operation(), &body.to_string()))
    }

    /// Time goes by.
    pub fn advance(&mut self, seconds: u64) {
        self.now += seconds;
    }

    /// Clears up: one job, and what has ended goes from the store.
    pub fn upkeep(&mut self) {
        let now = Timestamp::from_secs(i64::try_from(self.now).unwrap_or(i64::MAX));
        self.requests += 1;
        let mut play = Play::upkeep(self.environment.clone(), now, (self.seed, self.requests));
        let ended: Ended = play.finish(self, None);
        assert!(ended.is_ok(), "upkeep: {ended:?}");
        self.store.sweep(now, 64);
    }

    /// Learns what an act brought.
    pub fn learn(&mut self, at: At, act: &Act, play: &Play, ended: &Ended) -> crate::told::Told {
        for (index, message) in play.messages.iter().enumerate() {
            self.known.codes.insert((at, index), message.code.clone());
            self.known.secret.add(&message.code);
        }
        match ended {
            Ok(reply) => Ok(read::told(at, act, reply, &mut self.known)),
            Err(error) => Err(error.clone()),
        }
    }
}

/// The root keys of every world.
#[must_use]
pub fn root_keys() -> RootKeys {
    testing::root_keys()
}

fn pool_request(rules: &Rules) -> Value {
    let mut body = json!({"PoolName": "model"});
    match rules.names {
        Names::Own => {}
        Names::Aliases => {
            body["AliasAttributes"] = json!(["email", "phone_number", "preferred_username"]);
        }
        Names::Addresses => body["UsernameAttributes"] = json!(["email", "phone_number"]),
    }
    let automatic = [
        (rules.auto_email, "email"),
        (rules.auto_phone, "phone_number"),
    ];
    let automatic: Vec<&str> = automatic.iter().filter(|it| it.0).map(|it| it.1).collect();
    if !automatic.is_empty() {
        body["AutoVerifiedAttributes"] = json!(automatic);
    }
    if rules.email_waits {
        body["UserAttributeUpdateSettings"] =
            json!({"AttributesRequireVerificationBeforeUpdate": ["email"]});
    }
    let recovery = match rules.recovery {
        Recovery::PhoneFirst => None,
        Recovery::EmailOnly => Some("verified_email"),
        Recovery::Administrators => Some("admin_only"),
    };
    if let Some(name) = recovery {
        body["AccountRecoverySetting"] =
            json!({"RecoveryMechanisms": [{"Priority": 1, "Name": name}]});
    }
    if rules.remembered > 0 {
        body["Policies"] = json!({"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": rules.remembered}});
    }
    if rules.first_codes {
        body["Policies"]["SignInPolicy"] =
            json!({"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]});
    }
    if rules.closed {
        body["AdminCreateUserConfig"] = json!({"AllowAdminCreateUserOnly": true});
    }
    if rules.custom {
        body["LambdaConfig"] = json!({"DefineAuthChallenge": FUNCTION, "CreateAuthChallenge": FUNCTION,
            "VerifyAuthChallengeResponse": FUNCTION});
    }
    body
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
