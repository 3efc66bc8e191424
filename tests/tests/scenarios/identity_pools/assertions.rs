//! Assertions of SAML as logins.

use serde_json::json;
use userpool::{LoginProvider, LoginProviders};
use userpool_crypto::base64;
use userpool_tests::saml::{Response, metadata};

use crate::identity_pools::{Story, coming, others::Others};

const ARN: &str = "arn:aws:iam::000000000000:saml-provider/partner";
const AUDIENCE: &str = "urn:amazon:webservices";
const RECIPIENT: &str = "https://signin.aws.amazon.com/saml";

fn story() -> Story {
    let mut story = Story::of(json!({"SamlProviderARNs": [ARN]}));
    let told = LoginProvider {
        metadata: Some(metadata()),
        ..LoginProvider::default()
    };
    let known = LoginProviders::default().with(ARN, told);
    story
        .scene
        .trust(Others::default(), known.expect("a provider"), None);
    story
}

/// A response that fits.
fn response(story: &Story, id: &str) -> Response {
    Response {
        id: id.into(),
        answers: Some("_asked-by-the-app".into()),
        service: AUDIENCE.into(),
        address: RECIPIENT.into(),
        name: "jane@partner.example".into(),
        attributes: vec![("department".into(), vec!["legal".into(), "board".into()])],
        now: story.scene.now().secs(),
    }
}

#[test]
fn an_assertion_tells_an_id_and_gives_credentials_once() {
    let story = story();
    let roles = json!({"IdentityPoolId": story.pool, "Roles": {}, "RoleMappings": {ARN: {"Type": "Rules",
        "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [{"Claim": "department",
            "MatchType": "Equals", "Value": "board", "RoleARN": "arn:aws:iam::000000000000:role/board"}]}}}});
    story.scene.call("SetIdentityPoolRoles", roles);
    let logins = json!({ARN: response(&story, "_1").form()});
    let id = story.id(Some(&logins));
    assert_eq!(story.id(Some(&logins)), id);
    story.credentials(&id, Some(&logins));
    let used = "NotAuthorizedException: Invalid login token. Invalid SAML response: the assertion was used already.";
    let again = coming(&id, Some(&logins));
    assert_eq!(story.refused("GetCredentialsForIdentity", &again), used);
    assert_eq!(story.refused("GetId", &story.id_body(Some(&logins))), used);
    let next = json!({ARN: response(&story, "_2").form()});
    story.credentials(&id, Some(&next));
    let mut unasked = response(&story, "_3");
    unasked.answers = None;
    story.credentials(&id, Some(&json!({ARN: unasked.form()})));
}

#[test]
fn the_classic_flow_takes_no_assertions() {
    let story = story();
    let logins = json!({ARN: response(&story, "_1").form()});
    let id = story.id(Some(&logins));
    let error = story.refused("GetOpenIdToken", &coming(&id, Some(&logins)));
    assert!(error.starts_with("InvalidParameterException"), "{error}");
    story.credentials(&id, Some(&logins));
}

#[test]
fn assertions_that_are_not_what_they_must_be_are_refused() {
    let story = story();
    let refusal = |form: &str| {
        let body = story.id_body(Some(&json!({ARN: form})));
        story.refused("GetId", &body)
    };
    let of = |change: &dyn Fn(&mut Response)| {
        let mut changed = response(&story, "_1");
        change(&mut changed);
        refusal(&changed.form())
    };
    let good = response(&story, "_1").form();
    for (error, why) in [
        (
            of(&|it| it.service = "urn:other".into()),
            "the assertion is not for this audience",
        ),
        (
            of(&|it| it.address = "https://other".into()),
            "the assertion is for another address",
        ),
        (of(&|it| it.now -= 361), "the message is too old"),
        (of(&|it| it.now += 120), "the message is not valid yet"),
    ] {
        let text =
            format!("NotAuthorizedException: Invalid login token. Invalid SAML response: {why}.");
        assert_eq!(error, text);
    }
    let plain = String::from_utf8(base64::decode(&good).unwrap()).unwrap();
    let forged = base64::encode(plain.replace("jane@", "root@").as_bytes());
    assert!(refusal(&forged).ends_with("the signature is invalid."));
    let (before, rest) = plain.split_once("<ds:Signature ").unwrap();
    let (_, after) = rest.split_once("</ds:Signature>").unwrap();
    let unsigned = base64::encode(format!("{before}{after}").as_bytes());
    assert!(refusal(&unsigned).ends_with("nothing is signed."));
    for garbage in ["x", "eA=="] {
        let text = "InvalidParameterException: Invalid base64 SAMLResponse";
        assert_eq!(refusal(garbage), text);
    }
    story.id(Some(&json!({ARN: good})));
}

#[test]
fn a_provider_that_the_pool_or_the_server_does_not_know_is_refused() {
    let mut story = story();
    let form = response(&story, "_1").form();
    let other = json!({"arn:aws:iam::000000000000:saml-provider/other": form});
    let error = story.refused("GetId", &story.id_body(Some(&other)));
    let text =
        "NotAuthorizedException: Token is not from a supported provider of this identity pool.";
    assert_eq!(error, text);
    story
        .scene
        .trust(Others::default(), LoginProviders::default(), None);
    let error = story.refused("GetId", &story.id_body(Some(&json!({ARN: form}))));
    assert!(
        error.ends_with(&format!(
            "the server is not told of {ARN} among its login-providers."
        )),
        "{error}"
    );
}
