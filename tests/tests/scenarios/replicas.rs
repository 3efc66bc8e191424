//! What a replica does in the middle of a sign-in: all that leaves the user as it is.

use serde_json::{Value, json};
use userpool_tests::scene::{Scene, text};

const REGION: &str = "eu-west-1";

/// A pool with a replica.
fn replicated() -> Scene {
    let key = "arn:aws:kms:us-east-1:000000000000:key/mrk-1234abcd";
    let key = json!({"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key});
    let scene = Scene::with_pool_of(json!({"KeyConfiguration": key}));
    let replica = json!({"UserPoolId": scene.pool, "RegionName": REGION});
    scene.call("CreateUserPoolReplica", replica);
    scene
}

fn begin(scene: &Scene, name: &str, password: &str) -> Value {
    json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": password}})
}

#[test]
fn a_new_password_is_chosen_at_the_primary() {
    let scene = replicated();
    let temporary = "Temporary-1!";
    let made = json!({"UserPoolId": scene.pool, "Username": "ada", "MessageAction": "SUPPRESS",
        "TemporaryPassword": temporary});
    scene.call("AdminCreateUser", made);
    let asked = begin(&scene, "ada", temporary);
    let asked = scene.try_call_in(REGION, "InitiateAuth", &asked);
    let asked = asked.expect("a challenge");
    assert_eq!(asked["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let answer = scene.answer(&asked, "ada", json!({"NEW_PASSWORD": "Another-1!"}));
    let refused = scene.try_call_in(REGION, "RespondToAuthChallenge", &answer);
    let refused = refused.expect_err("no change in a replica");
    assert_eq!(
        (refused.name, refused.message.as_str()),
        (
            "OperationNotEnabledException",
            "NEW_PASSWORD_REQUIRED is not possible in the replica in eu-west-1. The primary of the \
             user pool is in us-east-1."
        )
    );
    // The Session is as good as before, at the primary.
    let signed_in = scene.call("RespondToAuthChallenge", answer);
    assert!(signed_in["AuthenticationResult"]["AccessToken"].is_string());
}

#[test]
fn wrong_passwords_count_in_every_region_alike() {
    let scene = replicated();
    scene.user("ada");
    for attempt in 0..6 {
        let regions = ["us-east-1", REGION];
        let wrong = begin(&scene, "ada", "Wrong-passw0rd!");
        let end = scene.try_call_in(regions[attempt % 2], "InitiateAuth", &wrong);
        drop(end.expect_err("a wrong password"));
    }
    let right = begin(&scene, "ada", userpool_tests::pool::PASSWORD);
    let locked = scene.try_call_in(REGION, "InitiateAuth", &right);
    let locked = locked.expect_err("a lock");
    assert_eq!(locked.message, "Password attempts exceeded");
}

#[test]
fn the_migration_trigger_moves_nobody_into_a_replica() {
    let scene = replicated();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let pool = scene.call("DescribeUserPool", json!({"UserPoolId": scene.pool}));
    let key = &pool["UserPool"]["KeyConfiguration"];
    let body = json!({"UserPoolId": scene.pool, "KeyConfiguration": key,
        "LambdaConfig": {"UserMigration": arn}});
    scene.call("UpdateUserPool", body);
    let unknown = begin(&scene, "nobody", "Right-passw0rd!");
    let error_in = |region: &str| {
        let end = scene.try_call_in(region, "InitiateAuth", &unknown);
        text(&json!(end.expect_err("nobody").name))
    };
    // Nobody answers for the trigger, so that asking it fails.
    assert_eq!(error_in("us-east-1"), "UnexpectedLambdaException");
    assert_eq!(error_in(REGION), "UserNotFoundException");
}

#[test]
fn a_pool_keeps_its_key_while_it_has_replicas() {
    let scene = replicated();
    let plain = json!({"UserPoolId": scene.pool});
    let refused = scene.refusal("UpdateUserPool", &plain, "");
    assert!(refused.contains("multi-Region key"), "{refused}");
    let refused = scene.refusal("DeleteUserPool", &plain, "");
    assert!(refused.contains("replicas"), "{refused}");
}
