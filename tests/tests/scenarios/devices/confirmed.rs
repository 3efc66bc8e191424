//! Devices tracked, confirmed, shown and told about.

use serde_json::{Value, json};
use userpool_core::model::keys;
use userpool_tests::{device::ClientDevice, scene::Scene};

use crate::devices::{claims, forget, jane, listed, shown, tell};

#[test]
fn a_sign_in_without_a_known_device_makes_a_new_one() {
    let mut scene = jane();
    let reply = scene.password("jane", &Value::Null);
    scene.keep(&reply);
    let device = ClientDevice::of(&reply);
    assert!(device.key.starts_with("us-east-1_"), "{}", device.key);
    assert_eq!(device.group.len(), 9);
    assert!(device.group.starts_with('-'));
    let access = claims(&reply["AuthenticationResult"]["AccessToken"]);
    assert_eq!(access["device_key"], device.key);
    assert_eq!(listed(&scene), [""; 0], "it was not confirmed");

    let other = ClientDevice::of(&scene.password("jane", &Value::Null));

    assert_ne!(other.key, device.key);
    assert_ne!(other.group, device.group);
    let body = other.confirmation(scene.fact("access"));
    assert_eq!(
        scene.refusal("ConfirmDevice", &body, ""),
        "InvalidParameterException: Invalid device key given.",
    );
}

#[test]
fn a_confirmed_device_is_shown_with_its_name_dates_and_address() {
    let mut scene = jane();
    let reply = scene.password("jane", &Value::Null);
    scene.keep(&reply);
    scene.advance(5);
    let device = ClientDevice::of(&reply);
    let body = device.confirmation(scene.fact("access"));
    let reply = scene.call("ConfirmDevice", body);
    assert_eq!(reply, json!({"UserConfirmationNecessary": false}));

    let (described, attributes) = shown(&scene, &device);
    let now = scene.now().secs();
    assert_eq!(described["DeviceKey"], device.key);
    assert_eq!(described["DeviceCreateDate"], json!(now));
    assert_eq!(described["DeviceLastModifiedDate"], json!(now));
    assert_eq!(described["DeviceLastAuthenticatedDate"], json!(now - 5));
    let owner = format!("jane.{}", scene.pool);
    let arn = format!(
        "arn:aws:cognito-idp:us-east-1:000000000000:owner/{owner}/device/{}",
        device.key
    );
    let expected = json!({"device_status": "valid", "device_name": "laptop",
        "dev:device_arn": arn, "dev:device_owner": owner,
        "dev:device_remembered_status": "remembered"});
    assert_eq!(attributes, expected);

    let own = json!({"AccessToken": scene.fact("access"), "DeviceKey": device.key});
    let own = scene.call("GetDevice", own);
    let expected = json!([{"Name": "device_status", "Value": "valid"},
        {"Name": "device_name", "Value": "laptop"}]);
    assert_eq!(own["Device"]["DeviceAttributes"], expected);
}

#[test]
fn a_device_is_remembered_once_its_user_says_so_where_the_pool_waits_for_that() {
    let mut scene = jane();
    scene.track_devices_as(json!({"ChallengeRequiredOnNewDevice": true,
        "DeviceOnlyRememberedOnUserPrompt": true}));
    let reply = scene.password("jane", &Value::Null);
    scene.keep(&reply);
    let device = ClientDevice::of(&reply);
    let body = device.confirmation(scene.fact("access"));
    let reply = scene.call("ConfirmDevice", body);
    assert_eq!(reply, json!({"UserConfirmationNecessary": true}));
    let status = |scene: &Scene| shown(scene, &device).1["dev:device_remembered_status"].clone();
    assert_eq!(status(&scene), "not_remembered");
    let tokens = scene.password("jane", &json!(device.key));
    assert!(tokens["AuthenticationResult"]["AccessToken"].is_string());

    scene.advance(7);
    let mut body = json!({"AccessToken": scene.fact("access"), "DeviceKey": device.key});
    scene.call("UpdateDeviceStatus", body.clone());
    assert_eq!(status(&scene), "not_remembered", "nothing was said");
    body["DeviceRememberedStatus"] = json!("remembered");
    scene.call("UpdateDeviceStatus", body);

    assert_eq!(status(&scene), "remembered");
    let (described, _) = shown(&scene, &device);
    let now = scene.now().secs();
    assert_eq!(described["DeviceLastModifiedDate"], json!(now));
    let challenge = scene.password("jane", &json!(device.key));
    scene.proven(&challenge, "jane", &device);
}

