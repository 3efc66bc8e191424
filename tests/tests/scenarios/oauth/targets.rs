//! What a request must say before it gets a code, and what it may say of whom the tokens are for.

use serde_json::json;
use userpool::PkceDemand;
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{BACK, Story, claims, story, story_of};

#[test]
fn an_access_token_is_for_the_api_that_was_named_and_stays_so() {
    let mut story = story();
    let query = story.query() + "&resource=https%3A%2F%2Fapi.example.com%2Forders";
    let back = story.sign_in(&query, PASSWORD);
    let tokens = story.exchange(&back.parameter("code")).json();
    let api = json!("https://api.example.com/orders");
    assert_eq!(claims(&tokens["access_token"])["aud"], api);
    assert_eq!(claims(&tokens["id_token"])["aud"], json!(story.client));
    let (client, refresh) = (story.client.clone(), text(&tokens["refresh_token"]));
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", refresh.as_str()),
    ];
    let again = story.endpoint("/oauth2/token", &fields, None).json();
    assert_eq!(claims(&again["access_token"])["aud"], api);

    let query = story.query();
    let path = story.at(&format!("/oauth2/authorize?{query}"));
    let code = story.browser.get(&path).parameter("code");
    let tokens = story.exchange(&code).json();
    assert!(claims(&tokens["access_token"]).get("aud").is_none());
}

#[test]
fn an_implicit_access_token_is_for_the_api_too() {
    let mut story = story_of(json!({}), json!({"AllowedOAuthFlows": ["implicit"]}));
    let query = format!(
        "client_id={}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback&response_type=token&resource=my-app%3Aapi",
        story.client
    );
    let back = story.sign_in(&query, PASSWORD);
    let access = claims(&json!(back.parameter("access_token")));
    assert_eq!(access["aud"], "my-app:api");
}

#[test]
fn what_is_no_api_or_two_is_told_to_the_client() {
    let mut story = story();
    let refused = |story: &mut Story, more: &str| {
        let path = story.at(&format!("/oauth2/authorize?{}{more}", story.query()));
        let back = story.browser.get(&path);
        assert!(back.location.starts_with(BACK), "{}", back.location);
        back.parameter("error")
    };
    let plain = refused(&mut story, "&resource=http%3A%2F%2Fapi.example.com");
    assert_eq!(plain, "invalid_target");
    let two = refused(&mut story, "&resource=my-app%3Aone&resource=my-app%3Atwo");
    assert_eq!(two, "invalid_request");
}

#[test]
fn a_challenge_is_missed_where_it_is_demanded_of_the_client() {
    for (demand, of_public, of_secret) in [
        (PkceDemand::Nobody, false, false),
        (PkceDemand::Public, true, false),
        (PkceDemand::Everybody, true, true),
    ] {
        for (secret, missed) in [(false, of_public), (true, of_secret)] {
            let mut story = story_of(json!({}), json!({"GenerateSecret": secret}));
            story.scene.demand_pkce(demand);
            story.browser = super::Browser::of(&story.scene);
            let query = story.query();
            let (before, _) = query.split_once("&code_challenge").expect("a challenge");
            let path = story.at(&format!("/oauth2/authorize?{before}"));
            let sent = story.browser.get(&path);
            if missed {
                assert_eq!(sent.parameter("error"), "invalid_request", "{demand:?}");
                assert!(
                    sent.parameter("error_description")
                        .contains("code_challenge")
                );
            } else {
                assert!(sent.location.starts_with("../login"), "{demand:?}");
            }
            let path = story.at(&format!("/oauth2/authorize?{query}"));
            let sent = story.browser.get(&path);
            assert!(sent.location.starts_with("../login"), "{demand:?}");
        }
    }
}
