//! Second factors: passed by, guessed, replayed, answered with somebody else's Session, set up over the owner's.

use std::{collections::BTreeMap, thread};

use serde_json::{Value, json};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

const INVALID: &str = "NotAuthorizedException: Invalid session for the user.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";
const LIMIT: &str = "NotAuthorizedException: Attempt limit exceeded, please try after some time.";
const WRONG_CODE: &str = "CodeMismatchException: Invalid code or auth state for the user.";
const WRONG_TOKEN: &str = "CodeMismatchException: Invalid code received for user";

/// A user who shows a code from an e-mail.
fn by_mail() -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
    scene
}

/// A user who shows a code of a software token.
fn by_token() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene.factors("OPTIONAL");
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    scene
}

/// A user without a factor in a pool where everybody needs one.
fn in_setup() -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributeNames": ["email"]});
    scene.call("AdminDeleteUserAttributes", body);
    scene.factors("ON");
    scene
}

fn wrong_code(scene: &Scene) -> String {
    let right = scene.code_of("jane");
    let digit = if right.starts_with('0') { '1' } else { '0' };
    format!("{digit}{}", &right[1..])
}

#[test]
fn no_challenge_is_passed_by_with_the_answer_to_another() {
    let by_choice = || {
        let scene = by_mail();
        scene.phone("jane");
        scene.prefer("jane", json!({"SMSMfaSettings": {"Enabled": true}}));
        scene
    };
    let scenes = [
        (by_mail(), "EMAIL_OTP"),
        (by_token(), "SOFTWARE_TOKEN_MFA"),
        (in_setup(), "MFA_SETUP"),
        (by_choice(), "SELECT_MFA_TYPE"),
    ];
    for (scene, name) in scenes {
        let challenge = scene.challenge("jane");
        assert_eq!(challenge["ChallengeName"], name);
        let responses = json!({"ANSWER": "EMAIL_OTP", "SMS_MFA_CODE": "123456",
            "EMAIL_OTP_CODE": "123456", "SOFTWARE_TOKEN_MFA_CODE": "123456",
            "NEW_PASSWORD": "Another-horse-9"});
        for other in [
            "SMS_MFA",
            "EMAIL_OTP",
            "SOFTWARE_TOKEN_MFA",
            "SELECT_MFA_TYPE",
            "MFA_SETUP",
            "NEW_PASSWORD_REQUIRED",
        ] {
            if other == name && name != "MFA_SETUP" {
                continue;
            }
            let mut body = scene.answer(&challenge, "jane", responses.clone());
            body["ChallengeName"] = json!(other);
            assert_eq!(
                scene.refusal("RespondToAuthChallenge", &body, ""),
                INVALID,
                "{other} instead of {name}"
            );
        }
    }
}

#[test]
fn nobody_answers_with_the_session_of_another_user_client_or_pool() {
    let mut scene = by_mail();
    scene.user("joe");
    let challenge = scene.challenge("jane");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let refused = |body: &Value| scene.refusal("RespondToAuthChallenge", body, "");

    assert_eq!(
        refused(&scene.answer(&challenge, "joe", code.clone())),
        INVALID
    );
    assert_eq!(
        refused(&scene.answer(&challenge, "nobody", code.clone())),
        INVALID
    );
    let mut body = scene.answer(&challenge, "jane", code.clone());
    body["ClientId"] = json!(scene.hiding);
    assert_eq!(refused(&body), INVALID);
    let answer = scene.answer(&challenge, "jane", code);
    let first = scene.client.clone();
    scene.move_to_pool_of(json!({}));
    scene.user("jane");
    let mut body = answer.clone();
    body["ClientId"] = json!(scene.client);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
    scene.client = first;
    scene.call("RespondToAuthChallenge", answer);
}

#[test]
fn a_session_dies_with_the_password_with_a_sign_out_and_with_the_account() {
    let ends: [fn(&Scene); 4] = [
        |scene| {
            let body = json!({"UserPoolId": scene.pool, "Username": "jane",
                "Password": "Another-horse-9", "Permanent": true});
            scene.call("AdminSetUserPassword", body);
        },
        |scene| drop(scene.admin("AdminUserGlobalSignOut", "jane")),
        |scene| drop(scene.admin("AdminDisableUser", "jane")),
        |scene| {
            scene.admin("AdminDisableUser", "jane");
            scene.admin("AdminEnableUser", "jane");
        },
    ];
    for end in ends {
        let scene = by_mail();
        let challenge = scene.challenge("jane");
        let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
        end(&scene);
        let body = scene.answer(&challenge, "jane", code);
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), USED);
    }
    let scene = by_mail();
    let challenge = scene.challenge("jane");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    scene.admin("AdminDeleteUser", "jane");
    scene.user("jane");
    let body = scene.answer(&challenge, "jane", code);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
}

