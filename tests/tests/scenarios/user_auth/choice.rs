//! What is offered, and how passwords go on.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use userpool_tests::{pool::PASSWORD, scene::Scene};

use crate::user_auth::{
    begin, begun, has_tokens, jane, password, pool, preferring, proven, refused, verified_phone,
};

const INCORRECT: &str = "NotAuthorizedException: Incorrect username or password.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";

#[test]
fn a_user_is_offered_what_the_pool_allows_and_the_user_has() {
    let scene = jane();
    let reply = begun(&scene, json!({}));
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    assert_eq!(reply["ChallengeParameters"], json!({}));
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    assert_eq!(reply["AvailableChallenges"], all);

    verified_phone(&scene);
    let reply = begun(&scene, json!({}));
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    assert_eq!(reply["AvailableChallenges"], all);
}

#[test]
fn an_address_that_is_not_verified_is_not_offered() {
    let scene = jane();
    scene.phone("jane");
    let reply = preferring(&scene, "SMS_OTP");
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    assert_eq!(reply["AvailableChallenges"], all);
}

#[test]
fn a_pool_that_says_nothing_offers_passwords() {
    let scene = Scene::with_pool();
    scene.user("jane");
    let client = scene.client_of(json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}));
    let mut body = begin(&scene, "jane", json!({}));
    body["ClientId"] = json!(client);
    let reply = scene.call("InitiateAuth", body);
    let all = json!(["PASSWORD_SRP", "PASSWORD"]);
    assert_eq!(reply["AvailableChallenges"], all);
}

#[test]
fn a_client_without_the_flow_is_refused() {
    let scene = Scene::with_pool();
    let body = begin(&scene, "jane", json!({}));
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "InvalidParameterException: USER_AUTH is not enabled for the client."
    );
}

#[test]
fn a_password_that_comes_along_is_judged_at_once() {
    let scene = jane();
    has_tokens(&begun(&scene, password()));
    let wrong = json!({"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "Wrong-horse-9"});
    let body = begin(&scene, "jane", wrong);
    assert_eq!(scene.refusal("InitiateAuth", &body, "A"), INCORRECT);
}

#[test]
fn administrators_servers_begin_it_too() {
    let scene = jane();
    let mut body = begin(&scene, "jane", password());
    body["UserPoolId"] = json!(scene.pool);
    has_tokens(&scene.call("AdminInitiateAuth", body));
}

#[test]
fn a_password_is_chosen_with_or_without_being_given() {
    let scene = jane();
    let reply = begun(&scene, json!({}));
    let given = json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD});
    has_tokens(&scene.answered(&reply, "jane", given.clone()));
    assert_eq!(refused(&scene, &reply, given, ""), USED);

    let reply = begun(&scene, json!({}));
    let reply = scene.answered(&reply, "jane", json!({"ANSWER": "PASSWORD"}));
    assert_eq!(reply["ChallengeName"], "PASSWORD");
    has_tokens(&scene.answered(&reply, "jane", json!({"PASSWORD": PASSWORD})));
}

#[test]
fn wrong_passwords_count_in_the_chain_and_lock_the_user() {
    let scene = jane();
    let reply = begun(&scene, json!({}));
    let wrong = json!({"ANSWER": "PASSWORD", "PASSWORD": "Wrong-horse-9"});
    for _ in 0..5 {
        assert_eq!(refused(&scene, &reply, wrong.clone(), "AX"), INCORRECT);
    }
    scene.advance(1);
    assert_eq!(refused(&scene, &reply, wrong.clone(), ""), USED);
    let reply = begun(&scene, json!({}));
    assert_eq!(refused(&scene, &reply, wrong, "AX"), INCORRECT);
    let right = json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD});
    assert_eq!(
        refused(&scene, &reply, right, ""),
        "NotAuthorizedException: Password attempts exceeded"
    );
}

