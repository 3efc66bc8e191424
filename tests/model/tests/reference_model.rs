//! The model of a pool and the engine live through the same random histories and agree.
//!
//! `USERPOOL_SEED` and `USERPOOL_OPERATIONS` choose other histories and more of them: `tests/run` lives through a hundred
//! thousand operations, and the binary `soak` through millions.

use proptest::{prelude::*, test_runner::Config};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use userpool_core::ops::table::SUPPORTED;
use userpool_model::{
    act::At,
    choose,
    history::{Event, Life},
    pool::Pool,
    report::Report,
    rules::Rules,
    shrink::{self, Player},
};
use userpool_tests::chance::Chance;
use userpool_wire::Service;

/// What is in the names of the operations that histories leave out, with the reasons.
const EXCEPTED: [(&str, &str); 15] = [
    ("Branding", "kept and shown; no sign-in depends on it"),
    (
        "Certificate",
        "of a key that is drawn; no sign-in depends on it",
    ),
    (
        "ClientSecret",
        "second secrets of clients; stories and the ledger follow them",
    ),
    (
        "ClientToken",
        "of a client, which no user of the model has a part in",
    ),
    (
        "DerivedToken",
        "of a grant that the model has already; stories and the ledger follow it",
    ),
    ("CSVHeader", "names of columns; no sign-in depends on it"),
    (
        "UserImportJob",
        "a machine of its own, whose table is walked cell by cell",
    ),
    ("LogDelivery", "what is told of sign-ins, and changes none"),
    ("ProvisionedLimit", "of rates, which are the host's"),
    ("Domain", "of the login pages, which are not in the model"),
    (
        "Provider",
        "others say who somebody is, at the login pages, which are not in the model",
    ),
    (
        "ResourceServer",
        "of the login pages, which are not in the model",
    ),
    (
        "Replica",
        "the same pool from another region; the ledger sends every request to one",
    ),
    ("Terms", "kept and shown; no sign-in depends on it"),
    (
        "UICustomization",
        "kept and shown; no sign-in depends on it",
    ),
];

fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

#[test]
fn the_engine_and_the_model_agree_on_every_operation_of_random_histories() {
    let operations = setting("USERPOOL_OPERATIONS", 10_000);
    let mut seeds = Chance::new(setting("USERPOOL_SEED", 2_026));
    let player = Player::default();
    let mut total = Report::default();
    while total.operations < operations {
        match player.history(seeds.next(), total.histories) {
            Ok(report) => total.add(&report),
            Err(disagreement) => panic!("{disagreement}"),
        }
    }
    println!("{total}");
    let all = total.by_operation.iter().chain(&total.by_challenge);
    let never: Vec<&str> = all.filter(|(_, it)| it.0 == 0).map(|it| *it.0).collect();
    assert!(
        never.is_empty() || operations < 100_000,
        "these never succeeded: {never:?}"
    );
    let of_user_pools = SUPPORTED.iter().filter(|it| it.0 == Service::UserPools);
    let mut left_out: Vec<&str> = of_user_pools.map(|it| it.1).collect();
    left_out.retain(|name| !total.by_operation.contains_key(name));
    left_out.retain(|name| !EXCEPTED.iter().any(|it| name.contains(it.0)));
    assert!(
        left_out.is_empty() || operations < 100_000,
        "histories leave out {left_out:?}"
    );
}

/// Histories of the model alone; the settings and each event come from numbers that proptest draws and shrinks.
struct Histories;

/// A pool with the number of its next act.
#[derive(Clone, Debug)]
struct Told {
    pool: Pool,
    next: At,
}

impl ReferenceStateMachine for Histories {
    type State = Told;
    type Transition = Event;

    fn init_state() -> BoxedStrategy<Told> {
        let pool = |seed| Told {
            pool: Pool::new(Rules::drawn(&mut Chance::new(seed))),
            next: 1,
        };
        any::<u64>().prop_map(pool).boxed()
    }

    fn transitions(state: &Told) -> BoxedStrategy<Event> {
        let Told { pool, next } = state.clone();
        let event = move |seed| Event {
            mishap: None,
            beside: None,
            ..choose::event(&pool, next, &mut Chance::new(seed))
        };
        any::<u64>().prop_map(event).boxed()
    }

    fn apply(state: Told, event: &Event) -> Told {
        Told {
            pool: state.pool.after(event.at, &event.act).0,
            next: event.at.max(state.next) + 1,
        }
    }
}

/// The engine beside these histories.
struct Engine;

impl StateMachineTest for Engine {
    type SystemUnderTest = Life;
    type Reference = Histories;

    fn init_test(state: &Told) -> Life {
        Player::default().begin(&state.pool.rules, 7, false)
    }

    fn apply(mut life: Life, _: &Told, event: Event) -> Life {
        if let Err(text) = life.live(&event) {
            panic!("{text}");
        }
        life
    }
}

prop_state_machine! {
    #![proptest_config(Config {
        cases: u32::try_from(setting("USERPOOL_HISTORIES", 16)).unwrap_or(16),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn the_engine_follows_the_machine_of_the_model(sequential 1..shrink::LENGTH => Engine);
}
