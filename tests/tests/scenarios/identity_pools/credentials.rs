//! Credentials: what they look like, whom they name, and that nothing else passes for them.

use serde_json::{Value, json};
use userpool::{
    SecretText,
    credentials::{Denied, Expected, Principal},
};
use userpool_crypto::sigv4::{self, Credentials, Payloads, Request};
use userpool_tests::scene::text;

use crate::identity_pools::{Story, USER_ROLE, coming, provider};

/// Who a request is from that is signed with what GetCredentialsForIdentity answered.
pub fn principal(story: &Story, reply: &Value) -> Principal {
    signed(story, reply, |_| {}).expect("the credentials are good")
}

/// A request before it is sent: what a test changes.
pub struct Sent {
    id: String,
    secret: String,
    token: Option<String>,
    at: i64,
}

fn signed(
    story: &Story,
    reply: &Value,
    change: impl FnOnce(&mut Sent),
) -> Result<Principal, Denied> {
    let given = &reply["Credentials"];
    let mut sent = Sent {
        id: text(&given["AccessKeyId"]),
        secret: text(&given["SecretKey"]),
        token: Some(text(&given["SessionToken"])),
        at: story.scene.now().secs(),
    };
    change(&mut sent);
    let secret = SecretText::new(sent.secret);
    let mut headers = vec![("host", "api.example.com")];
    if let Some(token) = &sent.token {
        headers.push(("x-amz-security-token", token));
    }
    let request = Request {
        method: "GET",
        path: "/things",
        query: "",
        headers: &headers,
        body: b"",
    };
    let credentials = Credentials {
        access_key_id: &sent.id,
        secret: &secret,
        region: "us-east-1",
        service: "execute-api",
    };
    let made = sigv4::sign(&request, &credentials, sent.at);
    let mut headers = headers.clone();
    headers.push(("x-amz-date", &made.date));
    headers.push(("authorization", &made.authorization));
    let request = Request {
        headers: &headers,
        ..request
    };
    let expected = Expected {
        service: "execute-api",
        region: Some("us-east-1"),
        payloads: Payloads::Covered,
        now: story.scene.now().secs(),
    };
    story
        .scene
        .world
        .engine
        .credentials()
        .principal(&request, &expected)
}

#[test]
fn credentials_look_like_those_of_the_service() {
    let story = Story::new();
    let id = story.id(None);
    let reply = story.credentials(&id, None);
    let given = &reply["Credentials"];
    let (key, secret) = (text(&given["AccessKeyId"]), text(&given["SecretKey"]));
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
    assert!(
        key.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    );
    assert_eq!(secret.len(), 40);
    let expires = given["Expiration"].as_f64().unwrap();
    assert!((expires - (story.scene.now().millis() as f64 / 1_000.0 + 3_600.0)).abs() < 1.0);
    assert!(!text(&given["SessionToken"]).contains(&secret));
    let again = story.credentials(&id, None);
    assert_ne!(again["Credentials"]["AccessKeyId"], given["AccessKeyId"]);
}

#[test]
fn a_signed_request_tells_identity_role_and_tags() {
    let story = Story::new();
    let body = json!({"IdentityPoolId": story.pool, "IdentityProviderName": provider(&story.scene),
        "UseDefaults": true, "PrincipalTags": {"mail": "email"}});
    story
        .scene
        .call("SetPrincipalTagAttributeMap", body.clone());
    let told =
        json!({"IdentityPoolId": story.pool, "IdentityProviderName": provider(&story.scene)});
    assert_eq!(story.scene.call("GetPrincipalTagAttributeMap", told), body);
    let id = story.id(Some(&story.logins()));
    let who = principal(&story, &story.credentials(&id, Some(&story.logins())));
    assert_eq!(
        (who.identity(), who.pool(), who.role()),
        (id.as_str(), story.pool.as_str(), USER_ROLE)
    );
    assert!(who.is_authenticated());
    assert_eq!(who.tags()["mail"], "jane@example.com");
    assert_eq!(who.tags()["client"], story.scene.client);
    assert_eq!(
        who.tags()["username"],
        text(&crate::identity_pools::claims(story.scene.fact("id"))["sub"])
    );
    assert_eq!(
        who.session(),
        "arn:aws:sts::000000000000:assumed-role/user/CognitoIdentityCredentials"
    );
    assert_eq!(format!("{who:?}"), "Principal(..)");
}

