//! Passkeys registered, listed and deleted; and first factors chosen, for the rows of signing in.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    ledger::Row,
    passkeys::{self, ORIGIN, PARTY, credential},
    pool::PASSWORD,
    scene::Scene,
};

use crate::tokens::{needs_no_password, with_token_and_more};

const NO_CHALLENGE: &str = "No registration of a passkey waits for this answer.";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![
        start(),
        complete(),
        owned(Row::reading("ListWebAuthnCredentials", own))
            .refuses(
                "InvalidParameter",
                "Invalid pagination token given.",
                |scene| {
                    scene.set("NextToken", "none");
                },
            )
            .never("LimitExceeded", "what a user has is listed whole"),
        delete(),
    ]
}

fn owned(row: Row) -> Row {
    needs_no_password(with_token_and_more(row)).refuses_undeclared(
        "UserNotFound",
        "User does not exist.",
        |scene| drop(scene.admin("AdminDeleteUser", "jane")),
    )
}

/// Jane with a passkey, signed in.
fn own() -> Scene {
    let mut scene = passkeys::jane(&credential(1));
    scene.body = json!({"AccessToken": scene.fact("access")});
    scene
}

/// The pool's users begin with passwords alone.
fn without_passkeys(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "AutoVerifiedAttributes": ["email"]});
    scene.call("UpdateUserPool", body);
}

fn not_enabled(row: Row) -> Row {
    row.refuses(
        "WebAuthnNotEnabled",
        "WEB_AUTHN is not an allowed first auth factor of the user pool.",
        without_passkeys,
    )
}

fn start() -> Row {
    not_enabled(owned(Row::new("StartWebAuthnRegistration", own)))
        .refuses(
            "WebAuthnConfigurationMissing",
            "The user pool has no RelyingPartyId in its WebAuthnConfiguration.",
            |scene| passkeys::relying_party(scene, json!({"UserVerification": "required"})),
        )
        .refuses(
            "LimitExceeded",
            "The user has the most passkeys already.",
            |scene| {
                for seed in 2..=20 {
                    passkeys::register(scene, &credential(seed));
                }
            },
        )
}

/// Jane about to answer a registration.
fn answering() -> Scene {
    let mut scene = own();
    let options = passkeys::creation(&scene);
    let answer = credential(2).created(&options, ORIGIN);
    scene.facts.insert("options", options.to_string());
    scene.set("Credential", answer);
    scene
}

fn options(scene: &Scene) -> Value {
    serde_json::from_str(scene.fact("options")).expect("JSON")
}

fn complete() -> Row {
    const MALFORMED: &str = "Credential is not a registration response.";
    let row = owned(Row::new("CompleteWebAuthnRegistration", answering));
    not_enabled(row)
        .refuses("WebAuthnChallengeNotFound", NO_CHALLENGE, |scene| {
            scene.advance(180);
        })
        .refuses("WebAuthnChallengeNotFound", NO_CHALLENGE, |scene| {
            passkeys::creation(scene);
        })
        .refuses(
            "WebAuthnClientMismatch",
            "The registration was started at another app client.",
            |scene| {
                scene.sign_in_at(&scene.hiding.clone(), "jane");
                scene.set("AccessToken", scene.fact("access").to_owned());
            },
        )
        .refuses(
            "WebAuthnRelyingPartyMismatch",
            "The credential is for another relying party.",
            |scene| passkeys::relying_party(scene, json!({"RelyingPartyId": "example.com"})),
        )
        .refuses("InvalidParameter", MALFORMED, |scene| {
            scene.set("Credential", json!({"type": "public-key"}));
        })
        .refuses(
            "WebAuthnOriginNotAllowed",
            "The origin of the credential is not allowed for the relying party.",
            |scene| {
                let answer = credential(2).created(&options(scene), "https://evil.com");
                scene.set("Credential", answer);
            },
        )
        .refuses(
            "WebAuthnCredentialNotSupported",
            "The credential is registered already.",
            |scene| scene.set("Credential", credential(1).created(&options(scene), ORIGIN)),
        )
        .refuses(
            "WebAuthnCredentialNotSupported",
            "The credential is not supported.",
            |scene| {
                let required = json!({"RelyingPartyId": PARTY, "UserVerification": "required"});
                passkeys::relying_party(scene, required);
                let mut key = credential(2);
                key.flags = userpool_tests::authenticator::PRESENT;
                scene.set("Credential", key.created(&options(scene), ORIGIN));
            },
        )
        .never(
            "LimitExceeded",
            "no registration begins where there are the most",
        )
}

fn delete() -> Row {
    let scene = || {
        let mut scene = own();
        scene.set("CredentialId", base64::encode_url(&credential(1).id));
        scene
    };
    const GONE: &str = "The credential does not exist.";
    let row = owned(Row::new("DeleteWebAuthnCredential", scene));
    row.refuses("ResourceNotFound", GONE, |scene| {
        scene.set("CredentialId", "*")
    })
    .refuses("ResourceNotFound", GONE, |scene| {
        scene.set("CredentialId", base64::encode_url(&credential(2).id));
    })
    .never(
        "LimitExceeded",
        "a user deletes as often as there are passkeys",
    )
}

/// A request that begins a sign-in of Jane with one of these.
pub fn beginning(preferred: &str) -> Scene {
    let mut scene = own();
    scene.body = json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PREFERRED_CHALLENGE": preferred}});
    scene
}

/// A request that answers what follows that.
pub fn answering_to(preferred: &str) -> Scene {
    let mut scene = beginning(preferred);
    let reply = scene.call("InitiateAuth", scene.body.clone());
    let responses = match preferred {
        "EMAIL_OTP" => json!({"EMAIL_OTP_CODE": scene.code_of("jane")}),
        "WEB_AUTHN" => passkeys::answer(&credential(1), &reply),
        "PASSWORD" => json!({"PASSWORD": PASSWORD}),
        _ => json!({"ANSWER": "EMAIL_OTP"}),
    };
    scene.body = scene.answer(&reply, "jane", responses);
    scene
}
