//! Second factors: the settings of a pool.

use serde_json::json;
use userpool_tests::{ledger::Row, scene::Scene};

use crate::pools::in_pool;

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let pools = "it is about pools, not users";
    vec![
        in_pool(set_user_pool_mfa_config()).names_nobody(pools),
        in_pool(Row::reading("GetUserPoolMfaConfig", || {
            let mut scene = Scene::with_pool();
            scene.body = json!({"UserPoolId": scene.pool});
            scene
        }))
        .names_nobody(pools),
    ]
}

fn set_user_pool_mfa_config() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
            "SmsMfaConfiguration": {"SmsAuthenticationMessage": "It is {####}."},
            "SoftwareTokenMfaConfiguration": {"Enabled": true},
            "EmailMfaConfiguration": {"Message": "It is {####}.", "Subject": "Code"}});
        scene
    };
    Row::new("SetUserPoolMfaConfig", scene)
        .refuses(
            "InvalidParameter",
            "At least one of [SmsMfaConfiguration] or [SoftwareTokenMfaConfiguration] must be provided.",
            |scene| scene.body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "ON",
                "SoftwareTokenMfaConfiguration": {"Enabled": false}}),
        )
        .refuses(
            "InvalidParameter",
            "EMAIL_OTP and SMS_OTP cannot be in AllowedFirstAuthFactors when MfaConfiguration is ON.",
            |scene| {
                let policy = json!({"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]});
                scene.move_to_pool_of(json!({"Policies": {"SignInPolicy": policy}}));
                scene.set("MfaConfiguration", "ON");
            },
        )
        .refuses(
            "InvalidParameter",
            "Only one of SnsCallerArn and EumsSms can be set in SmsConfiguration.",
            |scene| {
                let arn = "arn:aws:iam::000000000000:role/sms";
                let sms = json!({"SnsCallerArn": arn, "EumsSms": {"CallerArn": arn}});
                scene.set("SmsMfaConfiguration", json!({"SmsConfiguration": sms}));
            },
        )
        .refuses(
            "FeatureUnavailableInTier",
            "EmailMfaConfiguration needs the tier ESSENTIALS or PLUS.",
            |scene| scene.move_to_pool_of(json!({"UserPoolTier": "LITE"})),
        )
}
