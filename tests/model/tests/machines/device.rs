//! A device, from the sign-in that made it.

use serde_json::{Value, json};
use userpool_core::model::device::MAX_DEVICES;
use userpool_tests::{
    device::ClientDevice,
    scene::{Scene, text},
};

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.track_devices();
    let reply = scene.password("jane", &Value::Null);
    scene.keep(&reply);
    let device = ClientDevice::of(&reply);
    if state != "tracked" {
        scene.call("ConfirmDevice", device.confirmation(scene.fact("access")));
    }
    match state {
        "not remembered" => happen(&scene, &device, "the word not_remembered"),
        "forgotten" => happen(&scene, &device, "ForgetDevice"),
        _ => {}
    }
    assert_eq!(found(&scene, &device), state);
    happen(&scene, &device, event);
    Some(found(&scene, &device).into())
}

fn of(scene: &Scene, device: &ClientDevice) -> Value {
    json!({"UserPoolId": scene.pool, "Username": "jane", "DeviceKey": device.key})
}

/// Lets something happen, if it can.
fn happen(scene: &Scene, device: &ClientDevice, event: &str) {
    let tell = |word: &str| {
        let mut body = of(scene, device);
        body["DeviceRememberedStatus"] = json!(word);
        drop(scene.try_call("AdminUpdateDeviceStatus", &body));
    };
    match event {
        "ConfirmDevice" => confirm(scene, device),
        "ConfirmDevice where the user's word is waited for" => {
            scene.track_devices_as(json!({"DeviceOnlyRememberedOnUserPrompt": true}));
            confirm(scene, device);
        }
        "the word remembered" => tell("remembered"),
        "the word not_remembered" => tell("not_remembered"),
        "ForgetDevice" => drop(scene.try_call("AdminForgetDevice", &of(scene, device))),
        "a newer device in its place" => {
            for _ in 0..MAX_DEVICES {
                scene.advance(1);
                let made = scene.password("jane", &Value::Null);
                let made = &made["AuthenticationResult"];
                let mut body = device.confirmation(&text(&made["AccessToken"]));
                body["DeviceKey"] = made["NewDeviceMetadata"]["DeviceKey"].clone();
                scene.call("ConfirmDevice", body);
            }
        }
        other => panic!("no event {other}"),
    }
}

fn confirm(scene: &Scene, device: &ClientDevice) {
    let body = device.confirmation(scene.fact("access"));
    drop(scene.try_call("ConfirmDevice", &body));
}

/// Where the device stands for whoever holds the tokens of its sign-in.
fn found(scene: &Scene, device: &ClientDevice) -> &'static str {
    let Ok(reply) = scene.try_call("AdminGetDevice", &of(scene, device)) else {
        let body = device.confirmation(scene.fact("access"));
        let confirmed = scene.copy().try_call("ConfirmDevice", &body);
        return if confirmed.is_ok() {
            "tracked"
        } else {
            "forgotten"
        };
    };
    let told = reply.to_string();
    match (
        told.contains("\"remembered\""),
        told.contains("\"not_remembered\""),
    ) {
        (true, false) => "remembered",
        (false, true) => "not remembered",
        _ => panic!("{told}"),
    }
}
