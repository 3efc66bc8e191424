//! Requests beside themselves and each other, in every order; and requests over a store that fails.

use serde_json::json;
use userpool::testing;
use userpool_ports::Clock;
use userpool_tests::{
    player::{Player, request},
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

#[test]
fn whoever_joins_leaves_and_deletes_beside_each_other_ends_as_one_after_the_other() {
    let world = testing::world();
    let stage = stage(&world);
    for name in ["jane", "joe"] {
        stage.user(name);
    }
    let scene = |operation: &str, group: &str, user: &str| {
        let mut body = json!({"UserPoolId": stage.pool});
        for (member, value) in [("GroupName", group), ("Username", user)] {
            if !value.is_empty() {
                body[member] = json!(value);
            }
        }
        request(operation, &body)
    };
    let call = |operation: &str, group: &str, user: &str| {
        let request = scene(operation, group, user);
        let end = Player::new(
            &request,
            world.clock.now(),
            &format!("{operation}{group}{user}"),
        )
        .finish(&mut world.store.lock());
        end.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    };
    for group in ["staff", "others"] {
        call("CreateGroup", group, "");
        call("AdminAddUserToGroup", group, "joe");
    }
    let sign_in = |name: &str| {
        request(
            "InitiateAuth",
            &json!({"ClientId": stage.client, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}}),
        )
    };
    let requests = [
        scene("AdminAddUserToGroup", "staff", "jane"),
        scene("AdminAddUserToGroup", "others", "jane"),
        scene("AdminAddUserToGroup", "staff", "joe"),
        scene("AdminRemoveUserFromGroup", "staff", "jane"),
        scene("AdminRemoveUserFromGroup", "staff", "joe"),
        scene("AdminRemoveUserFromGroup", "others", "joe"),
        scene("CreateGroup", "staff", ""),
        scene("CreateGroup", "new", ""),
        scene("DeleteGroup", "staff", ""),
        scene("DeleteGroup", "others", ""),
        scene("UpdateGroup", "staff", ""),
        scene("AdminDeleteUser", "", "jane"),
        scene("AdminDeleteUser", "", "joe"),
        scene("AdminDisableUser", "", "joe"),
        sign_in("joe"),
    ];
    let base = world.store.lock().clone();

    let mut walked = 0;
    for (at, one) in requests.iter().enumerate() {
        for other in &requests[at..] {
            walked += every_interleaving(&base, world.clock.now(), [one, other]);
        }
    }
    println!("{walked} states");
}
