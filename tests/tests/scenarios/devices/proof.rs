//! A remembered device proves itself.

use serde_json::{Value, json};

use crate::devices::{INCORRECT, INVALID, UNKNOWN, USED, claims, forget, shown, tell, with_device};

#[test]
fn a_remembered_device_stands_in_for_the_second_factor() {
    let (scene, device) = with_device();
    let asked = scene.password("jane", &Value::Null);
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");
    scene.advance(60);

    let challenge = scene.password("jane", &json!(device.key));
    assert_eq!(challenge["ChallengeParameters"], json!({}));
    let reply = scene.proven(&challenge, "jane", &device);

    let result = &reply["AuthenticationResult"];
    assert_eq!(claims(&result["AccessToken"])["device_key"], device.key);
    assert_eq!(result["NewDeviceMetadata"], Value::Null);
    let (device, _) = shown(&scene, &device);
    let now = scene.now().secs();
    assert_eq!(device["DeviceLastAuthenticatedDate"], json!(now));
    assert_eq!(device["DeviceLastModifiedDate"], json!(now - 60));
}

#[test]
fn both_steps_are_found_without_a_session() {
    let (scene, device) = with_device();
    scene.password("jane", &json!(device.key));
    let body = |name: &str, responses: Value| json!({"ClientId": scene.client, "ChallengeName": name, "ChallengeResponses": responses});
    let begin = body("DEVICE_SRP_AUTH", device.begin("jane"));
    let first = scene.call("RespondToAuthChallenge", begin.clone());
    // The first step may be asked again: a reply that got lost is no loss.
    let second = scene.call("RespondToAuthChallenge", begin);

    let proof = body("DEVICE_PASSWORD_VERIFIER", device.prove(&second));
    let reply = scene.call("RespondToAuthChallenge", proof.clone());

    assert!(reply["AuthenticationResult"]["RefreshToken"].is_string());
    let late = body("DEVICE_PASSWORD_VERIFIER", device.prove(&first));
    for body in [proof, late] {
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), USED);
    }
}

#[test]
fn a_wrong_proof_ends_the_sign_in_and_counts_against_the_device_alone() {
    let (scene, device) = with_device();
    let mut forged = device.clone();
    forged.password = "another".into();
    let attempt = |right: bool| {
        let challenge = scene.password("jane", &json!(device.key));
        let asked = scene.answered(&challenge, "jane", device.begin("jane"));
        let prover = if right { &device } else { &forged };
        (
            scene.answer(&asked, "jane", prover.prove(&asked)),
            scene.answer(&asked, "jane", device.prove(&asked)),
        )
    };
    for _ in 0..4 {
        let (wrong, right) = attempt(false);
        let refusal = scene.refusal("RespondToAuthChallenge", &wrong, "DX");
        assert_eq!(refusal, INCORRECT);
        assert_eq!(scene.refusal("RespondToAuthChallenge", &right, ""), USED);
    }
    let (right, _) = attempt(true);
    scene.call("RespondToAuthChallenge", right);

    for _ in 0..5 {
        let (wrong, _) = attempt(false);
        scene.refusal("RespondToAuthChallenge", &wrong, "DX");
    }
    let challenge = scene.password("jane", &json!(device.key));
    let body = scene.answer(&challenge, "jane", device.begin("jane"));
    let locked = "NotAuthorizedException: Password attempts exceeded";
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), locked);
    let asked = scene.password("jane", &Value::Null);
    assert_eq!(
        asked["ChallengeName"], "EMAIL_OTP",
        "the owner has another way"
    );

    scene.advance(1);
    scene.proven(&challenge, "jane", &device);
}

#[test]
fn a_device_that_is_forgotten_in_the_middle_uses_nothing_up() {
    let (scene, device) = with_device();
    let challenge = scene.password("jane", &json!(device.key));
    let asked = scene.answered(&challenge, "jane", device.begin("jane"));
    forget(&scene, &device);

    for body in [
        scene.answer(&challenge, "jane", device.begin("jane")),
        scene.answer(&asked, "jane", device.prove(&asked)),
    ] {
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), UNKNOWN);
    }
    let body = scene.password_body("jane", &json!(device.key));
    assert_eq!(scene.refusal("InitiateAuth", &body, ""), UNKNOWN);
    let asked = scene.password("jane", &Value::Null);
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");
}

#[test]
fn a_device_that_is_not_remembered_any_more_proves_nothing() {
    let (scene, device) = with_device();
    let challenge = scene.password("jane", &json!(device.key));
    let asked = scene.answered(&challenge, "jane", device.begin("jane"));
    tell(&scene, &device, "not_remembered");

    let body = scene.answer(&asked, "jane", device.prove(&asked));
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
    let challenge = scene.password("jane", &json!(device.key));
    assert_eq!(challenge["ChallengeName"], "EMAIL_OTP");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let reply = scene.answered(&challenge, "jane", code);
    let result = &reply["AuthenticationResult"];
    assert_eq!(result["NewDeviceMetadata"], Value::Null);
    assert_eq!(claims(&result["AccessToken"])["device_key"], device.key);
}

#[test]
fn the_step_of_a_device_dies_with_its_time_the_password_and_a_sign_out() {
    let ends: [fn(&crate::devices::Scene); 3] = [
        |scene| drop(scene.admin("AdminUserGlobalSignOut", "jane")),
        |scene| {
            let body = json!({"UserPoolId": scene.pool, "Username": "jane",
                "Password": "Another-horse-9", "Permanent": true});
            scene.call("AdminSetUserPassword", body);
        },
        |scene| scene.advance(180),
    ];
    for end in ends {
        let (scene, device) = with_device();
        scene.password("jane", &json!(device.key));
        end(&scene);
        let body = json!({"ClientId": scene.client, "ChallengeName": "DEVICE_SRP_AUTH",
            "ChallengeResponses": device.begin("jane")});
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), USED);
    }
}
