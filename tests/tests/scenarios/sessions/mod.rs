//! Stories of sessions: listed, bounded, ended one by one.

mod bounded;
mod ended;
mod listed;

use serde_json::{Value, json};
use userpool_tests::scene::{Scene, text};

/// A confirmed user in a pool that tracks sessions.
fn jane() -> Scene {
    let scene = Scene::with_pool();
    track(&scene, "ENABLED", 20);
    scene.user("jane");
    scene
}

fn track(scene: &Scene, tracking: &str, most: u32) -> Value {
    scene.call(
        "SetUserPoolSessionConfiguration",
        json!({"UserPoolId": scene.pool, "UserSessionTracking": tracking,
            "TokenSession": {"MaxPerUser": most}}),
    )
}

/// Signs jane in; the access token and the refresh token.
fn sign_in(scene: &mut Scene) -> (String, String) {
    scene.sign_in("jane");
    (
        scene.fact("access").to_owned(),
        scene.fact("refresh").to_owned(),
    )
}

/// The sessions that an administrator sees.
fn sessions(scene: &Scene) -> Vec<Value> {
    let reply = scene.admin("AdminListUserSessions", "jane");
    assert!(reply["NextToken"].is_null());
    reply["Sessions"].as_array().expect("a list").clone()
}

/// The ids of sessions.
fn ids(sessions: &[Value]) -> Vec<String> {
    sessions
        .iter()
        .map(|session| text(&session["SessionId"]))
        .collect()
}
