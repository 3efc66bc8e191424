//! Unusual sign-ins that try to pass for usual ones, and factors that a risk demands passed by.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use userpool_core::model::keys::kind;
use userpool_tests::{pool::PASSWORD, scene::Scene};

use crate::WRONG;

const HOME: (&str, &str) = ("192.0.2.7", "home/1");
const STRANGER: (&str, &str) = ("203.0.113.9", "stranger/1");
const TOO_UNUSUAL: &str = "NotAuthorizedException: Unable to login because of security reasons.";

/// A user who is familiar at home, in a pool in which every other place leads to this.
fn jane(action: &str) -> Scene {
    let mut scene = Scene::with_pool_of(json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}));
    scene.client = scene.client_of(json!({"ExplicitAuthFlows": [
        "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}));
    scene.user("jane");
    let body = password(&scene, PASSWORD);
    scene
        .call_from(HOME, "InitiateAuth", &body)
        .expect("tokens");
    let action = json!({"EventAction": action, "Notify": false});
    scene.call(
        "SetRiskConfiguration",
        json!({"UserPoolId": scene.pool, "AccountTakeoverRiskConfiguration": {"Actions":
            {"LowAction": action, "MediumAction": action, "HighAction": action}}}),
    );
    scene
}

fn password(scene: &Scene, password: &str) -> Value {
    json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": password}})
}

#[track_caller]
fn refused(scene: &Scene, operation: &str, body: &Value) -> String {
    let end = scene.call_from(STRANGER, operation, body);
    end.expect_err(operation).to_string()
}

#[test]
fn a_blocked_sign_in_gets_no_tokens_by_any_flow() {
    let scene = jane("BLOCK");
    let begun = scene.stage().srp_begin("jane").expect("a challenge");
    let answer: BTreeMap<&str, String> = begun.answer(PASSWORD).into_iter().collect();
    for (operation, body) in [
        ("InitiateAuth", password(&scene, PASSWORD)),
        (
            "AdminInitiateAuth",
            json!({"UserPoolId": scene.pool, "ClientId": scene.client,
                "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}}),
        ),
        (
            "InitiateAuth",
            json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
                "AuthParameters": {"USERNAME": "jane", "PREFERRED_CHALLENGE": "PASSWORD",
                    "PASSWORD": PASSWORD}}),
        ),
        (
            "RespondToAuthChallenge",
            json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
                "ChallengeResponses": answer}),
        ),
    ] {
        assert_eq!(refused(&scene, operation, &body), TOO_UNUSUAL, "{body}");
    }
}

#[test]
fn what_a_client_says_of_itself_makes_no_place_familiar() {
    let scene = jane("BLOCK");
    let mut body = password(&scene, PASSWORD);
    for said in [
        json!({"IpAddress": HOME.0}),
        json!({"IpAddress": HOME.0, "EncodedData": "e30="}),
        json!({"EncodedData": "A".repeat(100_000)}),
    ] {
        body["UserContextData"] = said;
        assert_eq!(refused(&scene, "InitiateAuth", &body), TOO_UNUSUAL);
    }
}

#[test]
fn a_wrong_password_tells_nothing_of_places() {
    let scene = jane("BLOCK");
    let wrong = refused(&scene, "InitiateAuth", &password(&scene, WRONG));
    assert_eq!(wrong, crate::INCORRECT);
}

#[test]
fn a_demanded_factor_is_not_passed_by() {
    let mut scene = jane("MFA_REQUIRED");
    scene.factors("OPTIONAL");
    let home = scene.call_from(HOME, "InitiateAuth", &password(&scene, PASSWORD));
    let home = home.expect("tokens");
    let access = home["AuthenticationResult"]["AccessToken"].clone();
    scene
        .facts
        .insert("access", access.as_str().expect("a token").into());
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": false}}),
    );
    scene.advance(60);
    let choice = scene.call_from(STRANGER, "InitiateAuth", &password(&scene, PASSWORD));
    let choice = choice.expect("a challenge");
    assert_eq!(choice["ChallengeName"], "SELECT_MFA_TYPE");
    let answers = [
        (
            "NEW_PASSWORD_REQUIRED",
            json!({"NEW_PASSWORD": "Another-horse-9"}),
        ),
        ("MFA_SETUP", json!({})),
        (
            "SOFTWARE_TOKEN_MFA",
            json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)}),
        ),
        ("EMAIL_OTP", json!({"EMAIL_OTP_CODE": "123456"})),
        ("PASSWORD", json!({"PASSWORD": PASSWORD})),
        (
            "SELECT_CHALLENGE",
            json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}),
        ),
        ("SELECT_MFA_TYPE", json!({"ANSWER": "SMS_MFA"})),
    ];
    for (name, responses) in answers {
        let mut body = scene.answer(&choice, "jane", responses);
        body["ChallengeName"] = json!(name);
        let end = scene.call_from(STRANGER, "RespondToAuthChallenge", &body);
        let error = end.expect_err(name).to_string();
        assert!(!error.starts_with("InternalError"), "{name}: {error}");
    }
    let session = json!({"Session": choice["Session"]});
    scene.refusal("AssociateSoftwareToken", &session, "");
    let answer = |name: &str| scene.answer(&choice, "jane", json!({"ANSWER": name}));
    let asked = scene.call("RespondToAuthChallenge", answer("SOFTWARE_TOKEN_MFA"));
    let wrong = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.wrong_totp()});
    let wrong = scene.answer(&asked, "jane", wrong);
    let end = scene.call_from(STRANGER, "RespondToAuthChallenge", &wrong);
    end.expect_err("a wrong code");
    let right = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    scene.answered(&asked, "jane", right);
}

#[test]
fn a_password_that_guessers_do_not_know_is_asked_nobody_about() {
    // What is looked up is looked up after the verdict: a service of ranges sees no guesses.
    struct Telling;
    impl userpool_ports::BreachedPasswords for Telling {
        fn range(&self, prefix: &str) -> Result<String, userpool_ports::FetchFault> {
            panic!("asked for {prefix}");
        }
    }
    let mut scene = jane("NO_ACTION");
    let rule = json!({"Actions": {"EventAction": "BLOCK"}});
    let body = json!({"UserPoolId": scene.pool, "CompromisedCredentialsRiskConfiguration": rule});
    scene.call("SetRiskConfiguration", body);
    scene.breach(Telling);
    for name in ["jane", "nobody"] {
        let mut body = password(&scene, WRONG);
        body["AuthParameters"]["USERNAME"] = json!(name);
        scene
            .try_call("InitiateAuth", &body)
            .expect_err("a wrong password");
    }
}

#[test]
fn the_mark_of_a_used_proof_outlives_the_proof_by_an_hour() {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.stage().srp_sign_in("jane", PASSWORD).expect("tokens");
    let marks = || {
        while scene.world.engine.maintain_blocking().expect("upkeep") {}
        let records = scene.records();
        records
            .iter()
            .filter(|(key, _)| kind(key) == Some(b'Z'))
            .count()
    };
    scene.advance(3 * 60 + 3_600 - 1);
    assert_eq!(marks(), 1);
    scene.advance(3_600);
    assert_eq!(marks(), 0);
}