#[test]
fn the_fifth_wrong_answer_ends_the_chain() {
    let scene = by_mail();
    let challenge = scene.challenge("jane");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let wrong = scene.answer(
        &challenge,
        "jane",
        json!({"EMAIL_OTP_CODE": wrong_code(&scene)}),
    );
    for _ in 0..5 {
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &wrong, "AX"),
            WRONG_CODE
        );
    }

    let body = scene.answer(&challenge, "jane", right);

    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), USED);
}

#[test]
fn ten_wrong_answers_an_hour_are_all_whatever_the_chain_and_the_factor() {
    let scene = by_token();
    let enable = json!({"EmailMfaSettings": {"Enabled": true}});
    scene.prefer("jane", enable);
    let choose = |scene: &Scene, factor: &str| {
        let challenge = scene.challenge("jane");
        scene.answered(&challenge, "jane", json!({"ANSWER": factor}))
    };
    let token = choose(&scene, "SOFTWARE_TOKEN_MFA");
    let mail = choose(&scene, "EMAIL_OTP");
    let right = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    for factor in ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"] {
        let asks = choose(&scene, factor);
        let (member, wrong, refusal) = match factor {
            "EMAIL_OTP" => ("EMAIL_OTP_CODE", wrong_code(&scene), WRONG_CODE),
            _ => ("SOFTWARE_TOKEN_MFA_CODE", scene.wrong_totp(), WRONG_TOKEN),
        };
        let body = scene.answer(&asks, "jane", json!({member: wrong}));
        for _ in 0..5 {
            assert_eq!(
                scene.refusal("RespondToAuthChallenge", &body, "AX"),
                refusal
            );
        }
    }

    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    for (asks, right) in [(mail, right), (token, code)] {
        let body = scene.answer(&asks, "jane", right);
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), LIMIT);
    }
    let body = scene.answer(
        &scene.challenge("jane"),
        "jane",
        json!({"ANSWER": "EMAIL_OTP"}),
    );
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), LIMIT);

    scene.advance(3_600);
    let asks = choose(&scene, "EMAIL_OTP");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    scene.answered(&asks, "jane", code);
}

#[test]
fn codes_are_sent_twenty_times_an_hour_and_no_more() {
    let scene = by_mail();
    for _ in 0..20 {
        scene.challenge("jane");
    }
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
    assert_eq!(scene.refusal("InitiateAuth", &body, ""), LIMIT);
    scene.advance(3_600);
    scene.challenge("jane");
}

#[test]
fn a_setup_that_began_before_the_owners_replaces_nothing() {
    let mut scene = in_setup();
    let sessions: Vec<Value> = (0..3)
        .map(|_| scene.challenge("jane")["Session"].clone())
        .collect();
    let associate =
        |session: &Value| scene.call("AssociateSoftwareToken", json!({"Session": session}));
    let thief = associate(&sessions[0]);
    let owner = associate(&sessions[1]);
    let mut of_thief = scene.clone();
    of_thief.facts.insert("secret", text(&thief["SecretCode"]));
    scene.facts.insert("secret", text(&owner["SecretCode"]));
    let verify = json!({"Session": owner["Session"], "UserCode": scene.totp(0)});
    scene.call("VerifySoftwareToken", verify);

    let verify = json!({"Session": thief["Session"], "UserCode": of_thief.totp(0)});
    assert_eq!(scene.refusal("VerifySoftwareToken", &verify, ""), INVALID);
    for session in [&thief["Session"], &sessions[2]] {
        let body = json!({"Session": session});
        assert_eq!(scene.refusal("AssociateSoftwareToken", &body, ""), INVALID);
        let answer = json!({"ChallengeName": "MFA_SETUP", "Session": session});
        let by_mail = scene.answer(&answer, "jane", json!({"EMAIL": "thief@example.com"}));
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &by_mail, ""),
            INVALID
        );
    }
}

