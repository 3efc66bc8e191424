//! Sessions of the login pages beside those of tokens: in one list, and ended one with the other.

use serde_json::{Value, json};
use userpool_tests::scene::text;

use super::{BACK, Story, story};

/// A pool that tracks sessions.
fn tracked() -> Story {
    let story = story();
    let body = json!({"UserPoolId": story.scene.pool, "UserSessionTracking": "ENABLED",
        "TokenSession": {"MaxPerUser": 20}});
    story.scene.call("SetUserPoolSessionConfiguration", body);
    story
}

fn sessions(story: &Story) -> Vec<Value> {
    let reply = story.scene.admin("AdminListUserSessions", "jane");
    reply["Sessions"].as_array().expect("a list").clone()
}

/// The ids of the sessions of a kind, the one that was active last first.
fn ids(story: &Story, kind: &str) -> Vec<String> {
    let sessions = sessions(story);
    let of_kind = sessions
        .iter()
        .filter(|session| session["SessionType"] == kind);
    of_kind.map(|session| text(&session["SessionId"])).collect()
}

/// Tokens by the session of the browser, without another sign-in.
fn more_tokens(story: &mut Story) -> Value {
    let path = story.at(&format!("/oauth2/authorize?{}", story.query()));
    let back = story.browser.get(&path);
    assert!(back.location.starts_with(BACK), "{}", back.location);
    let answer = story.exchange(&back.parameter("code"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn is_signed_in(story: &mut Story) -> bool {
    let path = story.at(&format!("/oauth2/authorize?{}", story.query()));
    story.browser.get(&path).location.starts_with(BACK)
}

fn are_good(story: &mut Story, tokens: &Value) -> bool {
    story.user_info(&text(&tokens["access_token"])).status == 200
}

fn revoke(story: &Story, id: &str, associated: &str) {
    let body = json!({"UserPoolId": story.scene.pool, "Username": "jane", "SessionId": id,
        "RevokeAssociatedSessions": associated});
    assert_eq!(story.scene.call("AdminRevokeUserSession", body), json!({}));
}

fn revoke_token(story: &Story, tokens: &Value, associated: &str) {
    let body = json!({"ClientId": story.client, "Token": tokens["refresh_token"],
        "RevokeAssociatedSessions": associated});
    assert_eq!(story.scene.call("RevokeToken", body), json!({}));
}

#[test]
fn sessions_of_tokens_name_the_one_of_the_pages_that_they_came_from() {
    let mut story = tracked();
    story.tokens();
    story.scene.advance(5);
    story.scene.sign_in("jane");
    let listed = sessions(&story);
    assert_eq!(listed.len(), 3, "{listed:?}");
    let pages = ids(&story, "SSO");
    assert_eq!(pages.len(), 1);
    assert!(pages[0].starts_with("sso"), "{pages:?}");
    let origins: Vec<&Value> = listed
        .iter()
        .filter(|session| session["SessionType"] == "TOKEN")
        .map(|session| &session["OriginSessionId"])
        .collect();
    assert_eq!(origins, [&Value::Null, &json!(pages[0])]);
}

#[test]
fn a_session_of_the_pages_ends_alone_or_with_the_tokens_that_came_from_it() {
    let mut story = tracked();
    let first = story.tokens();
    story.scene.sign_in("jane");
    let by_the_api = story.scene.fact("access").to_owned();
    let pages = ids(&story, "SSO").remove(0);

    revoke(&story, &pages, "NONE");
    assert!(!is_signed_in(&mut story));
    assert!(are_good(&mut story, &first));
    let again = json!({"UserPoolId": story.scene.pool, "Username": "jane", "SessionId": pages});
    assert_eq!(
        story.scene.refusal("AdminRevokeUserSession", &again, ""),
        "ResourceNotFoundException: Session does not exist."
    );

    let second = story.tokens();
    let pages = ids(&story, "SSO").remove(0);
    revoke(&story, &pages, "LINKED");
    assert!(!is_signed_in(&mut story));
    assert!(!are_good(&mut story, &second));
    assert!(are_good(&mut story, &first));
    story
        .scene
        .call("GetUser", json!({"AccessToken": by_the_api}));
    assert_eq!(ids(&story, "TOKEN").len(), 2);
}

#[test]
fn a_session_of_tokens_takes_the_pages_with_it_and_no_other_tokens() {
    let mut story = tracked();
    story.tokens();
    story.scene.advance(1);
    let other = more_tokens(&mut story);
    let first = ids(&story, "TOKEN").remove(1);
    revoke(&story, &first, "LINKED");
    assert!(!is_signed_in(&mut story));
    assert!(are_good(&mut story, &other));
    assert_eq!(ids(&story, "TOKEN").len(), 1);
}

#[test]
fn a_user_does_not_end_the_own_session_by_way_of_the_pages() {
    let mut story = tracked();
    let tokens = story.tokens();
    let pages = ids(&story, "SSO").remove(0);
    let body = json!({"AccessToken": tokens["access_token"], "SessionId": pages,
        "RevokeAssociatedSessions": "LINKED"});
    assert_eq!(
        story.scene.refusal("RevokeUserSession", &body, ""),
        "InvalidParameterException: The current session cannot be revoked with its own access token."
    );
    let body = json!({"AccessToken": tokens["access_token"], "SessionId": pages});
    story.scene.call("RevokeUserSession", body);
    assert!(!is_signed_in(&mut story));
    assert!(are_good(&mut story, &tokens));
}

#[test]
fn a_revoked_token_takes_the_pages_with_it_where_sessions_are_tracked() {
    let mut story = story();
    let tokens = story.tokens();
    revoke_token(&story, &tokens, "LINKED");
    assert!(is_signed_in(&mut story));

    let mut story = tracked();
    let tokens = story.tokens();
    revoke_token(&story, &tokens, "NONE");
    assert!(is_signed_in(&mut story));
    let tokens = more_tokens(&mut story);
    revoke_token(&story, &tokens, "LINKED");
    assert!(!is_signed_in(&mut story));
}
