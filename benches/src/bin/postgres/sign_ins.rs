//! SRP sign-ins a second of this process's processor time, over PostgreSQL and over the embedded store.
//!
//! Sixteen users sign in at once, each step JSON in, JSON out, driven as the server drives it: no thread waits for a
//! store. The client's side is made between the two steps, and not counted. What PostgreSQL itself spends is not counted
//! either: it may be another machine's.

use std::{fs, path::PathBuf, process, time::Duration};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use userpool::{
    Call, Caller, SystemEntropy,
    testing::{self, Mailbox, TestClock},
};
use userpool_bench_openssl::{
    clock,
    table::{Side, bar, median, note},
};
use userpool_benches::client::SignIn;
use userpool_ports::{Clock, Storage};
use userpool_postgres::{Commits, PostgresStore};
use userpool_redb::RedbStore;
use userpool_tests::{
    pool::{PASSWORD, Stage, stage},
    postgres::{Schema, Server},
    store::Store,
    world::World,
};
use userpool_wire::Service;

use crate::{CLIENTS, round_trips};

const ROUNDS: usize = 41;

/// Measures; tells which bars held.
pub(crate) fn run() -> Vec<bool> {
    let folder = Folder::new();
    let server = Server::start(&["fsync=on"]);
    let schemas = [Schema::on(&server, ""), Schema::on(&server, "")];
    let open = |schema: &Schema, commits| {
        let options = schema.options().commits(commits);
        PostgresStore::open(options).expect("the store opens")
    };
    let by_statements = open(&schemas[0], Commits::Statements);
    let by_function = open(&schemas[1], Commits::Function);
    let trips = [by_statements.round_trips(), by_function.round_trips()];
    let embedded = RedbStore::open(folder.0.join("store.redb")).expect("the store opens");
    let doors = [
        Door::to(embedded),
        Door::to(by_statements),
        Door::to(by_function),
    ];

    // As the server's: a thread for each processor.
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut rounds = Vec::new();
    for number in 0..=ROUNDS {
        let mut round = [Duration::ZERO; 3];
        for turn in 0..doors.len() {
            let who = (number + turn) % doors.len();
            round[who] = doors[who].cost(&runtime);
        }
        // The first round warms up.
        if number > 0 {
            rounds.push(round);
        }
    }
    let mut held = report(&rounds);
    held.extend(round_trips::count(
        &doors[1].stage,
        &trips[0],
        "by statements",
        5.0,
    ));
    held.extend(round_trips::count(
        &doors[2].stage,
        &trips[1],
        "by the function",
        3.0,
    ));
    held
}

fn report(rounds: &[[Duration; 3]]) -> Vec<bool> {
    let names = [
        "a sign-in, embedded store",
        "a sign-in over PostgreSQL, by statements",
        "a sign-in over PostgreSQL, by the function",
    ];
    for (at, name) in names.into_iter().enumerate() {
        let seconds = median(rounds.iter().map(|round| round[at].as_secs_f64()));
        note(
            name,
            &format!("{:>14.1} us, {:.0} a second", seconds * 1e6, 1.0 / seconds),
        );
    }
    let share = |name, at: usize| {
        let shares = rounds
            .iter()
            .map(|round| round[0].as_secs_f64() / round[at].as_secs_f64());
        bar(name, median(shares), 0.85, Side::AtLeast)
    };
    vec![
        share("sign-ins by statements, share of embedded store's", 1),
        share("sign-ins by the function, share of embedded store's", 2),
    ]
}

/// An engine over a store, and users who may sign in.
struct Door {
    stage: Stage,
    sides: Vec<SignIn>,
}

impl Door {
    fn to(store: impl Storage + Send + Sync + 'static) -> Self {
        let (clock, mailbox) = (TestClock::default(), Mailbox::default());
        let store = Store::opened(store);
        let engine = testing::builder(store.clone(), &clock, &mailbox)
            .entropy(SystemEntropy)
            .open()
            .expect("threads start");
        let world = World {
            engine,
            store,
            clock,
            mailbox,
        };
        let stage = stage(&world);
        let numbers = 0..CLIENTS;
        let sides = numbers.map(|number| {
            stage.user(&format!("user{number}"));
            SignIn::new([number as u8 + 1; 32])
        });
        Self {
            sides: sides.collect(),
            stage,
        }
    }

    /// The processor time of one of sixteen sign-ins at once.
    fn cost(&self, runtime: &Runtime) -> Duration {
        let begun = self.sides.iter().enumerate().map(|(number, side)| {
            json!({
                "ClientId": self.stage.client, "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": {"USERNAME": format!("user{number}"), "SRP_A": side.a()},
            })
        });
        let (of_first, challenges) = self.ask(runtime, "InitiateAuth", begun.collect());
        let now = self.stage.world.clock.now();
        let answers = self.sides.iter().zip(&challenges).map(|(side, challenge)| {
            let parameters = &challenge["ChallengeParameters"];
            json!({
                "ClientId": self.stage.client, "ChallengeName": "PASSWORD_VERIFIER",
                "Session": challenge["Session"],
                "ChallengeResponses": side.answer(&self.stage.pool, PASSWORD, parameters, now),
            })
        });
        let (of_second, replies) = self.ask(runtime, "RespondToAuthChallenge", answers.collect());
        for reply in replies {
            assert!(reply["AuthenticationResult"]["IdToken"].is_string());
        }
        (of_first + of_second) / CLIENTS as u32
    }

    /// Requests at once, and the processor time until the last is answered.
    fn ask(
        &self,
        runtime: &Runtime,
        operation: &str,
        bodies: Vec<Value>,
    ) -> (Duration, Vec<Value>) {
        let target = format!("{}.{operation}", Service::UserPools.target_prefix());
        let operation = userpool_wire::find(&target).expect("the operation exists");
        let calls: Vec<_> = bodies
            .into_iter()
            .map(|body| Call {
                operation,
                body: body.to_string().into_bytes(),
                caller: Caller::default(),
            })
            .collect();
        let before = clock::process();
        let answers = runtime.block_on(async {
            let asked: Vec<_> = calls
                .into_iter()
                .map(|call| {
                    let engine = self.stage.world.engine.clone();
                    tokio::spawn(async move { engine.answer(call).await })
                })
                .collect();
            let mut answers = Vec::with_capacity(asked.len());
            for asked in asked {
                answers.push(asked.await.expect("the engine answers"));
            }
            answers
        });
        let spent = clock::process().saturating_sub(before);
        let read = |answer: userpool::Answer| {
            let answer = answer.expect("the engine answers with success");
            serde_json::from_slice(&answer).unwrap_or_default()
        };
        (spent, answers.into_iter().map(read).collect())
    }
}

/// A folder beside the program, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let program = std::env::current_exe().expect("the program knows where it is");
        let folder = program.with_file_name(format!("postgres-{}", process::id()));
        fs::create_dir_all(&folder).expect("the build's folder can be written");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(fault) = fs::remove_dir_all(&self.0) {
            eprintln!("{}: {fault}", self.0.display());
        }
    }
}
