//! Where in a sign-in a device is named, and where it proves itself.

use serde_json::{Value, json};
use userpool_tests::{pool::PASSWORD, scene::Scene};

use crate::devices::{UNKNOWN, by_mail, claims, forget, jane, listed, with_device};

/// The body of an SRP proof of the usual password, with or without device keys at the two steps.
fn srp_proof(scene: &Scene, first: Option<&str>, second: Option<&str>) -> Value {
    let stage = scene.stage();
    let client = stage.srp_begin_from("jane", first).expect("a challenge");
    let answer = client.answer(PASSWORD).into_iter();
    let mut responses: Value = answer
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    if let Some(key) = second {
        responses["DEVICE_KEY"] = json!(key);
    }
    json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": responses})
}

#[test]
fn a_device_is_named_at_either_step_of_srp() {
    let (scene, device) = with_device();
    let key = Some(device.key.as_str());
    for (first, second) in [(key, key), (key, None), (None, key)] {
        let body = srp_proof(&scene, first, second);
        let challenge = scene.call("RespondToAuthChallenge", body);
        scene.proven(&challenge, "jane", &device);
    }
}

#[test]
fn an_unknown_device_is_told_after_the_proof_and_the_proof_is_good_without_it() {
    let (scene, device) = with_device();
    forget(&scene, &device);
    let mut body = srp_proof(&scene, Some(&device.key), Some(&device.key));

    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), UNKNOWN);
    body["ChallengeResponses"]["DEVICE_KEY"] = Value::Null;
    let asked = scene.call("RespondToAuthChallenge", body);

    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");
}

#[test]
fn a_device_proves_itself_where_no_second_factor_is_due_either() {
    let mut scene = jane();
    let device = scene.confirmed_device("jane");
    let challenge = scene.password("jane", &json!(device.key));
    scene.proven(&challenge, "jane", &device);
    assert_eq!(listed(&scene), [device.key]);
}

#[test]
fn a_device_that_does_not_stand_in_proves_itself_after_the_second_factor() {
    let (scene, device) = with_device();
    scene.track_devices_as(json!({"ChallengeRequiredOnNewDevice": false}));
    let asked = scene.password("jane", &json!(device.key));
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let challenge = scene.answered(&asked, "jane", code);

    let reply = scene.proven(&challenge, "jane", &device);

    let access = claims(&reply["AuthenticationResult"]["AccessToken"]);
    assert_eq!(access["device_key"], device.key);
}

#[test]
fn a_device_that_is_named_with_the_second_factor_proves_itself_too() {
    let (scene, device) = with_device();
    let asked = scene.password("jane", &Value::Null);
    let code = scene.code_of("jane");
    let unknown = json!({"EMAIL_OTP_CODE": code, "DEVICE_KEY": "us-east-1_unknown"});
    let body = scene.answer(&asked, "jane", unknown);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), UNKNOWN);

    let responses = json!({"EMAIL_OTP_CODE": code, "DEVICE_KEY": device.key});
    let challenge = scene.answered(&asked, "jane", responses);
    scene.proven(&challenge, "jane", &device);
}

#[test]
fn a_choice_among_factors_is_spared_too_and_keeps_the_device_in_mind() {
    let (scene, device) = with_device();
    scene.phone("jane");
    scene.prefer("jane", json!({"SMSMfaSettings": {"Enabled": true}}));
    let challenge = scene.password("jane", &json!(device.key));
    scene.proven(&challenge, "jane", &device);

    scene.track_devices_as(json!({}));
    scene.factors("OPTIONAL");
    let asked = scene.password("jane", &json!(device.key));
    assert_eq!(asked["ChallengeName"], "SELECT_MFA_TYPE");
    let asked = scene.answered(&asked, "jane", json!({"ANSWER": "EMAIL_OTP"}));
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let challenge = scene.answered(&asked, "jane", code);
    scene.proven(&challenge, "jane", &device);
}

#[test]
fn a_new_password_comes_before_the_device() {
    let (scene, device) = with_device();
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "Password": PASSWORD});
    scene.call("AdminSetUserPassword", body);
    let asked = scene.password("jane", &json!(device.key));
    assert_eq!(asked["ChallengeName"], "NEW_PASSWORD_REQUIRED");

    let challenge = scene.answered(&asked, "jane", json!({"NEW_PASSWORD": PASSWORD}));

    scene.proven(&challenge, "jane", &device);
}

#[test]
fn a_device_does_not_stand_in_for_setting_a_second_factor_up() {
    let mut scene = jane();
    let device = scene.confirmed_device("jane");
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributeNames": ["email"]});
    scene.call("AdminDeleteUserAttributes", body);
    scene.factors("ON");

    let asked = scene.password("jane", &json!(device.key));

    assert_eq!(asked["ChallengeName"], "MFA_SETUP");
}

#[test]
fn a_right_password_is_judged_before_the_device_and_a_wrong_one_counts() {
    let (scene, _) = with_device();
    for password in ["Wrong-horse-9", PASSWORD] {
        let mut body = scene.password_body("jane", &json!("us-east-1_unknown"));
        body["AuthParameters"]["PASSWORD"] = json!(password);
        let (changes, refusal) = match password {
            PASSWORD => ("", UNKNOWN),
            _ => ("A", crate::devices::INCORRECT),
        };
        assert_eq!(scene.refusal("InitiateAuth", &body, changes), refusal);
    }
}

#[test]
fn administrators_servers_sign_in_from_devices_too() {
    let (scene, device) = with_device();
    by_mail(&scene);
    let begin = json!({"UserPoolId": scene.pool, "ClientId": scene.client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD, "DEVICE_KEY": device.key}});
    let challenge = scene.call("AdminInitiateAuth", begin);
    let respond = |challenge: &Value, responses: Value| {
        let mut body = scene.answer(challenge, "jane", responses);
        body["UserPoolId"] = json!(scene.pool);
        scene.call("AdminRespondToAuthChallenge", body)
    };
    let asked = respond(&challenge, device.begin("jane"));
    let reply = respond(&asked, device.prove(&asked));
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
}
