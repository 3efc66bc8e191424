//! Stories of devices: tracked, confirmed, remembered, proven in place of a second factor, forgotten.

mod confirmed;
mod flows;
mod proof;
mod refreshed;
mod triggers;

use serde_json::{Value, json};
use userpool_tests::{
    device::ClientDevice,
    scene::{Scene, text},
};

const UNKNOWN: &str = "ResourceNotFoundException: Device does not exist.";
const INCORRECT: &str = "NotAuthorizedException: Incorrect username or password.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";
const INVALID: &str = "NotAuthorizedException: Invalid session for the user.";

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
    by_mail(&scene);
    (scene, device)
}

/// The user shows a code from an e-mail from now on.
fn by_mail(scene: &Scene) {
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
}

/// The claims of a token.
fn claims(token: &Value) -> Value {
    let token = text(token);
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = userpool_crypto::base64::decode_url(payload).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// A device as administrators see it: the device, and its attributes by name.
fn shown(scene: &Scene, device: &ClientDevice) -> (Value, Value) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "DeviceKey": device.key});
    let reply = scene.call("AdminGetDevice", body);
    let attributes = reply["Device"]["DeviceAttributes"].as_array();
    let attributes = attributes.expect("a list").iter();
    let named = attributes.map(|it| (text(&it["Name"]), it["Value"].clone()));
    (reply["Device"].clone(), named.collect())
}

/// The keys of the user's devices.
fn listed(scene: &Scene) -> Vec<String> {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane"});
    let reply = scene.call("AdminListDevices", body);
    let devices = reply["Devices"].as_array().expect("a list").iter();
    devices.map(|device| text(&device["DeviceKey"])).collect()
}

/// An administrator says whether a device is remembered.
fn tell(scene: &Scene, device: &ClientDevice, status: &str) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "DeviceKey": device.key,
        "DeviceRememberedStatus": status});
    scene.call("AdminUpdateDeviceStatus", body);
}

/// An administrator forgets a device.
fn forget(scene: &Scene, device: &ClientDevice) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "DeviceKey": device.key});
    scene.call("AdminForgetDevice", body);
}
