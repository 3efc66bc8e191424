//! Identities that administrators link to users.

use super::*;

fn link(story: &Story, attribute: &str, value: &str) {
    let body = json!({"UserPoolId": story.scene.pool,
        "DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": "jane"},
        "SourceUser": {"ProviderName": "Partner", "ProviderAttributeName": attribute,
            "ProviderAttributeValue": value}});
    story.scene.call("AdminLinkProviderForUser", body);
}

fn unlink(story: &Story, provider: &str, value: &str) {
    let body = json!({"UserPoolId": story.scene.pool, "User": {"ProviderName": provider,
        "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": value}});
    story.scene.call("AdminDisableProviderForUser", body);
}

/// The name of whom a sign-in is of.
#[track_caller]
fn name(story: &mut Story, claims_of: Value) -> String {
    let back = story.sign_in(claims_of);
    let tokens = story.tokens(&back);
    text(&claims(&tokens["id_token"])["cognito:username"])
}

#[test]
fn a_linked_identity_signs_its_user_in_until_it_is_taken_away() {
    let mut story = story();
    story.scene.user("jane");
    link(&story, "Cognito_Subject", "1");
    let back = story.sign_in(json!({"sub": "1", "name": "Jane of Partner"}));
    let id = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(
        (&id["cognito:username"], &id["name"]),
        (&json!("jane"), &json!("Jane of Partner"))
    );
    assert!(id.get("cognito:groups").is_none(), "{id}");
    assert_eq!(id["identities"][0]["primary"], "false");
    assert_eq!(story.user("jane")["UserStatus"], "CONFIRMED");
    story.scene.sign_in("jane");

    unlink(&story, "Partner", "1");
    assert_eq!(attribute(&story.user("jane"), "identities"), None);
    assert_eq!(name(&mut story, json!({"sub": "1"})), "Partner_1");

    // Whoever has an account of its own is linked to nobody.
    let body = json!({"UserPoolId": story.scene.pool,
        "DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": "jane"},
        "SourceUser": {"ProviderName": "Partner", "ProviderAttributeName": "sub", "ProviderAttributeValue": "1"}});
    let error = story.scene.refusal("AdminLinkProviderForUser", &body, "");
    assert!(
        error.contains("Merging is not currently supported"),
        "{error}"
    );
}

#[test]
fn an_identity_that_is_linked_by_an_attribute_is_known_by_its_id_from_the_first_sign_in() {
    let mut story = story();
    story.scene.user("jane");
    link(&story, "email", "jane@partner.example");
    let told = json!({"sub": "1", "email": "jane@partner.example"});
    assert_eq!(name(&mut story, told), "jane");
    // Somebody else who comes by the same address later is somebody else.
    let other = json!({"sub": "2", "email": "jane@partner.example"});
    assert_eq!(name(&mut story, other), "Partner_2");
    assert_eq!(name(&mut story, json!({"sub": "1"})), "jane");
    unlink(&story, "Partner", "1");
    assert_eq!(name(&mut story, json!({"sub": "1"})), "Partner_1");
}

#[test]
fn identities_go_with_their_user_and_a_provider_can_be_the_only_way() {
    let mut story = story();
    story.scene.user("jane");
    link(&story, "Cognito_Subject", "1");
    unlink(&story, "Cognito", "jane");
    let body = json!({"ClientId": story.scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": userpool_tests::pool::PASSWORD}});
    assert!(story.scene.try_call("InitiateAuth", &body).is_err());
    assert_eq!(story.user("jane")["UserStatus"], "EXTERNAL_PROVIDER");
    assert_eq!(name(&mut story, json!({"sub": "1"})), "jane");

    story.scene.admin("AdminDeleteUser", "jane");
    assert_eq!(name(&mut story, json!({"sub": "1"})), "Partner_1");
    let pool = json!({"UserPoolId": story.scene.pool});
    story.scene.call("DeleteUserPool", pool);
    story.scene.advance(70);
    while story
        .scene
        .world
        .engine
        .maintain_blocking()
        .expect("maintenance")
    {}
    let left = story.scene.records();
    let of_providers: Vec<_> = left
        .iter()
        .filter(|(key, _)| matches!(key.as_bytes()[0], b'p' | b'*' | b'k' | b'l' | b'o'))
        .collect();
    assert!(of_providers.is_empty(), "{of_providers:?}");
}

#[test]
fn identities_of_a_pool_are_linked_by_five_attributes_besides_ids() {
    let names = [
        "name",
        "given_name",
        "family_name",
        "nickname",
        "locale",
        "website",
    ];
    let mut provider = partner();
    for name in names {
        provider["AttributeMapping"][name] = json!(name);
    }
    let story = story_of(json!({}), provider, json!(["Partner"]), None);
    for (number, name) in names.iter().enumerate() {
        let user = format!("jane{number}");
        story.scene.user(&user);
        let body = |name: &str, value: &str| {
            json!({"UserPoolId": story.scene.pool,
                "DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": user},
                "SourceUser": {"ProviderName": "Partner", "ProviderAttributeName": name,
                    "ProviderAttributeValue": value}})
        };
        let asked = body(name, "one");
        if number < 5 {
            story.scene.call("AdminLinkProviderForUser", asked);
        } else {
            let error = story.scene.refusal("AdminLinkProviderForUser", &asked, "");
            assert!(error.starts_with("LimitExceededException"), "{error}");
            story
                .scene
                .call("AdminLinkProviderForUser", body("name", "two"));
            story
                .scene
                .call("AdminLinkProviderForUser", body("sub", "three"));
        }
    }
}
