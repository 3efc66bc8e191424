//! Requests beside themselves and each other, in every order; and requests over a store that fails.

use std::cell::Cell;

use serde_json::{Value, json};
use userpool::wire::idp::{AliasAttributeType, CreateUserPoolClientRequest, CreateUserPoolRequest};
use userpool_core::model::keys;
use userpool_ports::Clock;
use userpool_tests::{
    player::{Player, Request, request},
    pool::{PASSWORD, Stage, stage, stage_with},
    scene::Scene,
    schedules::{every_interleaving, every_interleaving_with_upkeep, every_mishap},
    world::{World, world},
};

#[test]
fn one_of_two_sign_ups_with_one_name_wins() {
    let world = world();
    let stage = stage(&world);
    let sign_up = request(
        "SignUp",
        &json!({"ClientId": stage.client, "Username": "jane", "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": "jane@example.com"}]}),
    );
    let base = world.store.records();

    let walked = every_interleaving(&base, world.clock.now(), [&sign_up, &sign_up]);

    assert!(walked > 10, "only {walked} interleavings");
    assert!(every_mishap(&base, world.clock.now(), &sign_up) > 5);
}

#[test]
fn a_user_is_shown_as_it_was_at_one_moment() {
    let world = world();
    let stage = stage(&world);
    let sub = stage
        .sign_up("jane", PASSWORD, "jane@example.com")
        .expect("a sign-up");
    let code = world.mailbox.code_to("jane@example.com").expect("a code");
    let confirm = request(
        "ConfirmSignUp",
        &json!({"ClientId": stage.client, "Username": "jane", "ConfirmationCode": code}),
    );
    let base = world.store.records();

    for name in ["jane", sub.as_str()] {
        let look = request(
            "AdminGetUser",
            &json!({"UserPoolId": stage.pool, "Username": name}),
        );
        every_interleaving(&base, world.clock.now(), [&look, &confirm]);
    }
}

#[test]
fn who_takes_a_name_and_its_address_is_seen_with_both() {
    let world = world();
    let pool = CreateUserPoolRequest {
        pool_name: "aliases".into(),
        alias_attributes: Some(vec![AliasAttributeType::Email]),
        ..Default::default()
    };
    let stage = stage_with(&world, pool, CreateUserPoolClientRequest::default());
    let create = request(
        "AdminCreateUser",
        &json!({"UserPoolId": stage.pool, "Username": "jane", "UserAttributes": [
            {"Name": "email", "Value": "jane@example.com"}, {"Name": "email_verified", "Value": "true"}]}),
    );
    let base = world.store.records();

    every_interleaving(&base, world.clock.now(), [&create, &create]);
}

#[test]
fn one_of_two_confirmations_with_one_code_wins() {
    let world = world();
    let stage = stage(&world);
    stage
        .sign_up("jane", PASSWORD, "jane@example.com")
        .expect("a sign-up");
    let code = world.mailbox.code_to("jane@example.com").expect("a code");
    let confirm = request(
        "ConfirmSignUp",
        &json!({"ClientId": stage.client, "Username": "jane", "ConfirmationCode": code}),
    );
    let base = world.store.records();

    every_interleaving(&base, world.clock.now(), [&confirm, &confirm]);
    every_mishap(&base, world.clock.now(), &confirm);
}

#[test]
fn guesses_beside_each_other_all_count() {
    let world = world();
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
    let base = world.store.records();

    every_interleaving(&base, world.clock.now(), [&wrong, &wrong]);
    every_interleaving(&base, world.clock.now(), [&wrong, &right]);
    every_mishap(&base, world.clock.now(), &right);
    every_mishap(&base, world.clock.now(), &wrong);
}

/// A pool with the confirmed users `jane` and `joe`, and the groups `staff` and `others`, in which `joe` is.
struct Office {
    world: World,
    stage: Stage,
    /// How many calls were made: no two have the same chance.
    calls: Cell<u32>,
}

impl Office {
    fn new() -> Self {
        let world = world();
        let stage = stage(&world);
        for name in ["jane", "joe"] {
            stage.user(name);
        }
        let office = Self {
            world,
            stage,
            calls: Cell::new(0),
        };
        for group in ["staff", "others"] {
            office.call("CreateGroup", group, "");
            office.call("AdminAddUserToGroup", group, "joe");
        }
        office
    }

    /// A request about a group, a user, or both.
    fn request(&self, operation: &str, group: &str, user: &str) -> Request {
        let mut body = json!({"UserPoolId": self.stage.pool});
        for (member, value) in [("GroupName", group), ("Username", user)] {
            if !value.is_empty() {
                body[member] = json!(value);
            }
        }
        request(operation, &body)
    }

    fn call(&self, operation: &str, group: &str, user: &str) {
        let request = self.request(operation, group, user);
        self.calls.set(self.calls.get() + 1);
        let seed = format!("call {}", self.calls.get());
        let mut player = Player::new(&request, self.world.clock.now(), &seed);
        let end = player.finish(&mut self.world.store.clone());
        end.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    }

