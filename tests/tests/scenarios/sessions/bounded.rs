//! How many sessions a user may have at once.

use std::thread;

use serde_json::json;
use userpool_tests::pool::PASSWORD;

use super::{ids, jane, sessions, sign_in, track};

#[test]
fn the_session_that_was_quiet_for_longest_ends_when_one_too_many_begins() {
    let mut scene = jane();
    track(&scene, "ENABLED", 2);
    let (_, first) = sign_in(&mut scene);
    scene.advance(1);
    let (second_access, second) = sign_in(&mut scene);
    scene.advance(1);
    let refresh = |token: &str| json!({"ClientId": scene.client, "RefreshToken": token});
    scene.call("GetTokensFromRefreshToken", refresh(&first));
    let mut later = scene.clone();
    sign_in(&mut later);
    assert_eq!(sessions(&scene).len(), 2);
    let refused = scene.try_call("GetTokensFromRefreshToken", &refresh(&second));
    let refused = refused
        .expect_err("the second was quiet for longer")
        .to_string();
    assert_eq!(
        refused,
        "NotAuthorizedException: Refresh Token has been revoked"
    );
    let refused = scene.try_call("GetUser", &json!({"AccessToken": second_access}));
    assert!(refused.is_err(), "{refused:?}");
    scene.call("GetTokensFromRefreshToken", refresh(&first));
}

#[test]
fn a_lower_bound_tells_at_the_next_sign_in() {
    let mut scene = jane();
    for _ in 0..5 {
        sign_in(&mut scene);
        scene.advance(1);
    }
    let before = ids(&sessions(&scene));
    track(&scene, "ENABLED", 2);
    assert_eq!(ids(&sessions(&scene)), before);
    sign_in(&mut scene);
    let after = ids(&sessions(&scene));
    assert_eq!(after.len(), 2);
    assert_eq!(after[1], before[0]);
}

#[test]
fn sessions_that_ended_make_room_for_others() {
    let mut scene = jane();
    track(&scene, "ENABLED", 2);
    let (_, first) = sign_in(&mut scene);
    sign_in(&mut scene);
    let kept = ids(&sessions(&scene))[0].clone();
    scene.call(
        "RevokeToken",
        json!({"ClientId": scene.client, "Token": first}),
    );
    sign_in(&mut scene);
    assert!(ids(&sessions(&scene)).contains(&kept));
}

#[test]
fn sign_ins_beside_each_other_never_have_more_than_the_bound() {
    let scene = jane();
    track(&scene, "ENABLED", 3);
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
    thread::scope(|scope| {
        for _ in 0..8 {
            // A race that is lost too often is refused as too many requests: nobody is in then.
            scope.spawn(|| drop(scene.try_call("InitiateAuth", &body)));
        }
    });
    assert_eq!(sessions(&scene).len(), 3);
}
