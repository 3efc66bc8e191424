//! Clients that ask for themselves.

use serde_json::json;
use userpool_crypto::base64;
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{Story, claims, story, story_of};

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

#[test]
fn two_secrets_count_everywhere_until_one_is_deleted() {
    let (mut story, id, header) = machine();
    let named = json!({"UserPoolId": story.scene.pool, "ClientId": id});
    let with = |name: &str, value: &str| {
        let mut body = named.clone();
        body[name] = json!(value);
        body
    };
    let added = story.scene.call("AddUserPoolClientSecret", named.clone());
    let added = &added["ClientSecretDescriptor"];
    let second = text(&added["ClientSecretValue"]);
    let basic = |secret: &str| {
        let pair = format!("{id}:{secret}");
        format!("Basic {}", base64::encode(pair.as_bytes()))
    };
    for header in [&header, &basic(&second)] {
        let answer = story.endpoint("/oauth2/token", &[GRANT], Some(header));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let described = story.scene.call("DescribeUserPoolClient", named.clone());
    assert_eq!(described["UserPoolClient"]["ClientSecret"], json!(second));
    let third = story.scene.refusal("AddUserPoolClientSecret", &named, "");
    assert!(third.starts_with("LimitExceededException"), "{third}");

    let listed = story.scene.call("ListUserPoolClientSecrets", named.clone());
    let listed = listed["ClientSecrets"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), 2);
    assert!(
        listed
            .iter()
            .all(|it| it.get("ClientSecretValue").is_none())
    );
    assert_eq!(listed[0]["ClientSecretId"], added["ClientSecretId"]);
    // Both are of one second.
    assert_ne!(listed[0]["ClientSecretId"], listed[1]["ClientSecretId"]);

    let first = text(&listed[1]["ClientSecretId"]);
    let delete = with("ClientSecretId", &first);
    story
        .scene
        .call("DeleteUserPoolClientSecret", delete.clone());
    let answer = story.endpoint("/oauth2/token", &[GRANT], Some(&header));
    assert_eq!(answer.error(), "invalid_client");
    let answer = story.endpoint("/oauth2/token", &[GRANT], Some(&basic(&second)));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let unknown = story
        .scene
        .refusal("DeleteUserPoolClientSecret", &delete, "");
    assert!(
        unknown.starts_with("ResourceNotFoundException"),
        "{unknown}"
    );
    let only = with("ClientSecretId", &text(&added["ClientSecretId"]));
    let only = story.scene.refusal("DeleteUserPoolClientSecret", &only, "");
    assert!(only.starts_with("InvalidParameterException"), "{only}");
}

#[test]
fn a_secret_of_ones_own_is_added_and_not_told_again() {
    let mut story = story_of(json!({}), json!({"GenerateSecret": true}));
    let client = story.client.clone();
    let own = "a_secret_of_ones_own_000";
    let named = json!({"UserPoolId": story.scene.pool, "ClientId": client, "ClientSecret": own});
    let added = story.scene.call("AddUserPoolClientSecret", named);
    assert!(
        added["ClientSecretDescriptor"]
            .get("ClientSecretValue")
            .is_none()
    );
    let hash = userpool_crypto::secret_hash::secret_hash(&own.to_owned().into(), "jane", &client);
    let body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters":
        {"USERNAME": "jane", "PASSWORD": PASSWORD, "SECRET_HASH": hash}});
    let reply = story.scene.call("InitiateAuth", body);
    assert!(reply["AuthenticationResult"].is_object(), "{reply}");
    // The pages prove the client with either, and a user who is in the middle of a sign-in goes on.
    let back = story.sign_in(&story.query(), PASSWORD);
    assert!(back.location.starts_with(super::BACK), "{}", back.body);
}

#[test]
fn a_client_without_a_secret_or_that_registered_itself_gets_none() {
    let story = story();
    let named = json!({"UserPoolId": story.scene.pool, "ClientId": story.client});
    let refused = story.scene.refusal("AddUserPoolClientSecret", &named, "");
    assert!(
        refused.starts_with("InvalidParameterException"),
        "{refused}"
    );
    let listed = story.scene.call("ListUserPoolClientSecrets", named);
    assert_eq!(listed, json!({"ClientSecrets": []}));
}

#[test]
fn a_client_of_the_api_gets_a_token_by_its_secret_alone() {
    let (story, _, _) = machine();
    let settings = json!({"UserPoolId": story.scene.pool, "ClientName": "api", "GenerateSecret": true,
        "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"], "AllowedOAuthScopes": ["api/read", "api/write", "openid"]});
    let client = story.scene.call("CreateUserPoolClient", settings.clone());
    let client = &client["UserPoolClient"];
    let body = json!({"ClientId": client["ClientId"], "Secret": client["ClientSecret"]});
    let answer = story.scene.call("GetClientToken", body.clone());
    let result = &answer["ClientAuthenticationResult"];
    assert_eq!(
        (&result["TokenType"], &result["ExpiresIn"]),
        (&json!("Bearer"), &json!(3_600))
    );
    let access = claims(&result["AccessToken"]);
    assert_eq!(access["scope"], "api/read api/write");
    assert_eq!(access["sub"], client["ClientId"]);

    let mut one = body.clone();
    one["Scopes"] = json!(["api/write", "api/write"]);
    let answer = story.scene.call("GetClientToken", one.clone());
    let result = &answer["ClientAuthenticationResult"];
    assert_eq!(claims(&result["AccessToken"])["scope"], "api/write");
    one["Scopes"] = json!(["openid"]);
    let refused = story.scene.refusal("GetClientToken", &one, "");
    assert!(
        refused.starts_with("InvalidParameterException"),
        "{refused}"
    );
    let mut wrong = body;
    wrong["Secret"] = json!("A".repeat(24));
    let refused = story.scene.refusal("GetClientToken", &wrong, "");
    assert!(refused.starts_with("NotAuthorizedException"), "{refused}");

    // The flow stands alone, and needs a secret.
    for (name, value) in [
        (
            "ExplicitAuthFlows",
            json!(["ALLOW_CLIENT_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]),
        ),
        ("GenerateSecret", json!(false)),
    ] {
        let mut settings = settings.clone();
        settings[name] = value;
        let refused = story.scene.refusal("CreateUserPoolClient", &settings, "");
        assert!(
            refused.starts_with("InvalidParameterException"),
            "{refused}"
        );
    }
}
