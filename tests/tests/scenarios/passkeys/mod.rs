//! Passkeys: registered, listed, deleted, and signed in with.

mod registration;
mod sign_in;

use serde_json::{Value, json};
use userpool_tests::{authenticator::Credential, passkeys, scene::Scene};

/// The refusal of a wrong passkey, and of whatever must look like one.
const INCORRECT: &str = "NotAuthorizedException: Incorrect username or password.";

/// Signs Jane in with a passkey; the reply.
#[track_caller]
fn sign_in(scene: &Scene, credential: &Credential) -> Value {
    let challenge = passkeys::challenge(scene, "jane");
    scene.answered(&challenge, "jane", passkeys::answer(credential, &challenge))
}

#[track_caller]
fn has_tokens(reply: &Value) {
    assert!(
        reply["AuthenticationResult"]["IdToken"].is_string(),
        "{reply}"
    );
}

/// A request with the access token of the scene.
fn with_token(scene: &Scene, mut body: Value) -> Value {
    body["AccessToken"] = json!(scene.fact("access"));
    body
}

/// The passkeys that a user sees.
fn listed(scene: &Scene) -> Vec<Value> {
    let reply = scene.call("ListWebAuthnCredentials", with_token(scene, json!({})));
    reply["Credentials"].as_array().expect("a list").clone()
}
