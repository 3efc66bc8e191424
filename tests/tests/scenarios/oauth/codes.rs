//! Codes with PKCE: from the first request to the last token.

use serde_json::{Value, json};
use userpool_crypto::{base64, digest::sha256};
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{BACK, Story, claims, story, story_of};

#[test]
fn a_code_comes_back_with_state_and_issuer_and_is_exchanged_for_tokens() {
    let mut story = story();
    let query = story.query();
    let back = story.sign_in(&query, PASSWORD);
    assert_eq!(back.status, 303);
    assert!(
        back.location.starts_with(&format!("{BACK}?code=")),
        "{}",
        back.location
    );
    assert_eq!(back.parameter("state"), "xyz/1");
    let issuer = format!("http://127.0.0.1:9229/{}", story.scene.pool);
    assert_eq!(back.parameter("iss"), issuer);
    assert_eq!(back.headers["cache-control"], "no-store");

    story.scene.advance(10);
    let answer = story.exchange(&back.parameter("code"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);

    let (id, access) = (claims(&tokens["id_token"]), claims(&tokens["access_token"]));
    assert_eq!(id["iss"], json!(issuer));
    assert_eq!(id["aud"], json!(story.client));
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["email"], "jane@example.com");
    let digest = sha256(&[text(&tokens["access_token"]).as_bytes()]);
    assert_eq!(id["at_hash"], json!(base64::encode_url(&digest[..16])));
    assert_eq!(
        access["scope"],
        "openid email aws.cognito.signin.user.admin"
    );
    assert_eq!(access["version"], 2);
    assert_eq!(id["auth_time"], access["auth_time"]);
    assert_eq!(
        access["iat"].as_i64().expect("a time") - access["auth_time"].as_i64().expect("a time"),
        10
    );
    // The scope is that of the user's own operations too.
    let me = json!({"AccessToken": tokens["access_token"]});
    assert_eq!(story.scene.call("GetUser", me)["Username"], "jane");
}

#[test]
fn tokens_tell_what_their_scopes_say() {
    let told = |scope: &str| -> (Option<Value>, Value) {
        let client = json!({"AllowedOAuthScopes": ["openid", "email", "phone", "profile"]});
        let mut story = story_of(json!({}), client);
        let query = story
            .query()
            .replace("openid+email+aws.cognito.signin.user.admin", scope);
        let back = story.sign_in(&query, PASSWORD);
        let tokens = story.exchange(&back.parameter("code")).json();
        let info = story.user_info(&text(&tokens["access_token"]));
        let id = tokens.get("id_token").map(claims);
        (
            id,
            if info.status == 200 {
                info.json()
            } else {
                Value::Null
            },
        )
    };
    let (id, info) = told("openid");
    assert_eq!(id.expect("an ID token")["email"], "jane@example.com");
    assert_eq!(info["email_verified"], "true");
    let (id, info) = told("openid+phone");
    assert!(id.expect("an ID token").get("email").is_none());
    assert!(info.get("email").is_none());
    assert_eq!(info["username"], "jane");
    let (id, info) = told("email");
    assert!(id.is_none(), "no openid, no ID token");
    assert_eq!(info, Value::Null);
}

#[test]
fn a_refresh_token_gives_new_tokens_at_the_endpoint_and_by_the_api() {
    let mut story = story();
    let first = story.tokens();
    let client = story.client.clone();
    let refresh = text(&first["refresh_token"]);
    story.scene.advance(60);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", refresh.as_str()),
    ];
    let answer = story.endpoint("/oauth2/token", &fields, None);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let second = answer.json();
    assert!(second.get("refresh_token").is_none());
    let (before, after) = (
        claims(&first["access_token"]),
        claims(&second["access_token"]),
    );
    for kept in ["scope", "auth_time", "origin_jti", "sub"] {
        assert_eq!(before[kept], after[kept], "{kept}");
    }
    assert!(claims(&second["id_token"]).get("nonce").is_none());

    let body = json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": refresh}});
    let by_api = story.scene.call("InitiateAuth", body);
    let by_api = claims(&by_api["AuthenticationResult"]["AccessToken"]);
    assert_eq!(by_api["scope"], before["scope"]);
}

