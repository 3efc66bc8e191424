//! Choice-based sign-in: the user picks the first factor.

mod choice;
mod codes;
mod levels;
mod sign_up;

use serde_json::{Value, json};
use userpool_tests::{
    pool::{PASSWORD, Stage},
    scene::{PHONE, Scene, text},
};

/// A pool whose users begin with a password, a code or a passkey; its clients allow `USER_AUTH`.
fn pool() -> Scene {
    let mut scene = Scene::with_pool_of(json!({"AutoVerifiedAttributes": ["email"],
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors":
            ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]}}}));
    let client = |prevent: &str| {
        scene.client_of(json!({"PreventUserExistenceErrors": prevent,
            "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}))
    };
    (scene.client, scene.hiding) = (client("LEGACY"), client("ENABLED"));
    scene
}

/// The pool with Jane, who has a password and a verified address.
fn jane() -> Scene {
    let scene = pool();
    scene.user("jane");
    scene
}

/// Gives Jane a verified number.
fn verified_phone(scene: &Scene) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributes": [{"Name": "phone_number", "Value": PHONE},
            {"Name": "phone_number_verified", "Value": "true"}]});
    scene.call("AdminUpdateUserAttributes", body);
}

/// The request that begins a sign-in of a name.
fn begin(scene: &Scene, name: &str, parameters: Value) -> Value {
    let mut all = parameters;
    all["USERNAME"] = json!(name);
    json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH", "AuthParameters": all})
}

/// Begins a sign-in of Jane.
#[track_caller]
fn begun(scene: &Scene, parameters: Value) -> Value {
    scene.call("InitiateAuth", begin(scene, "jane", parameters))
}

/// Begins a sign-in of Jane with a factor.
#[track_caller]
fn preferring(scene: &Scene, factor: &str) -> Value {
    begun(scene, json!({"PREFERRED_CHALLENGE": factor}))
}

/// What a request is refused with; nothing changes but records of these kinds.
#[track_caller]
fn refused(scene: &Scene, challenge: &Value, responses: Value, changes: &str) -> String {
    let body = scene.answer(challenge, "jane", responses);
    scene.refusal("RespondToAuthChallenge", &body, changes)
}

#[track_caller]
fn has_tokens(reply: &Value) {
    assert!(
        reply["AuthenticationResult"]["IdToken"].is_string(),
        "{reply}"
    );
    assert_eq!(reply["ChallengeParameters"], json!({}));
}

/// A right password.
fn password() -> Value {
    json!({"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD})
}

/// Proves the password by SRP after a challenge `PASSWORD_VERIFIER` to this `SRP_A`.
fn proven(scene: &Scene, begin: impl FnOnce(&str) -> Value) -> Value {
    let stage: Stage = scene.stage();
    let client = stage.srp_client(|a_public| {
        let reply = begin(a_public);
        assert_eq!(reply["ChallengeName"], "PASSWORD_VERIFIER", "{reply}");
        let parameters = reply["ChallengeParameters"]
            .as_object()
            .expect("parameters");
        parameters
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    });
    let responses: Value = client
        .answer(PASSWORD)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let body = json!({"ClientId": scene.client, "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": responses});
    scene.call("RespondToAuthChallenge", body)
}
