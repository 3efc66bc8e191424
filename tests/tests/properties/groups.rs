//! A small model of groups and the engine live through the same random histories and agree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, test_runner::RngSeed};
use serde_json::{Value, json};
use userpool_core::model::keys;
use userpool_crypto::base64;
use userpool_tests::{pool::PASSWORD, scene::Scene};

/// The users and the groups in play.
const USERS: [&str; 3] = ["ada", "bob", "cleo"];
const GROUPS: [&str; 4] = ["a", "b", "c", "d"];

/// One thing that somebody does. Numbers pick a user, a group, a precedence and a role.
#[derive(Clone, Debug)]
enum Act {
    MakeGroup(usize, Option<i32>, Option<u8>),
    ChangeGroup(usize, Option<i32>, Option<u8>),
    DeleteGroup(usize),
    MakeUser(usize),
    DeleteUser(usize),
    Join(usize, usize),
    Leave(usize, usize),
    SignIn(usize),
    Upkeep,
}

fn act() -> impl Strategy<Value = Act> {
    let (user, group) = (0..USERS.len(), 0..GROUPS.len());
    let shape = (
        group.clone(),
        proptest::option::of(0..3_i32),
        proptest::option::of(0..3_u8),
    );
    let seat = (user.clone(), group.clone());
    prop_oneof![
        5 => shape.clone().prop_map(|(g, precedence, role)| Act::MakeGroup(g, precedence, role)),
        2 => shape.prop_map(|(g, precedence, role)| Act::ChangeGroup(g, precedence, role)),
        2 => group.prop_map(Act::DeleteGroup),
        3 => user.clone().prop_map(Act::MakeUser),
        1 => user.clone().prop_map(Act::DeleteUser),
        8 => seat.clone().prop_map(|(u, g)| Act::Join(u, g)),
        3 => seat.prop_map(|(u, g)| Act::Leave(u, g)),
        4 => user.prop_map(Act::SignIn),
        1 => Just(Act::Upkeep),
    ]
}

/// What the model knows: precedence and role of each group, who there is, and who is in which group.
#[derive(Debug, Default)]
struct Model {
    groups: BTreeMap<usize, (Option<i32>, Option<u8>)>,
    users: BTreeSet<usize>,
    seats: BTreeSet<(usize, usize)>,
}

/// What the model expects: success, or an error's name.
type Expected = Result<(), &'static str>;

const NO_GROUP: Expected = Err("ResourceNotFoundException");
const NO_USER: Expected = Err("UserNotFoundException");

impl Model {
    fn take(&mut self, act: &Act) -> Expected {
        match *act {
            Act::MakeGroup(group, ..) if self.groups.contains_key(&group) => {
                return Err("GroupExistsException");
            }
            Act::MakeGroup(group, precedence, role) => {
                self.groups.insert(group, (precedence, role));
            }
            Act::ChangeGroup(group, precedence, role) => {
                let Some(held) = self.groups.get_mut(&group) else {
                    return NO_GROUP;
                };
                *held = (precedence.or(held.0), role.or(held.1));
            }
            Act::DeleteGroup(group) => {
                self.seats.retain(|(_, held)| *held != group);
                return self
                    .groups
                    .remove(&group)
                    .map(drop)
                    .ok_or("ResourceNotFoundException");
            }
            Act::MakeUser(user) if !self.users.insert(user) => {
                return Err("UsernameExistsException");
            }
            Act::DeleteUser(user) => {
                self.seats.retain(|(held, _)| *held != user);
                return if self.users.remove(&user) {
                    Ok(())
                } else {
                    NO_USER
                };
            }
            Act::Join(_, group) | Act::Leave(_, group) if !self.groups.contains_key(&group) => {
                return NO_GROUP;
            }
            Act::Join(user, _) | Act::Leave(user, _) | Act::SignIn(user)
                if !self.users.contains(&user) =>
            {
                return NO_USER;
            }
            Act::Join(user, group) => drop(self.seats.insert((user, group))),
            Act::Leave(user, group) => drop(self.seats.remove(&(user, group))),
            Act::MakeUser(_) | Act::SignIn(_) | Act::Upkeep => {}
        }
        Ok(())
    }

