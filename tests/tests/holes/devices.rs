//! Devices: another's taken for one's own, proofs forged and replayed, steps passed by.

use std::thread;

use serde_json::{Value, json};
use userpool_tests::{device::ClientDevice, pool::PASSWORD, scene::Scene};

use super::{INCORRECT, WRONG};

const UNKNOWN: &str = "ResourceNotFoundException: Device does not exist.";
const INVALID: &str = "NotAuthorizedException: Invalid session for the user.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";
const LOCKED: &str = "NotAuthorizedException: Password attempts exceeded";
const WRONG_KEY: &str = "InvalidParameterException: Invalid device key given.";

/// A user with a remembered device, who needs a code from an e-mail elsewhere.
fn jane() -> (Scene, ClientDevice) {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.track_devices();
    let device = scene.confirmed_device("jane");
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
    (scene, device)
}

/// The sign-in from a device as far as its second challenge.
fn asked(scene: &Scene, device: &ClientDevice) -> (Value, Value) {
    let challenge = scene.password("jane", &json!(device.key));
    let asked = scene.answered(&challenge, "jane", device.begin("jane"));
    (challenge, asked)
}

#[track_caller]
fn refused(scene: &Scene, body: &Value, changes: &str, refusal: &str) {
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", body, changes),
        refusal
    );
}

#[test]
fn a_key_alone_lets_nobody_in() {
    let (scene, device) = jane();
    let challenge = scene.password("jane", &json!(device.key));
    assert!(challenge["AuthenticationResult"].is_null());
    for name in [
        "DEVICE_PASSWORD_VERIFIER",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "SELECT_MFA_TYPE",
        "MFA_SETUP",
        "NEW_PASSWORD_REQUIRED",
        "CUSTOM_CHALLENGE",
        "SELECT_CHALLENGE",
    ] {
        let responses = json!({"DEVICE_KEY": device.key, "SRP_A": "5", "ANSWER": "EMAIL_OTP",
            "EMAIL_OTP_CODE": "123456", "SOFTWARE_TOKEN_MFA_CODE": "123456",
            "NEW_PASSWORD": WRONG, "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
            "PASSWORD_CLAIM_SIGNATURE": "A".repeat(44),
            "TIMESTAMP": "Sat Mar 14 15:09:26 UTC 2026"});
        let mut body = scene.answer(&challenge, "jane", responses);
        body["ChallengeName"] = json!(name);
        let refusal = match name {
            "DEVICE_PASSWORD_VERIFIER" => INCORRECT,
            _ => INVALID,
        };
        refused(&scene, &body, "", refusal);
    }
}

#[test]
fn no_other_session_leads_to_the_proof_of_a_device() {
    let (scene, device) = jane();
    let mail = scene.password("jane", &Value::Null);
    assert_eq!(mail["ChallengeName"], "EMAIL_OTP");
    scene.password("jane", &json!(device.key));
    let mut body = scene.answer(&mail, "jane", device.begin("jane"));
    body["ChallengeName"] = json!("DEVICE_SRP_AUTH");
    refused(&scene, &body, "", INVALID);
    body["Session"] = json!("x".repeat(40));
    refused(&scene, &body, "", INVALID);
}

#[test]
fn a_device_without_a_password_lets_nobody_in() {
    let (scene, device) = jane();
    let body = json!({"ClientId": scene.client, "ChallengeName": "DEVICE_SRP_AUTH",
        "ChallengeResponses": device.begin("jane")});
    refused(&scene, &body, "", USED);
    let mut wrong = scene.password_body("jane", &json!(device.key));
    wrong["AuthParameters"]["PASSWORD"] = json!(WRONG);
    assert_eq!(scene.refusal("InitiateAuth", &wrong, "A"), INCORRECT);
    refused(&scene, &body, "", USED);
    // A step at one client is none at another.
    scene.password("jane", &json!(device.key));
    let mut elsewhere = body.clone();
    elsewhere["ClientId"] = json!(scene.hiding);
    refused(&scene, &elsewhere, "", USED);
    scene.call("RespondToAuthChallenge", body);
}

