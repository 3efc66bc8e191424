//! Signing in with a passkey.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    authenticator::{Credential, PRESENT},
    passkeys::{
        ORIGIN, PARTY, answer, begin, challenge, credential, jane, options, pool, register,
        relying_party,
    },
    scene::{Scene, text},
};
use userpool_webauthn::key::Algorithm;

use crate::passkeys::{INCORRECT, has_tokens, sign_in};

#[test]
fn the_options_are_what_browsers_want() {
    let key = credential(1);
    let scene = jane(&key);
    let reply = challenge(&scene, "jane");
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]);
    assert_eq!(reply["AvailableChallenges"], all);
    let mut options = options(&reply);
    let challenge = text(&options["challenge"].take());
    assert_eq!(base64::decode_url(&challenge).expect("base64url").len(), 32);
    assert_eq!(
        options,
        json!({
            "challenge": null,
            "timeout": 180_000,
            "rpId": PARTY,
            "allowCredentials": [{"type": "public-key", "id": base64::encode_url(&key.id),
                "transports": ["internal", "hybrid"]}],
            "userVerification": "preferred",
        })
    );
}

#[test]
fn passkeys_of_every_algorithm_sign_in() {
    for algorithm in Algorithm::ALL {
        let key = Credential::new(PARTY, algorithm, [1; 32]);
        let scene = jane(&key);
        has_tokens(&sign_in(&scene, &key));
    }
}

#[test]
fn a_passkey_may_be_chosen_and_answered_with_the_choice() {
    let key = credential(1);
    let scene = jane(&key);
    let mut body = begin(&scene, "jane");
    body["AuthParameters"] = json!({"USERNAME": "jane"});
    let reply = scene.call("InitiateAuth", body);
    let reply = scene.answered(&reply, "jane", json!({"ANSWER": "WEB_AUTHN"}));
    assert_eq!(reply["ChallengeName"], "WEB_AUTHN");
    let mut responses = answer(&key, &reply);
    responses["ANSWER"] = json!("WEB_AUTHN");
    let mut body = scene.answer(&reply, "jane", responses);
    body["ChallengeName"] = json!("SELECT_CHALLENGE");
    has_tokens(&scene.call("RespondToAuthChallenge", body));
}

#[test]
fn a_counter_rises_or_the_authenticator_was_cloned() {
    let mut key = credential(1);
    key.counter = 7;
    let scene = jane(&key);
    let refused = |key: &Credential| {
        let reply = challenge(&scene, "jane");
        let body = scene.answer(&reply, "jane", answer(key, &reply));
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "X"),
            INCORRECT
        );
    };
    refused(&key);
    key.counter = 9;
    has_tokens(&sign_in(&scene, &key));
    for counter in [0, 8, 9] {
        key.counter = counter;
        refused(&key);
    }
    key.counter = 10;
    has_tokens(&sign_in(&scene, &key));
}

#[test]
fn a_challenge_is_signed_once_and_in_time() {
    let key = credential(1);
    let scene = jane(&key);
    let reply = challenge(&scene, "jane");
    let responses = answer(&key, &reply);
    has_tokens(&scene.answered(&reply, "jane", responses.clone()));
    let body = scene.answer(&reply, "jane", responses.clone());
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session can only be used once."
    );
    // An old signature in a new session.
    let reply = challenge(&scene, "jane");
    let body = scene.answer(&reply, "jane", responses);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "X"),
        INCORRECT
    );
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    scene.advance(180);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn the_fifth_wrong_answer_ends_the_sign_in_and_locks_nobody_out() {
    let key = credential(1);
    let scene = jane(&key);
    let reply = challenge(&scene, "jane");
    let wrong = json!({"CREDENTIAL": "{}"});
    for _ in 0..5 {
        let body = scene.answer(&reply, "jane", wrong.clone());
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "X"),
            INCORRECT
        );
    }
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session can only be used once."
    );
    has_tokens(&sign_in(&scene, &key));
}

#[test]
fn a_lock_after_wrong_passwords_does_not_concern_passkeys() {
    let key = credential(1);
    let scene = jane(&key);
    let wrong = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": "Wrong-horse-9"}});
    for _ in 0..6 {
        drop(scene.try_call("InitiateAuth", &wrong));
    }
    has_tokens(&sign_in(&scene, &key));
}

