//! What is said of events afterwards.

use serde_json::json;
use userpool_tests::{pool::PASSWORD, scene::text};

use super::{AWAY, STRANGER, at_home, configure, events, every_level, jane, newest, sign_in_from};

#[test]
fn an_administrator_says_whether_it_was_the_user() {
    let scene = jane("AUDIT");
    at_home(&scene);
    let event = text(&newest(&scene)["EventId"]);
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "EventId": event,
        "FeedbackValue": "Valid"});
    assert_eq!(scene.call("AdminUpdateAuthEventFeedback", body), json!({}));
    let feedback = newest(&scene)["EventFeedback"].clone();
    assert_eq!(feedback["FeedbackValue"], "Valid");
    assert_eq!(feedback["Provider"], "Admin");
    assert!(feedback["FeedbackDate"].is_f64() || feedback["FeedbackDate"].is_i64());
}

#[test]
fn what_was_not_the_user_is_unfamiliar_again() {
    let scene = jane("AUDIT");
    at_home(&scene);
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    let event = newest(&scene);
    assert_eq!(
        event["EventRisk"]["RiskDecision"], "NoRisk",
        "familiar by now"
    );
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "EventId": event["EventId"], "FeedbackValue": "Invalid"});
    scene.call("AdminUpdateAuthEventFeedback", body);
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    let risk = newest(&scene)["EventRisk"].clone();
    assert_eq!(risk["RiskLevel"], "Medium");
}

#[test]
fn the_user_says_it_with_the_token_of_the_e_mail() {
    let scene = jane("ENFORCED");
    let mut configuration = every_level("NO_ACTION", true);
    let notify = &mut configuration["AccountTakeoverRiskConfiguration"]["NotifyConfiguration"];
    notify["NoActionEmail"] = json!({"Subject": "News", "TextBody": "{event-id} {feedback-token}"});
    configure(&scene, configuration);
    at_home(&scene);
    sign_in_from(&scene, AWAY, PASSWORD).expect("tokens");
    scene.world.engine.maintain_blocking().expect("upkeep");
    let mail = scene
        .world
        .mailbox
        .messages()
        .last()
        .cloned()
        .expect("an e-mail");
    let (event, token) = mail.body.split_once(' ').expect("two words");
    assert_eq!(json!(event), newest(&scene)["EventId"]);

    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "EventId": event,
        "FeedbackToken": token, "FeedbackValue": "Invalid"});
    let other = events(&scene)[1]["EventId"].clone();
    scene.user("john");
    for (member, value) in [
        ("FeedbackToken", json!("garbage")),
        ("FeedbackToken", json!(format!("{token}AA"))),
        ("EventId", other),
        ("Username", json!("john")),
        ("Username", json!("nobody")),
    ] {
        let mut body = body.clone();
        body[member] = value;
        assert_eq!(
            scene.refusal("UpdateAuthEventFeedback", &body, ""),
            "NotAuthorizedException: Invalid feedback token.",
            "{member}"
        );
    }
    scene.call("UpdateAuthEventFeedback", body.clone());
    let feedback = newest(&scene)["EventFeedback"].clone();
    assert_eq!(feedback["FeedbackValue"], "Invalid");
    assert_eq!(feedback["Provider"], "User");
    scene.advance(7 * 24 * 3_600);
    assert_eq!(
        scene.refusal("UpdateAuthEventFeedback", &body, ""),
        "NotAuthorizedException: Invalid feedback token."
    );
}