#[test]
fn the_device_of_another_user_pool_or_nobody_is_unknown() {
    let (mut scene, device) = jane();
    scene.user("joe");
    let joes = scene.confirmed_device("joe");
    let of_nobody = "us-east-1_00000000-0000-4000-8000-000000000000";
    for key in [
        joes.key.as_str(),
        of_nobody,
        &device.key.to_uppercase(),
        &device.key.replace("us-east-1", "eu-west-1"),
        &format!("{} ", device.key),
        "us-east-1_",
        "none",
        &"x".repeat(10_000),
    ] {
        let body = scene.password_body("jane", &json!(key));
        assert_eq!(
            scene.refusal("InitiateAuth", &body, ""),
            UNKNOWN,
            "{key:.60}"
        );
    }
    // Both steps, with a Session that is good for one's own.
    let (challenge, proof) = asked(&scene, &device);
    refused(
        &scene,
        &scene.answer(&challenge, "jane", joes.begin("jane")),
        "",
        UNKNOWN,
    );
    let mut responses = device.prove(&proof);
    responses["DEVICE_KEY"] = json!(joes.key);
    refused(
        &scene,
        &scene.answer(&proof, "jane", responses),
        "",
        UNKNOWN,
    );
    // The same key in another pool, whose user has the same name.
    scene.move_to_pool_of(json!({}));
    scene.user("jane");
    scene.track_devices();
    let body = scene.password_body("jane", &json!(device.key));
    assert_eq!(scene.refusal("InitiateAuth", &body, ""), UNKNOWN);
}

#[test]
fn a_device_is_confirmed_with_its_own_token_alone_and_once() {
    let (mut scene, device) = jane();
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": false}}));
    scene.user("joe");
    let reply = scene.password("joe", &Value::Null);
    let joes = ClientDevice::of(&reply);
    scene.keep(&reply);
    let access = scene.fact("access").to_owned();
    let refusal = |body: &Value| scene.refusal("ConfirmDevice", body, "");
    assert_eq!(refusal(&device.confirmation(&access)), WRONG_KEY);
    scene.call("ConfirmDevice", joes.confirmation(&access));
    let exists = "DeviceKeyExistsException: A device with this key exists already.";
    assert_eq!(refusal(&joes.confirmation(&access)), exists);
    // A token that was given to a known device makes no other secret for it either, nor a forgotten one known.
    let body = json!({"AccessToken": access, "DeviceKey": joes.key});
    scene.call("ForgetDevice", body);
    assert_eq!(refusal(&joes.confirmation(&access)), UNKNOWN);
}

#[test]
fn what_was_made_for_one_device_or_user_proves_nothing_for_another() {
    let (mut scene, device) = jane();
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": false}}));
    let second = scene.confirmed_device("jane");
    scene.user("joe");
    let joes = scene.confirmed_device("joe");
    let (_, first_asked) = asked(&scene, &device);
    let (_, second_asked) = asked(&scene, &second);

    // The block of one device with the key of another, and with its Session.
    let mut responses = device.prove(&first_asked);
    responses["DEVICE_KEY"] = json!(second.key);
    refused(
        &scene,
        &scene.answer(&first_asked, "jane", responses.clone()),
        "",
        INCORRECT,
    );
    refused(
        &scene,
        &scene.answer(&second_asked, "jane", responses),
        "",
        INCORRECT,
    );
    // The right proof with the Session of the other device.
    let body = scene.answer(&second_asked, "jane", device.prove(&first_asked));
    refused(&scene, &body, "", INVALID);
    // The right proof in the name of another, with the own key and with the other's.
    let mut responses = device.prove(&first_asked);
    responses["USERNAME"] = json!("joe");
    refused(
        &scene,
        &scene.answer(&first_asked, "joe", responses.clone()),
        "",
        UNKNOWN,
    );
    responses["DEVICE_KEY"] = json!(joes.key);
    let mut body = scene.answer(&first_asked, "joe", responses);
    refused(&scene, &body, "", INCORRECT);
    // At another client.
    body = scene.answer(&first_asked, "jane", device.prove(&first_asked));
    body["ClientId"] = json!(scene.hiding);
    refused(&scene, &body, "", INCORRECT);
    body["ClientId"] = json!(scene.client);
    scene.call("RespondToAuthChallenge", body);
}

