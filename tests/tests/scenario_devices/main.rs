//! Stories of devices: tracked, confirmed, remembered, proven in place of a second factor, forgotten.

mod proof;

use serde_json::{Value, json};
use userpool_tests::{device::ClientDevice, scene::Scene};

/// A user in a pool that tracks devices.
fn jane() -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.track_devices();
    scene
}

/// A user with a remembered device and a code in an e-mail as second factor.
fn with_device() -> (Scene, ClientDevice) {
    let mut scene = jane();
    let device = scene.confirmed_device("jane");
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
    (scene, device)
}

/// The claims of a token.
fn claims(token: &Value) -> Value {
    let token = token.as_str().expect("a token");
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = userpool_crypto::base64::decode_url(payload).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}
