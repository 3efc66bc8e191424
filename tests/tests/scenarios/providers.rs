//! What identity providers are told to be.

use serde_json::{Value, json};
use userpool_tests::world::world;

use crate::api::{ok, pool};

/// The details of a provider, as it was made and as it is described.
fn details(kind: &str, given: Value) -> Value {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let body = json!({"UserPoolId": pool, "ProviderName": kind, "ProviderType": kind,
        "ProviderDetails": given});
    let made = ok(&world.engine, "CreateIdentityProvider", body);
    let named = json!({"UserPoolId": pool, "ProviderName": kind});
    let described = ok(&world.engine, "DescribeIdentityProvider", named);
    assert_eq!(made, described);
    described["IdentityProvider"]["ProviderDetails"].clone()
}

/// Tools that keep what was described beside what was given see a difference in every detail more.
#[test]
fn the_details_that_google_is_described_with_are_those_of_the_service() {
    let given = json!({"authorize_scopes": "email", "client_id": "app", "client_secret": "secret"});
    let mut expected = json!({
        "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
        "attributes_url_add_attributes": "true",
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "oidc_issuer": "https://accounts.google.com",
        "token_request_method": "POST",
        "token_url": "https://www.googleapis.com/oauth2/v4/token",
    });
    for (name, value) in given.as_object().expect("an object") {
        expected[name] = value.clone();
    }
    assert_eq!(details("Google", given), expected);
    // All of them may be given as they were told.
    assert_eq!(details("Google", expected.clone()), expected);
    expected["jwks_uri"] = json!("https://keys.example.com");
    assert_eq!(details("Google", expected.clone()), expected);
}
