//! Refresh tokens of devices.

use serde_json::{Value, json};
use userpool_tests::scene::{Scene, text};

use crate::devices::{claims, forget, jane};

const INVALID: &str = "NotAuthorizedException: Invalid Refresh Token";

/// The request for new tokens, by flow or by operation.
fn renewal(scene: &Scene, by_flow: bool, key: &Value) -> (&'static str, Value) {
    let token = scene.fact("refresh");
    if by_flow {
        let parameters = json!({"REFRESH_TOKEN": token, "DEVICE_KEY": key});
        let body = json!({"ClientId": scene.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": parameters});
        ("InitiateAuth", body)
    } else {
        let mut body = json!({"ClientId": scene.client, "RefreshToken": token});
        if !key.is_null() {
            body["DeviceKey"] = key.clone();
        }
        ("GetTokensFromRefreshToken", body)
    }
}

#[test]
fn a_refresh_token_is_good_from_its_confirmed_device_alone() {
    for by_flow in [true, false] {
        let mut scene = jane();
        let other = scene.confirmed_device("jane");
        let device = scene.confirmed_device("jane");

        let (operation, body) = renewal(&scene, by_flow, &json!(device.key));
        let reply = scene.call(operation, body);
        let result = &reply["AuthenticationResult"];
        assert_eq!(claims(&result["AccessToken"])["device_key"], device.key);
        assert!(result["NewDeviceMetadata"].is_null());
        for key in [Value::Null, json!(other.key), json!("us-east-1_unknown")] {
            if key == "us-east-1_unknown" && !by_flow {
                continue;
            }
            let (operation, body) = renewal(&scene, by_flow, &key);
            assert_eq!(scene.refusal(operation, &body, ""), INVALID, "{key}");
        }

        forget(&scene, &device);
        let (operation, body) = renewal(&scene, by_flow, &json!(device.key));
        assert_eq!(scene.refusal(operation, &body, ""), INVALID);
    }
}

#[test]
fn a_refresh_token_of_a_device_that_was_not_confirmed_is_good_for_nothing() {
    let mut scene = jane();
    let reply = scene.password("jane", &Value::Null);
    scene.keep(&reply);
    let key = &reply["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"];
    for key in [&Value::Null, key] {
        let (operation, body) = renewal(&scene, true, key);
        assert_eq!(scene.refusal(operation, &body, ""), INVALID);
    }
}

#[test]
fn rotation_keeps_the_device() {
    let mut scene = jane();
    scene.client = scene.client_of(json!({
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}}));
    let device = scene.confirmed_device("jane");
    for _ in 0..3 {
        let (operation, body) = renewal(&scene, false, &json!(device.key));
        let reply = scene.call(operation, body);
        let token = text(&reply["AuthenticationResult"]["RefreshToken"]);
        scene.facts.insert("refresh", token);
    }
    let (operation, body) = renewal(&scene, false, &Value::Null);
    assert_eq!(scene.refusal(operation, &body, ""), INVALID);
}

#[test]
fn a_pool_that_tracks_no_devices_asks_for_none() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    for key in [Value::Null, json!("us-east-1_unknown")] {
        let (operation, body) = renewal(&scene, true, &key);
        scene.call(operation, body);
    }
}
