//! First factors that users choose: steps passed by, Sessions of others, guesses beside each other, factors of users who
//! must not get in.

use std::thread;

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    passkeys::{self, answer, begin, challenge, credential, options},
    pool::PASSWORD,
    scene::{Scene, text},
};

const INVALID: &str = "NotAuthorizedException: Invalid session for the user.";
const INCORRECT: &str = "NotAuthorizedException: Incorrect username or password.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";
const LIMIT: &str = "NotAuthorizedException: Attempt limit exceeded, please try after some time.";

fn preferring(name: &str, scene: &Scene, factor: &str) -> Value {
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": name, "PREFERRED_CHALLENGE": factor}});
    scene.call("InitiateAuth", body)
}

#[test]
fn no_first_factor_is_passed_by_with_the_answer_to_another() {
    let key = credential(1);
    let scene = passkeys::jane(&key);
    let asked = ["none", "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "WEB_AUTHN"];
    let names = [
        "SELECT_CHALLENGE",
        "PASSWORD",
        "PASSWORD_SRP",
        "EMAIL_OTP",
        "WEB_AUTHN",
    ];
    for (preferred, own) in asked.into_iter().zip(names) {
        let reply = preferring("jane", &scene, preferred);
        assert_eq!(reply["ChallengeName"], own);
        let responses = json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD, "SRP_A": "5",
            "EMAIL_OTP_CODE": "12345678", "SMS_OTP_CODE": "12345678", "SMS_MFA_CODE": "123456",
            "SOFTWARE_TOKEN_MFA_CODE": "123456", "CREDENTIAL": "{}", "NEW_PASSWORD": PASSWORD});
        for other in names.into_iter().chain([
            "SMS_OTP",
            "SMS_MFA",
            "SOFTWARE_TOKEN_MFA",
            "SELECT_MFA_TYPE",
            "MFA_SETUP",
            "NEW_PASSWORD_REQUIRED",
            "CUSTOM_CHALLENGE",
        ]) {
            if other == own {
                continue;
            }
            let mut body = scene.answer(&reply, "jane", responses.clone());
            body["ChallengeName"] = json!(other);
            let refusal = scene.refusal("RespondToAuthChallenge", &body, "");
            assert_eq!(refusal, INVALID, "{other} instead of {own}");
        }
    }
}

#[test]
fn nobody_answers_with_the_session_of_another_user_client_or_pool() {
    let key = credential(1);
    let mut scene = passkeys::jane(&key);
    scene.user("joe");
    let reply = challenge(&scene, "jane");
    let responses = answer(&key, &reply);
    for name in ["joe", "nobody"] {
        let body = scene.answer(&reply, name, responses.clone());
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
    }
    let mut body = scene.answer(&reply, "jane", responses.clone());
    body["ClientId"] = json!(scene.hiding);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
    let body = scene.answer(&reply, "jane", responses);
    let first = scene.client.clone();
    scene.move_to_pool_of(json!({}));
    scene.user("jane");
    let mut elsewhere = body.clone();
    elsewhere["ClientId"] = json!(scene.client);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &elsewhere, ""),
        INVALID
    );
    scene.client = first;
    scene.call("RespondToAuthChallenge", body);
}

#[test]
fn guesses_of_codes_beside_each_other_are_all_counted() {
    let scene = passkeys::pool();
    scene.user("jane");
    let mut judged = 0;
    for _ in 0..3 {
        let reply = preferring("jane", &scene, "EMAIL_OTP");
        let right = scene.code_of("jane");
        let wrong = if right == "00000000" {
            "00000001"
        } else {
            "00000000"
        };
        let guess = json!({"EMAIL_OTP_CODE": wrong});
        let ends: Vec<String> = thread::scope(|scope| {
            let guesses: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        let body = scene.answer(&reply, "jane", guess.clone());
                        let end = scene.try_call("RespondToAuthChallenge", &body);
                        end.expect_err("a wrong code").to_string()
                    })
                })
                .collect();
            guesses
                .into_iter()
                .map(|it| it.join().expect("an end"))
                .collect()
        });
        let of_chain = ends
            .iter()
            .filter(|it| it.starts_with("CodeMismatch"))
            .count();
        assert!(of_chain <= 5, "{ends:?}");
        judged += of_chain;
    }
    assert_eq!(judged, 10);
    let reply = preferring("jane", &scene, "EMAIL_OTP");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let body = scene.answer(&reply, "jane", right);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), LIMIT);
}