#[test]
fn another_users_another_partys_or_a_deleted_passkey_does_not_sign_in() {
    let (key, joes) = (credential(1), credential(2));
    let mut scene = jane(&key);
    let access = scene.fact("access").to_owned();
    scene.user("joe");
    scene.sign_in("joe");
    register(&scene, &joes);
    let refused = |key: &Credential| {
        let reply = challenge(&scene, "jane");
        let body = scene.answer(&reply, "jane", answer(key, &reply));
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "X"),
            INCORRECT
        );
    };
    refused(&joes);
    let mut elsewhere = key.clone();
    elsewhere.party = "evil.com".into();
    refused(&elsewhere);

    let reply = challenge(&scene, "jane");
    let id = base64::encode_url(&key.id);
    let body = json!({"AccessToken": access, "CredentialId": id});
    scene.call("DeleteWebAuthnCredential", body);
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "X"),
        INCORRECT
    );
    let reply = scene.call("InitiateAuth", begin(&scene, "jane"));
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
}

#[test]
fn a_signature_for_another_page_or_user_does_not_sign_in() {
    let key = credential(1);
    let scene = jane(&key);
    let refused = |change: &dyn Fn(&Value) -> Value| {
        let reply = challenge(&scene, "jane");
        let credential = change(&options(&reply));
        let responses = json!({"CREDENTIAL": credential.to_string()});
        let body = scene.answer(&reply, "jane", responses);
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "X"),
            INCORRECT
        );
    };
    refused(&|options| key.gotten(options, "https://evil.com"));
    refused(&|options| key.created(options, ORIGIN));
    refused(&|options| {
        let mut answer = key.gotten(options, ORIGIN);
        answer["response"]["userHandle"] = json!(base64::encode_url(b"joe"));
        answer
    });
    refused(&|options| {
        let mut answer = key.gotten(options, ORIGIN);
        answer["response"]["signature"] = json!(base64::encode_url(&[0x30; 70]));
        answer
    });
}

/// Jane with a second factor, and what the pool says of passkeys.
fn with_second_factor(key: &Credential, configuration: Value) -> Scene {
    let scene = jane(key);
    let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {}, "WebAuthnConfiguration": configuration});
    scene.call("SetUserPoolMfaConfig", body);
    scene.phone("jane");
    scene.prefer("jane", json!({"SMSMfaSettings": {"Enabled": true}}));
    scene
}

/// The factors that are offered to Jane.
fn offered(scene: &Scene) -> Value {
    scene.call("InitiateAuth", begin(scene, "jane"))["AvailableChallenges"].clone()
}

fn both() -> Value {
    json!({"RelyingPartyId": PARTY, "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"})
}

/// What Jane's second factors are, as administrators see them.
fn factors(scene: &Scene) -> Value {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane"});
    scene.call("AdminGetUser", body)["UserMFASettingList"].clone()
}

const SWITCHED_ON: &str =
    r#"{"SMSMfaSettings": {"Enabled": true}, "WebAuthnMfaSettings": {"Enabled": true}}"#;

fn switched_on() -> Value {
    serde_json::from_str(SWITCHED_ON).expect("JSON")
}

#[test]
fn who_needs_a_second_factor_is_offered_no_passkey_unless_it_is_both() {
    let key = credential(1);
    let passwords = json!(["PASSWORD_SRP", "PASSWORD"]);
    let scene = with_second_factor(&key, json!({"RelyingPartyId": PARTY}));
    assert_eq!(offered(&scene), passwords);
    let scene = with_second_factor(&key, both());
    assert_eq!(offered(&scene), passwords);
    // A challenge of before does not sign in either.
    let scene = jane(&key);
    let reply = challenge(&scene, "jane");
    scene.factors("OPTIONAL");
    relying_party_kept(&scene);
    scene.phone("jane");
    scene.prefer("jane", json!({"SMSMfaSettings": {"Enabled": true}}));
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "X"),
        INCORRECT
    );
}

/// The pool as it is, and with passkeys.
fn relying_party_kept(scene: &Scene) {
    let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {}, "WebAuthnConfiguration": {"RelyingPartyId": PARTY}});
    scene.call("SetUserPoolMfaConfig", body);
}

#[test]
fn a_passkey_of_a_verified_user_is_both_factors_where_pool_and_user_say_so() {
    let mut key = credential(1);
    let scene = with_second_factor(&key, both());
    scene.prefer("jane", switched_on());
    assert_eq!(factors(&scene), json!(["SMS_MFA", "WEB_AUTHN_MFA"]));
    let reply = challenge(&scene, "jane");
    assert_eq!(options(&reply)["userVerification"], "required");
    has_tokens(&sign_in(&scene, &key));
    key.flags = PRESENT;
    let reply = challenge(&scene, "jane");
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "X"),
        INCORRECT
    );
    // After a password the other factor is asked for all the same.
    assert_eq!(scene.challenge("jane")["ChallengeName"], "SMS_MFA");
}