#[test]
fn the_fifty_first_device_takes_the_place_of_the_quietest() {
    let mut scene = jane();
    let mut devices = Vec::new();
    for _ in 0..50 {
        devices.push(scene.confirmed_device("jane"));
        scene.advance(1);
    }
    tell(&scene, &devices[0], "not_remembered");
    // The first signs in again, so that the second is the quietest.
    scene.password("jane", &json!(devices[0].key));
    assert_eq!(listed(&scene).len(), 50);

    let last = scene.confirmed_device("jane");

    let keys = listed(&scene);
    assert_eq!(keys.len(), 50);
    assert!(keys.contains(&last.key));
    assert!(keys.contains(&devices[0].key));
    assert!(!keys.contains(&devices[1].key));
}

#[test]
fn lists_come_in_pages() {
    let mut scene = jane();
    let mut keys: Vec<String> = (0..5).map(|_| scene.confirmed_device("jane").key).collect();
    keys.sort();
    for operation in ["ListDevices", "AdminListDevices"] {
        let mut body = match operation {
            "ListDevices" => json!({"AccessToken": scene.fact("access"), "Limit": 2}),
            _ => json!({"UserPoolId": scene.pool, "Username": "jane", "Limit": 2}),
        };
        let mut found = Vec::new();
        let mut pages = 0;
        loop {
            let reply = scene.call(operation, body.clone());
            let devices = reply["Devices"].as_array().expect("a list").iter();
            found.extend(devices.map(|device| crate::devices::text(&device["DeviceKey"])));
            pages += 1;
            if reply["PaginationToken"].is_null() {
                break;
            }
            body["PaginationToken"] = reply["PaginationToken"].clone();
        }
        assert_eq!((pages, &found), (3, &keys), "{operation}");
    }
}

#[test]
fn a_deleted_user_leaves_no_device_behind() {
    let mut scene = jane();
    for _ in 0..3 {
        scene.confirmed_device("jane");
    }
    let devices = |scene: &Scene| {
        let records = scene.records();
        let kinds = records.iter().filter_map(|(key, _)| keys::kind(key));
        kinds.filter(|kind| b"Dd".contains(kind)).count()
    };
    assert_eq!(devices(&scene), 4);

    scene.admin("AdminDeleteUser", "jane");
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": "Correct-horse-9"}});
    scene.refusal("InitiateAuth", &body, "");
    while scene
        .world
        .engine
        .maintain_blocking()
        .expect("the store works")
    {}

    assert_eq!(devices(&scene), 0);
}

#[test]
fn a_pool_that_stops_to_track_knows_no_devices_until_it_goes_on() {
    let mut scene = jane();
    let device = scene.confirmed_device("jane");
    let off = json!({"UserPoolId": scene.pool, "AutoVerifiedAttributes": ["email"]});
    scene.call("UpdateUserPool", off);

    let reply = scene.password("jane", &Value::Null);
    assert!(reply["AuthenticationResult"]["NewDeviceMetadata"].is_null());
    assert_eq!(listed(&scene), [""; 0]);
    let body = scene.password_body("jane", &json!(device.key));
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        crate::devices::UNKNOWN
    );

    scene.track_devices();
    let challenge = scene.password("jane", &json!(device.key));
    scene.proven(&challenge, "jane", &device);
    forget(&scene, &device);
    assert_eq!(listed(&scene), [""; 0]);
}
