//! What is left of a group or a user that was deleted: nothing, at once and for ever.

use serde_json::json;
use userpool::testing::{self, Mailbox, TestClock};
use userpool_tests::{
    scene::Scene,
    unreliable::{Failing, Unreliable},
};

use super::{call, group, groups_of, join, members_of, records, upkeep};

/// The list of a group's members, the groups of users, and jobs.
const KINDS: [u8; 3] = [b'q', b'Y', b'J'];

#[test]
fn nobody_is_in_a_new_group_of_an_old_name() {
    for clears_first in [false, true] {
        let scene = Scene::with_pool();
        for user in ["jane", "joe"] {
            scene.user(user);
        }
        for name in ["staff", "others"] {
            group(&scene, name);
            join(&scene, "jane", name);
        }
        call(&scene, "DeleteGroup", json!({ "GroupName": "staff" }));
        assert_eq!(groups_of(&scene, "jane"), ["others"]);
        if clears_first {
            upkeep(&scene);
        }
        group(&scene, "staff");
        assert_eq!(members_of(&scene, "staff"), [""; 0]);
        assert_eq!(groups_of(&scene, "jane"), ["others"]);
        join(&scene, "joe", "staff");
        if clears_first {
            join(&scene, "jane", "staff");
        }
        upkeep(&scene);
        // Clearing up behind the old group touches nobody in the new one.
        let expected: &[&str] = if clears_first {
            &["jane", "joe"]
        } else {
            &["joe"]
        };
        assert_eq!(members_of(&scene, "staff"), expected);
        assert_eq!(records(&scene, b'q'), expected.len() + 1);
    }
}

#[test]
fn who_joined_the_new_group_before_the_old_one_was_cleared_stays_in_it() {
    let scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    join(&scene, "jane", "staff");
    call(&scene, "DeleteGroup", json!({ "GroupName": "staff" }));
    group(&scene, "staff");
    join(&scene, "jane", "staff");
    assert_eq!(records(&scene, b'q'), 2);
    upkeep(&scene);
    assert_eq!(records(&scene, b'q'), 1);
    assert_eq!(groups_of(&scene, "jane"), ["staff"]);
    assert_eq!(members_of(&scene, "staff"), ["jane"]);
}

#[test]
fn a_new_user_of_an_old_name_is_in_no_group() {
    let scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    join(&scene, "jane", "staff");
    scene.admin("AdminDeleteUser", "jane");
    assert_eq!(members_of(&scene, "staff"), [""; 0]);
    assert_eq!(KINDS.map(|kind| records(&scene, kind)), [0; 3]);
    scene.user("jane");
    assert_eq!(groups_of(&scene, "jane"), [""; 0]);
    assert_eq!(members_of(&scene, "staff"), [""; 0]);
}

#[test]
fn who_deletes_the_own_account_leaves_every_group() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    join(&scene, "jane", "staff");
    scene.sign_in("jane");
    scene.call("DeleteUser", json!({ "AccessToken": scene.fact("access") }));
    assert_eq!(members_of(&scene, "staff"), [""; 0]);
    assert_eq!(KINDS.map(|kind| records(&scene, kind)), [0; 3]);
}

#[test]
fn a_user_of_a_hundred_groups_leaves_all_of_them_at_once() {
    let scene = Scene::with_pool();
    scene.user("jane");
    let names: Vec<String> = (0..100).map(|index| format!("group-{index:02}")).collect();
    for name in &names {
        group(&scene, name);
        join(&scene, "jane", name);
    }
    scene.admin("AdminDeleteUser", "jane");
    for name in &names {
        assert_eq!(members_of(&scene, name), [""; 0], "{name}");
    }
    assert!(records(&scene, b'q') > 0, "a job has the rest to do");
    upkeep(&scene);
    assert_eq!(KINDS.map(|kind| records(&scene, kind)), [0; 3]);
}

#[test]
fn a_store_that_fails_at_any_step_leaves_a_job_that_empties_the_group() {
    for (how, steps) in [(Failing::Before, 8), (Failing::After, 3)] {
        let mut scene = Scene::new();
        let store = Unreliable::new(how);
        scene.world.store = store.store().clone();
        scene.world.engine =
            testing::builder(store.clone(), &TestClock::default(), &Mailbox::default())
                .open()
                .expect("threads start");
        scene.move_to_pool_of(json!({}));
        let users: Vec<String> = (0..70).map(|index| format!("user-{index}")).collect();
        for user in &users {
            let body = json!({ "Username": user, "MessageAction": "SUPPRESS" });
            call(&scene, "AdminCreateUser", body);
        }
        let mut fails_at = 0;
        loop {
            for name in ["staff", "others"] {
                group(&scene, name);
            }
            for user in &users {
                join(&scene, user, "staff");
            }
            join(&scene, &users[0], "others");
            store.fail_at(fails_at);
            let body = json!({ "GroupName": "staff", "UserPoolId": scene.pool });
            let mut failures = 0;
            if let Err(error) = scene.try_call("DeleteGroup", &body) {
                assert_eq!(error.name, "InternalErrorException");
                failures += 1;
                // The group is whole or gone, never half of it.
                if scene.try_call("GetGroup", &body).is_ok() {
                    assert_eq!(members_of(&scene, "staff").len(), users.len());
                    scene.call("DeleteGroup", body);
                }
            }
            loop {
                match scene.world.engine.maintain_blocking() {
                    Ok(false) => break,
                    Ok(true) => {}
                    Err(_) => failures += 1,
                }
            }
            store.fail_at(usize::MAX);
            assert_eq!(
                KINDS.map(|kind| records(&scene, kind)),
                [1, 1, 0],
                "{how:?} {fails_at}"
            );
            assert_eq!(groups_of(&scene, &users[0]), ["others"]);
            call(&scene, "DeleteGroup", json!({ "GroupName": "others" }));
            upkeep(&scene);
            if failures == 0 {
                assert!(fails_at > steps, "{how:?} {fails_at}");
                break;
            }
            fails_at += 1;
        }
    }
}

#[test]
fn a_pool_takes_its_groups_along() {
    let scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    group(&scene, "old");
    join(&scene, "jane", "staff");
    join(&scene, "jane", "old");
    call(&scene, "DeleteGroup", json!({ "GroupName": "old" }));
    call(&scene, "DeleteUserPool", json!({}));
    scene.advance(70);
    upkeep(&scene);
    assert_eq!(scene.records().iter().count(), 0);
}
