//! Levels of authentication at the pages, of users of the pool itself.

use serde_json::{Value, json};
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{BACK, Story, claims, story_of};

const HIGHEST: &str = "acr_values=urn%3Acognito%3Aloa%3A4";

/// Jane has an authenticator app that she has not switched on.
fn story_with_app(tier: &str) -> Story {
    let mut story = story_of(json!({"UserPoolTier": tier}), json!({}));
    let body = json!({"UserPoolId": story.scene.pool, "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    story.scene.call("SetUserPoolMfaConfig", body);
    let access = story.tokens()["access_token"].clone();
    story.scene.facts.insert("access", text(&access));
    story.scene.software_token();
    story
}

/// What both tokens of a code tell: the same.
fn told(story: &mut Story, code: &str) -> Value {
    let tokens = story.exchange(code).json();
    let of = |name: &str| {
        let claims = claims(&tokens[name]);
        json!([claims["acr"], claims["amr"]])
    };
    assert_eq!(of("id_token"), of("access_token"));
    of("id_token")
}

#[test]
fn a_wish_for_a_level_asks_for_what_reaches_it_and_is_told_of() {
    let mut story = story_with_app("ESSENTIALS");
    let query = format!("{}&{HIGHEST}", story.query());
    // The session of the sign-in by password alone does not serve.
    let page = story.sign_in(&query, PASSWORD);
    assert_eq!(page.status, 200, "{}", page.body);
    let code = story.scene.totp(0);
    let path = story.at("/");
    let back = story.browser.send(&path, &page, &[("answer", &code)]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let expected = json!(["urn:cognito:loa:4", ["pwd", "otp", "mfa"]]);
    assert_eq!(told(&mut story, &back.parameter("code")), expected);

    // The session of this one does, for lower levels too.
    for wish in [HIGHEST, "acr_values=urn%3Acognito%3Aloa%3A1"] {
        let path = format!("/oauth2/authorize?{}&{wish}", story.query());
        let path = story.at(&path);
        let sent = story.browser.get(&path);
        assert!(sent.location.starts_with(BACK), "{}", sent.location);
        assert_eq!(told(&mut story, &sent.parameter("code")), expected);
    }
    // Who does not ask is not told.
    let path = story.at(&format!("/oauth2/authorize?{}", story.query()));
    let sent = story.browser.get(&path);
    assert_eq!(
        told(&mut story, &sent.parameter("code")),
        json!([null, null])
    );
}

#[test]
fn a_wish_that_the_user_cannot_fulfil_is_told_of_by_a_lower_level() {
    let mut story = story_of(json!({}), json!({}));
    let query = format!("{}&{HIGHEST}", story.query());
    let back = story.sign_in(&query, PASSWORD);
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let expected = json!(["urn:cognito:loa:1", ["pwd"]]);
    assert_eq!(told(&mut story, &back.parameter("code")), expected);
}

#[test]
fn the_lowest_tier_has_no_wishes() {
    let mut story = story_with_app("LITE");
    let query = format!("{}&{HIGHEST}", story.query());
    let path = story.at(&format!("/oauth2/authorize?{query}"));
    let sent = story.browser.get(&path);
    assert!(sent.location.starts_with(BACK), "{}", sent.location);
    assert_eq!(
        told(&mut story, &sent.parameter("code")),
        json!([null, null])
    );
}
