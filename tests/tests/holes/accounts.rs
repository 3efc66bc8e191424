//! Accounts that may not sign in: disabled, not confirmed, to be reset.

use serde_json::{Value, json};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::{COUNTED, INCORRECT, WRONG};

const DISABLED: &str = "NotAuthorizedException: User is disabled.";
const UNCONFIRMED: &str = "UserNotConfirmedException: User is not confirmed.";
const RESET: &str = "PasswordResetRequiredException: Password reset required for the user";

/// Every flow in which a password signs in, as the last request of each.
fn sign_ins(scene: &Scene, client: &str, password: &str) -> Vec<(&'static str, Value)> {
    let parameters = json!({"USERNAME": "jane", "PASSWORD": password});
    let body = |flow: &str| {
        let mut body = json!({"ClientId": client, "AuthFlow": flow, "AuthParameters": parameters});
        if flow.starts_with("ADMIN") {
            body["UserPoolId"] = json!(scene.pool);
        }
        body
    };
    let challenge = scene
        .stage_at(client)
        .srp_begin("jane")
        .expect("a challenge");
    let mut responses = json!({});
    for (name, value) in challenge.answer(password) {
        responses[name] = json!(value);
    }
    let proof = json!({"ClientId": client, "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": responses});
    vec![
        ("InitiateAuth", body("USER_PASSWORD_AUTH")),
        ("AdminInitiateAuth", body("ADMIN_USER_PASSWORD_AUTH")),
        ("AdminInitiateAuth", body("ADMIN_NO_SRP_AUTH")),
        ("RespondToAuthChallenge", proof),
    ]
}

/// In every flow the right password gets this refusal, and a wrong one tells nothing.
#[track_caller]
fn nobody_gets_in(scene: &Scene, told: &str, hidden: &str) {
    for (client, refusal) in [(&scene.client, told), (&scene.hiding, hidden)] {
        for (operation, body) in sign_ins(scene, client, PASSWORD) {
            assert_eq!(scene.refusal(operation, &body, "Z"), refusal, "{body}");
        }
        let scene = scene.copy();
        for (operation, body) in sign_ins(&scene, client, WRONG) {
            assert_eq!(
                scene.refusal(operation, &body, COUNTED),
                INCORRECT,
                "{body}"
            );
        }
    }
}

#[test]
fn a_disabled_user_does_not_get_in() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene.admin("AdminDisableUser", "jane");

    nobody_gets_in(&scene, DISABLED, DISABLED);

    let refresh = json!({"ClientId": scene.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": scene.fact("refresh")}});
    assert_eq!(scene.refusal("InitiateAuth", &refresh, ""), DISABLED);
    let access = json!({"AccessToken": scene.fact("access")});
    assert_eq!(scene.refusal("GetUser", &access, ""), DISABLED);
    let forgot = json!({"ClientId": scene.client, "Username": "jane"});
    assert_eq!(scene.refusal("ForgotPassword", &forgot, ""), DISABLED);
}

#[test]
fn a_user_who_was_disabled_after_a_code_was_sent_resets_nothing() {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.call(
        "ForgotPassword",
        json!({"ClientId": scene.client, "Username": "jane"}),
    );
    let body = json!({"ClientId": scene.client, "Username": "jane",
        "ConfirmationCode": scene.code_of("jane"), "Password": "Another-horse-9"});
    scene.admin("AdminDisableUser", "jane");

    assert_eq!(scene.refusal("ConfirmForgotPassword", &body, ""), DISABLED);
}

#[test]
fn a_user_who_was_disabled_before_the_confirmation_stays_unconfirmed() {
    let scene = Scene::with_pool();
    scene.sign_up("jane");
    scene.admin("AdminDisableUser", "jane");
    let body = json!({"ClientId": scene.client, "Username": "jane",
        "ConfirmationCode": scene.code_of("jane")});

    assert_eq!(scene.refusal("ConfirmSignUp", &body, ""), DISABLED);
    let shown = scene.admin("AdminGetUser", "jane");
    assert_eq!(text(&shown["UserStatus"]), "UNCONFIRMED");
}

#[test]
fn a_user_who_never_confirmed_does_not_get_in() {
    let scene = Scene::with_pool();
    scene.sign_up("jane");

    nobody_gets_in(&scene, UNCONFIRMED, UNCONFIRMED);
}

#[test]
fn the_old_password_is_no_good_after_a_reset() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene.admin("AdminResetUserPassword", "jane");

    nobody_gets_in(&scene, RESET, INCORRECT);

    let refresh = json!({"ClientId": scene.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": scene.fact("refresh")}});
    assert_eq!(scene.refusal("InitiateAuth", &refresh, ""), RESET);
    let change = json!({"AccessToken": scene.fact("access"), "PreviousPassword": PASSWORD,
        "ProposedPassword": "Another-horse-9"});
    assert_eq!(scene.refusal("ChangePassword", &change, ""), RESET);
}

#[test]
fn a_temporary_password_that_is_too_old_does_not_get_in() {
    let scene = Scene::with_pool();
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "TemporaryPassword": PASSWORD});
    scene.call("AdminCreateUser", body);
    scene.advance(7 * 24 * 3_600);

    let old = "NotAuthorizedException: \
        Temporary password has expired and must be reset by an administrator.";
    nobody_gets_in(&scene, old, old);
}

#[test]
fn who_must_have_a_second_factor_and_can_have_none_does_not_get_in() {
    let scene = Scene::with_pool_of(json!({"MfaConfiguration": "ON"}));
    scene.user("jane");
    let body = json!({"UserPoolId": scene.pool, "Username": "joe", "TemporaryPassword": PASSWORD});
    scene.call("AdminCreateUser", body);
    let session = scene
        .stage()
        .password_sign_in("joe", PASSWORD)
        .expect("a challenge")
        .session;
    let chosen = json!({"ClientId": scene.client, "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": session.expect("a session").as_str(),
        "ChallengeResponses": {"USERNAME": "joe", "NEW_PASSWORD": "Another-horse-9"}});

    let none = "MFAMethodNotFoundException: \
        The user has no second factor and cannot set one up.";
    nobody_gets_in(&scene, none, none);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &chosen, ""), none);
}