#[test]
fn a_session_of_one_pools_client_sets_up_nothing_for_another_user() {
    let mut scene = in_setup();
    let session = text(&scene.challenge("jane")["Session"]);
    let forged = {
        let mut bytes = userpool_crypto::base64::decode_url(&session).expect("base64");
        let client = scene.hiding.clone();
        bytes[1..=client.len()].copy_from_slice(client.as_bytes());
        userpool_crypto::base64::encode_url(&bytes)
    };
    let body = json!({"Session": forged});
    assert_eq!(scene.refusal("AssociateSoftwareToken", &body, ""), INVALID);

    scene.call("DeleteUserPool", json!({"UserPoolId": scene.pool}));
    scene.move_to_pool_of(json!({}));
    let body = json!({"Session": session});
    assert_eq!(scene.refusal("AssociateSoftwareToken", &body, ""), INVALID);
}

/// Sends guesses side by side; how often each end was told.
fn guess(scene: &Scene, bodies: Vec<Value>) -> BTreeMap<String, usize> {
    let ends = thread::scope(|scope| {
        let guessers: Vec<_> = bodies
            .iter()
            .map(|body| scope.spawn(move || scene.try_call("RespondToAuthChallenge", body)))
            .collect();
        let ends = guessers
            .into_iter()
            .map(|guesser| guesser.join().expect("no panic"));
        ends.collect::<Vec<_>>()
    });
    let mut told = BTreeMap::new();
    for end in ends {
        let end = end.map_or_else(|error| error.to_string(), |_| "tokens".to_owned());
        *told.entry(end).or_default() += 1;
    }
    told
}

#[test]
fn guessers_beside_each_other_get_ten_guesses_in_all() {
    for scene in [by_mail(), by_token()] {
        let challenges: Vec<Value> = (0..8).map(|_| scene.challenge("jane")).collect();
        let bodies = (0..64)
            .map(|at| {
                let wrong = if challenges[0]["ChallengeName"] == "EMAIL_OTP" {
                    json!({"EMAIL_OTP_CODE": "none"})
                } else {
                    json!({"SOFTWARE_TOKEN_MFA_CODE": scene.wrong_totp()})
                };
                scene.answer(&challenges[at % 8], "jane", wrong)
            })
            .collect();

        let told = guess(&scene, bodies);

        let wrong: usize = [WRONG_CODE, WRONG_TOKEN]
            .iter()
            .filter_map(|end| told.get(*end))
            .sum();
        assert!(wrong <= 10, "{told:?}");
        let rate = "TooManyRequestsException: Rate exceeded";
        for end in told.keys() {
            let known = [WRONG_CODE, WRONG_TOKEN, LIMIT, USED, rate];
            assert!(known.contains(&end.as_str()), "{told:?}");
        }
    }
}

#[test]
fn one_right_answer_among_guesses_lets_in_once_at_most() {
    for scene in [by_mail(), by_token()] {
        let challenge = scene.challenge("jane");
        let (right, wrong) = if challenge["ChallengeName"] == "EMAIL_OTP" {
            let code = |code: String| json!({"EMAIL_OTP_CODE": code});
            (code(scene.code_of("jane")), code(wrong_code(&scene)))
        } else {
            let code = |code: String| json!({"SOFTWARE_TOKEN_MFA_CODE": code});
            (code(scene.totp(0)), code(scene.wrong_totp()))
        };
        let bodies = (0..64)
            .map(|at| {
                let responses = if at % 8 == 3 { &right } else { &wrong };
                scene.answer(&challenge, "jane", responses.clone())
            })
            .collect();

        let told = guess(&scene, bodies);

        assert!(
            told.get("tokens").is_none_or(|tokens| *tokens <= 1),
            "{told:?}"
        );
        let wrong: usize = [WRONG_CODE, WRONG_TOKEN]
            .iter()
            .filter_map(|end| told.get(*end))
            .sum();
        assert!(wrong <= 5, "{told:?}");
        assert!(
            !told.keys().any(|end| end.starts_with("InternalError")),
            "{told:?}"
        );
    }
}

#[test]
fn a_code_of_a_software_token_lets_in_one_of_several_sign_ins() {
    let scene = by_token();
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    let bodies = (0..5)
        .map(|_| scene.answer(&scene.challenge("jane"), "jane", code.clone()))
        .collect();

    let told = guess(&scene, bodies);

    assert_eq!(told["tokens"], 1, "{told:?}");
}
