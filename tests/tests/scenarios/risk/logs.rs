//! What a pool logs goes where the pool says, once it has landed.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use userpool::ports::{FetchFault, LogDelivery};
use userpool_tests::{pool::PASSWORD, scene::Scene};

use super::{HOME, at_home, jane, sign_in_from};

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/pool";
const BUCKET: &str = "arn:aws:s3:::sign-ins";

/// Destinations with their events.
#[derive(Clone, Default)]
struct Taken {
    events: Arc<Mutex<Vec<(String, Value)>>>,
    refuses: Arc<AtomicBool>,
}

impl LogDelivery for Taken {
    fn deliver(&self, destination: &str, event: &str) -> Result<(), FetchFault> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(FetchFault("full".into()));
        }
        let event = serde_json::from_str(event).expect("JSON");
        let mut events = self.events.lock().expect("a lock");
        events.push((destination.to_owned(), event));
        Ok(())
    }
}

impl Taken {
    fn all(&self) -> Vec<(String, Value)> {
        self.events.lock().expect("a lock").clone()
    }
}

fn configure(scene: &Scene, logs: Value) -> Value {
    let body = json!({"UserPoolId": scene.pool, "LogConfigurations": logs});
    scene.call("SetLogDeliveryConfiguration", body)
}

fn sign_ins() -> Value {
    json!({"LogLevel": "INFO", "EventSource": "userAuthEvents", "S3Configuration": {"BucketArn": BUCKET}})
}

fn notifications() -> Value {
    json!({"LogLevel": "ERROR", "EventSource": "userNotification",
        "CloudWatchLogsConfiguration": {"LogGroupArn": GROUP}})
}

fn maintain(scene: &Scene) {
    let engine = &scene.world.engine;
    while engine.maintain_blocking().expect("upkeep") {}
}

#[test]
fn sign_ins_are_logged_right_or_wrong_and_of_nobody() {
    let mut scene = jane("AUDIT");
    let taken = Taken::default();
    scene.log(taken.clone());
    at_home(&scene);
    maintain(&scene);
    assert_eq!(taken.all(), [], "nothing before it is configured");

    let set = configure(&scene, json!([sign_ins()]));
    let named = json!({"UserPoolId": scene.pool});
    let got = scene.call("GetLogDeliveryConfiguration", named);
    assert_eq!(got, set);
    at_home(&scene);
    sign_in_from(&scene, HOME, "Wrong-horse-7").expect_err("a refusal");
    scene.client.clone_from(&scene.hiding.clone());
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "nobody", "PASSWORD": PASSWORD}});
    scene
        .call_from(HOME, "InitiateAuth", &body)
        .expect_err("a refusal");
    assert_eq!(taken.all(), [], "no request waits for it");
    maintain(&scene);
    let mut events = taken.all();
    assert!(events.iter().all(|(destination, _)| destination == BUCKET));
    events.sort_by_key(|(_, event)| event["message"]["userSub"].as_str().map(str::len));
    let events: Vec<&Value> = events.iter().map(|(_, event)| event).collect();
    let [nobody, first, second] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(nobody["message"]["userSub"], "");
    assert_eq!(nobody["message"]["eventResponse"], "Fail");
    for event in [first, second] {
        assert_eq!(event["logSourceId"]["userPoolId"], json!(scene.pool));
        assert_eq!(
            (&event["eventSource"], &event["logLevel"]),
            (&json!("USER_ACTIVITY"), &json!("INFO"))
        );
        assert_eq!(event["message"]["eventType"], "SignIn");
        assert_eq!(event["message"]["ipAddress"], HOME.0);
    }
    let ends = [first, second].map(|event| event["message"]["eventResponse"].clone());
    assert!(
        ends.contains(&json!("Pass")) && ends.contains(&json!("Fail")),
        "{ends:?}"
    );

    configure(&scene, json!([]));
    at_home(&scene);
    maintain(&scene);
    assert_eq!(taken.all().len(), 3);
}

#[test]
fn an_event_that_is_not_taken_is_offered_again() {
    let mut scene = jane("AUDIT");
    let taken = Taken::default();
    scene.log(taken.clone());
    configure(&scene, json!([sign_ins()]));
    taken.refuses.store(true, Ordering::SeqCst);
    at_home(&scene);
    maintain(&scene);
    taken.refuses.store(false, Ordering::SeqCst);
    maintain(&scene);
    assert_eq!(taken.all(), [], "not before its time");
    scene.advance(61);
    maintain(&scene);
    maintain(&scene);
    assert_eq!(taken.all().len(), 1);
}

#[test]
fn messages_that_cannot_be_delivered_are_logged() {
    let mut scene = Scene::with_pool();
    configure(&scene, json!([notifications()]));
    let taken = Taken::default();
    scene.log_without_couriers(taken.clone());
    let body = json!({"ClientId": scene.client, "Username": "jane", "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": "jane@example.com"}]});
    let refused = scene.try_call("SignUp", &body).expect_err("a refusal");
    assert_eq!(refused.name, "CodeDeliveryFailureException");
    scene.advance(31);
    maintain(&scene);
    let events = taken.all();
    let [(destination, event)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(destination, GROUP);
    assert_eq!(
        (&event["eventSource"], &event["logLevel"]),
        (&json!("USER_NOTIFICATION"), &json!("ERROR"))
    );
    let details = event["message"]["details"].as_str().expect("a text");
    assert!(
        details.contains("EMAIL") && !details.contains("example.com"),
        "{details}"
    );
}

#[test]
fn a_log_has_one_source_its_level_and_one_destination() {
    let scene = jane("AUDIT");
    let refused = |logs: Value| {
        let body = json!({"UserPoolId": scene.pool, "LogConfigurations": logs});
        scene.refusal("SetLogDeliveryConfiguration", &body, "")
    };
    let with = |mut log: Value, name: &str, value: Value| {
        log[name] = value;
        log
    };
    for wrong in [
        json!([sign_ins(), sign_ins()]),
        json!([with(sign_ins(), "LogLevel", json!("ERROR"))]),
        json!([with(notifications(), "LogLevel", json!("INFO"))]),
        json!([with(sign_ins(), "S3Configuration", json!({}))]),
        json!([with(
            sign_ins(),
            "CloudWatchLogsConfiguration",
            json!({"LogGroupArn": GROUP})
        )]),
        json!([with(sign_ins(), "EventSource", json!("userNotification"))]),
    ] {
        let told = refused(wrong.clone());
        assert!(
            told.starts_with("InvalidParameterException"),
            "{wrong} {told}"
        );
    }
    let both = configure(&scene, json!([notifications(), sign_ins()]));
    // Another change of the pool leaves them alone.
    let body = json!({"UserPoolId": scene.pool, "UserPoolTier": "PLUS"});
    scene.call("UpdateUserPool", body);
    let named = json!({"UserPoolId": scene.pool});
    assert_eq!(scene.call("GetLogDeliveryConfiguration", named), both);
    let lesser = Scene::with_pool();
    let body = json!({"UserPoolId": lesser.pool, "LogConfigurations": [sign_ins()]});
    let told = lesser.refusal("SetLogDeliveryConfiguration", &body, "");
    assert!(
        told.starts_with("FeatureUnavailableInTierException"),
        "{told}"
    );
}