#[test]
fn srp_is_preferred_chosen_or_asked_for() {
    let scene = jane();
    has_tokens(&proven(&scene, |a| {
        begun(
            &scene,
            json!({"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": a}),
        )
    }));
    has_tokens(&proven(&scene, |a| {
        let reply = begun(&scene, json!({}));
        let chosen = json!({"ANSWER": "PASSWORD_SRP", "SRP_A": a});
        let next = scene.answered(&reply, "jane", chosen.clone());
        assert_eq!(refused(&scene, &reply, chosen, ""), USED);
        next
    }));
    has_tokens(&proven(&scene, |a| {
        let reply = preferring(&scene, "PASSWORD_SRP");
        assert_eq!(reply["ChallengeName"], "PASSWORD_SRP");
        scene.answered(&reply, "jane", json!({"SRP_A": a}))
    }));
}

#[test]
fn what_is_not_available_cannot_be_chosen() {
    let scene = jane();
    let reply = begun(&scene, json!({}));
    for answer in [
        "SMS_OTP",
        "WEB_AUTHN",
        "SELECT_CHALLENGE",
        "SMS_MFA",
        "none",
    ] {
        assert_eq!(
            refused(&scene, &reply, json!({"ANSWER": answer}), ""),
            "InvalidParameterException: ANSWER is none of the available challenges."
        );
    }
}

#[test]
fn a_temporary_password_is_the_only_thing_offered() {
    let scene = jane();
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "Password": PASSWORD,
        "Permanent": false});
    scene.call("AdminSetUserPassword", body);
    let reply = preferring(&scene, "EMAIL_OTP");
    let all = json!(["PASSWORD_SRP", "PASSWORD"]);
    assert_eq!(reply["AvailableChallenges"], all);
    let given = json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD});
    let reply = scene.answered(&reply, "jane", given);
    assert_eq!(reply["ChallengeName"], "NEW_PASSWORD_REQUIRED");
}

#[test]
fn a_user_with_a_second_factor_begins_with_the_password_and_shows_it() {
    let scene = jane();
    scene.factors("OPTIONAL");
    verified_phone(&scene);
    scene.prefer("jane", json!({"SMSMfaSettings": {"Enabled": true}}));
    let reply = preferring(&scene, "EMAIL_OTP");
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    let all = json!(["PASSWORD_SRP", "PASSWORD"]);
    assert_eq!(reply["AvailableChallenges"], all);
    let reply = begun(&scene, password());
    assert_eq!(reply["ChallengeName"], "SMS_MFA");
    assert_eq!(reply["AvailableChallenges"], Value::Null);
    let code = scene
        .world
        .mailbox
        .messages()
        .pop()
        .expect("a message")
        .code;
    has_tokens(&scene.answered(&reply, "jane", json!({"SMS_MFA_CODE": code})));
}

#[test]
fn an_unknown_user_is_told_or_hidden() {
    let mut scene = pool();
    let body = begin(&scene, "nobody", json!({}));
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "UserNotFoundException: User does not exist."
    );
    scene.client = scene.hiding.clone();
    let mut lists = BTreeSet::new();
    for name in (0..40).map(|number| format!("nobody{number}")) {
        let body = begin(&scene, &name, json!({}));
        let reply = scene.call("InitiateAuth", body.clone());
        assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
        let again = scene.call("InitiateAuth", body);
        assert_eq!(reply["AvailableChallenges"], again["AvailableChallenges"]);
        lists.insert(reply["AvailableChallenges"].to_string());
        let answer = json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD});
        let body = scene.answer(&reply, &name, answer);
        if reply["AvailableChallenges"]
            .to_string()
            .contains("PASSWORD")
        {
            let refusal = scene.refusal("RespondToAuthChallenge", &body, "FX");
            assert_eq!(refusal, INCORRECT);
        }
    }
    // What a user of any kind is offered, somebody who is nobody is offered too.
    for list in [
        r#"["PASSWORD_SRP","PASSWORD"]"#,
        r#"["PASSWORD_SRP","PASSWORD","EMAIL_OTP"]"#,
        r#"["EMAIL_OTP"]"#,
    ] {
        assert!(lists.contains(list), "{list}: {lists:?}");
    }
}
