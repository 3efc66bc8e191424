//! SRP sign-ins a second of processor time, beside what OpenSSL's primitives alone allow: three powers, two signatures.
//!
//! Once in this process, over the memory store; once by the built server over HTTP on loopback, over its durable store.
//! The client's side is not counted. All take turns in one run, and the median round counts.

use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use userpool::{Call, Caller, Engine, testing};
use userpool_bench_arithmetic::{Kernels, MESSAGE, RSA_KEY};
use userpool_bench_openssl::table::{Side, bar, machine, median, note};
use userpool_bench_openssl::{Theirs, clock};
use userpool_benches::client::SignIn;
use userpool_benches::served::Served;
use userpool_ports::Timestamp;
use userpool_wire::{Auth, Service};

const PASSWORD: &str = "Correct-horse-7-battery";
const ROUNDS: usize = 61;
const SIGN_INS: usize = 8;

fn main() -> Result<ExitCode, String> {
    let kernels = Kernels::new();
    let mut theirs = Theirs::new(&kernels.base, &kernels.exponent, RSA_KEY)?;
    machine(&theirs.version());
    let mut embedded = Embedded::new();
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut server = Server::start(&program.with_file_name("userpool"))?;

    let mut rounds = Vec::with_capacity(ROUNDS);
    for number in 0..=ROUNDS {
        let round = Round {
            primitives: clock::spent(|| primitives(&mut theirs)) / SIGN_INS as u32,
            embedded: embedded.cost() / SIGN_INS as u32,
            served: server.cost() / SIGN_INS as u32,
        };
        // The first round warms up.
        if number > 0 {
            rounds.push(round);
        }
    }
    Ok(report(&rounds))
}

/// The processor time of one sign-in.
struct Round {
    primitives: Duration,
    embedded: Duration,
    served: Duration,
}

fn report(rounds: &[Round]) -> ExitCode {
    let of = |figure: fn(&Round) -> Duration| {
        median(rounds.iter().map(|round| figure(round).as_secs_f64()))
    };
    let [primitives, embedded, served] = [
        of(|round| round.primitives),
        of(|round| round.embedded),
        of(|round| round.served),
    ];
    // Of each round its own ratio: what slowed the machine down meanwhile slowed both sides.
    let ratio = |figure: fn(&Round) -> Duration| {
        median(
            rounds
                .iter()
                .map(|round| round.primitives.as_secs_f64() / figure(round).as_secs_f64()),
        )
    };
    for (name, seconds) in [
        ("three powers and two signatures of OpenSSL", primitives),
        ("a sign-in, memory store", embedded),
        ("a sign-in over HTTP, durable store", served),
    ] {
        note(
            name,
            &format!("{:>14.1} us, {:.0} a second", seconds * 1e6, 1.0 / seconds),
        );
    }
    let held = [
        bar(
            "sign-ins, memory store, to OpenSSL's primitives",
            ratio(|round| round.embedded),
            0.95,
            Side::AtLeast,
        ),
        bar(
            "sign-ins over HTTP, to OpenSSL's primitives",
            ratio(|round| round.served),
            0.70,
            Side::AtLeast,
        ),
    ];
    let missed = held.iter().filter(|held| !**held).count();
    println!("{} passed, {missed} failed", held.len() - missed);
    ExitCode::from(u8::from(missed > 0))
}

fn primitives(theirs: &mut Theirs) {
    for _ in 0..SIGN_INS {
        for _ in 0..3 {
            std::hint::black_box(theirs.power());
        }
        for _ in 0..2 {
            std::hint::black_box(theirs.sign(&MESSAGE));
        }
    }
}

/// A pool with one user, and how a request reaches it.
trait Asked {
    /// One request, JSON to JSON.
    fn ask(&mut self, operation: &str, body: &Value) -> Value;
    /// The processor time spent on requests so far.
    fn spent(&self) -> Duration;
    fn now(&self) -> Timestamp;
}

/// Where Ada signs in.
#[derive(Clone)]
struct Door {
    pool: String,
    client: String,
}

