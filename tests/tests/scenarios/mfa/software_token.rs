//! A software token is set up with an access token, and asked for from then on.

use serde_json::json;
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::mfa::{has_tokens, jane, on, shown};

/// A user whose software token is switched on.
fn with_token(mfa: &str) -> Scene {
    let mut scene = jane("OPTIONAL");
    scene.sign_in("jane");
    scene.software_token();
    scene.prefer("jane", on("SoftwareTokenMfaSettings"));
    scene.factors(mfa);
    scene
}

#[test]
fn a_software_token_is_asked_for_once_it_is_switched_on() {
    let mut scene = jane("OPTIONAL");
    scene.sign_in("jane");
    let secret = scene.call(
        "AssociateSoftwareToken",
        json!({"AccessToken": scene.fact("access")}),
    );
    assert_eq!(text(&secret["SecretCode"]).len(), 52);
    scene.facts.insert("secret", text(&secret["SecretCode"]));
    scene.sign_in("jane");
    let verify = json!({"AccessToken": scene.fact("access"), "UserCode": scene.totp(0),
        "FriendlyDeviceName": "phone"});
    scene.call("VerifySoftwareToken", verify);
    scene.sign_in("jane");

    scene.prefer("jane", on("SoftwareTokenMfaSettings"));

    assert_eq!(
        shown(&scene, "jane"),
        (json!(["SOFTWARE_TOKEN_MFA"]), json!(null))
    );
    let challenge = scene.challenge("jane");
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    assert_eq!(
        challenge["ChallengeParameters"],
        json!({"USER_ID_FOR_SRP": "jane", "FRIENDLY_DEVICE_NAME": "phone"})
    );
    scene.advance(30);
    let code = scene.totp(0);
    has_tokens(&scene.answered(&challenge, "jane", json!({"SOFTWARE_TOKEN_MFA_CODE": code})));
}

#[test]
fn the_code_is_asked_for_whichever_flow_showed_the_password() {
    let scene = with_token("OPTIONAL");
    let stage = scene.stage();

    let by_srp = stage.srp_sign_in("jane", PASSWORD).expect("a challenge");
    assert_eq!(
        by_srp.challenge_name.expect("a challenge").as_str(),
        "SOFTWARE_TOKEN_MFA"
    );
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"] {
        let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "AuthFlow": flow,
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
        let challenge = scene.call("AdminInitiateAuth", body);
        assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
        let code = scene.totp(0);
        let mut answer = scene.answer(&challenge, "jane", json!({"SOFTWARE_TOKEN_MFA_CODE": code}));
        answer["UserPoolId"] = json!(scene.pool);
        has_tokens(&scene.call("AdminRespondToAuthChallenge", answer));
        scene.advance(30);
    }
}

#[test]
fn a_code_is_good_a_step_early_and_a_step_late_and_once() {
    for steps in [-1, 0, 1] {
        let scene = with_token("OPTIONAL");
        scene.advance(30);
        let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(steps)});
        has_tokens(&scene.answered(&scene.challenge("jane"), "jane", code.clone()));

        let again = scene.challenge("jane");
        let body = scene.answer(&again, "jane", code);
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "AX"),
            "ExpiredCodeException: Your software token has already been used once."
        );
        scene.advance(60);
        let next = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
        has_tokens(&scene.answered(&again, "jane", next));
    }
    let scene = with_token("OPTIONAL");
    scene.advance(60);
    for steps in [-2, 2] {
        let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(steps)});
        let body = scene.answer(&scene.challenge("jane"), "jane", code);
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "AX"),
            "CodeMismatchException: Invalid code received for user"
        );
    }
}

#[test]
fn a_new_secret_counts_from_its_first_code_and_the_old_one_until_then() {
    let mut scene = with_token("OPTIONAL");
    let old = scene.facts["secret"].clone();
    scene.advance(30);
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    let reply = scene.answered(&scene.challenge("jane"), "jane", code);
    scene.facts.insert(
        "access",
        text(&reply["AuthenticationResult"]["AccessToken"]),
    );

    let secret = scene.call(
        "AssociateSoftwareToken",
        json!({"AccessToken": scene.fact("access")}),
    );
    scene.advance(30);
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    has_tokens(&scene.answered(&scene.challenge("jane"), "jane", code));

    scene.facts.insert("secret", text(&secret["SecretCode"]));
    scene.advance(30);
    let verify = json!({"AccessToken": scene.fact("access"), "UserCode": scene.totp(0)});
    scene.call("VerifySoftwareToken", verify);
    scene.advance(30);
    let new = scene.totp(0);
    scene.facts.insert("secret", old);
    let challenge = scene.challenge("jane");
    let body = scene.answer(
        &challenge,
        "jane",
        json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)}),
    );
    let refused = scene.refusal("RespondToAuthChallenge", &body, "AX");
    assert_eq!(
        refused,
        "CodeMismatchException: Invalid code received for user"
    );
    has_tokens(&scene.answered(&challenge, "jane", json!({"SOFTWARE_TOKEN_MFA_CODE": new})));
}

#[test]
fn a_token_that_an_administrator_took_away_is_not_asked_for() {
    let scene = with_token("OPTIONAL");
    let challenge = scene.challenge("jane");

    scene.admin("AdminDeleteSoftwareToken", "jane");

    assert_eq!(shown(&scene, "jane"), (json!(null), json!(null)));
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    let body = scene.answer(&challenge, "jane", code);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "SoftwareTokenMFANotFoundException: Software Token MFA has not been set up by the user."
    );
    has_tokens(&scene.call(
        "InitiateAuth",
        json!({"ClientId": scene.client,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}}),
    ));
}

#[test]
fn a_pool_that_asks_everybody_asks_for_a_verified_token_that_is_not_switched_on() {
    let mut scene = jane("OPTIONAL");
    scene.sign_in("jane");
    scene.software_token();
    scene.factors("ON");

    let challenge = scene.challenge("jane");

    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    has_tokens(&scene.answered(&challenge, "jane", code));
}
