//! Registering, listing and deleting passkeys.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    authenticator::Credential,
    passkeys::{ORIGIN, PARTY, creation, credential, jane, pool, register, relying_party},
    scene::{Scene, text},
};
use userpool_webauthn::key::Algorithm;

use crate::passkeys::{listed, with_token};

/// Jane, who has signed in and has no passkey.
fn without() -> Scene {
    let mut scene = pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene
}

fn complete(scene: &Scene, answer: &Value) -> String {
    let body = with_token(scene, json!({"Credential": answer}));
    scene.refusal("CompleteWebAuthnRegistration", &body, "")
}

#[test]
fn the_options_are_what_browsers_want() {
    let scene = without();
    let mut options = creation(&scene);
    let challenge = text(&options["challenge"].take());
    assert_eq!(base64::decode_url(&challenge).expect("base64url").len(), 32);
    let user = scene.admin("AdminGetUser", "jane");
    let attributes = user["UserAttributes"].as_array().expect("attributes");
    let sub = attributes
        .iter()
        .find(|it| it["Name"] == "sub")
        .expect("a sub");
    let handle = base64::encode_url(text(&sub["Value"]).as_bytes());
    let kind = "public-key";
    assert_eq!(
        options,
        json!({
            "rp": {"id": PARTY, "name": PARTY},
            "user": {"id": handle, "name": "jane", "displayName": "jane"},
            "challenge": null,
            "pubKeyCredParams": [{"type": kind, "alg": -7}, {"type": kind, "alg": -8},
                {"type": kind, "alg": -257}],
            "timeout": 60_000,
            "excludeCredentials": [],
            "authenticatorSelection": {"requireResidentKey": true, "residentKey": "required",
                "userVerification": "preferred"},
            "attestation": "none",
        })
    );
}

