//! Making, showing, changing, listing and deleting pools.

use serde_json::{Value, json};
use userpool_tests::scene::{Scene, text};

use crate::identity_pools::{Story, provider};

#[test]
fn a_pool_shows_only_what_it_has() {
    let scene = Scene::with_pool();
    let body = json!({"IdentityPoolName": "plain", "AllowUnauthenticatedIdentities": false});
    let made = scene.call("CreateIdentityPool", body);
    let id = text(&made["IdentityPoolId"]);
    assert!(id.starts_with("us-east-1:") && id.len() == 46, "{id}");
    assert_eq!(made.as_object().unwrap().len(), 3, "{made}");
    assert_eq!(
        scene.call("DescribeIdentityPool", json!({"IdentityPoolId": id})),
        made
    );
}

#[test]
fn an_update_resets_what_it_leaves_out_but_not_the_roles() {
    let story =
        Story::of(json!({"IdentityPoolTags": {"a": "b"}, "DeveloperProviderName": "backend"}));
    let body = json!({"IdentityPoolId": story.pool, "IdentityPoolName": "other",
        "AllowUnauthenticatedIdentities": false});
    assert_eq!(
        story.refused("UpdateIdentityPool", &body),
        "InvalidParameterException: The developer provider name can not be changed."
    );
    let mut kept = body.clone();
    kept["DeveloperProviderName"] = json!("backend");
    let changed = story.scene.call("UpdateIdentityPool", kept.clone());
    assert_eq!(changed, kept);
    let roles = story.scene.call(
        "GetIdentityPoolRoles",
        json!({"IdentityPoolId": story.pool}),
    );
    assert_eq!(
        roles["Roles"]["authenticated"],
        crate::identity_pools::USER_ROLE
    );
}

#[test]
fn providers_that_are_none_are_refused() {
    let scene = Scene::with_pool();
    let with = |member: &str, value: Value| {
        let mut body = json!({"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": false});
        body[member] = value;
        scene.refusal("CreateIdentityPool", &body, "")
    };
    assert!(with("SupportedLoginProviders", json!({"example.com": "1"})).contains("example.com"));
    for name in [
        "example.com/us-east-1_x",
        "cognito-idp.eu-west-1.amazonaws.com/us-east-1_x",
    ] {
        let providers = json!([{"ProviderName": name, "ClientId": "x"}]);
        let error = with("CognitoIdentityProviders", providers);
        assert_eq!(
            error,
            "InvalidParameterException: Invalid Cognito Identity Provider."
        );
    }
}

#[test]
fn pools_are_listed_page_by_page() {
    let scene = Scene::with_pool();
    for name in ["a", "b", "c"] {
        let body = json!({"IdentityPoolName": name, "AllowUnauthenticatedIdentities": false});
        scene.call("CreateIdentityPool", body);
    }
    let first = scene.call("ListIdentityPools", json!({"MaxResults": 2}));
    assert_eq!(first["IdentityPools"].as_array().unwrap().len(), 2);
    let body = json!({"MaxResults": 2, "NextToken": first["NextToken"]});
    let second = scene.call("ListIdentityPools", body);
    assert_eq!(second["IdentityPools"].as_array().unwrap().len(), 1);
    assert!(second.get("NextToken").is_none());
}

#[test]
fn a_deleted_pool_takes_its_identities_and_leaves_nothing() {
    let story = Story::new();
    let before = story.scene.records();
    let (guest, user) = (story.id(None), story.id(Some(&story.logins())));
    story.scene.call(
        "GetOpenIdToken",
        crate::identity_pools::coming(&guest, None),
    );
    story
        .scene
        .call("DeleteIdentityPool", json!({"IdentityPoolId": story.pool}));
    for id in [&guest, &user] {
        let error = story.refused("DescribeIdentity", &json!({"IdentityId": id}));
        assert_eq!(
            error,
            format!("ResourceNotFoundException: Identity '{id}' not found.")
        );
    }
    story.scene.advance(100);
    while story
        .scene
        .world
        .engine
        .maintain_blocking()
        .expect("the store works")
    {}
    let kinds: Vec<char> = userpool_tests::scene::changed_kinds(&before, &story.scene.records())
        .into_iter()
        .collect();
    // The pool is gone; nothing came instead.
    assert_eq!(kinds, ['f']);
}

#[test]
fn tags_of_a_pool_are_set_told_and_taken() {
    let story = Story::new();
    let arn = format!(
        "arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{}",
        story.pool
    );
    let call = |operation: &str, mut body: Value| {
        body["ResourceArn"] = json!(arn);
        story
            .scene
            .call(&format!("AWSCognitoIdentityService.{operation}"), body)
    };
    assert_eq!(
        call("TagResource", json!({"Tags": {"a": "1", "b": "2"}})),
        json!({})
    );
    call("UntagResource", json!({"TagKeys": ["a"]}));
    assert_eq!(
        call("ListTagsForResource", json!({})),
        json!({"Tags": {"b": "2"}})
    );
    let other = json!({"ResourceArn": arn.replace("us-east-1:0", "eu-west-1:0")});
    let error = story.refused("AWSCognitoIdentityService.ListTagsForResource", &other);
    assert!(error.starts_with("ResourceNotFoundException"), "{error}");
}

#[test]
fn a_user_pool_may_be_named_by_its_issuer() {
    let mut story = Story::new();
    let issuer = format!("127.0.0.1:9229/{}", story.scene.pool);
    let body = json!({"IdentityPoolId": story.pool, "IdentityPoolName": "story",
        "AllowUnauthenticatedIdentities": true,
        "CognitoIdentityProviders": [{"ProviderName": issuer, "ClientId": story.scene.client}]});
    story.scene.call("UpdateIdentityPool", body);
    let id = story.id(Some(&json!({issuer: story.scene.fact("id")})));
    // Both names are one provider.
    assert_eq!(
        story.id(Some(
            &json!({provider(&story.scene): story.scene.fact("id")})
        )),
        id
    );
    story.another("joe");
    assert_ne!(story.id(Some(&story.logins())), id);
}
