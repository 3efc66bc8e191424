//! Signing in with a passkey.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    authenticator::{Credential, PRESENT},
    passkeys::{
        ORIGIN, PARTY, answer, begin, challenge, credential, jane, options, pool, register,
        relying_party,
    },
    scene::{PHONE, Scene, text},
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

#[test]
fn a_passkey_is_one_factor_and_the_second_is_asked_for() {
    let key = credential(1);
    let scene = with_second_factor(&key, json!({"RelyingPartyId": PARTY}));
    let reply = sign_in(&scene, &key);
    assert_eq!(reply["ChallengeName"], "SMS_MFA");
    let message = scene.world.mailbox.messages().pop().expect("a message");
    assert_eq!(message.destination, PHONE);
    let code = json!({"SMS_MFA_CODE": message.code});
    has_tokens(&scene.answered(&reply, "jane", code));
}

#[test]
fn a_passkey_of_a_verified_user_is_both_factors_where_the_pool_says_so() {
    let mut key = credential(1);
    let both = json!({"RelyingPartyId": PARTY,
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    let scene = with_second_factor(&key, both);
    has_tokens(&sign_in(&scene, &key));
    key.flags = PRESENT;
    assert_eq!(sign_in(&scene, &key)["ChallengeName"], "SMS_MFA");
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