#[test]
fn a_right_answer_sent_beside_itself_signs_in_once() {
    let key = credential(1);
    let scene = passkeys::jane(&key);
    let reply = challenge(&scene, "jane");
    let body = scene.answer(&reply, "jane", answer(&key, &reply));
    let signed_in = thread::scope(|scope| {
        let answers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| scene.try_call("RespondToAuthChallenge", &body).is_ok()))
            .collect();
        let ends = answers.into_iter().map(|it| it.join().expect("an end"));
        ends.filter(|signed_in| *signed_in).count()
    });
    assert_eq!(signed_in, 1);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), USED);
}

#[test]
fn who_may_not_sign_in_does_not_get_in_by_a_factor_asked_for_before() {
    for (operation, settings) in [
        ("AdminDisableUser", json!({})),
        ("AdminResetUserPassword", json!({})),
        ("AdminUserGlobalSignOut", json!({})),
        ("AdminDeleteUser", json!({})),
        (
            "AdminSetUserPassword",
            json!({"Password": PASSWORD, "Permanent": false}),
        ),
    ] {
        let key = credential(1);
        let scene = passkeys::jane(&key);
        let by_passkey = challenge(&scene, "jane");
        let by_code = preferring("jane", &scene, "EMAIL_OTP");
        let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
        let mut body = json!({"UserPoolId": scene.pool, "Username": "jane"});
        for (member, value) in settings.as_object().expect("an object") {
            body[member] = value.clone();
        }
        scene.call(operation, body);
        for (reply, responses) in [(&by_passkey, answer(&key, &by_passkey)), (&by_code, code)] {
            let body = scene.answer(reply, "jane", responses);
            let end = scene.try_call("RespondToAuthChallenge", &body);
            assert!(end.is_err(), "{operation}: {end:?}");
        }
    }
}

#[test]
fn a_passkey_of_a_deleted_user_is_none_of_the_next_one_of_that_name() {
    let key = credential(1);
    let mut scene = passkeys::jane(&key);
    let old = challenge(&scene, "jane");
    scene.admin("AdminDeleteUser", "jane");
    scene.user("jane");
    let reply = scene.call("InitiateAuth", begin(&scene, "jane"));
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    let body = scene.answer(&old, "jane", answer(&key, &old));
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
    scene.sign_in("jane");
    let list = scene.call(
        "ListWebAuthnCredentials",
        json!({"AccessToken": scene.fact("access")}),
    );
    assert_eq!(list["Credentials"], json!([]));
}

#[test]
fn an_answer_that_names_a_known_credential_and_another_key_is_refused() {
    let key = credential(1);
    let scene = passkeys::jane(&key);
    let reply = challenge(&scene, "jane");
    let mut forged = credential(2);
    forged.id = key.id.clone();
    for flags in 0..=0x3F {
        forged.flags = flags;
        let gotten = forged.gotten(&options(&reply), passkeys::ORIGIN);
        let responses = json!({"CREDENTIAL": gotten.to_string()});
        let body = scene.answer(&reply, "jane", responses);
        let end = scene.try_call("RespondToAuthChallenge", &body);
        let refusal = end.expect_err("a forgery").to_string();
        assert!([INCORRECT, USED].contains(&refusal.as_str()), "{refusal}");
    }
}

#[test]
fn a_registration_is_of_the_user_who_began_it() {
    let mut scene = passkeys::pool();
    scene.user("jane");
    scene.user("joe");
    scene.sign_in("jane");
    let answer = credential(1).created(&passkeys::creation(&scene), passkeys::ORIGIN);
    scene.sign_in("joe");
    let body = json!({"AccessToken": scene.fact("access"), "Credential": answer});
    let none =
        "WebAuthnChallengeNotFoundException: No registration of a passkey waits for this answer.";
    assert_eq!(
        scene.refusal("CompleteWebAuthnRegistration", &body, ""),
        none
    );
    passkeys::creation(&scene);
    assert_eq!(
        scene.refusal("CompleteWebAuthnRegistration", &body, ""),
        none
    );
}

#[test]
fn nobody_deletes_the_passkey_of_another() {
    let key = credential(1);
    let mut scene = passkeys::jane(&key);
    scene.user("joe");
    scene.sign_in("joe");
    let body = json!({"AccessToken": scene.fact("access"),
        "CredentialId": base64::encode_url(&key.id)});
    assert_eq!(
        scene.refusal("DeleteWebAuthnCredential", &body, ""),
        "ResourceNotFoundException: The credential does not exist."
    );
    let reply = challenge(&scene, "jane");
    assert_eq!(text(&options(&reply)["rpId"]), passkeys::PARTY);
}
