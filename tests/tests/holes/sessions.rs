//! Sessions of `NEW_PASSWORD_REQUIRED`: forged, foreign, used, old.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::INCORRECT;

const INVALID: &str = "NotAuthorizedException: Invalid session for the user.";
const USED: &str =
    "NotAuthorizedException: Invalid session for the user, session can only be used once.";
const EXPIRED: &str = "NotAuthorizedException: Invalid session for the user, session is expired.";
const OTHER: &str = "Another-horse-9";

/// A pool whose users jane and joe have temporary passwords.
fn scene() -> Scene {
    let scene = Scene::with_pool();
    invite(&scene);
    scene
}

fn invite(scene: &Scene) {
    for name in ["jane", "joe"] {
        let body =
            json!({"UserPoolId": scene.pool, "Username": name, "TemporaryPassword": PASSWORD});
        scene.call("AdminCreateUser", body);
    }
}

/// The answer to the challenge that a temporary password leads to.
fn answer(scene: &Scene, client: &str, name: &str) -> Value {
    let reply = scene.stage_at(client).password_sign_in(name, PASSWORD);
    let session = reply.expect("a challenge").session.expect("a session");
    json!({"ClientId": client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session.as_str(),
        "ChallengeResponses": {"USERNAME": name, "NEW_PASSWORD": OTHER}})
}

#[test]
fn a_forged_session_is_refused() {
    let scene = scene();
    let body = answer(&scene, &scene.client, "jane");
    let session = text(&body["Session"]);
    let bytes = base64::decode_url(&session).expect("base64");
    let mut forged = vec![
        "x".repeat(20),
        "A".repeat(4_096),
        base64::encode_url(&[0; 100]),
        session[..session.len() - 4].to_owned(),
        format!("{session}AAAA"),
    ];
    forged.extend((0..bytes.len()).step_by(7).map(|at| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        base64::encode_url(&bytes)
    }));

    for session in forged {
        let mut body = body.clone();
        body["Session"] = json!(session);
        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, ""),
            INVALID,
            "{session}"
        );
    }
    scene.call("RespondToAuthChallenge", body);
}

#[test]
fn no_session_is_no_session() {
    let scene = scene();
    let mut body = answer(&scene, &scene.client, "jane");
    body["Session"] = Value::Null;

    let refusal = scene.refusal("RespondToAuthChallenge", &body, "");
    assert_eq!(
        refusal,
        "InvalidParameterException: Missing required parameter Session"
    );
}

#[test]
fn a_session_of_one_user_chooses_no_password_of_another() {
    let scene = scene();
    let mut body = answer(&scene, &scene.client, "jane");
    for name in ["joe", "nobody"] {
        body["ChallengeResponses"]["USERNAME"] = json!(name);
        assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
    }
}

#[test]
fn a_session_of_one_client_or_pool_is_good_at_no_other() {
    let mut scene = scene();
    let mut body = answer(&scene, &scene.client, "jane");
    body["ClientId"] = json!(scene.hiding);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);

    scene.move_to_pool_of(json!({}));
    invite(&scene);
    body["ClientId"] = json!(scene.client);
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), INVALID);
}

#[test]
fn a_session_is_good_once_and_as_long_as_the_client_says() {
    let scene = scene();
    let body = answer(&scene, &scene.client, "jane");
    let late = scene.copy();
    late.advance(180);

    assert_eq!(late.refusal("RespondToAuthChallenge", &body, ""), EXPIRED);
    scene.call("RespondToAuthChallenge", body.clone());
    assert_eq!(scene.refusal("RespondToAuthChallenge", &body, ""), USED);
}

#[test]
fn a_session_dies_with_the_password_the_sign_ins_and_the_user() {
    let changes = [
        ("AdminSetUserPassword", USED),
        ("AdminUserGlobalSignOut", USED),
        ("AdminDisableUser", USED),
        ("AdminDeleteUser", INVALID),
    ];
    for (operation, refusal) in changes {
        let scene = scene();
        let body = answer(&scene, &scene.client, "jane");
        let mut change = json!({"UserPoolId": scene.pool, "Username": "jane"});
        if operation == "AdminSetUserPassword" {
            change["Password"] = json!(PASSWORD);
        }
        scene.call(operation, change);

        assert_eq!(
            scene.refusal("RespondToAuthChallenge", &body, ""),
            refusal,
            "{operation}"
        );
    }
}

#[test]
fn what_answers_one_challenge_answers_no_other() {
    let scene = scene();
    let body = answer(&scene, &scene.client, "jane");
    let challenge = scene.stage().srp_begin("jane").expect("a challenge");
    let block = challenge.parameters["SECRET_BLOCK"].clone();

    // A block is no Session.
    let mut with_block = body.clone();
    with_block["Session"] = json!(block);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &with_block, ""),
        INVALID
    );
    // A Session is no block.
    let mut responses = json!({});
    for (name, value) in challenge.answer(PASSWORD) {
        responses[name] = json!(value);
    }
    responses["PASSWORD_CLAIM_SECRET_BLOCK"] = body["Session"].clone();
    let with_session = json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": responses});
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &with_session, ""),
        INCORRECT
    );
}

#[test]
fn a_temporary_password_gives_no_tokens_by_any_flow() {
    let scene = scene();
    let by_srp = scene
        .stage()
        .srp_sign_in("jane", PASSWORD)
        .expect("a challenge");
    let by_password = scene
        .stage()
        .password_sign_in("jane", PASSWORD)
        .expect("a challenge");

    assert!(by_srp.authentication_result.is_none() && by_srp.session.is_some());
    assert!(by_password.authentication_result.is_none() && by_password.session.is_some());
}