#[test]
fn a_passkey_is_kept_listed_excluded_and_deleted() {
    let key = credential(1);
    let scene = jane(&key);
    let id = base64::encode_url(&key.id);
    let mut passkeys = listed(&scene);
    let mut passkey = passkeys.pop().expect("a passkey");
    assert!(passkeys.is_empty() && passkey["CreatedAt"].take().is_number());
    assert_eq!(
        passkey,
        json!({"CredentialId": id, "FriendlyCredentialName": "Passkey", "RelyingPartyId": PARTY,
            "AuthenticatorAttachment": "platform",
            "AuthenticatorTransports": ["internal", "hybrid"], "CreatedAt": null})
    );
    let excluded = json!([{"type": "public-key", "id": id, "transports": ["internal", "hybrid"]}]);
    assert_eq!(creation(&scene)["excludeCredentials"], excluded);
    let factors = scene.call("GetUserAuthFactors", with_token(&scene, json!({})));
    let all = json!(["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]);
    assert_eq!(factors["ConfiguredUserAuthFactors"], all);

    let body = with_token(&scene, json!({"CredentialId": id}));
    scene.call("DeleteWebAuthnCredential", body.clone());
    assert!(listed(&scene).is_empty());
    assert_eq!(
        scene.refusal("DeleteWebAuthnCredential", &body, ""),
        "ResourceNotFoundException: The credential does not exist."
    );
    register(&scene, &key);
    assert_eq!(listed(&scene).len(), 1);
}

#[test]
fn keys_of_every_algorithm_are_kept() {
    let scene = without();
    for (seed, algorithm) in (1..).zip(Algorithm::ALL) {
        register(&scene, &Credential::new(PARTY, algorithm, [seed; 32]));
    }
    assert_eq!(listed(&scene).len(), 3);
}

#[test]
fn passkeys_are_listed_page_by_page_in_the_order_of_their_registration() {
    let scene = without();
    let mut ids = Vec::new();
    for seed in 0..5 {
        let key = credential(seed);
        register(&scene, &key);
        scene.advance(1);
        ids.push(base64::encode_url(&key.id));
    }
    let (mut seen, mut token, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let mut body = with_token(&scene, json!({"MaxResults": 2}));
        if token.is_string() {
            body["NextToken"] = token;
        }
        let reply = scene.call("ListWebAuthnCredentials", body);
        let page = reply["Credentials"].as_array().expect("a list");
        seen.extend(page.iter().map(|it| text(&it["CredentialId"])));
        token = reply["NextToken"].clone();
        pages += 1;
        if token.is_null() {
            break;
        }
    }
    assert_eq!((seen, pages), (ids, 3));
}

#[test]
fn a_user_has_at_most_twenty() {
    let scene = without();
    for seed in 0..19 {
        register(&scene, &credential(seed));
    }
    let (one, other) = (credential(19), credential(20));
    register(&scene, &one);
    let refusal = scene.refusal(
        "StartWebAuthnRegistration",
        &with_token(&scene, json!({})),
        "",
    );
    assert_eq!(
        refusal,
        "LimitExceededException: The user has the most passkeys already."
    );
    assert_eq!(
        complete(&scene, &other.created(&json!({"challenge": ""}), ORIGIN)),
        "WebAuthnChallengeNotFoundException: No registration of a passkey waits for this answer."
    );
    // The account goes, with all that it has.
    scene.call("DeleteUser", with_token(&scene, json!({})));
    let mut records = scene.records();
    let kinds: Vec<char> = records
        .iter()
        .filter_map(|(key, _)| userpool_core::model::keys::kind(key))
        .map(char::from)
        .collect();
    assert!(!kinds.contains(&'w') && !kinds.contains(&'i'), "{kinds:?}");
    drop(std::mem::take(&mut records));
}

#[test]
fn a_challenge_is_answered_once_and_in_time() {
    let none =
        "WebAuthnChallengeNotFoundException: No registration of a passkey waits for this answer.";
    let scene = without();
    let answer = credential(1).created(&creation(&scene), ORIGIN);
    scene.call(
        "CompleteWebAuthnRegistration",
        with_token(&scene, json!({"Credential": answer})),
    );
    assert_eq!(complete(&scene, &answer), none);
    let answer = credential(2).created(&creation(&scene), ORIGIN);
    creation(&scene);
    assert_eq!(complete(&scene, &answer), none, "a newer one waits");
    let answer = credential(2).created(&creation(&scene), ORIGIN);
    scene.advance(180);
    assert_eq!(complete(&scene, &answer), none, "too late");
}

#[test]
fn a_registration_ends_at_the_client_where_it_began() {
    let mut scene = without();
    let answer = credential(1).created(&creation(&scene), ORIGIN);
    scene.sign_in_at(&scene.hiding.clone(), "jane");
    assert_eq!(
        complete(&scene, &answer),
        "WebAuthnClientMismatchException: The registration was started at another app client."
    );
}

#[test]
fn other_pages_and_other_parties_register_nothing() {
    let scene = without();
    let options = creation(&scene);
    let origin = "WebAuthnOriginNotAllowedException: The origin of the credential is not allowed \
        for the relying party.";
    for page in [
        "https://evil.com",
        "http://example.org",
        "https://example.org.evil.com",
    ] {
        assert_eq!(
            complete(&scene, &credential(1).created(&options, page)),
            origin,
            "{page}"
        );
    }
    let party =
        "WebAuthnRelyingPartyMismatchException: The credential is for another relying party.";
    let other = Credential::new("evil.com", Algorithm::Es256, [1; 32]);
    assert_eq!(complete(&scene, &other.created(&options, ORIGIN)), party);
    relying_party(&scene, json!({"RelyingPartyId": "example.com"}));
    assert_eq!(
        complete(&scene, &credential(1).created(&options, ORIGIN)),
        party
    );
}

#[test]
fn somebody_elses_credential_is_not_registered_again() {
    let key = credential(1);
    let mut scene = jane(&key);
    let known = "WebAuthnCredentialNotSupportedException: The credential is registered already.";
    assert_eq!(
        complete(&scene, &key.created(&creation(&scene), ORIGIN)),
        known
    );
    scene.user("joe");
    scene.sign_in("joe");
    assert_eq!(
        complete(&scene, &key.created(&creation(&scene), ORIGIN)),
        known
    );
    scene.admin("AdminDeleteUser", "jane");
    register(&scene, &key);
}

#[test]
fn an_authenticator_that_must_verify_the_user_does() {
    let scene = without();
    let required = json!({"RelyingPartyId": PARTY, "UserVerification": "required"});
    relying_party(&scene, required);
    let options = creation(&scene);
    assert_eq!(
        options["authenticatorSelection"]["userVerification"],
        "required"
    );
    let mut key = credential(1);
    key.flags = userpool_tests::authenticator::PRESENT;
    assert_eq!(
        complete(&scene, &key.created(&options, ORIGIN)),
        "WebAuthnCredentialNotSupportedException: The credential is not supported."
    );
}

#[test]
fn what_is_no_answer_is_refused() {
    let scene = without();
    let options = creation(&scene);
    let good = credential(1).created(&options, ORIGIN);
    for (pointer, value) in [
        ("/type", json!("password")),
        ("/rawId", json!("*")),
        ("/response/clientDataJSON", json!("bm9uZQ")),
        ("/response/attestationObject", Value::Null),
        ("/response", json!([])),
    ] {
        let mut answer = good.clone();
        *answer.pointer_mut(pointer).expect("a member") = value;
        assert_eq!(
            complete(&scene, &answer),
            "InvalidParameterException: Credential is not a registration response.",
            "{pointer}"
        );
    }
}

#[test]
fn a_relying_party_is_a_domain() {
    let scene = pool();
    for party in ["localhost", "example.org", "a-b.example.co.uk"] {
        relying_party(&scene, json!({"RelyingPartyId": party}));
    }
    for party in [
        "Example.org",
        "https://example.org",
        "example.org:80",
        "127.0.0.1",
        ".org",
        "a..b",
        "-a.b",
    ] {
        let body =
            json!({"UserPoolId": scene.pool, "WebAuthnConfiguration": {"RelyingPartyId": party}});
        assert_eq!(
            scene.refusal("SetUserPoolMfaConfig", &body, ""),
            "InvalidParameterException: RelyingPartyId is not a domain name.",
            "{party}"
        );
    }
}
