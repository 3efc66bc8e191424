//! A remembered device proves itself.

use serde_json::{Value, json};

use crate::{claims, with_device};

#[test]
fn a_remembered_device_stands_in_for_the_second_factor() {
    let (scene, device) = with_device();
    let asked = scene.password("jane", &Value::Null);
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");

    let challenge = scene.password("jane", &json!(device.key));
    let reply = scene.proven(&challenge, "jane", &device);

    let result = &reply["AuthenticationResult"];
    assert_eq!(claims(&result["AccessToken"])["device_key"], device.key);
    assert_eq!(result["NewDeviceMetadata"], Value::Null);
}
