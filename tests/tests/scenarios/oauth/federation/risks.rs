//! How unusual a sign-in by a provider is, and what follows.

use super::*;

const HOME: (&str, &str) = ("192.0.2.7", "home/1");
const STRANGER: (&str, &str) = ("203.0.113.9", "stranger/1");

/// A pool with threat protection in which every risk leads to this, and a user who is familiar at home.
fn watched(mode: &str, action: &str) -> Story {
    let pool = json!({"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": mode}});
    let mut story = story_of(pool, partner(), json!(["Partner"]), None);
    let action = json!({"EventAction": action, "Notify": false});
    let body = json!({"UserPoolId": story.scene.pool, "AccountTakeoverRiskConfiguration": {
        "Actions": {"LowAction": action, "MediumAction": action, "HighAction": action}},
        "RiskExceptionConfiguration": {"BlockedIPRangeList": ["198.51.100.0/24"]}});
    story.scene.call("SetRiskConfiguration", body);
    for _ in 0..2 {
        assert_eq!(sign_in(&mut story, HOME), None);
    }
    story
}

/// Signs in from a place; the error of the client, if there is one.
fn sign_in(story: &mut Story, place: (&'static str, &'static str)) -> Option<String> {
    story.browser.place = Some(place);
    let back = story.sign_in(json!({"sub": "1"}));
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let refused = back.location.contains("error=");
    refused.then(|| back.parameter("error_description"))
}

fn newest(story: &Story) -> Value {
    let reply = story.scene.admin("AdminListUserAuthEvents", "Partner_1");
    reply["AuthEvents"][0].clone()
}

#[test]
fn an_unusual_sign_in_is_judged_and_blocked() {
    let mut story = watched("ENFORCED", "BLOCK");
    assert_eq!(newest(&story)["EventRisk"]["RiskDecision"], "NoRisk");
    let refused = sign_in(&mut story, STRANGER).expect("a refusal");
    assert_eq!(refused, "Unable to login because of security reasons.");
    let event = newest(&story);
    assert_eq!(event["EventResponse"], "Fail");
    assert_eq!(
        event["EventRisk"],
        json!({"RiskDecision": "Block", "RiskLevel": "Medium"})
    );
    assert_eq!(event["EventContextData"]["IpAddress"], STRANGER.0);
    assert!(
        !story
            .browser
            .cookies
            .keys()
            .any(|name| name.contains("session"))
    );
    assert_eq!(sign_in(&mut story, HOME), None);
}

#[test]
fn audit_notes_and_lets_through_and_the_place_is_familiar_then() {
    let mut story = watched("AUDIT", "BLOCK");
    assert_eq!(sign_in(&mut story, STRANGER), None);
    let event = newest(&story);
    assert_eq!(event["EventRisk"]["RiskDecision"], "AccountTakeover");
    assert_eq!(event["EventResponse"], "Pass");
    assert_eq!(sign_in(&mut story, STRANGER), None);
    assert_eq!(newest(&story)["EventRisk"]["RiskDecision"], "NoRisk");
}

#[test]
fn a_second_factor_in_any_case_cannot_be_shown_and_one_if_there_is_any_is_not_asked_for() {
    let mut story = watched("ENFORCED", "MFA_REQUIRED");
    assert!(sign_in(&mut story, STRANGER).is_some());
    let mut story = watched("ENFORCED", "MFA_IF_CONFIGURED");
    assert_eq!(sign_in(&mut story, STRANGER), None);
}

#[test]
fn nobody_signs_in_from_a_barred_network() {
    let mut story = watched("ENFORCED", "NO_ACTION");
    assert_eq!(sign_in(&mut story, STRANGER), None);
    assert!(sign_in(&mut story, ("198.51.100.1", "home/1")).is_some());
}