    fn groups_of(&self, user: usize) -> Vec<usize> {
        let seats = self.seats.iter().filter(|(held, _)| *held == user);
        seats.map(|(_, group)| *group).collect()
    }

    fn members_of(&self, group: usize) -> Vec<usize> {
        let seats = self.seats.iter().filter(|(_, held)| *held == group);
        seats.map(|(user, _)| *user).collect()
    }

    /// The claims `cognito:groups`, `cognito:roles` and `cognito:preferred_role` of a user.
    fn claims(&self, user: usize) -> [Value; 3] {
        let mut held: Vec<(i64, usize, Option<u8>)> = Vec::new();
        for group in self.groups_of(user) {
            let (precedence, role) = self.groups[&group];
            held.push((precedence.map_or(1_000, i64::from), group, role));
        }
        held.sort_unstable();
        let groups: Vec<&str> = held.iter().map(|(_, group, _)| GROUPS[*group]).collect();
        let with_role: Vec<(i64, u8)> = held
            .iter()
            .filter_map(|(precedence, _, role)| role.map(|role| (*precedence, role)))
            .collect();
        let mut roles: Vec<String> = Vec::new();
        for (_, role) in &with_role {
            if !roles.contains(&arn(*role)) {
                roles.push(arn(*role));
            }
        }
        let best = with_role.iter().map(|(precedence, _)| *precedence).min();
        let best: BTreeSet<u8> = with_role
            .iter()
            .filter(|(precedence, _)| Some(*precedence) == best)
            .map(|(_, role)| *role)
            .collect();
        let preferred = match best.len() {
            1 => best.first().map_or(Value::Null, |role| json!(arn(*role))),
            _ => Value::Null,
        };
        let list = |list: Value| {
            let is_empty = list.as_array().is_some_and(Vec::is_empty);
            if is_empty { Value::Null } else { list }
        };
        [list(json!(groups)), list(json!(roles)), preferred]
    }
}

fn arn(role: u8) -> String {
    format!("arn:aws:iam::000000000000:role/r{role}")
}

/// Does one thing with the engine: success, with the ID token's claims of a sign-in, or the error's name.
fn take(scene: &Scene, act: &Act) -> Result<Option<[Value; 3]>, String> {
    let call = |operation: &str, body: Value| {
        let reply = scene.try_call(operation, &body);
        reply.map_err(|error| error.name.to_string())
    };
    let pool = &scene.pool;
    let shaped = |group: usize, precedence: Option<i32>, role: Option<u8>| {
        let mut body = json!({"UserPoolId": pool, "GroupName": GROUPS[group]});
        if let Some(precedence) = precedence {
            body["Precedence"] = json!(precedence);
        }
        if let Some(role) = role {
            body["RoleArn"] = json!(arn(role));
        }
        body
    };
    let seat = |user: usize, group: usize| json!({"UserPoolId": pool, "GroupName": GROUPS[group], "Username": USERS[user]});
    match *act {
        Act::MakeGroup(group, precedence, role) => {
            call("CreateGroup", shaped(group, precedence, role))?
        }
        Act::ChangeGroup(group, precedence, role) => {
            call("UpdateGroup", shaped(group, precedence, role))?
        }
        Act::DeleteGroup(group) => call("DeleteGroup", shaped(group, None, None))?,
        Act::MakeUser(user) => {
            let user = json!({"UserPoolId": pool, "Username": USERS[user]});
            let mut made = user.clone();
            made["MessageAction"] = json!("SUPPRESS");
            call("AdminCreateUser", made)?;
            let mut set = user;
            set["Password"] = json!(PASSWORD);
            set["Permanent"] = json!(true);
            call("AdminSetUserPassword", set)?
        }
        Act::DeleteUser(user) => call(
            "AdminDeleteUser",
            json!({"UserPoolId": pool, "Username": USERS[user]}),
        )?,
        Act::Join(user, group) => call("AdminAddUserToGroup", seat(user, group))?,
        Act::Leave(user, group) => call("AdminRemoveUserFromGroup", seat(user, group))?,
        Act::SignIn(user) => {
            let reply = call(
                "InitiateAuth",
                json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": {"USERNAME": USERS[user], "PASSWORD": PASSWORD}}),
            )?;
            let token = reply["AuthenticationResult"]["IdToken"]
                .as_str()
                .expect("a token");
            let payload = token
                .split('.')
                .nth(1)
                .and_then(base64::decode_url)
                .expect("a payload");
            let claims: Value = serde_json::from_slice(&payload).expect("JSON");
            let names = ["cognito:groups", "cognito:roles", "cognito:preferred_role"];
            return Ok(Some(names.map(|name| claims[name].clone())));
        }
        Act::Upkeep => {
            upkeep(scene);
            Value::Null
        }
    };
    Ok(None)
}

