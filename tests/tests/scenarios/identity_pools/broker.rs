//! Credentials that a security token service gives out.

use serde_json::json;
use userpool::{Broker, LoginProviders};
use userpool_ports::Reach;

use crate::identity_pools::{Story, USER_ROLE, coming, others::Others};

const ENDPOINT: &str = "http://sts.localhost:4566";

const GIVEN: &str = r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials><SessionToken>FwoG+x</SessionToken><SecretAccessKey>wJal/k</SecretAccessKey>
      <Expiration>2030-01-02T03:04:05Z</Expiration><AccessKeyId>ASIAEXAMPLE</AccessKeyId></Credentials>
    <Audience>pool</Audience>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"#;

fn story() -> (Story, Others) {
    let mut story = Story::new();
    let others = Others::default();
    let broker = Broker {
        endpoint: ENDPOINT.into(),
    };
    story
        .scene
        .trust(others.clone(), LoginProviders::default(), Some(broker));
    (story, others)
}

#[test]
fn the_service_is_asked_with_a_token_of_the_pool_and_its_credentials_are_given() {
    let (story, others) = story();
    others.put_text(&format!("{ENDPOINT}/"), 200, GIVEN);
    let logins = story.logins();
    let id = story.id(Some(&logins));
    let answer = story.credentials(&id, Some(&logins));
    assert_eq!(
        answer["Credentials"],
        json!({"AccessKeyId": "ASIAEXAMPLE", "SecretKey": "wJal/k", "SessionToken": "FwoG+x",
            "Expiration": 1_893_553_445})
    );
    let [asked] = others.asked().try_into().expect("one request");
    assert_eq!((asked.method, asked.reach), ("POST", Reach::Operator));
    let form = String::from_utf8(asked.body).unwrap();
    let role = USER_ROLE.replace(':', "%3A").replace('/', "%2F");
    let start = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={role}&RoleSessionName=CognitoIdentityCredentials\
         &WebIdentityToken="
    );
    let token = form.strip_prefix(&start).expect(&form);
    let claims = crate::identity_pools::claims(token);
    assert_eq!(
        (&claims["aud"], &claims["sub"]),
        (&json!(story.pool), &json!(id))
    );
    assert_eq!(claims["amr"][0], "authenticated");
    assert_eq!(
        claims["iss"],
        format!("http://127.0.0.1:9229/{}", story.pool)
    );
}

#[test]
fn what_the_service_refuses_is_told_in_the_words_of_identity_pools() {
    let (story, others) = story();
    let id = story.id(None);
    let error = |code: &str| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"
        )
    };
    for (status, text, name) in [
        (
            400,
            error("InvalidIdentityToken"),
            "InvalidIdentityPoolConfigurationException",
        ),
        (
            403,
            error("AccessDenied"),
            "InvalidIdentityPoolConfigurationException",
        ),
        (400, error("Throttling"), "TooManyRequestsException"),
        (
            400,
            error("IDPCommunicationError"),
            "ExternalServiceException",
        ),
        (500, error("InternalFailure"), "ExternalServiceException"),
        (400, "no".into(), "ExternalServiceException"),
        (200, "<x/>".into(), "ExternalServiceException"),
        (
            200,
            GIVEN.replace("AccessKeyId", "Id"),
            "ExternalServiceException",
        ),
        (
            200,
            GIVEN.replace("2030-01-02T", "soon"),
            "ExternalServiceException",
        ),
        (
            200,
            format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{GIVEN}"),
            "ExternalServiceException",
        ),
    ] {
        others.put_text(&format!("{ENDPOINT}/"), status, &text);
        let told = story.refused_later("GetCredentialsForIdentity", &coming(&id, None));
        assert_eq!(told.split(':').next(), Some(name), "{status} {text}");
    }
}