    fn sign_in(&self, name: &str) -> Request {
        request(
            "InitiateAuth",
            &json!({"ClientId": self.stage.client, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}}),
        )
    }

    /// Whatever may be asked of groups and of those in them.
    fn requests(&self) -> Vec<Request> {
        let requests = [
            ("AdminAddUserToGroup", "staff", "jane"),
            ("AdminAddUserToGroup", "others", "jane"),
            ("AdminAddUserToGroup", "staff", "joe"),
            ("AdminRemoveUserFromGroup", "staff", "jane"),
            ("AdminRemoveUserFromGroup", "staff", "joe"),
            ("AdminRemoveUserFromGroup", "others", "joe"),
            ("CreateGroup", "staff", ""),
            ("CreateGroup", "new", ""),
            ("DeleteGroup", "staff", ""),
            ("DeleteGroup", "others", ""),
            ("UpdateGroup", "staff", ""),
            ("AdminDeleteUser", "", "jane"),
            ("AdminDeleteUser", "", "joe"),
            ("AdminDisableUser", "", "joe"),
        ];
        let requests = requests
            .iter()
            .map(|(operation, group, user)| self.request(operation, group, user));
        requests.chain([self.sign_in("joe")]).collect()
    }
}

#[test]
fn whoever_joins_leaves_and_deletes_beside_each_other_ends_as_one_after_the_other() {
    let office = Office::new();
    let requests = office.requests();
    let (base, now) = (office.world.store.records(), office.world.clock.now());

    for (at, one) in requests.iter().enumerate() {
        for other in &requests[at..] {
            every_interleaving(&base, now, [one, other]);
        }
    }
}

#[test]
fn clearing_up_behind_a_group_beside_anything_else_ends_as_one_after_the_other() {
    for is_made_anew in [false, true] {
        let office = Office::new();
        office.call("AdminAddUserToGroup", "staff", "jane");
        office.call("DeleteGroup", "staff", "");
        if is_made_anew {
            office.call("CreateGroup", "staff", "");
            office.call("AdminAddUserToGroup", "staff", "joe");
        }
        let (base, now) = (office.world.store.records(), office.world.clock.now());

        for request in office.requests() {
            every_interleaving_with_upkeep(&base, now, &request);
        }
    }
}

#[test]
fn nobody_joins_a_group_that_was_deleted_and_cleared_meanwhile() {
    let office = Office::new();
    let (mut store, now) = (office.world.store.copy(), office.world.clock.now());
    let join = office.request("AdminAddUserToGroup", "staff", "jane");
    let mut joining = Player::new(&join, now, "joins");
    while !joining.is_about_to_commit() {
        joining.store_step(&mut store, None);
    }
    let delete = office.request("DeleteGroup", "staff", "");
    let deleted = Player::new(&delete, now, "deletes").finish(&mut store);
    assert!(deleted.is_ok(), "{deleted:?}");
    for (seed, more) in [("clears", "true"), ("sees nothing", "false")] {
        let cleared = Player::upkeep(now, seed).finish(&mut store);
        assert_eq!(cleared, Ok(more.into()));
    }

    let joined = joining.finish(&mut store);

    let refusal = ("ResourceNotFoundException", "Group not found.");
    assert_eq!(joined, Err((refusal.0.into(), refusal.1.into())));
    let records = store.records();
    let members = records
        .iter()
        .filter(|(key, _)| keys::kind(key) == Some(b'q'));
    assert_eq!(members.count(), 1, "joe among the others");
}

#[test]
fn second_factors_beside_each_other_end_as_one_after_the_other() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene.factors("OPTIONAL");
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    let challenges = [scene.challenge("jane"), scene.challenge("jane")];
    let answer = |challenge: &Value, code: &str| {
        let responses = json!({"SOFTWARE_TOKEN_MFA_CODE": code});
        request(
            "RespondToAuthChallenge",
            &scene.answer(challenge, "jane", responses),
        )
    };
    let (right, wrong) = (scene.totp(0), scene.wrong_totp());
    let [first, second] = [&challenges[0], &challenges[1]];
    let admin = json!({"UserPoolId": scene.pool, "Username": "jane"});
    let off = json!({"UserPoolId": scene.pool, "Username": "jane",
        "SoftwareTokenMfaSettings": {"Enabled": false}});
    let begin = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
    let access = json!({"AccessToken": scene.fact("access")});
    let (one, other) = (answer(first, &right), answer(second, &right));
    let pairs = [
        (&one, &other),
        (&one, &answer(first, &wrong)),
        (&answer(first, &wrong), &answer(second, &wrong)),
        (&one, &request("AdminDeleteSoftwareToken", &admin)),
        (&one, &request("AdminSetUserMFAPreference", &off)),
        (
            &request("InitiateAuth", &begin),
            &request("AdminSetUserMFAPreference", &off),
        ),
        (&one, &request("AdminUserGlobalSignOut", &admin)),
        (&one, &request("AssociateSoftwareToken", &access)),
        (&one, &request("AdminDeleteUser", &admin)),
    ];

    for (one, other) in pairs {
        every_interleaving(&scene.records(), scene.now(), [one, other]);
    }
}
