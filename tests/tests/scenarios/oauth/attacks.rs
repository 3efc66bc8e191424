//! What attackers of OAuth try (RFC 9700 §4), each without success.

use serde_json::json;
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{BACK, Story, VERIFIER, browser::ORIGIN, story, story_of};

/// The answer of the authorization endpoint to a query.
fn authorize(story: &mut Story, query: &str) -> (u16, String) {
    let path = story.at(&format!("/oauth2/authorize?{query}"));
    let page = story.browser.get(&path);
    (page.status, page.location)
}

#[test]
fn a_browser_is_sent_nowhere_that_is_not_letter_by_letter_the_clients() {
    let mut story = story();
    let query = story.query();
    let own = "https%3A%2F%2Fapp.example.com%2Fback";
    for other in [
        "https%3A%2F%2Fapp.example.com%2Fback%2F",
        "https%3A%2F%2Fapp.example.com%2Fback%3Fx%3D1",
        "https%3A%2F%2Fapp.example.com%2FBack",
        "https%3A%2F%2Fapp.example.com.evil.example%2Fback",
        "https%3A%2F%2Fapp.example.com%40evil.example%2Fback",
        "http%3A%2F%2Fapp.example.com%2Fback",
        "https%3A%2F%2Fapp.example.com%2Fback%2F..%2Fback",
        "",
    ] {
        let (status, location) = authorize(&mut story, &query.replace(own, other));
        assert_eq!((status, location.as_str()), (400, ""), "{other}");
        let path = story.at(&format!("/login?{}", query.replace(own, other)));
        assert_eq!(story.browser.get(&path).status, 400, "{other}");
    }
    let twice = format!("{query}&redirect_uri=https%3A%2F%2Fevil.example");
    assert_eq!(authorize(&mut story, &twice).0, 400);
    let unknown = query.replace(&story.client, "unknown");
    assert_eq!(authorize(&mut story, &unknown).0, 400);
}

#[test]
fn a_client_is_told_what_is_wrong_with_its_request() {
    let mut story = story();
    let query = story.query();
    for (from, to, error) in [
        (
            "response_type=code",
            "response_type=id_token",
            "invalid_request",
        ),
        ("response_type=code", "x=y", "invalid_request"),
        (
            "response_type=code",
            "response_type=token",
            "unauthorized_client",
        ),
        ("S256", "plain", "invalid_request"),
        ("&code_challenge_method=S256", "", "invalid_request"),
        (
            "code_challenge=",
            "code_challenge=short&x=",
            "invalid_request",
        ),
        ("openid+email", "openid+phone", "invalid_scope"),
        ("openid+email", "openid+api%2Fread", "invalid_scope"),
        ("nonce=n-1", "nonce=1&nonce=2", "invalid_request"),
        ("nonce=n-1", "prompt=none", "login_required"),
        ("nonce=n-1", "prompt=none+login", "invalid_request"),
        ("nonce=n-1", "identity_provider=Google", "invalid_request"),
        ("nonce=n-1", "resource=http%3A%2F%2Fapi", "invalid_target"),
        ("nonce=n-1", "max_age=-1", "invalid_request"),
    ] {
        let (status, location) = authorize(&mut story, &query.replace(from, to));
        assert_eq!(status, 302, "{to}");
        assert!(location.starts_with(BACK), "{to}: {location}");
        let found = format!("error={error}");
        assert!(location.contains(&found), "{to}: {location}");
        assert!(
            location.contains("state=xyz%2F1") && location.contains("iss="),
            "{location}"
        );
    }
}

#[test]
fn a_code_that_is_sent_again_revokes_the_tokens_that_it_gave() {
    let mut story = story();
    let code = story.code();
    let tokens = story.exchange(&code).json();
    let access = text(&tokens["access_token"]);
    assert_eq!(story.user_info(&access).status, 200);

    let again = story.exchange(&code);
    assert_eq!((again.status, again.error()), (400, "invalid_grant".into()));
    assert_eq!(story.user_info(&access).status, 401);
    let client = story.client.clone();
    let refresh = text(&tokens["refresh_token"]);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", refresh.as_str()),
    ];
    let refused = story.endpoint("/oauth2/token", &fields, None);
    assert_eq!(refused.error(), "invalid_grant");
}

#[test]
fn a_code_is_good_for_five_minutes() {
    let mut story = story();
    let code = story.code();
    story.scene.advance(299);
    assert_eq!(story.exchange(&code).status, 200);
    let mut story = super::story();
    let code = story.code();
    story.scene.advance(300);
    assert_eq!(story.exchange(&code).error(), "invalid_grant");
}