#[test]
fn blocks_of_passwords_and_of_devices_are_not_taken_for_each_other() {
    let (scene, device) = jane();
    let (_, proof) = asked(&scene, &device);
    let stage = scene.stage();
    let client = stage.srp_begin("jane").expect("a challenge");
    let of_password = client.parameters["SECRET_BLOCK"].clone();

    let mut responses = device.prove(&proof);
    responses["PASSWORD_CLAIM_SECRET_BLOCK"] = json!(of_password);
    refused(
        &scene,
        &scene.answer(&proof, "jane", responses),
        "",
        INCORRECT,
    );
    let mut responses = device.prove(&proof);
    responses["DEVICE_KEY"] = Value::Null;
    let body = json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": responses});
    refused(&scene, &body, "", INCORRECT);
}

#[test]
fn a_proof_counts_once_and_not_for_the_next_sign_in() {
    let (scene, device) = jane();
    let (challenge, proof) = asked(&scene, &device);
    let body = scene.answer(&proof, "jane", device.prove(&proof));
    scene.call("RespondToAuthChallenge", body.clone());
    refused(&scene, &body, "", USED);
    // A later sign-in waits in the same place: what was made for the earlier one does not fit it.
    let again = scene.password("jane", &json!(device.key));
    refused(&scene, &body, "", USED);
    let mut alone = body;
    alone.as_object_mut().expect("a body").remove("Session");
    refused(&scene, &alone, "", USED);
    refused(
        &scene,
        &scene.answer(&challenge, "jane", device.begin("jane")),
        "",
        USED,
    );
    scene.proven(&again, "jane", &device);
}

#[test]
fn public_values_that_need_no_secret_are_refused() {
    let (scene, device) = jane();
    let challenge = scene.password("jane", &json!(device.key));
    let n = {
        // N, as everybody knows it: the verifier N - 1 is refused at the confirmation, and A = N here.
        let bytes = userpool_crypto::srp::ELEMENT_BYTES;
        "F".repeat(bytes * 2)
    };
    for a in ["0", "00", "", "-1", "x", &n, &"0".repeat(2_000)] {
        let mut responses = device.begin("jane");
        responses["SRP_A"] = json!(a);
        let body = scene.answer(&challenge, "jane", responses);
        let refusal = scene.refusal("RespondToAuthChallenge", &body, "");
        assert!(
            refusal.starts_with("InvalidParameterException"),
            "{refusal}"
        );
    }
}

#[test]
fn guessers_beside_each_other_count_exactly_and_one_right_proof_lets_in_once() {
    let (scene, device) = jane();
    let mut forged = device.clone();
    forged.password = "another".into();
    // One step a device and client: all proofs answer the same step, whose first answer ends it.
    let (_, proof) = asked(&scene, &device);
    let right = scene.answer(&proof, "jane", device.prove(&proof));
    let wrong = scene.answer(&proof, "jane", forged.prove(&proof));
    let ends: Vec<String> = thread::scope(|scope| {
        let guessers: Vec<_> = (0..32)
            .map(|at| {
                let body = if at % 4 == 1 { &right } else { &wrong };
                let scene = &scene;
                scope.spawn(move || scene.try_call("RespondToAuthChallenge", body))
            })
            .collect();
        let ends = guessers
            .into_iter()
            .map(|guesser| guesser.join().expect("no panic"));
        ends.map(|end| end.map_or_else(|error| error.to_string(), |_| "tokens".into()))
            .collect()
    });
    let judged = ends
        .iter()
        .filter(|end| *end == "tokens" || *end == INCORRECT);
    assert_eq!(judged.count(), 1, "{ends:?}");
    let others = [
        USED,
        "TooManyRequestsException: Rate exceeded",
        "tokens",
        INCORRECT,
    ];
    assert!(
        ends.iter().all(|end| others.contains(&end.as_str())),
        "{ends:?}"
    );
}

#[test]
fn wrong_proofs_lock_the_device_as_wrong_passwords_lock_the_user() {
    let (scene, device) = jane();
    let mut forged = device.clone();
    forged.password = "another".into();
    for lock in [0, 0, 0, 0, 1, 2, 4] {
        let (_, proof) = asked(&scene, &device);
        let body = scene.answer(&proof, "jane", forged.prove(&proof));
        refused(&scene, &body, "DX", INCORRECT);
        if lock > 0 {
            let challenge = scene.password("jane", &json!(device.key));
            let body = scene.answer(&challenge, "jane", device.begin("jane"));
            refused(&scene, &body, "", LOCKED);
            scene.advance(lock - 1);
            refused(&scene, &body, "", LOCKED);
            scene.advance(1);
        }
    }
    // The lock is the device's: neither the password nor another device is concerned.
    let (challenge, _) = asked(&scene, &device);
    scene.proven(&challenge, "jane", &device);
}

