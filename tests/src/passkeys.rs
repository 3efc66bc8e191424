//! Passkeys in a scene: a pool that has them, and the ceremonies of a user.

use serde_json::{Value, json};
use userpool_webauthn::key::Algorithm;

use crate::{
    authenticator::Credential,
    scene::{Scene, text},
};

/// The domain of the pool's passkeys.
pub const PARTY: &str = "example.org";
/// A page of it.
pub const ORIGIN: &str = "https://login.example.org";

/// A pool whose users begin with a password, a code or a passkey; its clients allow every way to sign in.
pub fn pool() -> Scene {
    let mut scene = Scene::with_pool_of(json!({"AutoVerifiedAttributes": ["email"],
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors":
            ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]}}}));
    relying_party(&scene, json!({"RelyingPartyId": PARTY}));
    let client = |prevent: &str| {
        scene.client_of(
            json!({"PreventUserExistenceErrors": prevent, "ExplicitAuthFlows":
            ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}),
        )
    };
    (scene.client, scene.hiding) = (client("LEGACY"), client("ENABLED"));
    scene
}

/// Sets what the pool says of passkeys, and leaves it no second factor.
pub fn relying_party(scene: &Scene, configuration: Value) {
    let body = json!({"UserPoolId": scene.pool, "WebAuthnConfiguration": configuration});
    scene.call("SetUserPoolMfaConfig", body);
}

/// A credential of the pool's relying party.
pub fn credential(seed: u8) -> Credential {
    Credential::new(PARTY, Algorithm::Es256, [seed; 32])
}

/// The options of a registration by the user who has signed in.
pub fn creation(scene: &Scene) -> Value {
    let access = json!({"AccessToken": scene.fact("access")});
    scene.call("StartWebAuthnRegistration", access)["CredentialCreationOptions"].clone()
}

/// Registers a credential for the user who has signed in.
pub fn register(scene: &Scene, credential: &Credential) {
    let answer = credential.created(&creation(scene), ORIGIN);
    let body = json!({"AccessToken": scene.fact("access"), "Credential": answer});
    scene.call("CompleteWebAuthnRegistration", body);
}

/// The pool with Jane, who has signed in and has this passkey.
pub fn jane(credential: &Credential) -> Scene {
    let mut scene = pool();
    scene.user("jane");
    scene.sign_in("jane");
    register(&scene, credential);
    scene
}

/// The request for a sign-in by passkey.
pub fn begin(scene: &Scene, name: &str) -> Value {
    json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": name, "PREFERRED_CHALLENGE": "WEB_AUTHN"}})
}

/// Begins a sign-in by passkey; the challenge.
///
/// # Panics
/// It is another.
pub fn challenge(scene: &Scene, name: &str) -> Value {
    let reply = scene.call("InitiateAuth", begin(scene, name));
    assert_eq!(reply["ChallengeName"], "WEB_AUTHN", "{reply}");
    reply
}

/// The options in a challenge.
///
/// # Panics
/// There are none.
pub fn options(challenge: &Value) -> Value {
    let options = &challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"];
    serde_json::from_str(&text(options)).expect("JSON")
}

/// The responses with which a credential answers a challenge.
pub fn answer(credential: &Credential, challenge: &Value) -> Value {
    let credential = credential.gotten(&options(challenge), ORIGIN);
    json!({"CREDENTIAL": credential.to_string()})
}
