//! Stories of second factors: set up, asked for, chosen, taken away.

mod choice;
mod codes;
mod commits;
mod setup;
mod software_token;
mod triggers;

use serde_json::{Value, json};
use userpool_tests::scene::Scene;

/// A confirmed user with a number, in a pool with every second factor.
fn jane(mfa: &str) -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.phone("jane");
    scene.factors(mfa);
    scene
}

/// Settings that switch a factor on.
fn on(member: &str) -> Value {
    json!({member: {"Enabled": true}})
}

/// That a reply has tokens, and nothing more to ask.
#[track_caller]
fn has_tokens(reply: &Value) {
    assert!(
        reply["AuthenticationResult"]["AccessToken"].is_string(),
        "{reply}"
    );
    assert_eq!(reply["ChallengeParameters"], json!({}));
    assert!(reply["ChallengeName"].is_null());
}

/// What an administrator sees of the second factors of a user.
fn shown(scene: &Scene, name: &str) -> (Value, Value) {
    let user = scene.admin("AdminGetUser", name);
    (
        user["UserMFASettingList"].clone(),
        user["PreferredMfaSetting"].clone(),
    )
}