#[test]
fn passkeys_are_both_factors_beside_another_one_alone() {
    let key = credential(1);
    let mut scene = with_second_factor(&key, both());
    scene.facts.insert("user", "jane".into());
    let refused = |scene: &Scene, settings: Value| {
        let mut body = json!({"UserPoolId": scene.pool, "Username": "jane"});
        for (name, value) in settings.as_object().expect("settings") {
            body[name] = value.clone();
        }
        scene.refusal("AdminSetUserMFAPreference", &body, "")
    };
    assert_eq!(
        refused(&scene, json!({"WebAuthnMfaSettings": {"Enabled": true}})),
        "InvalidParameterException: WebAuthn MFA requires enabling an additional MFA setting."
    );
    scene.prefer("jane", switched_on());
    // It goes with the last other factor, and does not come back with one.
    let off = json!({"SMSMfaSettings": {"Enabled": false}});
    scene.prefer("jane", off);
    assert_eq!(factors(&scene), Value::Null);
    scene.prefer("jane", json!({"SMSMfaSettings": {"Enabled": true}}));
    assert_eq!(factors(&scene), json!(["SMS_MFA"]));
    scene.prefer("jane", switched_on());
    scene.prefer("jane", json!({"WebAuthnMfaSettings": {"Enabled": false}}));
    assert_eq!(factors(&scene), json!(["SMS_MFA"]));

    scene.user("joe");
    let body = json!({"UserPoolId": scene.pool, "Username": "joe",
        "UserAttributes": [{"Name": "phone_number", "Value": "+12065550111"}]});
    scene.call("AdminUpdateUserAttributes", body);
    let mut body = switched_on();
    body["UserPoolId"] = json!(scene.pool);
    body["Username"] = json!("joe");
    assert_eq!(
        scene.refusal("AdminSetUserMFAPreference", &body, ""),
        "InvalidParameterException: User does not have applicable WebAuthn credentials to enable WebAuthn MFA."
    );
    relying_party_kept(&scene);
    assert_eq!(
        refused(&scene, switched_on()),
        "InvalidParameterException: WebAuthn MFA is not enabled for the user pool."
    );
}

#[test]
fn a_passkey_reaches_the_level_of_a_password_and_a_code() {
    let key = credential(1);
    let mut roaming = credential(2);
    roaming.attachment = "cross-platform";
    for (key, method) in [(key, "swk"), (roaming, "hwk")] {
        let scene = jane(&key);
        let mut body = begin(&scene, "jane");
        body["AuthParameters"]["TARGET_ACR_VALUES"] = json!("urn:cognito:loa:3");
        let reply = scene.call("InitiateAuth", body);
        assert_eq!(reply["AvailableChallenges"], json!(["WEB_AUTHN"]));
        let reply = scene.answered(&reply, "jane", answer(&key, &reply));
        let token = text(&reply["AuthenticationResult"]["IdToken"]);
        let claims = token.split('.').nth(1).and_then(base64::decode_url);
        let claims: Value = serde_json::from_slice(&claims.expect("claims")).expect("JSON");
        assert_eq!(claims["acr"], "urn:cognito:loa:3");
        assert_eq!(claims["amr"], json!([method]));
    }
}

#[test]
fn an_authenticator_that_must_verify_the_user_does() {
    let mut key = credential(1);
    let scene = jane(&key);
    key.flags = PRESENT;
    has_tokens(&sign_in(&scene, &key));
    relying_party(
        &scene,
        json!({"RelyingPartyId": PARTY, "UserVerification": "required"}),
    );
    let reply = challenge(&scene, "jane");
    assert_eq!(options(&reply)["userVerification"], "required");
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "X"),
        INCORRECT
    );
}

#[test]
fn some_names_that_nobody_has_seem_to_have_a_passkey_and_none_signs_in() {
    let mut scene = pool();
    scene.client = scene.hiding.clone();
    let mut seen = 0;
    for name in (0..40).map(|number| format!("nobody{number}")) {
        let reply = scene.call("InitiateAuth", begin(&scene, &name));
        if reply["ChallengeName"] != "WEB_AUTHN" {
            continue;
        }
        seen += 1;
        let mut key = credential(1);
        let allowed = options(&reply)["allowCredentials"][0]["id"].clone();
        key.id = base64::decode_url(&text(&allowed)).expect("base64url");
        let again = scene.call("InitiateAuth", begin(&scene, &name));
        assert_eq!(options(&again)["allowCredentials"][0]["id"], allowed);
        let body = scene.answer(&reply, &name, answer(&key, &reply));
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, "X"),
            INCORRECT
        );
    }
    assert!((3..20).contains(&seen), "{seen} of 40");
}
