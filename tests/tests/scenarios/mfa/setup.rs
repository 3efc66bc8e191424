//! A pool that asks everybody: users without a factor set one up in the middle of the sign-in.

use serde_json::{Value, json};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::mfa::{has_tokens, shown};

const INVALID: &str = "NotAuthorizedException: Invalid session for the user.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";

/// A confirmed user without an address, in a pool where everybody needs a second factor.
fn joe() -> Scene {
    let scene = Scene::with_pool();
    let body = json!({"UserPoolId": scene.pool, "Username": "joe", "MessageAction": "SUPPRESS"});
    scene.call("AdminCreateUser", body);
    let body = json!({"UserPoolId": scene.pool, "Username": "joe", "Password": PASSWORD,
        "Permanent": true});
    scene.call("AdminSetUserPassword", body);
    scene.factors("ON");
    scene
}

/// Gets a secret by a Session; the Session that comes back.
fn associate(scene: &mut Scene, session: &Value) -> Value {
    let reply = scene.call("AssociateSoftwareToken", json!({"Session": session}));
    scene.facts.insert("secret", text(&reply["SecretCode"]));
    reply["Session"].clone()
}

#[test]
fn a_software_token_is_set_up_in_the_middle_of_a_sign_in() {
    let mut scene = joe();
    let challenge = scene.challenge("joe");
    assert_eq!(challenge["ChallengeName"], "MFA_SETUP");
    assert_eq!(
        challenge["ChallengeParameters"],
        json!({"MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]",
            "USER_ID_FOR_SRP": "joe"})
    );
    let session = associate(&mut scene, &challenge["Session"]);
    let code = scene.totp(0);
    let verify = json!({"Session": session, "UserCode": code});

    let verified = scene.call("VerifySoftwareToken", verify.clone());

    assert_eq!(verified["Status"], "SUCCESS");
    assert_eq!(scene.refusal("VerifySoftwareToken", &verify, ""), USED);
    let answer = json!({"ChallengeName": "MFA_SETUP", "Session": verified["Session"]});
    has_tokens(&scene.answered(&answer, "joe", json!({})));
    assert_eq!(
        shown(&scene, "joe"),
        (json!(["SOFTWARE_TOKEN_MFA"]), json!(null))
    );

    let next = scene.challenge("joe");
    assert_eq!(next["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let body = scene.answer(&next, "joe", json!({"SOFTWARE_TOKEN_MFA_CODE": code}));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "AX"),
        "ExpiredCodeException: Your software token has already been used once."
    );
}

#[test]
fn each_step_of_a_setup_wants_the_session_of_the_step_before() {
    let mut scene = joe();
    let challenge = scene.challenge("joe");
    let setup = |session: &Value| {
        let answer = json!({"ChallengeName": "MFA_SETUP", "Session": session});
        scene.answer(&answer, "joe", json!({}))
    };
    let refused = |body: &Value| scene.refusal("RespondToAuthChallenge", body, "");
    assert_eq!(
        refused(&setup(&challenge["Session"])),
        INVALID,
        "nothing was set up"
    );
    let verify = json!({"Session": challenge["Session"], "UserCode": "123456"});
    assert_eq!(scene.refusal("VerifySoftwareToken", &verify, ""), INVALID);

    let session = associate(&mut scene.clone(), &challenge["Session"]);
    assert_eq!(refused(&setup(&session)), INVALID, "nothing was verified");
    let again = json!({"Session": challenge["Session"]});
    assert_eq!(scene.refusal("AssociateSoftwareToken", &again, ""), USED);

    let session = associate(&mut scene, &session);
    let wrong = json!({"Session": session, "UserCode": scene.wrong_totp()});
    assert_eq!(
        scene.refusal("VerifySoftwareToken", &wrong, "AX"),
        "EnableSoftwareTokenMFAException: Code mismatch"
    );
    let verify = json!({"Session": session, "UserCode": scene.totp(0)});
    scene.call("VerifySoftwareToken", verify);
}

#[test]
fn a_client_that_stops_after_the_setup_meets_the_factor() {
    let mut scene = joe();
    let challenge = scene.challenge("joe");
    let session = associate(&mut scene, &challenge["Session"]);
    let verify = json!({"Session": session, "UserCode": scene.totp(0)});
    scene.call("VerifySoftwareToken", verify);

    assert_eq!(
        scene.challenge("joe")["ChallengeName"],
        "SOFTWARE_TOKEN_MFA"
    );
}

#[test]
fn an_address_is_set_up_with_the_code_that_went_there() {
    let scene = joe();
    let challenge = scene.challenge("joe");

    let asks = scene.answered(&challenge, "joe", json!({"EMAIL": "joe@example.com"}));

    assert_eq!(asks["ChallengeName"], "EMAIL_OTP");
    assert_eq!(
        asks["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"],
        "j***@e***"
    );
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("joe")});
    has_tokens(&scene.answered(&asks, "joe", code));
    assert_eq!(shown(&scene, "joe"), (json!(["EMAIL_OTP"]), json!(null)));
    let user = scene.admin("AdminGetUser", "joe");
    let attributes = user["UserAttributes"].as_array().expect("attributes");
    for (name, value) in [("email", "joe@example.com"), ("email_verified", "true")] {
        let expected = json!({"Name": name, "Value": value});
        assert!(attributes.contains(&expected), "{attributes:?}");
    }
    assert_eq!(scene.challenge("joe")["ChallengeName"], "EMAIL_OTP");
}

#[test]
fn a_new_password_comes_before_the_setup_and_goes_on_with_the_same_chain() {
    let scene = joe();
    let body = json!({"UserPoolId": scene.pool, "Username": "joe", "Password": "Temporary-9"});
    scene.call("AdminSetUserPassword", body);
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "joe", "PASSWORD": "Temporary-9"}});
    let challenge = scene.call("InitiateAuth", body);
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let chosen = json!({"NEW_PASSWORD": PASSWORD});

    let asks = scene.answered(&challenge, "joe", chosen.clone());

    assert_eq!(asks["ChallengeName"], "MFA_SETUP");
    let again = scene.answer(&challenge, "joe", chosen);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &again, ""), USED);
    let asks = scene.answered(&asks, "joe", json!({"EMAIL": "joe@example.com"}));
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("joe")});
    has_tokens(&scene.answered(&asks, "joe", code));
}
