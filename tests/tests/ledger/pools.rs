//! Pools, their schema and their tags.

use serde_json::{Value, json};
use userpool_tests::{import, ledger::Row, scene::Scene};

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let rows = vec![
        create_user_pool(),
        list_user_pools(),
        in_pool(describe_user_pool()),
        in_pool(update_user_pool()),
        in_pool(delete_user_pool()),
        in_pool(add_custom_attributes()),
        in_pool(set_log_delivery_configuration()),
        in_pool(Row::reading("GetLogDeliveryConfiguration", named)),
        by_arn(tag_resource()),
        by_arn(untag_resource()),
        by_arn(list_tags_for_resource()),
    ];
    rows.into_iter()
        .map(|row| row.names_nobody("it is about pools, not users"))
        .collect()
}

/// Adds the refusals of an operation that takes `UserPoolId`.
pub fn in_pool(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool {pool} does not exist.",
        |scene| {
            scene.set("UserPoolId", "us-east-1_unknown00");
        },
    )
    .refuses(
        "ResourceNotFound",
        "User pool {pool} does not exist.",
        |scene| {
            scene.call("DeleteUserPool", json!({"UserPoolId": scene.pool}));
        },
    )
    .refuses(
        "InvalidParameter",
        "1 validation error detected: Value 'nopool' at 'userPoolId' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+",
        |scene| scene.set("UserPoolId", "nopool"),
    )
}

/// Adds the refusals of an operation that takes the ARN of a pool.
fn by_arn(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool us-east-1_unknown00 does not exist.",
        |scene| {
            scene.set(
                "ResourceArn",
                "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_unknown00",
            );
        },
    )
    .refuses("InvalidParameter", "", |scene| {
        scene.set(
            "ResourceArn",
            "arn:aws:s3:us-east-1:000000000000:bucket/unknown",
        );
    })
}

/// A pool, named by its id.
fn pool() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool});
    scene
}

/// A pool, named by its ARN.
fn arn() -> Scene {
    let mut scene = Scene::with_pool_of(json!({"UserPoolTags": {"colour": "blue"}}));
    let described = scene.call("DescribeUserPool", json!({"UserPoolId": scene.pool}));
    scene.body = json!({"ResourceArn": described["UserPool"]["Arn"]});
    scene
}

fn tier(row: Row) -> Row {
    row.refuses("FeatureUnavailableInTier", "", |scene| {
        scene.set("UserPoolTier", "LITE");
        scene.set(
            "Policies",
            json!({"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 3}}),
        );
    })
    .refuses("FeatureUnavailableInTier", "", |scene| {
        scene.set(
            "UserPoolAddOns",
            json!({"AdvancedSecurityMode": "ENFORCED"}),
        );
    })
    .refuses("UserPoolTagging", "", |scene| {
        scene.set("UserPoolTags", json!({"aws:x": "1"}));
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set(
            "UserAttributeUpdateSettings",
            json!({"AttributesRequireVerificationBeforeUpdate": ["phone_number"]}),
        );
    })
}

fn create_user_pool() -> Row {
    let scene = || {
        let mut scene = Scene::new();
        scene.body = json!({"PoolName": "demo"});
        scene
    };
    tier(Row::new("CreateUserPool", scene))
        .refuses("InvalidParameter", "", |scene| {
            scene.set("AliasAttributes", json!(["email"]));
            scene.set("UsernameAttributes", json!(["email"]));
        })
        .refuses(
            "InvalidParameter",
            "1 validation error detected: Value null at 'poolName' failed to satisfy \
             constraint: Member must not be null",
            |scene| scene.drop("PoolName"),
        )
        .never("LimitExceeded", "the number of pools has no limit")
        .never("TierChangeNotAllowed", "a new pool had no other tier")
}

fn list_user_pools() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"MaxResults": 60});
        scene
    };
    Row::reading("ListUserPools", scene)
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| {
                scene.set("NextToken", "another");
            },
        )
        .refuses(
            "InvalidParameter",
            "1 validation error detected: Value '61' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 60",
            |scene| scene.set("MaxResults", 61),
        )
}

