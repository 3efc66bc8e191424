//! Codes: missing, used, old, guessed, meant for somebody or something else.

use serde_json::{Value, json};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, address},
};

use crate::COUNTED;

const DEAD: &str = "ExpiredCodeException: Invalid code provided, please request a code again.";
const MISMATCH: &str =
    "CodeMismatchException: Invalid verification code provided, please try again.";
const LIMIT: &str = "LimitExceededException: Attempt limit exceeded, please try after some time.";
const OTHER: &str = "Another-horse-9";

/// A pool with the users jane and joe.
fn scene() -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.user("joe");
    scene
}

/// Asks for a code to reset the password; the code.
fn forget(scene: &Scene, name: &str) -> String {
    scene.call(
        "ForgotPassword",
        json!({"ClientId": scene.client, "Username": name}),
    );
    scene.code_of(name)
}

fn reset(scene: &Scene, name: &str, code: &str) -> Value {
    json!({"ClientId": scene.client, "Username": name, "ConfirmationCode": code, "Password": OTHER})
}

/// A code of six digits that is another than this.
fn other_than(code: &str) -> String {
    let digit = if code.starts_with('0') { '1' } else { '0' };
    format!("{digit}{}", &code[1..])
}

#[test]
fn no_password_is_reset_without_a_code() {
    let scene = scene();
    for code in ["123456", "0", "null", "000000", &"1".repeat(2_048)] {
        let refusal = scene.refusal(
            "ConfirmForgotPassword",
            &reset(&scene, "jane", code),
            COUNTED,
        );
        assert_eq!(refusal, DEAD, "{code:.20}");
    }
    let mut body = reset(&scene, "jane", "123456");
    for absent in [Value::Null, json!("")] {
        body["ConfirmationCode"] = absent;
        let refusal = scene.refusal("ConfirmForgotPassword", &body, "");
        assert!(
            refusal.starts_with("InvalidParameterException"),
            "{refusal}"
        );
    }
    scene
        .stage()
        .password_sign_in("jane", PASSWORD)
        .expect("the old password");
}

#[test]
fn a_code_resets_once() {
    let scene = scene();
    let code = forget(&scene, "jane");
    scene.call("ConfirmForgotPassword", reset(&scene, "jane", &code));

    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "jane", &code),
        COUNTED,
    );
    assert_eq!(refusal, DEAD);
}

#[test]
fn a_newer_code_ends_the_older_one() {
    let scene = scene();
    let old = forget(&scene, "jane");
    let new = forget(&scene, "jane");
    assert_ne!(old, new);

    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "jane", &old),
        COUNTED,
    );
    assert_eq!(refusal, MISMATCH);
    scene.call("ConfirmForgotPassword", reset(&scene, "jane", &new));
}

#[test]
fn a_code_ends_after_an_hour() {
    let scene = scene();
    let code = forget(&scene, "jane");
    scene.advance(3_600);

    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "jane", &code),
        COUNTED,
    );
    assert_eq!(refusal, DEAD);
}

#[test]
fn guessing_ends_before_it_helps() {
    let scene = scene();
    let code = forget(&scene, "jane");
    let guess = reset(&scene, "jane", &other_than(&code));
    for _ in 0..19 {
        assert_eq!(
            scene.refusal("ConfirmForgotPassword", &guess, COUNTED),
            MISMATCH
        );
    }

    let right = reset(&scene, "jane", &code);
    assert_eq!(scene.refusal("ConfirmForgotPassword", &right, ""), LIMIT);
    let again = json!({"ClientId": scene.client, "Username": "jane"});
    assert_eq!(scene.refusal("ForgotPassword", &again, ""), LIMIT);
}

#[test]
fn a_code_of_one_user_resets_no_other() {
    let scene = scene();
    let code = forget(&scene, "jane");

    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "joe", &code),
        COUNTED,
    );
    assert_eq!(refusal, DEAD);
    let own = forget(&scene, "joe");
    assert_ne!(own, code);
    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "joe", &code),
        COUNTED,
    );
    assert_eq!(refusal, MISMATCH);
}

