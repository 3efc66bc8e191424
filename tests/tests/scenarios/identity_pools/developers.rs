//! Users that a backend vouches for.

use serde_json::{Value, json};
use userpool_tests::scene::text;

use crate::identity_pools::{Story, coming, credentials::principal};

const OWN: &str = "cognito-identity.amazonaws.com";

fn story() -> Story {
    Story::of(json!({"DeveloperProviderName": "backend"}))
}

/// What the backend gets for its user.
fn vouched(story: &Story, user: &str) -> Value {
    let body = json!({"IdentityPoolId": story.pool, "Logins": {"backend": user}});
    story.scene.call("GetOpenIdTokenForDeveloperIdentity", body)
}

#[test]
fn a_backends_user_gets_credentials_by_the_backends_token() {
    let story = story();
    let reply = vouched(&story, "u1");
    assert_eq!(vouched(&story, "u1")["IdentityId"], reply["IdentityId"]);
    assert_ne!(vouched(&story, "u2")["IdentityId"], reply["IdentityId"]);
    let claims = crate::identity_pools::claims(&text(&reply["Token"]));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        900
    );
    let id = text(&reply["IdentityId"]);
    let logins = json!({OWN: reply["Token"]});
    let who = principal(&story, &story.credentials(&id, Some(&logins)));
    assert_eq!(
        (who.identity(), who.is_authenticated()),
        (id.as_str(), true)
    );
    story.scene.advance(900);
    let error = story.refused("GetCredentialsForIdentity", &coming(&id, Some(&logins)));
    assert!(error.contains("Token expired"), "{error}");
}

#[test]
fn a_token_that_the_backend_did_not_ask_for_vouches_for_nobody() {
    let story = story();
    let guest = story.id(None);
    let token = story.scene.call("GetOpenIdToken", coming(&guest, None));
    let logins = json!({OWN: token["Token"]});
    let error = story.refused("GetCredentialsForIdentity", &coming(&guest, Some(&logins)));
    assert!(error.contains("not from a supported provider"), "{error}");
    // Nor for somebody else.
    let logins = json!({OWN: vouched(&story, "u1")["Token"]});
    let error = story.refused("GetCredentialsForIdentity", &coming(&guest, Some(&logins)));
    assert!(error.contains("Logins don't match"), "{error}");
}

#[test]
fn users_are_looked_up_linked_merged_and_unlinked() {
    let story = story();
    let [one, two] = ["u1", "u2"].map(|user| text(&vouched(&story, user)["IdentityId"]));
    let of = |mut body: Value| {
        body["IdentityPoolId"] = json!(story.pool);
        body
    };
    let look = |body: Value| story.scene.call("LookupDeveloperIdentity", of(body));
    assert_eq!(
        look(json!({"DeveloperUserIdentifier": "u1"}))["IdentityId"],
        one.as_str()
    );
    let both = of(json!({"IdentityId": two, "DeveloperUserIdentifier": "u1"}));
    let error = story.refused("LookupDeveloperIdentity", &both);
    assert!(error.starts_with("ResourceConflictException"), "{error}");
    let taken = of(json!({"IdentityId": two, "Logins": {"backend": "u1"}}));
    let error = story.refused("GetOpenIdTokenForDeveloperIdentity", &taken);
    assert!(
        error.starts_with("DeveloperUserAlreadyRegisteredException"),
        "{error}"
    );

    let merge = of(
        json!({"SourceUserIdentifier": "u1", "DestinationUserIdentifier": "u2",
        "DeveloperProviderName": "backend"}),
    );
    assert_eq!(
        story.scene.call("MergeDeveloperIdentities", merge)["IdentityId"],
        two.as_str()
    );
    let found = look(json!({"IdentityId": two}));
    assert_eq!(found["DeveloperUserIdentifierList"], json!(["u2", "u1"]));
    let merged = vouched(&story, "u1");
    assert_eq!(merged["IdentityId"], two.as_str());
    // The old id leads to the new one.
    let logins = json!({OWN: merged["Token"]});
    assert_eq!(
        story.credentials(&one, Some(&logins))["IdentityId"],
        two.as_str()
    );

    let unlink = of(
        json!({"IdentityId": two, "DeveloperProviderName": "backend",
        "DeveloperUserIdentifier": "u1"}),
    );
    story.scene.call("UnlinkDeveloperIdentity", unlink.clone());
    assert_eq!(
        look(json!({"IdentityId": two}))["DeveloperUserIdentifierList"],
        json!(["u2"])
    );
    assert!(
        story
            .refused("UnlinkDeveloperIdentity", &unlink)
            .starts_with("ResourceNotFound")
    );
}

#[test]
fn a_backends_user_and_a_user_of_a_provider_of_the_same_name_are_two() {
    let story = Story::of(json!({"DeveloperProviderName": "graph.facebook.com"}));
    let sub = text(&crate::identity_pools::claims(story.scene.fact("id"))["sub"]);
    let jane = story.id(Some(&story.logins()));
    let body = json!({"IdentityPoolId": story.pool, "Logins": {"graph.facebook.com": sub}});
    let reply = story.scene.call("GetOpenIdTokenForDeveloperIdentity", body);
    assert_ne!(reply["IdentityId"], jane.as_str());
}

#[test]
fn a_backends_user_keeps_the_identity_of_a_login() {
    let story = story();
    let jane = story.id(Some(&story.logins()));
    let mut logins = story.logins();
    logins["backend"] = json!("u1");
    let body = json!({"IdentityPoolId": story.pool, "Logins": logins});
    let reply = story.scene.call("GetOpenIdTokenForDeveloperIdentity", body);
    assert_eq!(reply["IdentityId"], jane.as_str());
    assert_eq!(vouched(&story, "u1")["IdentityId"], jane.as_str());
}