fn describe_user_pool() -> Row {
    Row::reading("DescribeUserPool", pool).never("UserPoolTagging", "it changes no tags")
}

fn update_user_pool() -> Row {
    let scene = || {
        let mut scene = pool();
        scene.set("DeletionProtection", "ACTIVE");
        scene
    };
    importing(tier(Row::new("UpdateUserPool", scene))).refuses(
        "TierChangeNotAllowed",
        "The following features need to be disabled for the LITE pricing tier configured: Email MFA",
        |scene| {
            let body = json!({"UserPoolId": scene.pool, "EmailMfaConfiguration": {}});
            scene.call("SetUserPoolMfaConfig", body);
            scene.set("UserPoolTier", "LITE");
        },
    )
}

/// Adds the refusal of a change while an import makes users in the pool.
fn importing(row: Row) -> Row {
    row.refuses("UserImportInProgress", "", |scene| {
        let body = json!({"UserPoolId": scene.pool, "JobName": "all",
            "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/import"});
        let made = scene.call("CreateUserImportJob", body);
        import::send(scene, &import::address(&made), b"name").expect("a file");
        let named = json!({"UserPoolId": scene.pool, "JobId": made["UserImportJob"]["JobId"]});
        scene.call("StartUserImportJob", named);
    })
}

fn delete_user_pool() -> Row {
    importing(Row::new("DeleteUserPool", pool)).refuses("InvalidParameter", "", |scene| {
        let body = json!({"UserPoolId": scene.pool, "DeletionProtection": "ACTIVE"});
        scene.call("UpdateUserPool", body);
    })
}

fn add_custom_attributes() -> Row {
    let scene = || {
        let mut scene = pool();
        scene.set(
            "CustomAttributes",
            json!([{"Name": "x", "AttributeDataType": "String"}]),
        );
        scene
    };
    importing(Row::new("AddCustomAttributes", scene))
        .refuses(
            "InvalidParameter",
            "custom:x: Existing attribute already has name custom:x.",
            |scene| scene.repeat("AddCustomAttributes", 1),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.body["CustomAttributes"][0]["Required"] = json!(true);
        })
}

fn tag_resource() -> Row {
    let scene = || {
        let mut scene = arn();
        scene.set("Tags", json!({"shape": "round"}));
        scene
    };
    Row::new("TagResource", scene).refuses("InvalidParameter", "", |scene| {
        scene.set("Tags", json!({"aws:x": "1"}));
    })
}

fn untag_resource() -> Row {
    let scene = || {
        let mut scene = arn();
        scene.set("TagKeys", json!(["colour"]));
        scene
    };
    Row::new("UntagResource", scene)
}

fn list_tags_for_resource() -> Row {
    Row::reading("ListTagsForResource", arn)
}

/// A pool, named by its id.
fn named() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool});
    scene
}

/// One log of this source and level.
fn logs(source: &str, level: &str) -> Value {
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:pool";
    json!([{"LogLevel": level, "EventSource": source,
        "CloudWatchLogsConfiguration": {"LogGroupArn": arn}}])
}

fn set_log_delivery_configuration() -> Row {
    let scene = || {
        let mut scene = named();
        scene.set("LogConfigurations", logs("userNotification", "ERROR"));
        scene
    };
    Row::new("SetLogDeliveryConfiguration", scene)
        .refuses(
            "FeatureUnavailableInTier",
            "The following features need to be disabled for the ESSENTIALS pricing tier configured: Log Export",
            |scene| scene.set("LogConfigurations", logs("userAuthEvents", "INFO")),
        )
        .refuses(
            "InvalidParameter",
            "The LogLevel of userNotification is ERROR.",
            |scene| scene.set("LogConfigurations", logs("userNotification", "INFO")),
        )
}
