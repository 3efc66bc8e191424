//! E-mails about unusual sign-ins.

use std::sync::{Arc, Mutex};

use serde_json::json;
use userpool::triggers::Triggers;
use userpool_ports::{Medium, Purpose};
use userpool_tests::{pool::PASSWORD, scene::Scene};

use super::{AWAY, STRANGER, at_home, configure, every_level, jane, newest, sign_in_from};

fn mails(scene: &Scene) -> Vec<userpool_ports::Message> {
    scene.world.engine.maintain_blocking().expect("upkeep");
    let all = scene.world.mailbox.messages();
    all.into_iter()
        .filter(|mail| mail.purpose == Purpose::AccountTakeOverNotification)
        .collect()
}

#[test]
fn the_owner_is_told_of_a_sign_in_that_was_blocked() {
    let scene = jane("ENFORCED");
    let mut configuration = every_level("BLOCK", true);
    configuration["AccountTakeoverRiskConfiguration"]["NotifyConfiguration"]["BlockEmail"] = json!({
        "Subject": "Blocked, {username}",
        "HtmlBody": "<b>{ip-address}</b> {device-name} {login-time} {city}{country} {unknown} {",
    });
    configure(&scene, configuration);
    at_home(&scene);
    assert!(mails(&scene).is_empty());
    let device = "<script>/{username}";
    sign_in_from(&scene, ("203.0.113.9", device), PASSWORD).expect_err("blocked");
    let mails = mails(&scene);
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.medium, Medium::Email);
    assert_eq!(mail.destination, "jane@example.com");
    assert_eq!(mail.subject.as_deref(), Some("Blocked, jane"));
    let (start, end) = mail.body.split_once(" 20").expect("a date");
    assert_eq!(start, "<b>203.0.113.9</b> &lt;script&gt;/{username}");
    assert!(end.ends_with(" UTC  {unknown} {"), "{end}");
}

#[test]
fn a_message_that_cannot_be_handed_over_keeps_nobody_out() {
    let mut scene = jane("ENFORCED");
    configure(&scene, every_level("NO_ACTION", true));
    at_home(&scene);
    scene.cut_couriers();
    sign_in_from(&scene, AWAY, PASSWORD).expect("tokens");
}

#[test]
fn nobody_is_told_by_a_pool_that_only_looks_or_at_an_address_that_is_not_verified() {
    let scene = jane("AUDIT");
    configure(&scene, every_level("NO_ACTION", true));
    at_home(&scene);
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    assert!(mails(&scene).is_empty());

    let scene = jane("ENFORCED");
    configure(&scene, every_level("NO_ACTION", true));
    at_home(&scene);
    let email = json!([{"Name": "email", "Value": "other@example.com"}]);
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "UserAttributes": email});
    scene.call("AdminUpdateUserAttributes", body);
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    assert!(mails(&scene).is_empty());
}

#[test]
fn the_sender_of_a_pool_is_told_in_the_pool_s_stead() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let mut scene = jane("ENFORCED");
    scene.serve(Triggers::new().custom_email_sender(move |event| {
        assert!(event.request.code.is_none());
        let facts = event.request.user_attributes.clone();
        heard
            .lock()
            .unwrap()
            .push((event.trigger_source.clone(), facts));
        Ok(())
    }));
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let body = json!({"UserPoolId": scene.pool, "UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}, "LambdaConfig": {
        "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": arn},
        "KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/1"}});
    scene.call("UpdateUserPool", body);
    configure(&scene, every_level("BLOCK", true));
    at_home(&scene);
    sign_in_from(&scene, STRANGER, PASSWORD).expect_err("blocked");
    assert!(mails(&scene).is_empty());
    let told = told.lock().unwrap();
    let [(source, facts)] = told.as_slice() else {
        panic!("told {} times", told.len());
    };
    assert_eq!(source, "CustomEmailSender_AccountTakeOverNotification");
    assert_eq!(facts["USER_NAME"], "jane");
    assert_eq!(facts["IP_ADDRESS"], STRANGER.0);
    assert_eq!(facts["ACCOUNT_TAKE_OVER_ACTION"], "BLOCK");
    assert_eq!(facts["EVENT_ID"], newest(&scene)["EventId"]);
    let feedback = json!({"UserPoolId": scene.pool, "Username": "jane", "EventId": facts["EVENT_ID"],
        "FeedbackToken": facts["FEEDBACK_TOKEN"], "FeedbackValue": "Invalid"});
    scene.call("UpdateAuthEventFeedback", feedback);
}
