//! Stories of groups: made and changed, who is in them, what they say in tokens, and what is left of them.

mod deletion;
mod lists;
mod tokens;

use serde_json::{Value, json};
use userpool_core::model::keys;
use userpool_tests::scene::Scene;

/// Calls an operation about a group; the pool's id is filled in.
#[track_caller]
fn call(scene: &Scene, operation: &str, mut body: Value) -> Value {
    body["UserPoolId"] = json!(scene.pool);
    scene.call(operation, body)
}

/// The refusal of a call that changes nothing, as `name: text`.
#[track_caller]
fn refused(scene: &Scene, operation: &str, mut body: Value) -> String {
    body["UserPoolId"] = json!(scene.pool);
    scene.refusal(operation, &body, "")
}

/// Makes a group.
#[track_caller]
fn group(scene: &Scene, name: &str) -> Value {
    call(scene, "CreateGroup", json!({ "GroupName": name }))
}

/// Puts a user into a group.
#[track_caller]
fn join(scene: &Scene, user: &str, group: &str) {
    let body = json!({ "GroupName": group, "Username": user });
    assert_eq!(call(scene, "AdminAddUserToGroup", body), Value::Null);
}

/// Takes a user out of a group.
#[track_caller]
fn leave(scene: &Scene, user: &str, group: &str) {
    let body = json!({ "GroupName": group, "Username": user });
    assert_eq!(call(scene, "AdminRemoveUserFromGroup", body), Value::Null);
}

/// The names of a user's groups, all pages.
#[track_caller]
fn groups_of(scene: &Scene, user: &str) -> Vec<String> {
    let body = json!({ "Username": user, "Limit": 2 });
    pages(scene, "AdminListGroupsForUser", body, "Groups", "GroupName")
}

/// The names of the users in a group, all pages, sorted.
#[track_caller]
fn members_of(scene: &Scene, group: &str) -> Vec<String> {
    let body = json!({ "GroupName": group, "Limit": 2 });
    let mut names = pages(scene, "ListUsersInGroup", body, "Users", "Username");
    names.sort();
    names
}

/// One member of every item of every page.
#[track_caller]
fn pages(scene: &Scene, operation: &str, mut body: Value, list: &str, member: &str) -> Vec<String> {
    let limit = body["Limit"].as_u64();
    let mut found = Vec::new();
    loop {
        let reply = call(scene, operation, body.clone());
        let items = reply[list].as_array().expect("a list");
        assert!(items.len() as u64 <= limit.unwrap_or(60));
        found.extend(items.iter().map(|item| {
            let text = item[member].as_str();
            text.expect("a text").to_owned()
        }));
        match reply.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => return found,
        }
    }
}

/// Lets the engine do what it does on its own.
fn upkeep(scene: &Scene) {
    while scene
        .world
        .engine
        .maintain_blocking()
        .expect("the store works")
    {}
}

/// How many records of a kind the store holds.
fn records(scene: &Scene, kind: u8) -> usize {
    let records = scene.records();
    records
        .iter()
        .filter(|(key, _)| keys::kind(key) == Some(kind))
        .count()
}

#[test]
fn a_group_is_made_shown_changed_and_deleted() {
    let scene = Scene::with_pool();
    let role = "arn:aws:iam::000000000000:role/staff";
    let made = call(
        &scene,
        "CreateGroup",
        json!({ "GroupName": "staff", "Description": "Who works here", "RoleArn": role, "Precedence": 3 }),
    )["Group"]
        .clone();
    let date = made["CreationDate"].clone();
    let expected = json!({
        "GroupName": "staff", "UserPoolId": scene.pool, "Description": "Who works here", "RoleArn": role,
        "Precedence": 3, "CreationDate": date, "LastModifiedDate": date,
    });
    assert_eq!(made, expected);
    let shown = || call(&scene, "GetGroup", json!({ "GroupName": "staff" }))["Group"].clone();
    assert_eq!(shown(), expected);

    scene.advance(60);
    let changed = call(
        &scene,
        "UpdateGroup",
        json!({ "GroupName": "staff", "Precedence": 0 }),
    )["Group"]
        .clone();
    let mut expected = expected;
    expected["Precedence"] = json!(0);
    expected["LastModifiedDate"] = changed["LastModifiedDate"].clone();
    assert_eq!(changed, expected);
    assert!(changed["LastModifiedDate"].as_f64() > date.as_f64());
    assert_eq!(shown(), expected);

    let gone = call(&scene, "DeleteGroup", json!({ "GroupName": "staff" }));
    assert_eq!(gone, Value::Null);
    for operation in ["GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup"] {
        assert_eq!(
            refused(&scene, operation, json!({ "GroupName": "staff" })),
            "ResourceNotFoundException: Group not found.",
            "{operation}"
        );
    }
}

