//! Clients that hide who exists: every reply to a known name beside that to one that nobody has.
//!
//! The two have the same form (the same members, texts of the same length) or are the same error, and come after
//! the same steps to the store: as many reads, as many commits, in the same order. What follows the handing over of
//! a message is left out: nobody else gets one.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    passkeys,
    player::{End, Player, request},
    pool::PASSWORD,
    scene::{Scene, address, text},
};

/// A password that fits the policy and is nobody's.
const WRONG: &str = "Wrong-horse-9";

/// What a request leads to: its end, and the steps to the store: `r` reads, `c` commits.
fn walk(scene: &Scene, operation: &str, body: &Value) -> (End, String) {
    let mut store = scene.world.store.copy();
    let mut player = Player::new(&request(operation, body), scene.now(), "walk");
    let mut steps = String::new();
    while player.end().is_none() {
        if player.messages.is_empty() {
            steps.push(if player.is_about_to_commit() {
                'c'
            } else {
                'r'
            });
        }
        player.store_step(&mut store, None);
    }
    (player.end().expect("an end"), steps)
}

/// The form of a value: members and lengths. Numbers in hexadecimal lose leading zeros, and sealed values hold
/// numbers of several lengths, so that texts longer than 30 count in steps of 64.
fn form(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), form(value)))
            .collect(),
        Value::Array(values) => values.iter().map(form).collect(),
        Value::String(text) if text.len() > 30 => json!(text.len().div_ceil(64)),
        Value::String(text) => json!(text.len()),
        other => other.clone(),
    }
}

/// The two requests end alike, after the same steps.
#[track_caller]
fn are_alike(scene: &Scene, operation: &str, known: &Value, unknown: &Value) {
    let (known_end, known_steps) = walk(scene, operation, known);
    let (unknown_end, unknown_steps) = walk(scene, operation, unknown);
    match (&known_end, &unknown_end) {
        (Ok(known), Ok(unknown)) => {
            let parse = |text: &str| serde_json::from_str(text).expect("JSON");
            assert_eq!(
                form(&parse(known)),
                form(&parse(unknown)),
                "{operation}: {known} {unknown}"
            );
        }
        _ => assert_eq!(known_end, unknown_end, "{operation}: {known}"),
    }
    assert_eq!(
        known_steps, unknown_steps,
        "{operation}: {known} ended {known_end:?}"
    );
}

/// Pools with a user in every state, whose names are as long as `nobody`: one that does not watch sign-ins, and one that does.
fn scenes() -> [(Scene, Vec<&'static str>); 2] {
    let watched = json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED",
            "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"}}});
    [json!({}), watched].map(scene_of)
}

/// One of them, with these settings of the pool besides.
fn scene_of(settings: Value) -> (Scene, Vec<&'static str>) {
    let mut scene = Scene::with_pool_of(settings);
    scene.client = scene.hiding.clone();
    populate(&scene);
    (
        scene,
        vec!["uncnfd", "cnfrmd", "disabl", "invitd", "resetd", "nomail"],
    )
}

fn populate(scene: &Scene) {
    scene.sign_up("uncnfd");
    for name in ["cnfrmd", "disabl", "resetd"] {
        scene.user(name);
    }
    scene.admin("AdminDisableUser", "disabl");
    scene.admin("AdminResetUserPassword", "resetd");
    let invited =
        json!({"UserPoolId": scene.pool, "Username": "invitd", "TemporaryPassword": PASSWORD});
    scene.call("AdminCreateUser", invited);
    let reachless = json!({"ClientId": scene.client, "Username": "nomail", "Password": PASSWORD});
    scene.call("SignUp", reachless);
    scene.admin("AdminConfirmSignUp", "nomail");
}

/// A request about a name.
type About = fn(&Scene, &str) -> Value;

#[track_caller]
fn all_are_alike(operation: &str, about: About) {
    for (scene, names) in scenes() {
        for name in names {
            are_alike(
                &scene,
                operation,
                &about(&scene, name),
                &about(&scene, "nobody"),
            );
        }
    }
}

