//! Users without a password, and sign-ins that follow the sign-up at once.

use serde_json::{Value, json};
use userpool_tests::scene::{Scene, address};

use crate::user_auth::{begin, begun, has_tokens, pool, preferring};

/// Signs Jane up without a password; the reply.
fn signed_up(scene: &Scene) -> Value {
    let body = json!({"ClientId": scene.client, "Username": "jane",
        "UserAttributes": [{"Name": "email", "Value": address("jane")}]});
    scene.call("SignUp", body)
}

fn confirmed(scene: &Scene, session: &Value) -> Value {
    let mut body = json!({"ClientId": scene.client, "Username": "jane",
        "ConfirmationCode": scene.code_of("jane")});
    if session.is_string() {
        body["Session"] = session.clone();
    }
    scene.call("ConfirmSignUp", body)
}

fn begin_with(scene: &Scene, session: &Value) -> Value {
    let mut body = begin(scene, "jane", json!({}));
    body["Session"] = session.clone();
    body
}

#[test]
fn who_signs_up_without_a_password_signs_in_by_code() {
    let scene = pool();
    signed_up(&scene);
    confirmed(&scene, &Value::Null);
    let reply = begun(&scene, json!({}));
    assert_eq!(reply["AvailableChallenges"], json!(["EMAIL_OTP"]));
    let reply = preferring(&scene, "EMAIL_OTP");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    has_tokens(&scene.answered(&reply, "jane", code));
}

#[test]
fn the_session_of_the_confirmation_signs_in_once() {
    let scene = pool();
    let session = signed_up(&scene)["Session"].clone();
    let session = confirmed(&scene, &session)["Session"].clone();
    let body = begin_with(&scene, &session);
    has_tokens(&scene.call("InitiateAuth", body.clone()));
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session can only be used once."
    );
}

#[test]
fn the_session_of_the_sign_up_signs_nobody_in() {
    let scene = pool();
    let session = signed_up(&scene)["Session"].clone();
    confirmed(&scene, &Value::Null);
    let body = begin_with(&scene, &session);
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session can only be used once."
    );
}

#[test]
fn the_session_of_the_confirmation_dies_with_its_time_and_with_a_new_password() {
    for change in [
        (|scene: &Scene| scene.advance(180)) as fn(&Scene),
        |scene| {
            let body = json!({"UserPoolId": scene.pool, "Username": "jane",
                "Password": "Another-horse-9", "Permanent": true});
            drop(scene.call("AdminSetUserPassword", body));
        },
        |scene| drop(scene.admin("AdminDisableUser", "jane")),
    ] {
        let scene = pool();
        signed_up(&scene);
        let session = confirmed(&scene, &Value::Null)["Session"].clone();
        change(&scene);
        let refusal = scene.refusal("InitiateAuth", &begin_with(&scene, &session), "");
        assert!(
            refusal.starts_with("NotAuthorizedException: Invalid session"),
            "{refusal}"
        );
    }
}

#[test]
fn a_client_without_the_flow_gets_no_session() {
    let mut scene = pool();
    scene.client = scene.client_of(json!({}));
    assert_eq!(signed_up(&scene)["Session"], Value::Null);
    assert_eq!(confirmed(&scene, &Value::Null), json!({}));
}

#[test]
fn a_second_factor_is_asked_for_after_a_sign_up_too() {
    let scene = pool();
    let body = json!({"UserPoolId": scene.pool, "Policies": {"SignInPolicy":
        {"AllowedFirstAuthFactors": ["PASSWORD"]}}, "AutoVerifiedAttributes": ["email"]});
    scene.call("UpdateUserPool", body);
    let body = json!({"ClientId": scene.client, "Username": "jane",
        "Password": userpool_tests::pool::PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": address("jane")}]});
    let session = scene.call("SignUp", body)["Session"].clone();
    let session = confirmed(&scene, &session)["Session"].clone();
    scene.factors("ON");
    let reply = scene.call("InitiateAuth", begin_with(&scene, &session));
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    let given = json!({"ANSWER": "PASSWORD", "PASSWORD": userpool_tests::pool::PASSWORD});
    let reply = scene.answered(&reply, "jane", given);
    assert_eq!(reply["ChallengeName"], "EMAIL_OTP");
}

#[test]
fn an_administrator_makes_a_user_without_a_password() {
    let scene = pool();
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "UserAttributes": [
        {"Name": "email", "Value": address("jane")}, {"Name": "email_verified", "Value": "true"}]});
    let user = scene.call("AdminCreateUser", body);
    assert_eq!(user["User"]["UserStatus"], "CONFIRMED");
    let reply = preferring(&scene, "EMAIL_OTP");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    has_tokens(&scene.answered(&reply, "jane", code));
}