#[test]
fn a_group_of_which_nothing_is_said_shows_nothing() {
    let scene = Scene::with_pool();
    let made = group(&scene, "plain")["Group"].clone();
    let names: Vec<&String> = made.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        [
            "CreationDate",
            "GroupName",
            "LastModifiedDate",
            "UserPoolId"
        ]
    );
}

#[test]
fn a_name_belongs_to_one_group_and_its_spelling_counts() {
    let scene = Scene::with_pool();
    group(&scene, "staff");
    group(&scene, "Staff");
    assert_eq!(
        refused(&scene, "CreateGroup", json!({ "GroupName": "staff" })),
        "GroupExistsException: A group with the name already exists"
    );
    let elsewhere = {
        let mut other = scene.clone();
        other.move_to_pool_of(json!({}));
        other
    };
    group(&elsewhere, "staff");
}

#[test]
fn who_is_in_a_group_is_told_by_user_and_by_group() {
    let scene = Scene::with_pool();
    for user in ["jane", "joe", "jim"] {
        scene.user(user);
    }
    for name in ["staff", "admins", "empty"] {
        group(&scene, name);
    }
    join(&scene, "jane", "staff");
    join(&scene, "jane", "admins");
    join(&scene, "joe", "staff");
    assert_eq!(groups_of(&scene, "jane"), ["admins", "staff"]);
    assert_eq!(groups_of(&scene, "joe"), ["staff"]);
    assert_eq!(groups_of(&scene, "jim"), [""; 0]);
    assert_eq!(members_of(&scene, "staff"), ["jane", "joe"]);
    assert_eq!(members_of(&scene, "admins"), ["jane"]);
    assert_eq!(members_of(&scene, "empty"), [""; 0]);

    leave(&scene, "jane", "staff");
    assert_eq!(groups_of(&scene, "jane"), ["admins"]);
    assert_eq!(members_of(&scene, "staff"), ["joe"]);
}

#[test]
fn joining_twice_and_leaving_what_one_is_not_in_change_nothing() {
    let scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    let untouched = scene.records();
    leave(&scene, "jane", "staff");
    assert_eq!(format!("{:?}", scene.records()), format!("{untouched:?}"));
    join(&scene, "jane", "staff");
    let joined = scene.records();
    join(&scene, "jane", "staff");
    assert_eq!(format!("{:?}", scene.records()), format!("{joined:?}"));
    assert_eq!(members_of(&scene, "staff"), ["jane"]);
}

#[test]
fn a_user_is_found_by_any_name() {
    let scene = Scene::with_pool_of(json!({ "AliasAttributes": ["email"] }));
    scene.user("jane");
    group(&scene, "staff");
    join(&scene, "jane@example.com", "staff");
    let shown = scene.admin("AdminGetUser", "jane");
    let sub = shown["UserAttributes"][0]["Value"]
        .as_str()
        .expect("a sub")
        .to_owned();
    assert_eq!(groups_of(&scene, &sub), ["staff"]);
    leave(&scene, &sub, "staff");
    assert_eq!(groups_of(&scene, "jane"), [""; 0]);
}

#[test]
fn a_user_is_in_a_hundred_groups_and_no_more() {
    let scene = Scene::with_pool();
    scene.user("jane");
    for index in 0..=100 {
        group(&scene, &format!("group-{index:03}"));
    }
    for index in 0..100 {
        join(&scene, "jane", &format!("group-{index:03}"));
    }
    let last = json!({ "GroupName": "group-100", "Username": "jane" });
    assert_eq!(
        refused(&scene, "AdminAddUserToGroup", last),
        "LimitExceededException: The user is in as many groups as a user can be in."
    );
    assert_eq!(groups_of(&scene, "jane").len(), 100);
    // A group that was deleted takes nobody's place, even before it is cleared away.
    call(&scene, "DeleteGroup", json!({ "GroupName": "group-050" }));
    join(&scene, "jane", "group-100");
    let groups = groups_of(&scene, "jane");
    assert_eq!(groups.len(), 100);
    assert!(!groups.contains(&"group-050".to_owned()));
    upkeep(&scene);
    assert_eq!(groups_of(&scene, "jane"), groups);
    assert_eq!(records(&scene, b'q'), 100);
}