#[test]
fn a_wrong_password() {
    all_are_alike("InitiateAuth", |scene, name| {
        json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": WRONG}})
    });
    all_are_alike("AdminInitiateAuth", |scene, name| {
        json!({"ClientId": scene.client, "UserPoolId": scene.pool, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": WRONG}})
    });
}

#[test]
fn a_challenge_of_srp() {
    all_are_alike("InitiateAuth", |scene, name| {
        json!({"ClientId": scene.client, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": name, "SRP_A": "5"}})
    });
}

#[test]
fn a_wrong_proof() {
    all_are_alike("RespondToAuthChallenge", |scene, name| {
        let challenge = scene.stage().srp_begin(name).expect("a challenge");
        let answer = challenge.answer(WRONG).into_iter();
        let answer: serde_json::Map<String, Value> = answer
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": answer})
    });
}

#[test]
fn a_lock_after_wrong_passwords() {
    for (scene, names) in scenes() {
        let body = |name: &str| {
            json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": WRONG}})
        };
        for name in names.iter().copied().chain(["nobody"]) {
            for _ in 0..5 {
                scene
                    .try_call("InitiateAuth", &body(name))
                    .expect_err("a wrong password");
            }
        }
        for name in names {
            are_alike(&scene, "InitiateAuth", &body(name), &body("nobody"));
        }
        scene.advance(1);
        are_alike(&scene, "InitiateAuth", &body("cnfrmd"), &body("nobody"));
    }
}

#[test]
fn a_wrong_code_of_a_sign_up() {
    all_are_alike(
        "ConfirmSignUp",
        |scene, name| json!({"ClientId": scene.client, "Username": name, "ConfirmationCode": "wrong"}),
    );
}

#[test]
fn another_code_of_a_sign_up() {
    all_are_alike(
        "ResendConfirmationCode",
        |scene, name| json!({"ClientId": scene.client, "Username": name}),
    );
}

#[test]
fn a_forgotten_password() {
    all_are_alike(
        "ForgotPassword",
        |scene, name| json!({"ClientId": scene.client, "Username": name}),
    );
}

#[test]
fn a_wrong_code_for_a_forgotten_password() {
    fn about(scene: &Scene, name: &str) -> Value {
        json!({"ClientId": scene.client, "Username": name, "ConfirmationCode": "wrong", "Password": WRONG})
    }
    // Nobody has asked for a code; but an administrator asked for one of them.
    for (scene, names) in scenes() {
        for name in names.iter().filter(|name| **name != "resetd") {
            are_alike(
                &scene,
                "ConfirmForgotPassword",
                &about(&scene, name),
                &about(&scene, "nobody"),
            );
        }
        // All have asked.
        for name in names.iter().copied().chain(["nobody"]) {
            scene.call(
                "ForgotPassword",
                json!({"ClientId": scene.client, "Username": name}),
            );
        }
        for name in names {
            are_alike(
                &scene,
                "ConfirmForgotPassword",
                &about(&scene, name),
                &about(&scene, "nobody"),
            );
        }
    }
}

#[test]
fn an_hourly_limit() {
    for (scene, _) in scenes() {
        let wrong = |name: &str| json!({"ClientId": scene.client, "Username": name, "ConfirmationCode": "wrong", "Password": WRONG});
        for (operation, name, times) in [
            ("ForgotPassword", "cnfrmd", 20),
            ("ConfirmForgotPassword", "cnfrmd", 20),
            ("ConfirmSignUp", "uncnfd", 15),
            ("ResendConfirmationCode", "uncnfd", 5),
        ] {
            let scene = scene.copy();
            for body in [wrong(name), wrong("nobody")] {
                for _ in 0..times {
                    drop(scene.try_call(operation, &body));
                }
            }
            are_alike(&scene, operation, &wrong(name), &wrong("nobody"));
            let (end, _) = walk(&scene, operation, &wrong("nobody"));
            assert_eq!(
                end.expect_err("a refusal").0,
                "LimitExceededException",
                "{operation}"
            );
        }
    }
}

#[test]
fn a_wrong_secret_hash() {
    for (mut scene, names) in scenes() {
        scene.client = scene
            .client_of(json!({"GenerateSecret": true, "PreventUserExistenceErrors": "ENABLED"}));
        let client = &scene.client;
        for name in names {
            for (operation, further) in [
                ("ConfirmSignUp", json!({"ConfirmationCode": "123456"})),
                ("ResendConfirmationCode", json!({})),
                ("ForgotPassword", json!({})),
                (
                    "ConfirmForgotPassword",
                    json!({"ConfirmationCode": "123456", "Password": WRONG}),
                ),
            ] {
                let body = |name: &str| {
                    let mut body = further.clone();
                    body["ClientId"] = json!(client);
                    body["Username"] = json!(name);
                    body["SecretHash"] = json!("wrong");
                    body
                };
                are_alike(&scene, operation, &body(name), &body("nobody"));
            }
        }
    }
}

/// Where users sign in with their addresses, the user name is an id, and the masks are those of the names.
#[test]
fn names_that_are_addresses() {
    let mut scene = Scene::with_pool_of(json!({"UsernameAttributes": ["email"]}));
    scene.client = scene.hiding.clone();
    let known = address("jane");
    let signed = json!({"ClientId": scene.client, "Username": known, "Password": PASSWORD});
    scene.call("SignUp", signed);
    let confirm = json!({"ClientId": scene.client, "Username": known, "ConfirmationCode": scene.code_of("jane")});
    scene.call("ConfirmSignUp", confirm);

    for (operation, about) in [
        (
            "ForgotPassword",
            (|scene, name| json!({"ClientId": scene.client, "Username": name})) as About,
        ),
        (
            "ResendConfirmationCode",
            |scene, name| json!({"ClientId": scene.client, "Username": name}),
        ),
        (
            "ConfirmSignUp",
            |scene, name| json!({"ClientId": scene.client, "Username": name, "ConfirmationCode": "wrong"}),
        ),
        ("InitiateAuth", |scene, name| {
            json!({"ClientId": scene.client, "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": {"USERNAME": name, "SRP_A": "5"}})
        }),
    ] {
        are_alike(
            &scene,
            operation,
            &about(&scene, &known),
            &about(&scene, &address("joey")),
        );
    }
}

#[test]
fn the_challenge_of_a_name_that_nobody_has_is_always_the_same() {
    for (scene, _) in scenes() {
        let challenge = |name: &str| {
            let body = json!({"ClientId": scene.client, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": name, "SRP_A": "5"}});
            let reply = scene.call("InitiateAuth", body);
            let parameters = &reply["ChallengeParameters"];
            (
                text(&parameters["SALT"]),
                text(&parameters["USER_ID_FOR_SRP"]),
            )
        };
        for name in ["nobody", "cnfrmd"] {
            let first = challenge(name);
            scene.advance(24 * 3_600);
            assert_eq!(challenge(name), first, "{name}");
        }
        assert_ne!(challenge("nobody").0, challenge("no1").0);
    }
}

/// The key of a device that nobody has.
const DEVICE: &str = "us-east-1_00000000-0000-4000-8000-000000000000";

/// One of [`scenes`], in a pool that tracks devices.
fn tracking() -> (Scene, Vec<&'static str>) {
    let (scene, names) = scene_of(json!({}));
    scene.track_devices();
    (scene, names)
}

#[test]
fn a_device_key_with_a_wrong_password_or_a_challenge_of_srp() {
    let (scene, names) = tracking();
    for key in [DEVICE, "none"] {
        let by_password = |name: &str| {
            json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": name, "PASSWORD": WRONG, "DEVICE_KEY": key}})
        };
        let by_srp = |name: &str| {
            json!({"ClientId": scene.client, "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": {"USERNAME": name, "SRP_A": "5", "DEVICE_KEY": key}})
        };
        for name in &names {
            are_alike(
                &scene,
                "InitiateAuth",
                &by_password(name),
                &by_password("nobody"),
            );
            are_alike(&scene, "InitiateAuth", &by_srp(name), &by_srp("nobody"));
        }
    }
}

#[test]
fn a_device_key_with_a_wrong_proof() {
    let (scene, names) = tracking();
    let proof = |name: &str, at_first: Option<&str>| {
        let stage = scene.stage();
        let challenge = stage.srp_begin_from(name, at_first).expect("a challenge");
        let answer = challenge.answer(WRONG).into_iter();
        let mut answer: serde_json::Map<String, Value> = answer
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        answer.insert("DEVICE_KEY".into(), json!(DEVICE));
        json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": answer})
    };
    for at_first in [None, Some(DEVICE)] {
        let unknown = proof("nobody", at_first);
        for name in &names {
            are_alike(
                &scene,
                "RespondToAuthChallenge",
                &proof(name, at_first),
                &unknown,
            );
        }
    }
}

#[test]
fn a_device_that_is_to_prove_itself() {
    let (scene, names) = tracking();
    let body = |challenge: &str, name: &str| {
        let responses = json!({"USERNAME": name, "DEVICE_KEY": DEVICE, "SRP_A": "5",
            "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA", "PASSWORD_CLAIM_SIGNATURE": "A".repeat(44),
            "TIMESTAMP": "Sat Mar 14 15:09:26 UTC 2026"});
        json!({"ClientId": scene.client, "ChallengeName": challenge,
            "ChallengeResponses": responses})
    };
    for challenge in ["DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"] {
        for name in &names {
            are_alike(
                &scene,
                "RespondToAuthChallenge",
                &body(challenge, name),
                &body(challenge, "nobody"),
            );
        }
    }
}

/// A pool whose users choose a password or a code in an e-mail, with a user, and a name of the same length that nobody
/// has and that seems to have both.
fn choosing() -> (Scene, String) {
    let mut scene = Scene::with_pool_of(json!({"Policies": {"SignInPolicy":
        {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}}));
    scene.client = scene.client_of(json!({"PreventUserExistenceErrors": "ENABLED",
        "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"]}));
    scene.user("cnfrmd");
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    let mut names = (0..100).map(|number| format!("nbdy{number:02}"));
    let nobody = names.find(|name| {
        let reply = scene.call("InitiateAuth", beginning(&scene, name, "none"));
        reply["AvailableChallenges"] == all
    });
    (scene, nobody.expect("a name among a hundred"))
}

fn beginning(scene: &Scene, name: &str, preferred: &str) -> Value {
    json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH", "AuthParameters":
        {"USERNAME": name, "PREFERRED_CHALLENGE": preferred, "PASSWORD": WRONG, "SRP_A": "5"}})
}

#[test]
fn a_sign_in_with_a_choice() {
    let (scene, nobody) = choosing();
    for preferred in ["none", "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"] {
        let begin = |name: &str| beginning(&scene, name, preferred);
        are_alike(&scene, "InitiateAuth", &begin("cnfrmd"), &begin(&nobody));
    }
}

#[test]
fn a_wrong_answer_after_a_choice() {
    let (scene, nobody) = choosing();
    for (preferred, responses) in [
        ("none", json!({"ANSWER": "PASSWORD", "PASSWORD": WRONG})),
        ("none", json!({"ANSWER": "PASSWORD"})),
        ("none", json!({"ANSWER": "PASSWORD_SRP", "SRP_A": "5"})),
        ("none", json!({"ANSWER": "EMAIL_OTP"})),
        ("none", json!({"ANSWER": "SMS_OTP"})),
        ("EMAIL_OTP", json!({"EMAIL_OTP_CODE": "12345678"})),
    ] {
        let answer = |name: &str| {
            let reply = scene.call("InitiateAuth", beginning(&scene, name, preferred));
            scene.answer(&reply, name, responses.clone())
        };
        let (known, unknown) = (answer("cnfrmd"), answer(&nobody));
        are_alike(&scene, "RespondToAuthChallenge", &known, &unknown);
    }
}

#[test]
fn a_wrong_passkey() {
    let key = passkeys::credential(1);
    let mut scene = passkeys::jane(&key);
    scene.client = scene.hiding.clone();
    let mut names = (0..100).map(|number| format!("n{number:03}"));
    let nobody = names.find(|name| {
        let reply = scene.call("InitiateAuth", passkeys::begin(&scene, name));
        let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]);
        reply["AvailableChallenges"] == all
    });
    let nobody = nobody.expect("a name among a hundred");
    let begin = |name: &str| passkeys::begin(&scene, name);
    are_alike(&scene, "InitiateAuth", &begin("jane"), &begin(&nobody));
    let answer = |name: &str| {
        let reply = passkeys::challenge(&scene, name);
        let options = passkeys::options(&reply);
        let mut other = passkeys::credential(2);
        other.id = base64::decode_url(&text(&options["allowCredentials"][0]["id"])).expect("an id");
        scene.answer(&reply, name, passkeys::answer(&other, &reply))
    };
    let (known, unknown) = (answer("jane"), answer(&nobody));
    are_alike(&scene, "RespondToAuthChallenge", &known, &unknown);
}
