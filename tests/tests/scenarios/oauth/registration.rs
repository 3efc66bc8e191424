//! App clients that register themselves.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{BACK, Story, VERIFIER, browser::Page, story, story_of};

impl Story {
    fn register(&mut self, asked: Value, token: Option<&str>) -> Page {
        let path = self.at("/oauth2/register");
        self.browser.json(&path, &asked, token)
    }
}

fn open(more: Value) -> Story {
    let mut rules = json!({"EnableStatus": "Enabled", "OpenDcrEnabled": true});
    for (name, value) in more.as_object().expect("rules") {
        rules[name] = value.clone();
    }
    story_of(json!({"DcrConfiguration": rules}), json!({}))
}

/// The token of a client that may register others.
fn registrar(story: &mut Story) -> String {
    let body = json!({"UserPoolId": story.scene.pool, "ClientName": "registrar", "GenerateSecret": true,
        "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["aws.cognito/dcr/register"]});
    let client = story.scene.call("CreateUserPoolClient", body)["UserPoolClient"].clone();
    let (id, secret) = (text(&client["ClientId"]), text(&client["ClientSecret"]));
    let basic = base64::encode(format!("{id}:{secret}").as_bytes());
    let grant = [("grant_type", "client_credentials")];
    let answer = story.endpoint("/oauth2/token", &grant, Some(&format!("Basic {basic}")));
    text(&answer.json()["access_token"])
}

#[test]
fn a_client_registers_itself_and_signs_users_in() {
    let mut story = open(json!({}));
    let path = story.at("/.well-known/openid-configuration");
    let document = story.browser.get(&path).json();
    let endpoint = text(&document["registration_endpoint"]);
    assert!(endpoint.ends_with("/oauth2/register"), "{endpoint}");

    let asked = json!({"client_name": "Notes", "redirect_uris": [BACK], "token_endpoint_auth_method": "none"});
    let made = story.register(asked, None);
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    assert_eq!(made["scope"], "openid email phone profile");
    assert!(made.get("client_secret").is_none(), "{made}");
    story.client = text(&made["client_id"]);

    let query = story.query().replace("+aws.cognito.signin.user.admin", "");
    let back = story.sign_in(&query, PASSWORD);
    let tokens = story.exchange(&back.parameter("code"));
    assert_eq!(tokens.status, 200, "{} {VERIFIER}", tokens.body);

    let named = json!({"UserPoolId": story.scene.pool, "ClientId": story.client});
    let shown = story.scene.call("DescribeUserPoolClient", named);
    assert_eq!(shown["UserPoolClient"]["ClientType"], "DCR");
    for (kind, is_in) in [("DCR", true), ("REGULAR", false)] {
        let body = json!({"UserPoolId": story.scene.pool, "ClientType": kind});
        let listed = story.scene.call("ListUserPoolClients", body);
        let listed = listed["UserPoolClients"].as_array().expect("a list");
        let found = listed
            .iter()
            .any(|it| it["ClientId"] == json!(story.client));
        assert_eq!(found, is_in, "{kind}");
        assert_eq!(listed.len() == 1, is_in, "{kind}");
    }
    let update = json!({"UserPoolId": story.scene.pool, "ClientId": story.client,
        "AllowedOAuthScopes": ["aws.cognito/dcr/register"]});
    let refused = story.scene.refusal("UpdateUserPoolClient", &update, "");
    assert!(refused.contains("cannot register others"), "{refused}");
}

#[test]
fn a_pool_that_is_not_open_wants_the_token_of_a_client_with_the_scope() {
    let mut story = open(json!({"OpenDcrEnabled": false, "AllowedScopes": ["api/read"]}));
    let asked = json!({"grant_types": ["client_credentials"], "scope": "api/read"});
    let tokens = story.tokens();
    let users = text(&tokens["access_token"]);
    for token in [None, Some(users.as_str()), Some("nonsense")] {
        let refused = story.register(asked.clone(), token);
        assert_eq!(
            (refused.status, refused.error()),
            (401, "invalid_token".into())
        );
        assert!(refused.headers.contains_key("www-authenticate"));
    }
    let registrar = registrar(&mut story);
    let missing = story.register(asked.clone(), Some(&registrar));
    assert_eq!(
        missing.error(),
        "invalid_client_metadata",
        "no such scope yet"
    );
    let server = json!({"UserPoolId": story.scene.pool, "Identifier": "api", "Name": "API",
        "Scopes": [{"ScopeName": "read", "ScopeDescription": "Reads"}]});
    story.scene.call("CreateResourceServer", server);
    let made = story.register(asked, Some(&registrar));
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!(made["client_secret_expires_at"], 0);
    let (id, secret) = (text(&made["client_id"]), text(&made["client_secret"]));
    let basic = base64::encode(format!("{id}:{secret}").as_bytes());
    let grant = [("grant_type", "client_credentials")];
    let answer = story.endpoint("/oauth2/token", &grant, Some(&format!("Basic {basic}")));
    assert_eq!(answer.status, 200, "{}", answer.body);
    // A token of another pool is nobody's here.
    let mut other = open(json!({"OpenDcrEnabled": false}));
    let refused = other.register(json!({"redirect_uris": [BACK]}), Some(&registrar));
    assert_eq!(refused.status, 401);
}

#[test]
fn what_a_client_may_not_have_or_says_wrongly_is_refused() {
    let mut story = open(json!({"AllowedScopes": ["aws.cognito/dcr/register"]}));
    let good = json!({"redirect_uris": [BACK], "response_types": ["code"], "grant_types": ["authorization_code",
        "refresh_token"], "scope": "openid", "token_endpoint_auth_method": "client_secret_post"});
    for (name, value, error) in [
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        (
            "redirect_uris",
            json!(["http://app.example.com/"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["javascript:alert(1)"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!("https://a"),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["client_credentials"]),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["implicit"]),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["refresh_token"]),
            "invalid_client_metadata",
        ),
        (
            "response_types",
            json!(["token"]),
            "invalid_client_metadata",
        ),
        ("scope", json!("openid api/read"), "invalid_client_metadata"),
        (
            "scope",
            json!("aws.cognito/dcr/register"),
            "invalid_client_metadata",
        ),
        ("scope", json!(7), "invalid_client_metadata"),
        (
            "token_endpoint_auth_method",
            json!("private_key_jwt"),
            "invalid_client_metadata",
        ),
    ] {
        let mut asked = good.clone();
        asked[name] = value.clone();
        let refused = story.register(asked, None);
        assert_eq!(
            (refused.status, refused.error()),
            (400, error.into()),
            "{name} {value}"
        );
    }
    assert_eq!(
        story.register(json!([]), None).error(),
        "invalid_client_metadata"
    );
    assert_eq!(story.register(good, None).status, 201);
    let path = story.at("/oauth2/register");
    let form = story
        .browser
        .script(&path, &[("redirect_uris", BACK)], None);
    assert_eq!(form.status, 400);
}

#[test]
fn a_pool_that_says_nothing_of_it_registers_nobody() {
    let mut story = story();
    let refused = story.register(json!({"redirect_uris": [BACK]}), None);
    assert_eq!(
        (refused.status, refused.error()),
        (403, "access_denied".into())
    );
    let path = story.at("/.well-known/openid-configuration");
    let document = story.browser.get(&path).json();
    assert!(document.get("registration_endpoint").is_none());
}
