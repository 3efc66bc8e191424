//! Sixty-four guessers beside each other against one account, with one right answer among them, over every flow.
//!
//! The pool watches sign-ins: what it noted stands in the commit that counted, so that it tells how many guesses were
//! counted. No verdict is told without its count, no limit is passed by, and nothing fails inside.

use std::{collections::BTreeMap, thread};

use serde_json::{Value, json};
use userpool::triggers::{Challenge, NextStep, Triggers};
use userpool_tests::{pool::PASSWORD, scene::Scene};

use crate::{INCORRECT, WRONG};

const GUESSERS: usize = 64;
/// Which of them is right.
const RIGHT: usize = 17;
/// Wrong passwords in a row until the user is locked.
const FREE: usize = 5;

const LOCKED: &str = "NotAuthorizedException: Password attempts exceeded";
const BUSY: &str = "TooManyRequestsException: Rate exceeded";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";

/// A user of a pool that watches sign-ins, and a client with every flow.
fn jane() -> Scene {
    let mut scene = Scene::with_pool_of(json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT",
            "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}}}));
    scene.client = scene.client_of(json!({"ExplicitAuthFlows": [
        "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}));
    scene.user("jane");
    scene
}

/// Has all guess at once; how often each end was told.
fn guess(scene: &Scene, operation: &str, bodies: &[Value]) -> BTreeMap<String, usize> {
    assert_eq!(bodies.len(), GUESSERS);
    let ends: Vec<_> = thread::scope(|scope| {
        let guessers: Vec<_> = bodies
            .iter()
            .map(|body| scope.spawn(move || scene.try_call(operation, body)))
            .collect();
        let ends = guessers
            .into_iter()
            .map(|guesser| guesser.join().expect("no panic"));
        ends.collect()
    });
    let mut told = BTreeMap::new();
    for end in ends {
        let end = match end {
            Ok(reply) if reply["AuthenticationResult"].is_object() => "tokens".to_owned(),
            Ok(reply) => reply["ChallengeName"].as_str().expect("a challenge").into(),
            Err(error) => error.to_string(),
        };
        *told.entry(end).or_default() += 1;
    }
    told
}

/// How many sign-ins the pool noted that ended so, and how many wrong steps of a kind.
fn noted(scene: &Scene, end: &str, step: &str) -> (usize, usize) {
    let reply = scene.admin("AdminListUserAuthEvents", "jane");
    let events = reply["AuthEvents"].as_array().expect("a list");
    let sign_ins = events.iter().filter(|event| event["EventType"] == "SignIn");
    let mut counts = (0, 0);
    for event in sign_ins {
        counts.0 += usize::from(event["EventResponse"] == end);
        let steps = event["ChallengeResponses"].as_array();
        counts.1 += steps
            .into_iter()
            .flatten()
            .filter(|it| it["ChallengeName"] == step && it["ChallengeResponse"] == "Failure")
            .count();
    }
    counts
}

/// A flow by password: the request of each guesser, whose passwords these are.
type Flow = (&'static str, fn(&Scene, &[&str]) -> Vec<Value>);

fn flows() -> Vec<Flow> {
    fn each(passwords: &[&str], body: impl Fn(&str) -> Value) -> Vec<Value> {
        passwords.iter().map(|password| body(password)).collect()
    }
    vec![
        ("InitiateAuth", |scene, passwords| {
            each(passwords, |password| {
                json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": {"USERNAME": "jane", "PASSWORD": password}})
            })
        }),
        ("AdminInitiateAuth", |scene, passwords| {
            each(passwords, |password| {
                json!({"UserPoolId": scene.pool, "ClientId": scene.client,
                    "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                    "AuthParameters": {"USERNAME": "jane", "PASSWORD": password}})
            })
        }),
        ("InitiateAuth", |scene, passwords| {
            each(passwords, |password| {
                json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
                    "AuthParameters": {"USERNAME": "jane", "PREFERRED_CHALLENGE": "PASSWORD",
                        "PASSWORD": password}})
            })
        }),
        ("RespondToAuthChallenge", |scene, passwords| {
            each(passwords, |password| {
                let begun = scene.stage().srp_begin("jane").expect("a challenge");
                let responses: BTreeMap<&str, String> =
                    begun.answer(password).into_iter().collect();
                json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
                    "ChallengeResponses": responses})
            })
        }),
    ]
}

#[track_caller]
fn only(told: &BTreeMap<String, usize>, ends: &[&str]) {
    for end in told.keys() {
        assert!(ends.contains(&end.as_str()), "{told:?}");
    }
}

fn count(told: &BTreeMap<String, usize>, end: &str) -> usize {
    told.get(end).copied().unwrap_or(0)
}

#[test]
fn wrong_passwords_beside_each_other_are_five_in_every_flow() {
    for (operation, requests) in flows() {
        let scene = jane();
        let bodies = requests(&scene, &[WRONG; GUESSERS]);
        let told = guess(&scene, operation, &bodies);
        only(&told, &[INCORRECT, LOCKED, BUSY]);
        let wrong = count(&told, INCORRECT);
        assert!(wrong <= FREE, "{operation}: {told:?}");
        assert_eq!(
            noted(&scene, "Fail", "Password"),
            (wrong, wrong),
            "{told:?}"
        );
    }
}

#[test]
fn one_right_password_among_guesses_is_judged_like_them_in_every_flow() {
    for (operation, requests) in flows() {
        let scene = jane();
        let mut passwords = [WRONG; GUESSERS];
        passwords[RIGHT] = PASSWORD;
        let bodies = requests(&scene, &passwords);
        let told = guess(&scene, operation, &bodies);
        only(&told, &["tokens", INCORRECT, LOCKED, BUSY]);
        let (right, wrong) = (count(&told, "tokens"), count(&told, INCORRECT));
        assert!(right <= 1, "{operation}: {told:?}");
        // A right password takes the count of the wrong ones before it back, of which there were four at most.
        assert!(wrong <= FREE + (FREE - 1) * right, "{operation}: {told:?}");
        assert_eq!(
            noted(&scene, "Fail", "Password"),
            (wrong, wrong),
            "{told:?}"
        );
        assert_eq!(noted(&scene, "Pass", "Password").0, right, "{told:?}");
    }
}

#[test]
fn an_answer_to_a_custom_challenge_is_judged_once_however_many_are_sent() {
    let mut scene = jane();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    scene.call(
        "UpdateUserPool",
        json!({"UserPoolId": scene.pool, "UserPoolTier": "PLUS",
            "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT",
                "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}},
            "LambdaConfig": {"DefineAuthChallenge": arn, "CreateAuthChallenge": arn,
                "VerifyAuthChallengeResponse": arn}}),
    );
    scene.serve(
        Triggers::new()
            .define_auth_challenge(|event| {
                let right = event.request.session.iter().any(|it| it.challenge_result);
                Ok(if right {
                    NextStep::IssueTokens
                } else {
                    NextStep::Challenge
                })
            })
            .create_auth_challenge(|_| {
                Ok(Challenge {
                    public: BTreeMap::new(),
                    private: [("answer".into(), "42".into())].into(),
                    metadata: None,
                })
            })
            .verify_auth_challenge_response(|event| {
                let request = &event.request;
                Ok(request.private_challenge_parameters["answer"] == request.challenge_answer)
            }),
    );
    let begin = json!({"ClientId": scene.client, "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": {"USERNAME": "jane"}});
    let challenges: Vec<Value> = (0..8)
        .map(|_| scene.call("InitiateAuth", begin.clone()))
        .collect();
    let bodies: Vec<Value> = (0..GUESSERS)
        .map(|at| {
            let answer = if at == RIGHT { "42" } else { "none" };
            scene.answer(&challenges[at % 8], "jane", json!({"ANSWER": answer}))
        })
        .collect();
    let told = guess(&scene, "RespondToAuthChallenge", &bodies);
    only(&told, &["tokens", "CUSTOM_CHALLENGE", USED, BUSY]);
    assert!(count(&told, "tokens") <= 1, "{told:?}");
    let judged = count(&told, "tokens") + count(&told, "CUSTOM_CHALLENGE");
    assert!(judged <= challenges.len(), "{told:?}");
}

#[test]
fn one_right_code_among_guesses_is_judged_like_them_by_either_factor() {
    const WRONG_CODE: &str = "CodeMismatchException: Invalid code or auth state for the user.";
    const WRONG_TOKEN: &str = "CodeMismatchException: Invalid code received for user";
    for factor in ["EmailMfaSettings", "SoftwareTokenMfaSettings"] {
        let mut scene = jane();
        scene.factors("OPTIONAL");
        scene.sign_in("jane");
        if factor == "SoftwareTokenMfaSettings" {
            scene.software_token();
        }
        scene.prefer("jane", json!({factor: {"Enabled": true}}));
        scene.advance(60);
        let challenge = scene.challenge("jane");
        let code = |right: bool| match challenge["ChallengeName"].as_str() {
            Some("EMAIL_OTP") if right => json!({"EMAIL_OTP_CODE": scene.code_of("jane")}),
            Some("EMAIL_OTP") => json!({"EMAIL_OTP_CODE": "none"}),
            _ if right => json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)}),
            _ => json!({"SOFTWARE_TOKEN_MFA_CODE": scene.wrong_totp()}),
        };
        let passed = noted(&scene, "Pass", "Mfa").0;
        let bodies: Vec<Value> = (0..GUESSERS)
            .map(|at| scene.answer(&challenge, "jane", code(at == RIGHT)))
            .collect();
        let told = guess(&scene, "RespondToAuthChallenge", &bodies);
        only(&told, &["tokens", WRONG_CODE, WRONG_TOKEN, USED, BUSY]);
        let wrong = count(&told, WRONG_CODE) + count(&told, WRONG_TOKEN);
        let right = count(&told, "tokens");
        assert!(right <= 1 && wrong <= 5, "{told:?}");
        let (passes, failures) = noted(&scene, "Pass", "Mfa");
        assert_eq!((passes - passed, failures), (right, wrong), "{told:?}");
    }
}
