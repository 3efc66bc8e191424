//! Replicas of pools.

use serde_json::json;
use userpool_tests::{ledger::Row, scene::Scene};

use crate::pools::in_pool;

const REGION: &str = "eu-west-1";
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/mrk-1234abcd";

pub fn rows() -> Vec<Row> {
    let rows = vec![
        in_pool(create_user_pool_replica()),
        unknown_pool(list_user_pool_replicas()),
        unknown_pool(update_user_pool_replica()),
        unknown_pool(delete_user_pool_replica()),
    ];
    rows.into_iter()
        .map(|row| row.names_nobody("it names no user"))
        .collect()
}

/// Adds the refusal of a pool that nobody has; one with replicas cannot be deleted.
fn unknown_pool(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool us-east-1_unknown00 does not exist.",
        |scene| scene.set("UserPoolId", "us-east-1_unknown00"),
    )
}

/// A pool with a key that other regions have; the request makes a replica.
fn pool() -> Scene {
    let mut scene = Scene::with_pool_of(
        json!({"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY}}),
    );
    scene.body = json!({"UserPoolId": scene.pool, "RegionName": REGION});
    scene
}

/// The replica is there; the request names it.
fn replica() -> Scene {
    let scene = pool();
    scene.call("CreateUserPoolReplica", scene.body.clone());
    scene
}

fn inactive() -> Scene {
    let scene = replica();
    let mut body = scene.body.clone();
    body["Status"] = json!("INACTIVE");
    scene.call("UpdateUserPoolReplica", body);
    scene
}

/// A pool without a replica takes the place of the other.
fn without(scene: &mut Scene, settings: serde_json::Value) {
    let made = scene.call("CreateUserPool", settings);
    scene.set("UserPoolId", made["UserPool"]["Id"].clone());
}

fn create_user_pool_replica() -> Row {
    let tagged = || {
        let mut scene = pool();
        scene.set("UserPoolTags", json!({"stage": "west"}));
        scene
    };
    Row::new("CreateUserPoolReplica", pool)
        .also("with tags", tagged)
        .refuses("InvalidParameter", "", |scene| {
            without(scene, json!({"PoolName": "no key"}))
        })
        .refuses("InvalidParameter", "", |scene| {
            let arn = KEY.replace("mrk-", "");
            let key = json!({"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": arn});
            without(
                scene,
                json!({"PoolName": "a key of one region", "KeyConfiguration": key}),
            );
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("RegionName", "us-east-1")
        })
        .refuses("InvalidParameter", "", |scene| {
            drop(scene.call("CreateUserPoolReplica", scene.body.clone()));
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("RegionName", "anywhere")
        })
        .refuses("UserPoolTagging", "", |scene| {
            scene.set("UserPoolTags", json!({"aws:stage": "west"}))
        })
        .refuses("FeatureUnavailableInTier", "", |scene| {
            let key = json!({"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY});
            without(
                scene,
                json!({"PoolName": "lite", "UserPoolTier": "LITE", "KeyConfiguration": key}),
            );
        })
        .refuses("LimitExceeded", "", |scene| {
            for number in 1..=5 {
                let region = format!("ap-east-{number}");
                let body = json!({"UserPoolId": scene.pool, "RegionName": region});
                scene.call("CreateUserPoolReplica", body);
            }
        })
}

fn list_user_pool_replicas() -> Row {
    let named = || {
        let mut scene = replica();
        scene.drop("RegionName");
        scene
    };
    Row::reading("ListUserPoolReplicas", named).refuses(
        "InvalidParameter",
        "Invalid pagination token given.",
        |scene| scene.set("NextToken", "x"),
    )
}

fn update_user_pool_replica() -> Row {
    let scene = || {
        let mut scene = replica();
        scene.set("Status", "INACTIVE");
        scene
    };
    Row::new("UpdateUserPoolReplica", scene)
        .refuses(
            "ResourceNotFound",
            "The user pool has no replica in eu-west-2.",
            |scene| scene.set("RegionName", "eu-west-2"),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Status", "CREATING")
        })
}

fn delete_user_pool_replica() -> Row {
    Row::new("DeleteUserPoolReplica", inactive)
        .refuses(
            "ResourceNotFound",
            "The user pool has no replica in eu-west-2.",
            |scene| scene.set("RegionName", "eu-west-2"),
        )
        .refuses("InvalidParameter", "", |scene| {
            let mut body = scene.body.clone();
            body["Status"] = json!("ACTIVE");
            scene.call("UpdateUserPoolReplica", body);
        })
        .refuses("InvalidParameter", "", |scene| {
            let failover = json!({"SecondaryRegion": REGION, "PrimaryRoute53HealthCheckId": "x"});
            let body = json!({"UserPoolId": scene.pool, "Domain": "shop",
                "Routing": {"Failover": failover}});
            scene.call("CreateUserPoolDomain", body);
        })
}