#[test]
fn user_info_tells_who_it_is_and_a_revoked_token_nothing() {
    let mut story = story();
    let tokens = story.tokens();
    let access = text(&tokens["access_token"]);
    let info = story.user_info(&access);
    assert_eq!(info.status, 200, "{}", info.body);
    let id = claims(&tokens["id_token"]);
    assert_eq!(
        info.json(),
        json!({"sub": id["sub"], "username": "jane", "email": "jane@example.com", "email_verified": "true"})
    );

    let client = story.client.clone();
    let refresh = text(&tokens["refresh_token"]);
    let fields = [("token", refresh.as_str()), ("client_id", client.as_str())];
    for _ in 0..2 {
        let revoked = story.endpoint("/oauth2/revoke", &fields, None);
        assert_eq!((revoked.status, revoked.body.as_str()), (200, ""));
    }
    let info = story.user_info(&access);
    assert_eq!(info.status, 401);
    let challenge = info.headers["www-authenticate"].to_str().expect("a text");
    assert!(
        challenge.starts_with("Bearer error=\"invalid_token\""),
        "{challenge}"
    );
    let fields = [("token", access.as_str()), ("client_id", client.as_str())];
    let other = story.endpoint("/oauth2/revoke", &fields, None);
    assert_eq!(
        (other.status, other.error()),
        (400, "unsupported_token_type".into())
    );
}

#[test]
fn a_client_with_a_secret_proves_itself_in_the_header_or_in_the_form() {
    let mut story = story_of(json!({}), json!({"GenerateSecret": true}));
    let named = json!({"UserPoolId": story.scene.pool, "ClientId": story.client});
    let shown = story.scene.call("DescribeUserPoolClient", named);
    let secret = text(&shown["UserPoolClient"]["ClientSecret"]);
    let client = story.client.clone();
    let basic = |secret: &str| {
        format!(
            "Basic {}",
            base64::encode(format!("{client}:{secret}").as_bytes())
        )
    };
    let exchange = |story: &mut Story, more: &[(&str, &str)], header: Option<&str>| {
        let code = story.code();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", super::VERIFIER),
        ];
        fields.extend_from_slice(more);
        // The next code needs a sign-in again.
        story.browser.cookies.clear();
        story.endpoint("/oauth2/token", &fields, header)
    };
    let right = basic(&secret);
    assert_eq!(exchange(&mut story, &[], Some(&right)).status, 200);
    let form = [
        ("client_id", client.as_str()),
        ("client_secret", secret.as_str()),
    ];
    assert_eq!(exchange(&mut story, &form, None).status, 200);

    let refused = exchange(&mut story, &[], Some(&basic("another")));
    assert_eq!(
        (refused.status, refused.error()),
        (401, "invalid_client".into())
    );
    assert!(refused.headers.contains_key("www-authenticate"));
    let refused = exchange(&mut story, &[("client_id", client.as_str())], None);
    assert_eq!(
        (refused.status, refused.error()),
        (400, "invalid_client".into())
    );
}

#[test]
fn an_implicit_client_gets_tokens_in_the_fragment_and_no_refresh_token() {
    let client = json!({"AllowedOAuthFlows": ["implicit"]});
    let mut story = story_of(json!({}), client);
    let query = format!(
        "client_id={}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback&response_type=token&state=s&nonce=n",
        story.client
    );
    let back = story.sign_in(&query, PASSWORD);
    assert_eq!(back.status, 303);
    assert!(
        back.location.starts_with(&format!("{BACK}#id_token=")),
        "{}",
        back.location
    );
    assert!(!back.location.contains("refresh_token"));
    assert_eq!(back.parameter("token_type"), "Bearer");
    assert_eq!(back.parameter("state"), "s");
    assert_eq!(claims(&json!(back.parameter("id_token")))["nonce"], "n");
    let access = back.parameter("access_token");
    assert_eq!(story.user_info(&access).status, 200);
}

#[test]
fn the_pages_are_at_the_prefix_and_at_the_domain_too() {
    let mut story = story();
    let domain = json!({"UserPoolId": story.scene.pool, "Domain": "shop"});
    story.scene.call("CreateUserPoolDomain", domain);
    let query = story.query();
    let by_path = story.browser.get(&format!("/shop/login?{query}"));
    assert_eq!(by_path.status, 200, "{}", by_path.body);
    let by_host = story
        .browser
        .get_at("shop.auth.localhost", &format!("/login?{query}"));
    assert_eq!(by_host.status, 200, "{}", by_host.body);
    for host in [
        "other.auth.localhost",
        "localhost",
        &story.scene.pool.clone(),
    ] {
        let nowhere = story.browser.get_at(host, &format!("/login?{query}"));
        assert_eq!(nowhere.status, 400, "{host}");
    }
}
