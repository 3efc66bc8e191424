//! Groups: their own rows, and those of who is in them.

use serde_json::json;
use userpool_ports::{Change, Expect, Key, Write};
use userpool_tests::{ledger::Row, scene::Scene};

use crate::pools::in_pool;

const ROLE: &str = "arn:aws:iam::000000000000:role/staff";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let about_groups = [
        Row::reading("GetGroup", group),
        update_group(),
        Row::new("DeleteGroup", group).also("with members", seated),
        list_users_in_group(),
    ];
    let about_groups = about_groups.into_iter().map(of_group);
    let about_users = [
        add_user(),
        Row::new("AdminRemoveUserFromGroup", seated).also("of several", seated_twice),
    ];
    let about_users = about_users
        .into_iter()
        .map(|row| of_group(row).tells_administrators());
    let lists = [
        list_groups().names_nobody("it is about groups alone"),
        list_groups_for_user().tells_administrators(),
    ];
    let about_groups =
        about_groups.map(|row| row.names_nobody("it is about a group, whoever is in it"));
    let rows = about_groups.chain(about_users).chain(lists);
    rows.chain([create_group()]).map(in_pool).collect()
}

/// Adds the refusals of an operation that takes the name of a group.
fn of_group(row: Row) -> Row {
    row.refuses("ResourceNotFound", "Group not found.", |scene| {
        scene.set("GroupName", "Staff")
    })
    .refuses("ResourceNotFound", "Group not found.", |scene| {
        let body = json!({"UserPoolId": scene.pool, "GroupName": "staff"});
        scene.call("DeleteGroup", body);
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set("GroupName", "two words")
    })
}

/// A group, named in the request.
fn group() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "GroupName": "staff"});
    scene.call("CreateGroup", scene.body.clone());
    scene
}

/// A group and a user, both named in the request.
fn vacant() -> Scene {
    let mut scene = group();
    scene.user("jane");
    scene.set("Username", "jane");
    scene
}

/// A user in a group, both named in the request.
fn seated() -> Scene {
    let scene = vacant();
    scene.call("AdminAddUserToGroup", scene.body.clone());
    scene
}

fn seated_twice() -> Scene {
    let scene = seated();
    join(&scene, "others");
    scene
}

/// Makes another group and puts the user into it.
fn join(scene: &Scene, name: &str) {
    let body = json!({"UserPoolId": scene.pool, "GroupName": name});
    scene.call("CreateGroup", body);
    let body = json!({"UserPoolId": scene.pool, "GroupName": name, "Username": "jane"});
    scene.call("AdminAddUserToGroup", body);
}

fn create_group() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "GroupName": "staff", "Precedence": 0,
            "Description": "Who works here", "RoleArn": ROLE});
        scene
    };
    let second = || {
        let mut scene = group();
        scene.set("GroupName", "others");
        scene
    };
    Row::new("CreateGroup", scene)
        .also("a second one", second)
        .names_nobody("a new group has no members")
        .refuses(
            "GroupExists",
            "A group with the name already exists",
            |scene| {
                scene.call("CreateGroup", scene.body.clone());
            },
        )
        .refuses("LimitExceeded", "", count_to_the_limit)
        .refuses("InvalidParameter", "", |scene| scene.set("Precedence", -1))
        .refuses("InvalidParameter", "", |scene| {
            scene.set("RoleArn", "a role of that name")
        })
        .refuses("InvalidParameter", "", |scene| scene.drop("GroupName"))
}

/// Has the pool count as many groups as a pool may have.
fn count_to_the_limit(scene: &mut Scene) {
    let mut key = vec![
        b'+',
        u8::try_from(scene.pool.len()).expect("an id is short"),
    ];
    key.extend_from_slice(scene.pool.as_bytes());
    let write = Write {
        key: Key::new(key),
        expect: Expect::Absent,
        change: Change::Put {
            // Schema 1, {0: 10000}.
            value: b"\x01\xA1\x00\x19\x27\x10".to_vec().into(),
            expires: None,
        },
    };
    scene.world.store.put(vec![write]);
}

fn update_group() -> Row {
    let scene = || {
        let mut scene = group();
        scene.set("Precedence", 7);
        scene
    };
    Row::new("UpdateGroup", scene)
        .refuses("InvalidParameter", "", |scene| scene.set("Precedence", -1))
        .refuses("InvalidParameter", "", |scene| {
            scene.set("RoleArn", "a role of that name")
        })
}

fn add_user() -> Row {
    let second = || {
        let scene = vacant();
        join(&scene, "others");
        scene
    };
    Row::new("AdminAddUserToGroup", vacant)
        .also("a second group", second)
        .refuses_undeclared("LimitExceeded", "", |scene| {
            for index in 0..100 {
                join(scene, &format!("group-{index}"));
            }
        })
}

fn list_groups() -> Row {
    let scene = || {
        let mut scene = group();
        scene.body = json!({"UserPoolId": scene.pool, "Limit": 1});
        scene
    };
    paged(Row::reading("ListGroups", scene))
}

fn list_groups_for_user() -> Row {
    let scene = || {
        let mut scene = seated();
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane", "Limit": 1});
        scene
    };
    paged(Row::reading("AdminListGroupsForUser", scene))
}

fn list_users_in_group() -> Row {
    let scene = || {
        let mut scene = seated();
        scene.drop("Username");
        scene.set("Limit", 1);
        scene
    };
    paged(Row::reading("ListUsersInGroup", scene))
}

/// Adds the refusals of an operation that gives a list page by page.
fn paged(row: Row) -> Row {
    row.refuses(
        "InvalidParameter",
        "Invalid pagination token given.",
        |scene| scene.set("NextToken", "another"),
    )
    .refuses("InvalidParameter", "", |scene| scene.set("Limit", 61))
}
