//! The session of the pages: what it is good for, and what ends it.

use serde_json::{Value, json};
use userpool_tests::pool::PASSWORD;

use super::{BACK, Story, story};

const NEXT: &str = "Staple-horse-8";

/// What ends the sessions of a user, by its name.
type End = (&'static str, fn(&Story));

/// Refuses where a code is good for something.
#[track_caller]
fn is_nothing(story: &mut Story, code: &str, after: &str) {
    let refused = story.exchange(code);
    let told = (refused.status, refused.error());
    assert_eq!(told, (400, "invalid_grant".into()), "{after}");
}

/// Whether the browser gets a code without a page.
fn is_signed_in(story: &mut Story) -> bool {
    let query = story.query();
    let path = story.at(&format!("/oauth2/authorize?{query}"));
    let page = story.browser.get(&path);
    assert_eq!(page.status, 302, "{}", page.body);
    page.location.starts_with(BACK)
}

#[test]
fn who_has_signed_in_gets_codes_for_an_hour_without_a_page() {
    let mut story = story();
    let code = story.code();
    assert!(is_signed_in(&mut story));
    story.scene.advance(3_599);
    assert!(is_signed_in(&mut story));
    story.scene.advance(1);
    assert!(!is_signed_in(&mut story));
    assert_eq!(story.exchange(&code).status, 400);
}

#[test]
fn a_request_may_want_a_sign_in_that_is_new() {
    let mut story = story();
    story.code();
    story.scene.advance(10);
    let query = story.query();
    for (more, pages) in [
        ("prompt=login", true),
        ("max_age=9", true),
        ("max_age=10", false),
    ] {
        let path = story.at(&format!("/oauth2/authorize?{query}&{more}"));
        let sent = story.browser.get(&path);
        assert_eq!(
            sent.location.starts_with("../login"),
            pages,
            "{more}: {}",
            sent.location
        );
    }
    // A new sign-in is what was asked for: no second page follows.
    let back = story.sign_in(&format!("{query}&prompt=login"), PASSWORD);
    assert!(back.location.starts_with(BACK), "{}", back.location);
}

#[test]
fn a_client_may_ask_for_a_sign_in_of_its_own() {
    let mut story = story();
    story.code();
    let body = json!({"UserPoolId": story.scene.pool, "ClientId": story.client,
        "SSOSession": {"MaxValidityMinutes": 0}});
    story
        .scene
        .call("SetUserPoolClientSessionConfiguration", body);
    assert!(!is_signed_in(&mut story));
}

#[test]
fn a_session_lives_longer_where_its_client_says_so() {
    let mut story = story();
    let body = json!({"UserPoolId": story.scene.pool, "ClientId": story.client,
        "SSOSession": {"MaxValidityMinutes": 600}});
    story
        .scene
        .call("SetUserPoolClientSessionConfiguration", body);
    story.code();
    story.scene.advance(600 * 60 - 1);
    assert!(is_signed_in(&mut story));
    story.scene.advance(1);
    assert!(!is_signed_in(&mut story));
}

#[test]
fn a_session_and_its_codes_end_with_the_users_epochs() {
    let ends: [End; 9] = [
        ("AdminUserGlobalSignOut", |story| {
            story.scene.admin("AdminUserGlobalSignOut", "jane");
        }),
        ("GlobalSignOut", |story| {
            let body = json!({"AccessToken": story.scene.fact("access")});
            story.scene.call("GlobalSignOut", body);
        }),
        ("AdminDisableUser", |story| {
            story.scene.admin("AdminDisableUser", "jane");
        }),
        ("AdminDisableUser, AdminEnableUser", |story| {
            story.scene.admin("AdminDisableUser", "jane");
            story.scene.admin("AdminEnableUser", "jane");
        }),
        ("AdminSetUserPassword", |story| {
            let body = json!({"UserPoolId": story.scene.pool, "Username": "jane",
                "Password": NEXT, "Permanent": true});
            story.scene.call("AdminSetUserPassword", body);
        }),
        ("ChangePassword", |story| {
            let body = json!({"AccessToken": story.scene.fact("access"),
                "PreviousPassword": PASSWORD, "ProposedPassword": NEXT});
            story.scene.call("ChangePassword", body);
        }),
        ("ConfirmForgotPassword", |story| {
            let client = &story.scene.client;
            let body = json!({"ClientId": client, "Username": "jane"});
            story.scene.call("ForgotPassword", body);
            let body = json!({"ClientId": client, "Username": "jane", "Password": NEXT,
                "ConfirmationCode": story.scene.code_of("jane")});
            story.scene.call("ConfirmForgotPassword", body);
        }),
        ("AdminResetUserPassword", |story| {
            story.scene.admin("AdminResetUserPassword", "jane");
        }),
        ("DeleteUser", |story| {
            let body = json!({"AccessToken": story.scene.fact("access")});
            story.scene.call("DeleteUser", body);
        }),
    ];
    for (name, end) in ends {
        let mut story = story();
        story.scene.sign_in("jane");
        let code = story.code();
        assert!(is_signed_in(&mut story), "{name}");
        end(&story);
        assert!(!is_signed_in(&mut story), "{name}");
        is_nothing(&mut story, &code, name);
    }
    // And with the user, whom an administrator deletes and makes anew.
    let mut story = story();
    let code = story.code();
    story.scene.admin("AdminDeleteUser", "jane");
    assert!(!is_signed_in(&mut story));
    story.scene.user("jane");
    is_nothing(&mut story, &code, "AdminDeleteUser");
}

#[test]
fn a_code_ends_with_the_session_that_it_came_from() {
    let mut story = story();
    let tokens = story.tokens();
    let query = story.query();
    let path = story.at(&format!("/oauth2/authorize?{query}"));
    let code = story.browser.get(&path).parameter("code");
    let client = story.client.clone();
    let path = story.at(&format!(
        "/logout?client_id={client}&logout_uri=https%3A%2F%2Fapp.example.com%2F"
    ));
    assert_eq!(story.browser.get(&path).status, 302);
    is_nothing(&mut story, &code, "/logout");
    // Tokens are another matter: the service revokes none of them here.
    let access = userpool_tests::scene::text(&tokens["access_token"]);
    assert_eq!(story.user_info(&access).status, 200);
}

#[test]
fn a_code_outlives_a_session_that_ends_by_itself() {
    let mut story = story();
    story.code();
    story.scene.advance(3_599);
    let query = story.query();
    let path = story.at(&format!("/oauth2/authorize?{query}"));
    let code = story.browser.get(&path).parameter("code");
    story.scene.advance(299);
    assert_eq!(story.exchange(&code).status, 200);
}

#[test]
fn signing_out_ends_the_session_and_leads_only_to_addresses_of_the_client() {
    let mut story = story();
    story.code();
    let cookies = story.browser.cookies.clone();
    let client = story.client.clone();
    for query in [
        format!("client_id={client}"),
        format!("client_id={client}&logout_uri=https%3A%2F%2Fevil.example%2F"),
        "client_id=unknown&logout_uri=https%3A%2F%2Fapp.example.com%2F".into(),
    ] {
        let path = story.at(&format!("/logout?{query}"));
        assert_eq!(story.browser.get(&path).status, 400, "{query}");
        assert!(is_signed_in(&mut story), "{query}");
    }
    let path = story.at(&format!(
        "/logout?client_id={client}&logout_uri=https%3A%2F%2Fapp.example.com%2F"
    ));
    let out = story.browser.get(&path);
    assert_eq!(
        (out.status, out.location.as_str()),
        (302, "https://app.example.com/")
    );
    assert!(!is_signed_in(&mut story));
    // A copy of the cookie is worth nothing.
    story.browser.cookies = cookies;
    assert!(!is_signed_in(&mut story));
}

#[test]
fn a_relying_party_signs_out_in_the_words_of_openid_connect() {
    let mut story = story();
    let out = "post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2F";
    let client = story.client.clone();
    let code = story.code();
    let tokens: Value = serde_json::from_str(&story.exchange(&code).body).expect("tokens");
    let token = tokens["id_token"].as_str().expect("an ID token").to_owned();
    for query in [
        out.to_owned(),
        format!("id_token_hint=a.b.c&{out}"),
        format!("id_token_hint={token}&client_id=another&{out}"),
        format!("id_token_hint={token}"),
        format!("id_token_hint={token}&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F"),
        format!("id_token_hint={token}&{out}&{out}"),
        format!("id_token_hint={token}&logout_uri=https%3A%2F%2Fevil.example%2F&{out}"),
    ] {
        let path = story.at(&format!("/logout?{query}"));
        assert_eq!(story.browser.get(&path).status, 400, "{query}");
        assert!(is_signed_in(&mut story), "{query}");
    }
    for (query, to) in [
        (format!("client_id={client}&{out}"), ""),
        (
            format!("id_token_hint={token}&{out}&state=a+b%26c"),
            "?state=a+b%26c",
        ),
        (
            format!("id_token_hint={token}&client_id={client}&{out}"),
            "",
        ),
    ] {
        assert!(is_signed_in(&mut story), "{query}");
        let path = story.at(&format!("/logout?{query}"));
        let page = story.browser.get(&path);
        assert_eq!(
            (page.status, page.location),
            (302, format!("https://app.example.com/{to}")),
            "{query}"
        );
        assert!(!is_signed_in(&mut story), "{query}");
        story.code();
    }
    // It names its client after it has ended too.
    story.scene.advance(24 * 3_600);
    let path = story.at(&format!("/logout?id_token_hint={token}&{out}"));
    assert_eq!(story.browser.get(&path).status, 302);
}

#[test]
fn the_cookie_is_for_the_server_alone() {
    let mut story = story();
    let query = story.query();
    let page = story.sign_in(&query, PASSWORD);
    let cookie = page.headers["set-cookie"].to_str().expect("a text");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(cookie.contains(&story.scene.pool), "{cookie}");
}
