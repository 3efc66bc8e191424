//! Several second factors: preferred, or chosen at each sign-in.

use serde_json::json;
use userpool_tests::scene::{PHONE, Scene};

use crate::mfa::{has_tokens, jane, on, shown};

/// A user with all three factors, of which none is preferred.
fn with_all() -> Scene {
    let mut scene = jane("OPTIONAL");
    scene.sign_in("jane");
    scene.software_token();
    for member in [
        "SMSMfaSettings",
        "SoftwareTokenMfaSettings",
        "EmailMfaSettings",
    ] {
        scene.prefer("jane", on(member));
    }
    scene
}

#[test]
fn a_user_with_several_factors_chooses_one() {
    let scene = with_all();
    let all = ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"];
    assert_eq!(shown(&scene, "jane"), (json!(all), json!(null)));
    for (chosen, asked) in [
        ("SMS_MFA", "SMS_MFA"),
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA"),
        ("EMAIL_OTP", "EMAIL_OTP"),
        ("EMAIL_MFA", "EMAIL_OTP"),
    ] {
        let challenge = scene.challenge("jane");
        assert_eq!(challenge["ChallengeName"], "SELECT_MFA_TYPE");
        assert_eq!(
            challenge["ChallengeParameters"],
            json!({"MFAS_CAN_CHOOSE": json!(all).to_string(), "USER_ID_FOR_SRP": "jane"})
        );

        let asks = scene.answered(&challenge, "jane", json!({"ANSWER": chosen}));

        assert_eq!(asks["ChallengeName"], asked);
        let sent = |to: &str| scene.world.mailbox.code_to(to).expect("a code");
        let responses = match asked {
            "SMS_MFA" => json!({"SMS_MFA_CODE": sent(PHONE)}),
            "EMAIL_OTP" => json!({"EMAIL_OTP_CODE": scene.code_of("jane")}),
            _ => json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)}),
        };
        has_tokens(&scene.answered(&asks, "jane", responses));
        let body = scene.answer(&challenge, "jane", json!({"ANSWER": chosen}));
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, ""),
            "NotAuthorizedException: Invalid session for the user, session can only be used once."
        );
    }
}

#[test]
fn a_choice_that_leads_on_makes_its_session_dead() {
    let scene = with_all();
    let challenge = scene.challenge("jane");
    scene.answered(&challenge, "jane", json!({"ANSWER": "SMS_MFA"}));

    let body = scene.answer(&challenge, "jane", json!({"ANSWER": "EMAIL_OTP"}));

    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session can only be used once."
    );
}

#[test]
fn the_preferred_factor_is_asked_for_without_a_choice() {
    let scene = with_all();
    for (member, name) in [
        ("EmailMfaSettings", "EMAIL_OTP"),
        ("SMSMfaSettings", "SMS_MFA"),
        ("SoftwareTokenMfaSettings", "SOFTWARE_TOKEN_MFA"),
    ] {
        scene.prefer(
            "jane",
            json!({member: {"Enabled": true, "PreferredMfa": true}}),
        );
        assert_eq!(shown(&scene, "jane").1, name);
        assert_eq!(scene.challenge("jane")["ChallengeName"], name);
    }
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"PreferredMfa": false}}),
    );
    assert_eq!(scene.challenge("jane")["ChallengeName"], "SELECT_MFA_TYPE");
    scene.prefer(
        "jane",
        json!({"EmailMfaSettings": {"Enabled": true, "PreferredMfa": true},
        "SMSMfaSettings": {"Enabled": false}}),
    );
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": false}}));
    assert_eq!(
        shown(&scene, "jane"),
        (json!(["SOFTWARE_TOKEN_MFA"]), json!(null))
    );
    assert_eq!(
        scene.challenge("jane")["ChallengeName"],
        "SOFTWARE_TOKEN_MFA"
    );
}

#[test]
fn a_factor_counts_only_while_the_pool_has_it_and_the_user_its_address() {
    let scene = with_all();
    let gone = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributeNames": ["phone_number"]});
    scene.call("AdminDeleteUserAttributes", gone);
    let challenge = scene.challenge("jane");
    let choices = json!(["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]).to_string();
    assert_eq!(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"], choices);
    let body = scene.answer(&challenge, "jane", json!({"ANSWER": "SMS_MFA"}));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "InvalidParameterException: ANSWER is none of the second factors of the user."
    );

    let config = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
        "EmailMfaConfiguration": {}});
    scene.call("SetUserPoolMfaConfig", config);
    assert_eq!(scene.challenge("jane")["ChallengeName"], "EMAIL_OTP");
}
