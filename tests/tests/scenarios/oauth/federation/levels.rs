//! Levels of authentication: asked of a provider by its own names, and told by the pool's.

use super::*;

fn leveled() -> Story {
    let pool = json!({"AcrConfiguration": {"Level2": {"AcrValue": "strong"}}});
    let mut provider = partner();
    provider["AcrMapping"] = json!({"Level1": "pwd", "Level2": "otp"});
    story_of(pool, provider, json!(["Partner"]), None)
}

fn level(story: &mut Story, acr: Value) -> Value {
    let back = story.sign_in(json!({"sub": "1", "acr": acr}));
    let tokens = story.tokens(&back);
    claims(&tokens["id_token"])["acr"].clone()
}

#[test]
fn a_provider_is_asked_by_its_names_and_an_id_token_tells_the_pools() {
    let mut story = leveled();
    let sent = story.away("&acr_values=strong+unheard-of+urn%3Acognito%3Aloa%3A1");
    assert_eq!(sent.parameter("acr_values"), "otp pwd");
    assert!(
        !story
            .away("&acr_values=otp")
            .location
            .contains("acr_values")
    );
    assert_eq!(level(&mut story, json!("otp")), "strong");
    assert_eq!(level(&mut story, json!("pwd")), "urn:cognito:loa:1");
    assert_eq!(
        level(&mut story, json!("face")),
        "urn:cognito:loa:1",
        "unknown is the lowest"
    );
    assert_eq!(level(&mut story, Value::Null), "urn:cognito:loa:1");
}

#[test]
fn a_session_of_a_lower_level_is_not_enough() {
    let mut story = leveled();
    assert_eq!(level(&mut story, json!("pwd")), "urn:cognito:loa:1");
    let path = |story: &Story, asked: &str| {
        let query = story.query(&format!("&acr_values={asked}"));
        story.at(&format!("/oauth2/authorize?{query}"))
    };
    let (lower, higher) = (
        path(&story, "urn%3Acognito%3Aloa%3A1"),
        path(&story, "strong"),
    );
    assert!(story.browser.get(&lower).location.starts_with(BACK));
    let away = story.browser.get(&higher);
    assert_eq!(away.parameter("acr_values"), "otp", "{}", away.location);
    story
        .provider
        .vouch(&away, json!({"sub": "1", "acr": "otp"}));
    story.back(&away, "c-1");
    assert!(story.browser.get(&higher).location.starts_with(BACK));
}

#[test]
fn without_names_of_its_own_a_provider_is_asked_by_the_requests_and_nothing_is_told() {
    let mut story = story();
    let sent = story.away("&identity_provider=Partner&acr_values=urn%3Acognito%3Aloa%3A2");
    assert_eq!(sent.parameter("acr_values"), "urn:cognito:loa:2");
    assert_eq!(level(&mut story, json!("urn:cognito:loa:2")), Value::Null);
}
