//! SRP: public values, proofs and secret blocks that are not what they should be.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::{COUNTED, INCORRECT, WRONG};

/// The published vectors, among them the public values that a server must refuse.
const VECTORS: &str = include_str!("../../vectors/srp.json");

/// A pool with the users jane and joe.
fn scene() -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene.user("joe");
    scene
}

fn initiate(scene: &Scene, a: &str) -> Value {
    json!({"ClientId": scene.client, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": {"USERNAME": "jane", "SRP_A": a}})
}

/// The answer to a fresh challenge of a user, with this password.
fn proof(scene: &Scene, client: &str, name: &str, password: &str) -> Value {
    let challenge = scene.stage_at(client).srp_begin(name).expect("a challenge");
    let answer = challenge.answer(password).into_iter();
    let answer: serde_json::Map<String, Value> = answer
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    json!({"ClientId": client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": answer})
}

#[test]
fn a_public_value_of_zero_or_beyond_the_group_or_of_absurd_length_is_refused() {
    let scene = scene();
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let published = vectors["reject_A"].as_array().expect("a list");
    let mut refused: Vec<String> = published.iter().map(|a| text(&a["SRP_A"])).collect();
    assert!(refused.len() >= 5, "{refused:?}");
    let odd = ["", " ", "0x5", "-5", "5 ", "g", "\u{ff15}"];
    refused.extend(odd.map(String::from));
    refused.extend(["0", "f"].map(|digit| digit.repeat(100_000)));

    for a in &refused {
        let refusal = scene.refusal("InitiateAuth", &initiate(&scene, a), "");
        let name = refusal.split(':').next();
        assert_eq!(name, Some("InvalidParameterException"), "{a:.80}");
    }
}

#[test]
fn a_garbage_proof_is_refused_and_counted_once() {
    let scene = scene();
    let zeros = base64::encode(&[0; 32]);
    let garbage = [
        "",
        "garbage",
        zeros.as_str(),
        &zeros[..43],
        "AAAA",
        &"A".repeat(100_000),
    ];
    for signature in garbage {
        let scene = scene.copy();
        let mut body = proof(&scene, &scene.client, "jane", PASSWORD);
        body["ChallengeResponses"]["PASSWORD_CLAIM_SIGNATURE"] = json!(signature);

        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, COUNTED),
            INCORRECT
        );

        // The block is spent, whatever the signature would have been.
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, ""),
            INCORRECT
        );
    }
}

#[test]
fn a_block_that_was_made_up_or_changed_is_refused() {
    let scene = scene();
    let body = proof(&scene, &scene.client, "jane", PASSWORD);
    let block = text(&body["ChallengeResponses"]["PASSWORD_CLAIM_SECRET_BLOCK"]);
    let bytes = base64::decode(&block).expect("base64");
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        base64::encode(&bytes)
    };
    let mut made_up = vec![
        String::new(),
        "garbage".into(),
        "A".repeat(100_000),
        base64::encode(&[0; 400]),
        block[..block.len() - 4].to_owned(),
        format!("{block}AAAA"),
    ];
    made_up.extend((0..bytes.len()).step_by(37).map(flipped));

    for block in made_up {
        let mut body = body.clone();
        body["ChallengeResponses"]["PASSWORD_CLAIM_SECRET_BLOCK"] = json!(block);
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, ""),
            INCORRECT
        );
    }
    scene.call("RespondToAuthChallenge", body);
}

#[test]
fn a_proof_is_good_once_and_for_three_minutes() {
    let scene = scene();
    let body = proof(&scene, &scene.client, "jane", PASSWORD);
    let late = scene.copy();
    late.advance(180);

    assert_eq!(late.refusal("RespondToAuthChallenge", &body, ""), INCORRECT);
    scene.call("RespondToAuthChallenge", body.clone());
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        INCORRECT
    );
}

#[test]
fn a_proof_for_another_time_is_refused() {
    let scene = scene();
    let mut body = proof(&scene, &scene.client, "jane", PASSWORD);
    body["ChallengeResponses"]["TIMESTAMP"] = json!("Fri Jan 2 00:00:00 UTC 2026");

    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, COUNTED),
        INCORRECT
    );
}

#[test]
fn a_proof_for_one_user_signs_no_other_in() {
    let scene = scene();
    let right = proof(&scene, &scene.client, "jane", PASSWORD);
    for name in ["joe", "nobody"] {
        let scene = scene.copy();
        let mut body = right.clone();
        body["ChallengeResponses"]["USERNAME"] = json!(name);
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, COUNTED),
            INCORRECT
        );
    }

    let mut body = proof(&scene, &scene.client, "joe", PASSWORD);
    let signature = &right["ChallengeResponses"]["PASSWORD_CLAIM_SIGNATURE"];
    body["ChallengeResponses"]["PASSWORD_CLAIM_SIGNATURE"] = signature.clone();
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, COUNTED),
        INCORRECT
    );
}

#[test]
fn a_challenge_of_one_client_is_answered_at_no_other() {
    let scene = scene();
    let mut body = proof(&scene, &scene.client, "jane", PASSWORD);
    body["ClientId"] = json!(scene.hiding);

    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        INCORRECT
    );
}

#[test]
fn a_challenge_of_one_pool_is_answered_in_no_other() {
    let mut scene = scene();
    let mut body = proof(&scene, &scene.client, "jane", PASSWORD);
    scene.move_to_pool_of(json!({}));
    scene.user("jane");
    drop(proof(&scene, &scene.client, "jane", PASSWORD));
    body["ClientId"] = json!(scene.client);

    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        INCORRECT
    );
}

#[test]
fn a_challenge_dies_with_the_password_and_with_its_user() {
    for operation in [
        "AdminSetUserPassword",
        "AdminResetUserPassword",
        "AdminDeleteUser",
    ] {
        let scene = scene();
        let body = proof(&scene, &scene.client, "jane", PASSWORD);
        let mut change = json!({"UserPoolId": scene.pool, "Username": "jane"});
        if operation == "AdminSetUserPassword" {
            change["Password"] = json!(PASSWORD);
            change["Permanent"] = json!(true);
        }
        scene.call(operation, change);

        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, ""),
            INCORRECT,
            "{operation}"
        );
    }
}

#[test]
fn no_proof_is_judged_during_a_lock() {
    let scene = scene();
    let body = proof(&scene, &scene.client, "jane", PASSWORD);
    for _ in 0..5 {
        scene
            .stage()
            .password_sign_in("jane", WRONG)
            .expect_err("a wrong password");
    }

    let refusal = scene.refusal("RespondToAuthChallenge", &body, "");
    assert_eq!(
        refusal,
        "NotAuthorizedException: Password attempts exceeded"
    );
}
