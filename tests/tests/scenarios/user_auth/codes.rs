//! Codes as the first factor.

use serde_json::json;
use userpool_tests::scene::{PHONE, Scene};

use crate::user_auth::{begin, has_tokens, jane, preferring, refused, verified_phone};

const WRONG: &str = "CodeMismatchException: Invalid code or auth state for the user.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";
const LIMIT: &str = "NotAuthorizedException: Attempt limit exceeded, please try after some time.";

#[test]
fn a_code_in_an_e_mail_signs_in() {
    let scene = jane();
    let reply = preferring(&scene, "EMAIL_OTP");
    assert_eq!(reply["ChallengeName"], "EMAIL_OTP");
    assert_eq!(
        reply["ChallengeParameters"],
        json!({"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "j***@e***"})
    );
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    assert_eq!(reply["AvailableChallenges"], all);
    let code = scene.code_of("jane");
    assert_eq!(code.len(), 8);
    let right = json!({"EMAIL_OTP_CODE": code});
    has_tokens(&scene.answered(&reply, "jane", right.clone()));
    assert_eq!(refused(&scene, &reply, right, ""), USED);
}

#[test]
fn a_code_in_a_text_message_signs_in() {
    let scene = jane();
    verified_phone(&scene);
    let reply = scene.call("InitiateAuth", begin(&scene, "jane", json!({})));
    let reply = scene.answered(&reply, "jane", json!({"ANSWER": "SMS_OTP"}));
    assert_eq!(reply["ChallengeName"], "SMS_OTP");
    assert_eq!(
        reply["ChallengeParameters"],
        json!({"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******0100"})
    );
    let message = scene.world.mailbox.messages().pop().expect("a message");
    assert_eq!(message.destination, PHONE);
    has_tokens(&scene.answered(&reply, "jane", json!({"SMS_OTP_CODE": message.code})));
}

fn wrong(scene: &Scene) -> serde_json::Value {
    let right = scene.code_of("jane");
    let digit = if right.starts_with('0') { '1' } else { '0' };
    json!({"EMAIL_OTP_CODE": format!("{digit}{}", &right[1..])})
}

#[test]
fn a_wrong_code_may_be_followed_by_the_right_one() {
    let scene = jane();
    let reply = preferring(&scene, "EMAIL_OTP");
    for _ in 0..4 {
        assert_eq!(refused(&scene, &reply, wrong(&scene), "AX"), WRONG);
    }
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    has_tokens(&scene.answered(&reply, "jane", right));
}

#[test]
fn the_fifth_wrong_code_ends_the_sign_in_and_the_tenth_of_the_hour_all() {
    let scene = jane();
    for _ in 0..2 {
        let reply = preferring(&scene, "EMAIL_OTP");
        for _ in 0..5 {
            assert_eq!(refused(&scene, &reply, wrong(&scene), "AX"), WRONG);
        }
        let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
        assert_eq!(refused(&scene, &reply, right, ""), USED);
    }
    let reply = preferring(&scene, "EMAIL_OTP");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    assert_eq!(refused(&scene, &reply, right, ""), LIMIT);
}

#[test]
fn at_most_twenty_codes_an_hour_are_sent() {
    let scene = jane();
    for _ in 0..20 {
        preferring(&scene, "EMAIL_OTP");
    }
    let body = begin(&scene, "jane", json!({"PREFERRED_CHALLENGE": "EMAIL_OTP"}));
    assert_eq!(scene.refusal("InitiateAuth", &body, ""), LIMIT);
}

#[test]
fn a_code_dies_with_its_session_and_with_its_address() {
    let scene = jane();
    let reply = preferring(&scene, "EMAIL_OTP");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    scene.advance(180);
    assert_eq!(
        refused(&scene, &reply, right, ""),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
    let reply = preferring(&scene, "EMAIL_OTP");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "UserAttributes": [
        {"Name": "email", "Value": "new@example.com"}, {"Name": "email_verified", "Value": "true"}]});
    scene.call("AdminUpdateUserAttributes", body);
    assert_eq!(refused(&scene, &reply, right, "AX"), WRONG);
}

#[test]
fn the_code_of_a_first_factor_is_none_of_a_second_and_the_other_way_round() {
    let scene = jane();
    scene.factors("OPTIONAL");
    let first = preferring(&scene, "EMAIL_OTP");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
    // A second factor is due by now, which a code cannot be.
    assert_eq!(refused(&scene, &first, code.clone(), "AX"), WRONG);
    let second = scene.call(
        "InitiateAuth",
        begin(&scene, "jane", crate::user_auth::password()),
    );
    assert_eq!(second["ChallengeName"], "EMAIL_OTP");
    assert_eq!(refused(&scene, &second, code, "AX"), WRONG);
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    has_tokens(&scene.answered(&second, "jane", right));
}

#[test]
fn a_lock_after_wrong_passwords_does_not_concern_codes() {
    let scene = jane();
    let password = json!({"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "Wrong-horse-9"});
    for _ in 0..6 {
        drop(scene.try_call("InitiateAuth", &begin(&scene, "jane", password.clone())));
    }
    let reply = preferring(&scene, "EMAIL_OTP");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    has_tokens(&scene.answered(&reply, "jane", right));
}
