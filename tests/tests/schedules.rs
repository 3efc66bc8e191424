//! Requests beside themselves and each other, in every order; and requests over a store that fails.

use serde_json::json;
use userpool::testing;
use userpool_ports::Clock;
use userpool_tests::{
    player::request,
    pool::{PASSWORD, stage},
    schedules::{every_interleaving, every_mishap},
};

#[test]
fn one_of_two_sign_ups_with_one_name_wins() {
    let world = testing::world();
    let stage = stage(&world);
    let sign_up = request(
        "SignUp",
        &json!({"ClientId": stage.client, "Username": "jane", "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": "jane@example.com"}]}),
    );
    let base = world.store.lock().clone();

    let walked = every_interleaving(&base, world.clock.now(), [&sign_up, &sign_up]);

    assert!(walked > 10, "only {walked} interleavings");
    assert!(every_mishap(&base, world.clock.now(), &sign_up) > 5);
}

#[test]
fn one_of_two_confirmations_with_one_code_wins() {
    let world = testing::world();
    let stage = stage(&world);
    stage
        .sign_up("jane", PASSWORD, "jane@example.com")
        .expect("a sign-up");
    let code = world.mailbox.code_to("jane@example.com").expect("a code");
    let confirm = request(
        "ConfirmSignUp",
        &json!({"ClientId": stage.client, "Username": "jane", "ConfirmationCode": code}),
    );
    let base = world.store.lock().clone();

    every_interleaving(&base, world.clock.now(), [&confirm, &confirm]);
    every_mishap(&base, world.clock.now(), &confirm);
}

#[test]
fn guesses_beside_each_other_all_count() {
    let world = testing::world();
    let stage = stage(&world);
    stage.user("jane");
    let guess = |password: &str| {
        request(
            "InitiateAuth",
            &json!({"ClientId": stage.client, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": "jane", "PASSWORD": password}}),
        )
    };
    let (wrong, right) = (guess("Wrong-horse-9"), guess(PASSWORD));
    let base = world.store.lock().clone();

    every_interleaving(&base, world.clock.now(), [&wrong, &wrong]);
    every_interleaving(&base, world.clock.now(), [&wrong, &right]);
    every_mishap(&base, world.clock.now(), &right);
    every_mishap(&base, world.clock.now(), &wrong);
}
