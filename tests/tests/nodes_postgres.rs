//! Engines that share one database: how often they ask it, and that they count and decide as one.

use std::{collections::BTreeSet, sync::Barrier, thread};

use userpool::{
    testing::{self, Mailbox, TestClock},
    wire::idp::{AuthFlowType, GetUserRequest},
};
use userpool_postgres::RoundTrips;
use userpool_tests::{
    contract::openings::Place,
    pool::{PASSWORD, Stage, error, stage},
    postgres::Schema,
    store::Store,
    world::World,
};

const CLIENTS: usize = 16;

/// An engine over a schema, and how often it asks.
fn node(schema: &Schema, clock: &TestClock, mailbox: &Mailbox) -> (World, RoundTrips) {
    let store = schema.open();
    let trips = store.round_trips();
    // Seeds of its own: two nodes never draw the same.
    let store = Store::opened(store);
    let builder = testing::builder(store.clone(), clock, mailbox).entropy(userpool::SystemEntropy);
    let world = World {
        engine: builder.open().expect("threads start"),
        store,
        clock: clock.clone(),
        mailbox: mailbox.clone(),
    };
    (world, trips)
}

/// Two nodes that serve the same pool.
fn nodes(schema: &Schema) -> [Stage; 2] {
    let (clock, mailbox) = (TestClock::default(), Mailbox::default());
    let one = stage(&node(schema, &clock, &mailbox).0);
    let two = Stage {
        world: node(schema, &clock, &mailbox).0,
        ..one.clone()
    };
    [one, two]
}

#[test]
fn a_sign_in_by_srp_and_a_look_at_oneself_take_few_round_trips() {
    // Of the second step the first two are reads; a commit is one by the function, and two by statements.
    for (words, of_second_step) in [("commits=function", 3), ("commits=statements", 4)] {
        let schema = Schema::new(words);
        let (world, trips) = node(&schema, &TestClock::default(), &Mailbox::default());
        let stage = stage(&world);
        stage.user("jane");
        stage.srp_sign_in("jane", PASSWORD).expect("a sign-in");

        let client = stage.srp_begin("jane").expect("a challenge");
        let before = trips.count();
        let reply = stage.srp_respond(&client.answer(PASSWORD)).expect("tokens");
        assert_eq!(trips.count() - before, of_second_step, "{words}");

        let tokens = reply.authentication_result.expect("tokens");
        let before = trips.count();
        let request = GetUserRequest {
            access_token: tokens.access_token.expect("an access token"),
        };
        stage.world.engine.call_blocking(request).expect("oneself");
        assert_eq!(trips.count() - before, 1, "{words}");
    }
}

#[test]
fn of_guesses_at_all_nodes_at_once_five_are_judged() {
    for words in ["commits=statements", "commits=function"] {
        let schema = Schema::new(words);
        let nodes = nodes(&schema);
        nodes[0].user("jane");
        let start = Barrier::new(CLIENTS);
        let ends: Vec<String> = at_once(|number| {
            let node = &nodes[number % nodes.len()];
            start.wait();
            let parameters = [("USERNAME", "jane"), ("PASSWORD", "Wrong-horse-9")];
            error(node.initiate(AuthFlowType::UserPasswordAuth, &parameters)).1
        });
        let judged = ends.iter().filter(|end| end.contains("Incorrect")).count();
        // Whoever loses every race is told nothing, and counts as nothing.
        let told = ends.iter().filter(|end| !end.contains("Rate exceeded"));
        assert!(judged <= 5, "{words}: {ends:?}");
        assert!(judged == 5 || told.count() < CLIENTS, "{words}: {ends:?}");
    }
}

#[test]
fn of_many_who_want_a_name_at_all_nodes_one_gets_it() {
    let schema = Schema::new("");
    let nodes = nodes(&schema);
    for round in 0..5 {
        let name = format!("name{round}");
        let start = Barrier::new(CLIENTS);
        let subs: BTreeSet<String> = at_once(|number| {
            let node = &nodes[number % nodes.len()];
            start.wait();
            node.sign_up(&name, PASSWORD, &format!("{name}-{number}@example.com"))
                .ok()
        })
        .into_iter()
        .flatten()
        .collect();
        assert_eq!(subs.len(), 1, "{name}");
    }
}

#[test]
fn what_ends_at_one_node_has_ended_at_the_other() {
    let schema = Schema::new("");
    let [one, two] = nodes(&schema);
    one.user("jane");
    let tokens = one.tokens("jane");
    let access = tokens.access_token.expect("an access token");
    let look = |stage: &Stage| {
        stage.world.engine.call_blocking(GetUserRequest {
            access_token: access.clone(),
        })
    };
    assert!(look(&one).is_ok() && look(&two).is_ok());
    let sign_out = userpool::wire::idp::GlobalSignOutRequest {
        access_token: access.clone(),
    };
    one.world.engine.call_blocking(sign_out).expect("an end");
    assert!(look(&two).is_err());
}

fn at_once<T: Send>(story: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let story = &story;
        let threads: Vec<_> = (0..CLIENTS)
            .map(|number| scope.spawn(move || story(number)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("the thread told its story"))
            .collect()
    })
}