impl Door {
    fn made_by(asked: &mut impl Asked) -> Self {
        let text = |value: &Value| value.as_str().expect("an id is a text").to_owned();
        let made = asked.ask("CreateUserPool", &json!({"PoolName": "bench"}));
        let pool = text(&made["UserPool"]["Id"]);
        let made = asked.ask(
            "CreateUserPoolClient",
            &json!({
                "UserPoolId": pool, "ClientName": "bench",
                "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            }),
        );
        let client = text(&made["UserPoolClient"]["ClientId"]);
        asked.ask(
            "AdminCreateUser",
            &json!({
                "UserPoolId": pool, "Username": "ada", "MessageAction": "SUPPRESS",
                "UserAttributes": [
                    {"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"},
                ],
            }),
        );
        asked.ask(
            "AdminSetUserPassword",
            &json!({"UserPoolId": pool, "Username": "ada", "Password": PASSWORD, "Permanent": true}),
        );
        Self { pool, client }
    }

    /// The processor time of some sign-ins.
    fn cost(&self, asked: &mut impl Asked) -> Duration {
        let side = SignIn::new([0xA5; 32]);
        let before = asked.spent();
        for _ in 0..SIGN_INS {
            let challenge = asked.ask(
                "InitiateAuth",
                &json!({
                    "ClientId": self.client, "AuthFlow": "USER_SRP_AUTH",
                    "AuthParameters": {"USERNAME": "ada", "SRP_A": side.a()},
                }),
            );
            let now = asked.now();
            let responses =
                side.answer(&self.pool, PASSWORD, &challenge["ChallengeParameters"], now);
            let answer = asked.ask(
                "RespondToAuthChallenge",
                &json!({
                    "ClientId": self.client, "ChallengeName": "PASSWORD_VERIFIER", "Session": challenge["Session"],
                    "ChallengeResponses": responses,
                }),
            );
            assert!(answer["AuthenticationResult"]["IdToken"].is_string());
        }
        asked.spent().saturating_sub(before)
    }
}

/// The engine in this process.
struct Embedded {
    door: Option<Door>,
    engine: Engine,
    clock: testing::TestClock,
    spent: Duration,
}

impl Embedded {
    fn new() -> Self {
        let world = testing::world();
        let mut embedded = Self {
            door: None,
            engine: world.engine,
            clock: world.clock,
            spent: Duration::ZERO,
        };
        embedded.door = Some(Door::made_by(&mut embedded));
        embedded
    }

    fn cost(&mut self) -> Duration {
        let door = self.door.clone().expect("the door was made");
        door.cost(self)
    }
}

impl Asked for Embedded {
    fn ask(&mut self, operation: &str, body: &Value) -> Value {
        let target = format!("{}.{operation}", Service::UserPools.target_prefix());
        let operation = userpool_wire::find(&target).expect("the operation exists");
        let caller = match operation.auth {
            Auth::Signed => Caller::embedder(),
            _ => Caller::default(),
        };
        let call = Call {
            operation,
            body: body.to_string().into_bytes(),
            caller,
        };
        let before = clock::process();
        let answer = self.engine.answer_blocking(call);
        self.spent += clock::process().saturating_sub(before);
        let answer = answer.expect("the engine answers with success");
        serde_json::from_slice(&answer).unwrap_or_default()
    }

    fn spent(&self) -> Duration {
        self.spent
    }

    fn now(&self) -> Timestamp {
        userpool_ports::Clock::now(&self.clock)
    }
}

/// The built server.
struct Server {
    door: Option<Door>,
    served: Served,
}

impl Server {
    fn start(program: &Path) -> Result<Self, String> {
        let served = Served::start(program)
            .map_err(|error| format!("{} does not serve: {error}", program.display()))?;
        let mut server = Self { door: None, served };
        server.door = Some(Door::made_by(&mut server));
        server.settle();
        Ok(server)
    }

    /// Waits until the server has made its stock of keys.
    fn settle(&self) {
        loop {
            let before = self.spent();
            thread::sleep(Duration::from_millis(500));
            if self.spent().saturating_sub(before) < Duration::from_millis(5) {
                return;
            }
        }
    }

    fn cost(&mut self) -> Duration {
        let door = self.door.clone().expect("the door was made");
        door.cost(self)
    }
}

impl Asked for Server {
    fn ask(&mut self, operation: &str, body: &Value) -> Value {
        match operation {
            "InitiateAuth" | "RespondToAuthChallenge" => self.served.call(operation, body),
            _ => self.served.call_signed(operation, body),
        }
    }

    fn spent(&self) -> Duration {
        clock::process_of(self.served.id())
    }

    fn now(&self) -> Timestamp {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Timestamp::from_secs(now.as_secs() as i64)
    }
}