#[test]
fn a_locked_user_keeps_the_way_that_is_under_way() {
    let (scene, device) = jane();
    let challenge = scene.password("jane", &json!(device.key));
    let mut wrong = scene.password_body("jane", &Value::Null);
    wrong["AuthParameters"]["PASSWORD"] = json!(WRONG);
    for _ in 0..5 {
        scene.refusal("InitiateAuth", &wrong, "A");
    }
    wrong["AuthParameters"]["PASSWORD"] = json!(PASSWORD);
    assert_eq!(scene.refusal("InitiateAuth", &wrong, ""), LOCKED);
    scene.proven(&challenge, "jane", &device);
}

#[test]
fn a_right_password_with_an_unknown_device_is_not_told_during_a_lock() {
    let (scene, _) = jane();
    let mut body = scene.password_body("jane", &json!("us-east-1_unknown"));
    let right = body.clone();
    body["AuthParameters"]["PASSWORD"] = json!(WRONG);
    for _ in 0..5 {
        assert_eq!(scene.refusal("InitiateAuth", &body, "A"), INCORRECT);
    }
    assert_eq!(scene.refusal("InitiateAuth", &right, ""), LOCKED);
}

#[test]
fn a_forgotten_device_gets_nothing_from_what_it_was_given() {
    let (mut scene, device) = jane();
    let (challenge, _) = asked(&scene, &device);
    let reply = scene.proven(&challenge, "jane", &device);
    scene.keep(&reply);
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "DeviceKey": device.key});
    scene.call("AdminForgetDevice", body);
    let renewal = json!({"ClientId": scene.client, "RefreshToken": scene.fact("refresh"),
        "DeviceKey": device.key});
    assert_eq!(
        scene.refusal("GetTokensFromRefreshToken", &renewal, ""),
        "NotAuthorizedException: Invalid Refresh Token"
    );
    let own = json!({"AccessToken": scene.fact("access"), "DeviceKey": device.key,
        "DeviceRememberedStatus": "remembered"});
    assert_eq!(scene.refusal("UpdateDeviceStatus", &own, ""), UNKNOWN);
    assert_eq!(
        scene.refusal(
            "ConfirmDevice",
            &device.confirmation(scene.fact("access")),
            ""
        ),
        UNKNOWN
    );
    // It is a device that was forgotten, and no sign-out.
    let access = json!({"AccessToken": scene.fact("access")});
    scene.call("GetUser", access.clone());
    scene.admin("AdminUserGlobalSignOut", "jane");
    scene.refusal("GetUser", &access, "");
}

#[test]
fn a_user_of_a_name_that_was_deleted_has_none_of_its_devices() {
    let (scene, device) = jane();
    let challenge = scene.password("jane", &json!(device.key));
    scene.admin("AdminDeleteUser", "jane");
    scene.user("jane");
    let body = scene.answer(&challenge, "jane", device.begin("jane"));
    refused(&scene, &body, "", UNKNOWN);
    let body = scene.password_body("jane", &json!(device.key));
    assert_eq!(scene.refusal("InitiateAuth", &body, ""), UNKNOWN);
}

#[test]
fn nobody_sees_or_changes_the_devices_of_another() {
    let (mut scene, device) = jane();
    scene.user("joe");
    scene.sign_in("joe");
    let access = scene.fact("access").to_owned();
    let body = json!({"AccessToken": access, "DeviceKey": device.key});
    for operation in ["GetDevice", "ForgetDevice", "UpdateDeviceStatus"] {
        assert_eq!(scene.refusal(operation, &body, ""), UNKNOWN, "{operation}");
    }
    let listed = scene.call("ListDevices", json!({"AccessToken": access}));
    assert_eq!(listed["Devices"], json!([]));
    let body = json!({"UserPoolId": scene.pool, "Username": "joe", "DeviceKey": device.key});
    for operation in [
        "AdminGetDevice",
        "AdminForgetDevice",
        "AdminUpdateDeviceStatus",
    ] {
        assert_eq!(scene.refusal(operation, &body, ""), UNKNOWN, "{operation}");
    }
}
