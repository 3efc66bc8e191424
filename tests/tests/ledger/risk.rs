//! Threat protection: settings, events, feedback.

use serde_json::json;
use userpool_tests::{ledger::Row, pool::PASSWORD, scene::Scene};

use crate::pools::in_pool;

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let rows = vec![
        configured(known(set_risk_configuration())),
        configured(known(Row::reading("DescribeRiskConfiguration", described))),
        watched(admin_list_user_auth_events()),
        watched(events(Row::new("AdminUpdateAuthEventFeedback", judged))).tells_administrators(),
        watched(update_auth_event_feedback()),
    ];
    rows.into_iter().map(in_pool).collect()
}

/// A pool with threat protection, and a user who has signed in there.
fn watching() -> Scene {
    let mut scene = Scene::with_pool_of(json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}));
    scene.user("jane");
    scene.sign_in("jane");
    scene.body = json!({"UserPoolId": scene.pool});
    scene
}

/// Adds the refusal in a pool without threat protection.
fn watched(row: Row) -> Row {
    row.refuses(
        "UserPoolAddOnNotEnabled",
        "User pool does not have the add-on AdvancedSecurityMode enabled.",
        |scene| {
            scene.move_to_pool_of(json!({"UserPoolTier": "PLUS"}));
        },
    )
}

fn configured(row: Row) -> Row {
    row.names_nobody("it is about settings, not users").never(
        "UserPoolAddOnNotEnabled",
        "what shall follow is kept in any pool, and nothing follows without threat protection",
    )
}

/// Adds the refusal of a client that does not exist.
fn known(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool client unknown does not exist.",
        |scene| {
            scene.set("ClientId", "unknown");
        },
    )
}

fn set_risk_configuration() -> Row {
    let scene = || {
        let mut scene = watching();
        let rule = json!({"Actions": {"EventAction": "BLOCK"}});
        scene.set("CompromisedCredentialsRiskConfiguration", rule);
        scene
    };
    let at_a_client = || {
        let mut scene = watching();
        scene.set("ClientId", scene.client.clone());
        let list = json!({"BlockedIPRangeList": ["192.0.2.0/24"]});
        scene.set("RiskExceptionConfiguration", list);
        scene
    };
    Row::new("SetRiskConfiguration", scene)
        .also("at a client", at_a_client)
        .refuses("InvalidParameter", "", |scene| {
            let list = json!({"SkippedIPRangeList": ["192.0.2.0"]});
            scene.set("RiskExceptionConfiguration", list);
        })
        .refuses("InvalidParameter", "", |scene| {
            let action = json!({"EventAction": "BLOCK", "Notify": true});
            let rule = json!({"Actions": {"HighAction": action}});
            scene.set("AccountTakeoverRiskConfiguration", rule);
        })
        .never(
            "CodeDeliveryFailure",
            "setting what is told sends no message",
        )
}

fn described() -> Scene {
    let scene = watching();
    let rule = json!({"Actions": {"EventAction": "BLOCK"}});
    scene.call(
        "SetRiskConfiguration",
        json!({"UserPoolId": scene.pool, "CompromisedCredentialsRiskConfiguration": rule}),
    );
    scene
}

fn admin_list_user_auth_events() -> Row {
    let scene = || {
        let mut scene = watching();
        scene.set("Username", "jane");
        scene
    };
    Row::reading("AdminListUserAuthEvents", scene)
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| {
                scene.set("NextToken", "another");
            },
        )
        .tells_administrators()
}

/// The event of a sign-in, to be said something of.
fn judged() -> Scene {
    let mut scene = watching();
    let listed = scene.admin("AdminListUserAuthEvents", "jane");
    scene.set("Username", "jane");
    scene.set("EventId", listed["AuthEvents"][0]["EventId"].clone());
    scene.set("FeedbackValue", "Invalid");
    scene
}

fn events(row: Row) -> Row {
    row.refuses("ResourceNotFound", "Event does not exist.", |scene| {
        scene.set("EventId", "00000000-0000-4000-8000-000000000000");
    })
}

fn update_auth_event_feedback() -> Row {
    let scene = || {
        let mut scene = watching();
        let action = json!({"EventAction": "NO_ACTION", "Notify": true});
        let notify = json!({
            "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
            "NoActionEmail": {"Subject": "News", "TextBody": "{event-id} {feedback-token}"},
        });
        let rule = json!({"Actions": {"LowAction": action}, "NotifyConfiguration": notify});
        scene.call(
            "SetRiskConfiguration",
            json!({"UserPoolId": scene.pool, "AccountTakeoverRiskConfiguration": rule}),
        );
        let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
        let place = ("192.0.2.7", "a device");
        // The first is from nowhere; of this one address and device are new, of the next the address alone.
        scene
            .call_from(place, "InitiateAuth", &body)
            .expect("tokens");
        let place = ("198.51.100.1", "a device");
        scene
            .call_from(place, "InitiateAuth", &body)
            .expect("tokens");
        scene.world.engine.maintain_blocking().expect("upkeep");
        let mail = scene.world.mailbox.messages().last().cloned();
        let words = mail.expect("an e-mail").body;
        let (event, token) = words.split_once(' ').expect("two words");
        scene.set("Username", "jane");
        scene.set("EventId", event);
        scene.set("FeedbackToken", token);
        scene.set("FeedbackValue", "Invalid");
        scene
    };
    let row = Row::new("UpdateAuthEventFeedback", scene)
        .refuses("NotAuthorized", "Invalid feedback token.", |scene| {
            scene.set("FeedbackToken", "garbage");
        })
        .refuses("NotAuthorized", "Invalid feedback token.", |scene| {
            scene.advance(7 * 24 * 3_600);
        })
        .refuses("UserNotFound", "User does not exist.", |scene| {
            scene.admin("AdminDeleteUser", "jane");
        });
    row.names_nobody("it is about the user of its token")
}