#[test]
fn a_code_needs_its_own_verifier_address_and_client() {
    let mut story = story();
    let other = story.scene.client_of(json!({"AllowedOAuthFlows": ["code"],
        "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthScopes": ["openid"],
        "CallbackURLs": [BACK, "https://app.example.com/other"]}));
    let client = story.client.clone();
    let code = story.code();
    let wrong = VERIFIER.replace("-0", "-1");
    for (client, redirect_uri, verifier) in [
        (client.as_str(), BACK, None),
        (&client, BACK, Some(wrong.as_str())),
        (&client, BACK, Some("")),
        (&client, "https://app.example.com/other", Some(VERIFIER)),
        (&other, BACK, Some(VERIFIER)),
    ] {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
        ];
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let refused = story.endpoint("/oauth2/token", &fields, None);
        assert_eq!(
            (refused.status, refused.error()),
            (400, "invalid_grant".into()),
            "{fields:?}"
        );
    }
    // None of these used it up.
    assert_eq!(story.exchange(&code).status, 200);
    for garbage in ["", "x", &code[1..], &code.to_uppercase()] {
        let refused = story.exchange(garbage);
        assert_eq!(refused.status, 400, "{garbage}");
    }
}

#[test]
fn a_verifier_for_a_code_without_a_challenge_is_refused() {
    let mut story = story();
    let query = story.query();
    let (query, _) = query.split_once("&code_challenge=").expect("PKCE");
    let back = story.sign_in(query, PASSWORD);
    let code = back.parameter("code");
    assert_eq!(story.exchange(&code).error(), "invalid_grant");
    let client = story.client.clone();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client.as_str()),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
    ];
    assert_eq!(story.endpoint("/oauth2/token", &fields, None).status, 200);
}

#[test]
fn a_form_counts_only_from_its_own_page_in_the_same_browser() {
    let mut story = story();
    let query = story.query();
    let page = story.open(&query);
    let (action, mut fields) = page.form(0);
    let path = story.at(&format!("/{action}"));
    fields.push(("username".into(), "jane".into()));
    fields.push(("password".into(), PASSWORD.into()));
    for origin in [
        None,
        Some("https://evil.example"),
        Some("null"),
        Some("https://127.0.0.1:9229"),
    ] {
        assert_eq!(
            story.browser.post(&path, &fields, origin).status,
            403,
            "{origin:?}"
        );
    }
    let mut forged = fields.clone();
    forged[0].1 = "A".repeat(43);
    assert_eq!(story.browser.post(&path, &forged, Some(ORIGIN)).status, 403);
    assert_eq!(
        story.browser.post(&path, &fields[1..], Some(ORIGIN)).status,
        403
    );
    let cookies = std::mem::take(&mut story.browser.cookies);
    assert_eq!(story.browser.post(&path, &fields, Some(ORIGIN)).status, 403);
    story.browser.cookies = cookies;
    assert_eq!(story.browser.post(&path, &fields, Some(ORIGIN)).status, 303);
}

#[test]
fn a_guesser_on_the_page_is_locked_out_like_any_other() {
    let mut story = story();
    let query = story.query();
    for _ in 0..5 {
        let page = story.sign_in(&query, "Wrong-horse-9");
        assert_eq!(page.status, 400);
        assert!(
            page.body.contains("Incorrect username or password."),
            "{}",
            page.body
        );
    }
    let page = story.sign_in(&query, PASSWORD);
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("Password attempts exceeded"),
        "{}",
        page.body
    );
}

#[test]
fn what_is_typed_comes_back_as_text_and_not_as_markup() {
    let mut story = story();
    let query = story.query();
    let page = story.open(&query);
    let fields = [
        ("username", "\"><script>alert(1)</script>"),
        ("password", "x"),
    ];
    let path = story.at("/");
    let answer = story.browser.send(&path, &page, &fields);
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
    let path = story.at("/login?client_id=%22%3E%3Cscript%3E&redirect_uri=x");
    let answer = story.browser.get(&path);
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
}

#[test]
fn a_client_without_oauth_has_no_pages() {
    let mut story = story_of(json!({}), json!({"AllowedOAuthFlowsUserPoolClient": false}));
    let query = story.query();
    let (status, location) = authorize(&mut story, &query);
    assert_eq!(status, 302);
    assert!(location.contains("error=invalid_request"), "{location}");
    let path = story.at(&format!("/login?{query}"));
    assert_eq!(story.browser.get(&path).status, 303);
}
