//! Stories of threat protection: what is seen, how unusual it is, and what follows.

mod breached;
mod demanded;
mod events;
mod feedback;
mod logs;
mod notices;
mod takeover;

use serde_json::{Value, json};
use userpool::ApiError;
use userpool_tests::{pool::PASSWORD, scene::Scene};

/// Where jane is usually, and with what.
const HOME: (&str, &str) = ("192.0.2.7", "home/1");
/// The same device elsewhere.
const AWAY: (&str, &str) = ("198.51.100.1", "home/1");
/// Another device elsewhere.
const STRANGER: (&str, &str) = ("203.0.113.9", "stranger/1");

/// A confirmed user in a pool with threat protection.
fn jane(mode: &str) -> Scene {
    let scene = Scene::with_pool_of(json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": mode}}));
    scene.user("jane");
    scene
}

/// Signs jane in from somewhere, by a password in clear.
fn sign_in_from(scene: &Scene, place: (&str, &str), password: &str) -> Result<Value, ApiError> {
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": password}});
    scene.call_from(place, "InitiateAuth", &body)
}

/// Signs jane in from where she is familiar.
#[track_caller]
fn at_home(scene: &Scene) {
    let reply = sign_in_from(scene, HOME, PASSWORD).expect("tokens");
    assert!(reply["AuthenticationResult"].is_object(), "{reply}");
}

/// The events of jane, the newest first.
fn events(scene: &Scene) -> Vec<Value> {
    let reply = scene.admin("AdminListUserAuthEvents", "jane");
    reply["AuthEvents"].as_array().expect("a list").clone()
}

/// The newest event of jane.
#[track_caller]
fn newest(scene: &Scene) -> Value {
    events(scene).into_iter().next().expect("an event")
}

/// Sets what follows from risks in the pool.
#[track_caller]
fn configure(scene: &Scene, configuration: Value) -> Value {
    let mut body = configuration;
    body["UserPoolId"] = json!(scene.pool);
    scene.call("SetRiskConfiguration", body)
}

/// A configuration in which every level of risk leads to this.
fn every_level(action: &str, notify: bool) -> Value {
    let action = json!({"EventAction": action, "Notify": notify});
    json!({"AccountTakeoverRiskConfiguration": {
        "Actions": {"LowAction": action, "MediumAction": action, "HighAction": action},
        "NotifyConfiguration": {"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com"},
    }})
}