fn upkeep(scene: &Scene) {
    while scene
        .world
        .engine
        .maintain_blocking()
        .expect("the store works")
    {}
}

/// The names in a list that fits on one page.
fn listed(scene: &Scene, operation: &str, body: Value, list: &str, member: &str) -> Vec<String> {
    let reply = scene.call(operation, body);
    let items = reply[list].as_array().expect("a list").iter();
    let mut names: Vec<String> = items
        .map(|item| item[member].as_str().expect("a name").to_owned())
        .collect();
    names.sort_unstable();
    names
}

fn compare(scene: &Scene, model: &Model) {
    let pool = &scene.pool;
    let groups: Vec<&str> = model.groups.keys().map(|group| GROUPS[*group]).collect();
    let body = json!({ "UserPoolId": pool });
    assert_eq!(
        listed(scene, "ListGroups", body, "Groups", "GroupName"),
        groups
    );
    for user in &model.users {
        let body = json!({"UserPoolId": pool, "Username": USERS[*user]});
        let found = listed(scene, "AdminListGroupsForUser", body, "Groups", "GroupName");
        let names: Vec<&str> = model
            .groups_of(*user)
            .iter()
            .map(|group| GROUPS[*group])
            .collect();
        assert_eq!(found, names, "the groups of {}", USERS[*user]);
    }
    for group in model.groups.keys() {
        let body = json!({"UserPoolId": pool, "GroupName": GROUPS[*group]});
        let found = listed(scene, "ListUsersInGroup", body, "Users", "Username");
        let names: Vec<&str> = model
            .members_of(*group)
            .iter()
            .map(|user| USERS[*user])
            .collect();
        assert_eq!(found, names, "the members of {}", GROUPS[*group]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_engine_and_the_model_of_groups_agree(acts in proptest::collection::vec(act(), 1..60)) {
        let scene = Scene::with_pool();
        let mut model = Model::default();
        for act in &acts {
            let expected = model.take(act);
            let found = take(&scene, act);
            prop_assert_eq!(
                found.as_ref().map(drop).map_err(String::as_str),
                expected,
                "{:?}", act
            );
            if let (Ok(Some(claims)), Act::SignIn(user)) = (found, act) {
                prop_assert_eq!(claims, model.claims(*user));
            }
            compare(&scene, &model);
        }
        // Nothing is left of what was deleted.
        upkeep(&scene);
        let records = scene.records();
        let count = |kind: u8| records.iter().filter(|(key, _)| keys::kind(key) == Some(kind)).count();
        prop_assert_eq!(count(b'q'), model.seats.len());
        let seated: BTreeSet<usize> = model.seats.iter().map(|(user, _)| *user).collect();
        prop_assert_eq!(count(b'Y'), seated.len());
        prop_assert_eq!(count(b'Q'), model.groups.len());
        prop_assert_eq!(count(b'J'), 0);
    }
}
