//! How often requests ask a store that is a round trip away, once settings of their pool and client are at hand.

use serde_json::{Value, json};
use userpool::{
    Call, Caller,
    testing::{self, Mailbox, TestClock},
    wire,
};
use userpool_tests::{
    distant::{Distant, Trips},
    pool::{PASSWORD, Stage, stage},
    world::World,
};

fn world() -> (World, Distant) {
    let (store, clock, mailbox) = (Distant::default(), TestClock::default(), Mailbox::default());
    let engine = testing::builder(store.clone(), &clock, &mailbox).open();
    let world = World {
        engine: engine.expect("threads start"),
        store: store.store().clone(),
        clock,
        mailbox,
    };
    (world, store)
}

/// A pool whose settings are at hand, since jane has signed in there.
fn warm() -> (Stage, Distant) {
    let (world, store) = world();
    let stage = stage(&world);
    stage.user("jane");
    stage.srp_sign_in("jane", PASSWORD).expect("a sign-in");
    store.trips();
    (stage, store)
}

fn trips(reads: usize, commits: usize) -> Trips {
    Trips { reads, commits }
}

#[test]
fn a_sign_in_by_srp_reads_twice_in_each_step() {
    let (stage, store) = warm();

    let client = stage.srp_begin("jane").expect("a challenge");
    assert_eq!(store.trips(), trips(2, 0), "the first step");
    stage.srp_respond(&client.answer(PASSWORD)).expect("tokens");
    assert_eq!(store.trips(), trips(2, 1), "the second step");
}

/// Whom nobody knows costs as much, where a client hides it.
#[test]
fn a_name_that_nobody_has_asks_as_often() {
    let (stage, store) = warm();
    let body = json!({"UserPoolId": stage.pool, "ClientId": stage.client,
        "PreventUserExistenceErrors": "ENABLED", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]});
    answered(&stage.world, "UpdateUserPoolClient", &body);
    stage.srp_begin("jane").expect("a challenge");
    store.trips();

    let client = stage.srp_begin("nobody").expect("a challenge");
    assert_eq!(store.trips(), trips(2, 0), "the first step");
    assert!(stage.srp_respond(&client.answer(PASSWORD)).is_err());
    assert_eq!(store.trips(), trips(2, 1), "the second step");
}

#[test]
fn get_user_asks_once() {
    let (stage, store) = warm();
    let tokens = stage.tokens("jane");
    store.trips();

    let access = tokens.access_token.expect("an access token");
    let body = json!({"AccessToken": &**access});
    answered(&stage.world, "GetUser", &body);

    assert_eq!(store.trips(), trips(1, 0));
}

/// The awaiting driver never waits for a store in its event loop, and ends all the same.
fn answered(world: &World, operation: &str, body: &Value) -> Value {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let call = Call {
        operation: wire::find(&target).expect("an operation"),
        body: body.to_string().into_bytes(),
        caller: Caller::embedder(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let answer = runtime
        .block_on(world.engine.answer(call))
        .expect("a reply");
    serde_json::from_slice(&answer).expect("JSON")
}
