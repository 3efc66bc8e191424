//! Login tokens that are not what they must be.

use serde_json::{Value, json};
use userpool_crypto::base64;

use crate::identity_pools::{Story, provider};

/// The refusal of a token at GetId.
#[track_caller]
fn refusal(story: &Story, token: &str) -> String {
    let logins = json!({provider(&story.scene): token});
    let error = story.refused("GetId", &story.id_body(Some(&logins)));
    let text = error.strip_prefix("NotAuthorizedException: ");
    text.unwrap_or_else(|| panic!("{error}")).to_owned()
}

fn changed(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(Into::into).collect();
    let mut claims = crate::identity_pools::claims(token);
    change(&mut claims);
    parts[1] = base64::encode_url(claims.to_string().as_bytes());
    parts.join(".")
}

#[test]
fn forged_tokens_are_refused() {
    let story = Story::new();
    let id = story.scene.fact("id").to_owned();
    let forged = changed(&id, |claims| {
        claims["sub"] = json!("00000000-0000-4000-8000-000000000000")
    });
    let unverified = "Invalid login token. Couldn't verify signed token.";
    assert_eq!(refusal(&story, &forged), unverified);
    let (signed, _) = id.rsplit_once('.').unwrap();
    assert_eq!(refusal(&story, &format!("{signed}.")), unverified);
    for garbage in ["x", "a.b.c"] {
        assert_eq!(
            refusal(&story, garbage),
            "Invalid login token. Not a Cognito token."
        );
    }
    let header = base64::encode_url(br#"{"alg":"none"}"#);
    let unsigned = format!("{header}.{}.", id.split('.').nth(1).unwrap());
    assert_eq!(
        refusal(&story, &unsigned),
        "Invalid login token. Not a Cognito token."
    );
}

#[test]
fn access_tokens_are_no_logins() {
    let story = Story::new();
    assert_eq!(
        refusal(&story, story.scene.fact("access")),
        "Invalid login token. Couldn't verify signed token."
    );
}

#[test]
fn expired_tokens_are_refused_with_both_times() {
    let story = Story::new();
    let token = story.scene.fact("id").to_owned();
    let expires = crate::identity_pools::claims(&token)["exp"]
        .as_i64()
        .unwrap();
    story.scene.advance(3_600);
    let now = story.scene.now().secs();
    let text = format!("Invalid login token. Token expired: {now} >= {expires}");
    assert_eq!(refusal(&story, &token), text);
}

#[test]
fn tokens_of_other_pools_and_clients_are_refused() {
    let mut story = Story::new();
    let supported = "Token is not from a supported provider of this identity pool.";
    let hiding = story.scene.hiding.clone();
    story.scene.sign_in_at(&hiding, "jane");
    assert_eq!(refusal(&story, story.scene.fact("id")), supported);

    let first = provider(&story.scene);
    story.scene.move_to_pool_of(json!({}));
    story.another("jack");
    let logins = json!({first: story.scene.fact("id")});
    let error = story.refused("GetId", &story.id_body(Some(&logins)));
    assert!(
        error.ends_with("Issuer doesn't match providerName"),
        "{error}"
    );
    assert_eq!(refusal(&story, story.scene.fact("id")), supported);
}

#[test]
fn users_who_were_disabled_deleted_or_signed_out_are_refused_where_the_pool_checks() {
    for (operation, text) in [
        ("AdminDisableUser", "User is disabled."),
        (
            "AdminUserGlobalSignOut",
            "Invalid login token. Token has been revoked.",
        ),
        (
            "AdminDeleteUser",
            "Invalid login token. Token has been revoked.",
        ),
    ] {
        let story = Story::new();
        story.scene.admin(operation, "jane");
        assert_eq!(refusal(&story, story.scene.fact("id")), text, "{operation}");
        let body = json!({"IdentityPoolId": story.pool, "IdentityPoolName": "story",
            "AllowUnauthenticatedIdentities": true, "CognitoIdentityProviders": [
                {"ProviderName": provider(&story.scene), "ClientId": story.scene.client}]});
        story.scene.call("UpdateIdentityPool", body);
        story.id(Some(&story.logins()));
    }
}
