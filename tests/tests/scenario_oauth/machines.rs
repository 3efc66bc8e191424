//! Clients that ask for themselves.

use serde_json::json;
use userpool_crypto::base64;
use userpool_tests::scene::text;

use super::{Story, claims, story};

/// A client of `api/read` and `api/write`, and its header.
fn machine() -> (Story, String, String) {
    let story = story();
    let scopes = json!([{"ScopeName": "read", "ScopeDescription": "Reads"},
        {"ScopeName": "write", "ScopeDescription": "Writes"}]);
    let server = json!({"UserPoolId": story.scene.pool, "Identifier": "api", "Name": "API", "Scopes": scopes});
    story.scene.call("CreateResourceServer", server);
    let body = json!({"UserPoolId": story.scene.pool, "ClientName": "machine", "GenerateSecret": true,
        "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["api/read", "api/write"]});
    let client = story.scene.call("CreateUserPoolClient", body)["UserPoolClient"].clone();
    let (id, secret) = (text(&client["ClientId"]), text(&client["ClientSecret"]));
    let header = format!(
        "Basic {}",
        base64::encode(format!("{id}:{secret}").as_bytes())
    );
    (story, id, header)
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[test]
fn a_client_gets_a_token_about_itself_with_its_scopes() {
    let (mut story, id, header) = machine();
    let answer = story.endpoint("/oauth2/token", &[GRANT], Some(&header));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens = answer.json();
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["sub"], json!(id));
    assert_eq!(access["client_id"], json!(id));
    assert_eq!(access["scope"], "api/read api/write");
    assert_eq!(access["token_use"], "access");
    assert!(access.get("username").is_none());

    let one = [GRANT, ("scope", "api/write")];
    let answer = story.endpoint("/oauth2/token", &one, Some(&header));
    assert_eq!(claims(&answer.json()["access_token"])["scope"], "api/write");

    // It speaks for no user.
    let token = text(&tokens["access_token"]);
    assert_eq!(story.user_info(&token).status, 401);
    let refused = story
        .scene
        .refusal("GetUser", &json!({"AccessToken": token}), "");
    assert_eq!(refused, "NotAuthorizedException: Invalid Access Token");
}

#[test]
fn a_client_gets_no_scope_that_it_does_not_have_or_that_is_gone() {
    let (mut story, _, header) = machine();
    for scope in ["api/delete", "openid", "aws.cognito.signin.user.admin"] {
        let answer = story.endpoint("/oauth2/token", &[GRANT, ("scope", scope)], Some(&header));
        assert_eq!(
            (answer.status, answer.error()),
            (400, "invalid_scope".into()),
            "{scope}"
        );
    }
    let server = json!({"UserPoolId": story.scene.pool, "Identifier": "api", "Name": "API",
        "Scopes": [{"ScopeName": "read", "ScopeDescription": "Reads"}]});
    story.scene.call("UpdateResourceServer", server);
    let answer = story.endpoint("/oauth2/token", &[GRANT], Some(&header));
    assert_eq!(claims(&answer.json()["access_token"])["scope"], "api/read");
}

#[test]
fn a_client_uses_only_the_grants_that_it_may() {
    let (mut story, id, header) = machine();
    let code = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("redirect_uri", "y"),
    ];
    let answer = story.endpoint("/oauth2/token", &code, Some(&header));
    assert_eq!(
        (answer.status, answer.error()),
        (400, "unauthorized_client".into())
    );
    let other = [("grant_type", "password")];
    let answer = story.endpoint("/oauth2/token", &other, Some(&header));
    assert_eq!(answer.error(), "unsupported_grant_type");
    let answer = story.endpoint("/oauth2/token", &[], Some(&header));
    assert_eq!(answer.error(), "invalid_request");
    let answer = story.endpoint("/oauth2/token", &[GRANT, ("client_id", &id)], None);
    assert_eq!(answer.error(), "invalid_client");
    let public = story.client.clone();
    let answer = story.endpoint("/oauth2/token", &[GRANT, ("client_id", &public)], None);
    assert_eq!(answer.error(), "unauthorized_client");
    let twice = [GRANT, GRANT];
    let answer = story.endpoint("/oauth2/token", &twice, Some(&header));
    assert_eq!(answer.error(), "invalid_request");
}