#[test]
fn a_code_dies_with_the_address_that_it_went_to() {
    let scene = scene();
    let code = forget(&scene, "jane");
    let moved = json!([{"Name": "email", "Value": address("new")},
        {"Name": "email_verified", "Value": "true"}]);
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "UserAttributes": moved});
    scene.call("AdminUpdateUserAttributes", body);

    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "jane", &code),
        COUNTED,
    );
    assert_eq!(refusal, DEAD);
}

#[test]
fn a_code_dies_with_the_password() {
    let mut scene = scene();
    scene.sign_in("jane");
    let code = forget(&scene, "jane");
    let change = json!({"AccessToken": scene.fact("access"), "PreviousPassword": PASSWORD,
        "ProposedPassword": "A-third-horse-9"});
    scene.call("ChangePassword", change);

    let refusal = scene.refusal(
        "ConfirmForgotPassword",
        &reset(&scene, "jane", &code),
        COUNTED,
    );
    assert_eq!(refusal, DEAD);
}

#[test]
fn a_code_for_one_thing_is_good_for_no_other() {
    let mut scene = scene();
    scene.sign_up("jack");
    let to_confirm = scene.code_of("jack");
    scene.sign_in("jane");
    let access = scene.fact("access").to_owned();
    let ask = json!({"AccessToken": access, "AttributeName": "email"});
    scene.call("GetUserAttributeVerificationCode", ask);
    let to_verify = scene.code_of("jane");

    // Neither confirms nor verifies: resets.
    for (name, code) in [("jack", &to_confirm), ("jane", &to_verify)] {
        let refusal = scene.refusal("ConfirmForgotPassword", &reset(&scene, name, code), COUNTED);
        assert_eq!(refusal, DEAD, "{name}");
    }
    // A code to reset verifies no address.
    let to_reset = forget(&scene, "jane");
    assert_ne!(to_reset, to_verify);
    let verify = json!({"AccessToken": access, "AttributeName": "email", "Code": to_reset});
    assert_eq!(
        scene.refusal("VerifyUserAttribute", &verify, COUNTED),
        MISMATCH
    );
    // And it confirms nobody who has signed up.
    let confirm =
        json!({"ClientId": scene.client, "Username": "jack", "ConfirmationCode": to_reset});
    assert_eq!(scene.refusal("ConfirmSignUp", &confirm, COUNTED), MISMATCH);
}

#[test]
fn a_code_confirms_only_the_one_who_signed_up() {
    let scene = scene();
    scene.sign_up("jack");
    scene.sign_up("jill");
    let code = scene.code_of("jack");

    let confirm = json!({"ClientId": scene.client, "Username": "jill", "ConfirmationCode": code});
    assert_eq!(scene.refusal("ConfirmSignUp", &confirm, COUNTED), MISMATCH);
}

#[test]
fn a_lock_refuses_passwords_alone_and_a_reset_ends_it() {
    const LOCKED: &str = "NotAuthorizedException: Password attempts exceeded";
    let mut scene = scene();
    scene.sign_in("jane");
    let sign_in = |password: &str| {
        json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": password}})
    };
    for _ in 0..8 {
        drop(scene.try_call("InitiateAuth", &sign_in("Wrong-horse-9")));
        scene.advance(1);
    }
    scene.refusal("InitiateAuth", &sign_in("Wrong-horse-9"), "A");
    assert_eq!(
        scene.refusal("InitiateAuth", &sign_in(PASSWORD), ""),
        LOCKED
    );
    let change = json!({"AccessToken": scene.fact("access"), "PreviousPassword": PASSWORD,
        "ProposedPassword": OTHER});
    assert_eq!(scene.refusal("ChangePassword", &change, ""), LOCKED);
    let refresh = json!({"ClientId": scene.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": scene.fact("refresh")}});
    assert!(scene.call("InitiateAuth", refresh)["AuthenticationResult"].is_object());
    let code = forget(&scene, "jane");
    scene.call("ConfirmForgotPassword", reset(&scene, "jane", &code));
    let reply = scene.call("InitiateAuth", sign_in(OTHER));
    assert!(reply["AuthenticationResult"].is_object(), "{reply}");
}