#[test]
fn credentials_end_after_an_hour() {
    let story = Story::new();
    let reply = story.credentials(&story.id(None), None);
    story.scene.advance(3_599);
    assert!(signed(&story, &reply, |_| {}).is_ok());
    story.scene.advance(1);
    assert_eq!(signed(&story, &reply, |_| {}), Err(Denied::Expired));
}

#[test]
fn a_session_token_belongs_to_its_access_key_and_to_nothing_else() {
    let story = Story::new();
    let [reply, other] = [0, 1].map(|_| story.credentials(&story.id(None), None));
    let denied = |change: fn(&mut Sent, &Value)| {
        signed(&story, &reply, |sent| change(sent, &other)).map(|_| ())
    };
    assert_eq!(denied(|sent, _| sent.token = None), Err(Denied::Token));
    let foreign = |sent: &mut Sent, other: &Value| {
        sent.token = Some(text(&other["Credentials"]["SessionToken"]));
    };
    assert_eq!(denied(foreign), Err(Denied::Token));
    assert_eq!(
        denied(|sent, _| sent.token = Some("x".into())),
        Err(Denied::Token)
    );
    let error = denied(|sent, other| sent.secret = text(&other["Credentials"]["SecretKey"]));
    assert_eq!(error.unwrap_err().error_type(), "InvalidSignatureException");
    let error = denied(|sent, _| sent.at -= 301);
    assert_eq!(error.unwrap_err().error_type(), "InvalidSignatureException");
}

#[test]
fn every_changed_letter_of_a_session_token_is_noticed() {
    let story = Story::new();
    let reply = story.credentials(&story.id(None), None);
    let length = text(&reply["Credentials"]["SessionToken"]).len();
    for at in (0..length - 4).step_by(7) {
        let end = signed(&story, &reply, |sent| {
            let mut token = sent.token.take().unwrap().into_bytes();
            token[at] = if token[at] == b'A' { b'B' } else { b'A' };
            sent.token = Some(String::from_utf8(token).unwrap());
        });
        assert_eq!(end, Err(Denied::Token), "letter {at}");
    }
}

#[test]
fn a_token_for_others_names_pool_identity_and_provider() {
    let story = Story::new();
    let id = story.id(Some(&story.logins()));
    let reply = story
        .scene
        .call("GetOpenIdToken", coming(&id, Some(&story.logins())));
    let token = text(&reply["Token"]);
    let claims = crate::identity_pools::claims(&token);
    assert_eq!(
        (&claims["sub"], &claims["aud"]),
        (&json!(id), &json!(story.pool))
    );
    assert_eq!(
        claims["iss"],
        format!("http://127.0.0.1:9229/{}", story.pool)
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        600
    );
    assert_eq!(claims["amr"][0], "authenticated");
    assert_eq!(claims["amr"][1], provider(&story.scene));
    // It verifies by the keys that the pool publishes.
    let keys = story
        .scene
        .world
        .engine
        .jwks_blocking(&story.pool)
        .expect("a key set");
    let kid: Value = {
        let header = token.split('.').next().unwrap();
        let bytes = userpool_crypto::base64::decode_url(header).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["kid"].clone()
    };
    assert!(keys.contains(kid.as_str().unwrap()), "{keys}");
    assert_eq!(
        keys.matches("kid").count(),
        1,
        "one pair, for one kind of token"
    );
}

#[test]
fn a_pool_may_give_out_credentials_alone() {
    let story = Story::of(json!({"AllowClassicFlow": false}));
    let error = story.refused("GetOpenIdToken", &coming(&story.id(None), None));
    assert_eq!(
        error,
        "InvalidParameterException: Basic (classic) flow is not enabled, please use enhanced flow."
    );
}
