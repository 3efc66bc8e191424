//! User pools from their making to every setting: what comes back, what is refused, what an update resets.

use std::time::Duration;

use crate::api::{ok, pool, refused};
use crate::attributes::standard_schema;
use serde_json::{Value, json};
use userpool::{Call, Caller, wire};
use userpool_tests::world::world;

#[test]
fn a_pool_of_a_name_alone_comes_back_with_every_default_and_nothing_else() {
    let world = world();
    let answer = ok(
        &world.engine,
        "CreateUserPool",
        json!({ "PoolName": "demo" }),
    );
    let id = answer["UserPool"]["Id"].as_str().unwrap();
    let expected = json!({
        "UserPool": {
            "Id": id,
            "Name": "demo",
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 8,
                    "RequireUppercase": true,
                    "RequireLowercase": true,
                    "RequireNumbers": true,
                    "RequireSymbols": true,
                    "TemporaryPasswordValidityDays": 7,
                },
                "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] },
            },
            "DeletionProtection": "INACTIVE",
            "LambdaConfig": {},
            "LastModifiedDate": 1_767_225_600,
            "CreationDate": 1_767_225_600,
            "SchemaAttributes": standard_schema(),
            "VerificationMessageTemplate": { "DefaultEmailOption": "CONFIRM_WITH_CODE" },
            "MfaConfiguration": "OFF",
            "EstimatedNumberOfUsers": 0,
            "EmailConfiguration": { "EmailSendingAccount": "COGNITO_DEFAULT" },
            "UserPoolTags": {},
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": false,
                "UnusedAccountValidityDays": 7,
            },
            "Arn": format!("arn:aws:cognito-idp:us-east-1:000000000000:userpool/{id}"),
            "UserPoolTier": "ESSENTIALS",
            "AcrConfiguration": {
                "Level1": { "AcrValue": "urn:cognito:loa:1" },
                "Level2": { "AcrValue": "urn:cognito:loa:2" },
                "Level3": { "AcrValue": "urn:cognito:loa:3" },
                "Level4": { "AcrValue": "urn:cognito:loa:4" },
            },
        }
    });
    assert_eq!(answer, expected);
    let described = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    assert_eq!(described, expected);
}

#[test]
fn an_id_is_the_region_and_nine_letters_or_digits() {
    let world = world();
    for _ in 0..20 {
        let id = pool(&world.engine, json!({}));
        let (region, name) = id.split_once('_').unwrap();
        assert_eq!(region, "us-east-1");
        assert_eq!(name.len(), 9, "{name}");
        assert!(
            name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{name}"
        );
    }
}

#[test]
fn the_region_is_that_of_the_signature_where_it_is_one() {
    let world = world();
    let region = |signed: &str| {
        let call = Call {
            operation: wire::find("AWSCognitoIdentityProviderService.CreateUserPool").unwrap(),
            body: br#"{"PoolName":"demo"}"#.to_vec(),
            caller: Caller {
                administrator: Some("admin".into()),
                region: Some(signed.into()),
                ..Caller::default()
            },
        };
        let answer: Value =
            serde_json::from_slice(&world.engine.answer_blocking(call).unwrap()).unwrap();
        let id = answer["UserPool"]["Id"].as_str().unwrap().to_owned();
        id.split_once('_').unwrap().0.to_owned()
    };
    assert_eq!(region("eu-central-1"), "eu-central-1");
    assert_eq!(region("no_region/"), "us-east-1");
    assert_eq!(region(""), "us-east-1");
}

#[test]
fn every_setting_of_a_request_comes_back_as_it_was_set() {
    let world = world();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let settings = json!({
        "PoolName": "all of it",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireUppercase": false,
                "RequireLowercase": true,
                "RequireNumbers": false,
                "RequireSymbols": true,
                "PasswordHistorySize": 3,
                "TemporaryPasswordValidityDays": 2,
            },
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] },
        },
        "DeletionProtection": "ACTIVE",
        "LambdaConfig": { "PreSignUp": arn },
        "AutoVerifiedAttributes": ["email"],
        "UsernameAttributes": ["email"],
        "SmsAuthenticationMessage": "Log in with {####}",
        "MfaConfiguration": "OPTIONAL",
        "UserAttributeUpdateSettings": {
            "AttributesRequireVerificationBeforeUpdate": ["email"]
        },
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": true,
            "DeviceOnlyRememberedOnUserPrompt": false,
        },
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x" },
        "UserPoolTags": { "team": "blue" },
        "UserPoolAddOns": { "AdvancedSecurityMode": "ENFORCED" },
        "UsernameConfiguration": { "CaseSensitive": false },
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [{ "Priority": 1, "Name": "verified_email" }]
        },
        "UserPoolTier": "PLUS",
        "KeyConfiguration": { "KeyType": "AWS_OWNED_KEY" },
        "IssuerConfiguration": { "Type": "ORIGINAL" },
    });
    let answer = ok(&world.engine, "CreateUserPool", settings.clone());
    let shown = &answer["UserPool"];
    for (name, value) in settings.as_object().unwrap() {
        if name != "PoolName" {
            assert_eq!(&shown[name], value, "{name}");
        }
    }
    assert_eq!(
        shown["AdminCreateUserConfig"]["UnusedAccountValidityDays"],
        2
    );
    let described = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": shown["Id"] }),
    );
    assert_eq!(described, answer);
}

#[test]
fn a_password_policy_that_is_given_requires_only_what_it_says() {
    let world = world();
    let id = pool(
        &world.engine,
        json!({ "Policies": { "PasswordPolicy": { "MinimumLength": 6, "RequireNumbers": true } } }),
    );
    let answer = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    assert_eq!(
        answer["UserPool"]["Policies"]["PasswordPolicy"],
        json!({
            "MinimumLength": 6,
            "RequireUppercase": false,
            "RequireLowercase": false,
            "RequireNumbers": true,
            "RequireSymbols": false,
            "TemporaryPasswordValidityDays": 7,
        })
    );
}

#[test]
fn message_texts_are_shown_in_both_places() {
    let world = world();
    let older = json!({
        "SmsVerificationMessage": "sms {####}",
        "EmailVerificationMessage": "mail {####}",
        "EmailVerificationSubject": "hello",
    });
    let newer = json!({ "VerificationMessageTemplate": {
        "SmsMessage": "sms {####}",
        "EmailMessage": "mail {####}",
        "EmailSubject": "hello",
    } });
    for settings in [older, newer] {
        let id = pool(&world.engine, settings);
        let answer = ok(
            &world.engine,
            "DescribeUserPool",
            json!({ "UserPoolId": id }),
        );
        let shown = &answer["UserPool"];
        assert_eq!(shown["SmsVerificationMessage"], "sms {####}");
        assert_eq!(shown["EmailVerificationMessage"], "mail {####}");
        assert_eq!(shown["EmailVerificationSubject"], "hello");
        assert_eq!(
            shown["VerificationMessageTemplate"],
            json!({
                "SmsMessage": "sms {####}",
                "EmailMessage": "mail {####}",
                "EmailSubject": "hello",
                "DefaultEmailOption": "CONFIRM_WITH_CODE",
            })
        );
    }
}

#[test]
fn the_older_setting_of_temporary_passwords_counts_where_the_policy_is_silent() {
    let world = world();
    for (given, days) in [(5, 5), (0, 7)] {
        let id = pool(
            &world.engine,
            json!({ "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": true,
                "UnusedAccountValidityDays": given,
                "InviteMessageTemplate": { "EmailMessage": "{username}: {####}" },
            } }),
        );
        let answer = ok(
            &world.engine,
            "DescribeUserPool",
            json!({ "UserPoolId": id }),
        );
        let shown = &answer["UserPool"];
        let policy = &shown["Policies"]["PasswordPolicy"];
        assert_eq!(policy["TemporaryPasswordValidityDays"], days);
        assert_eq!(
            shown["AdminCreateUserConfig"],
            json!({
                "AllowAdminCreateUserOnly": true,
                "UnusedAccountValidityDays": days,
                "InviteMessageTemplate": { "EmailMessage": "{username}: {####}" },
            })
        );
    }
}

#[test]
fn one_place_of_the_pre_token_generation_trigger_fills_the_other() {
    let world = world();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    for given in [
        json!({ "PreTokenGeneration": arn }),
        json!({ "PreTokenGenerationConfig": { "LambdaVersion": "V1_0", "LambdaArn": arn } }),
    ] {
        let id = pool(&world.engine, json!({ "LambdaConfig": given }));
        let answer = ok(
            &world.engine,
            "DescribeUserPool",
            json!({ "UserPoolId": id }),
        );
        assert_eq!(
            answer["UserPool"]["LambdaConfig"],
            json!({
                "PreTokenGeneration": arn,
                "PreTokenGenerationConfig": { "LambdaVersion": "V1_0", "LambdaArn": arn },
            })
        );
    }
}

#[test]
fn settings_that_do_not_fit_are_refused_by_create_and_by_update() {
    let world = world();
    let id = pool(&world.engine, json!({}));
    let before = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let other = "arn:aws:lambda:us-east-1:000000000000:function:g";
    let tags: Value = (0..51)
        .map(|n| (format!("k{n}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (settings, refusal) in [
        (
            json!({ "UserAttributeUpdateSettings": { "AttributesRequireVerificationBeforeUpdate": ["email"] } }),
            "InvalidParameterException: All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
        ),
        (
            json!({ "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER" } }),
            "InvalidParameterException: SourceArn is required when EmailSendingAccount is DEVELOPER.",
        ),
        (
            json!({ "SmsConfiguration": { "SnsCallerArn": arn, "EumsSms": { "CallerArn": arn } } }),
            "InvalidParameterException: Only one of SnsCallerArn and EumsSms can be set in SmsConfiguration.",
        ),
        (
            json!({ "AdminCreateUserConfig": { "InviteMessageTemplate": { "SMSMessage": "welcome" } } }),
            "InvalidParameterException: The invitation message must contain the placeholder {####}.",
        ),
        (
            json!({ "AccountRecoverySetting": { "RecoveryMechanisms": [
                { "Priority": 1, "Name": "verified_email" }, { "Priority": 1, "Name": "verified_phone_number" },
            ] } }),
            "InvalidParameterException: Names and priorities of RecoveryMechanisms must be different.",
        ),
        (
            json!({ "AccountRecoverySetting": { "RecoveryMechanisms": [
                { "Priority": 1, "Name": "admin_only" }, { "Priority": 2, "Name": "verified_email" },
            ] } }),
            "InvalidParameterException: The recovery mechanism admin_only cannot be combined with another.",
        ),
        (
            json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "AUDIT" } }),
            "FeatureUnavailableInTierException: The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection",
        ),
        (
            json!({ "UserPoolTier": "LITE", "Policies": { "PasswordPolicy": { "PasswordHistorySize": 1 } } }),
            "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Password History",
        ),
        (
            json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["EMAIL_OTP"] } } }),
            "InvalidParameterException: PASSWORD must be in AllowedFirstAuthFactors.",
        ),
        (
            json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "SOFTWARE_TOKEN"] } } }),
            "InvalidParameterException: SOFTWARE_TOKEN cannot be in AllowedFirstAuthFactors.",
        ),
        (
            json!({
                "MfaConfiguration": "ON",
                "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"] } },
            }),
            "InvalidParameterException: EMAIL_OTP and SMS_OTP cannot be in AllowedFirstAuthFactors when MfaConfiguration is ON.",
        ),
        (
            json!({
                "UserPoolTier": "LITE",
                "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"] } },
            }),
            "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In",
        ),
        (
            json!({ "LambdaConfig": {
                "PreTokenGeneration": arn,
                "PreTokenGenerationConfig": { "LambdaVersion": "V1_0", "LambdaArn": other },
            } }),
            "InvalidParameterException: PreTokenGeneration and the LambdaArn of PreTokenGenerationConfig must be equal.",
        ),
        (
            json!({ "UserPoolTier": "LITE", "LambdaConfig": {
                "PreTokenGenerationConfig": { "LambdaVersion": "V2_0", "LambdaArn": arn },
            } }),
            "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Token Customization with Pre-Token Generation Lambda V2_0",
        ),
        (
            json!({ "UserPoolTier": "LITE", "DcrConfiguration": {} }),
            "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Dynamic Client Registration",
        ),
        (
            json!({ "UserPoolTier": "LITE", "AcrConfiguration": { "Level2": { "AcrValue": "silver" } } }),
            "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Custom ACR Level Names",
        ),
        (
            json!({ "LambdaConfig": { "CustomEmailSender": { "LambdaVersion": "V1_0", "LambdaArn": arn } } }),
            "InvalidParameterException: KMSKeyID is required when CustomSMSSender or CustomEmailSender is set.",
        ),
        (
            json!({ "KeyConfiguration": { "KeyType": "CUSTOMER_MANAGED_KEY" } }),
            "InvalidParameterException: KmsKeyArn is required when KeyType is CUSTOMER_MANAGED_KEY.",
        ),
        (
            json!({ "AcrConfiguration": { "Level1": { "AcrValue": "urn:cognito:loa:2" } } }),
            "InvalidParameterException: The names in AcrConfiguration must be different.",
        ),
        (
            json!({ "UserPoolTags": tags }),
            "UserPoolTaggingException: A user pool can have at most 50 tags.",
        ),
        (
            json!({ "UserPoolTags": { "AWS:x": "y" } }),
            "UserPoolTaggingException: Tag keys cannot begin with aws:.",
        ),
        (
            json!({
                "EmailVerificationMessage": format!("{{####}}{}", "€".repeat(19_000)),
                "AdminCreateUserConfig": { "InviteMessageTemplate": {
                    "EmailMessage": format!("{{####}}{}", "€".repeat(19_000)),
                } },
            }),
            "InvalidParameterException: The settings of the user pool are too large: its texts and tags together may take 48 KiB.",
        ),
    ] {
        for (operation, member, value) in [
            ("CreateUserPool", "PoolName", "demo"),
            ("UpdateUserPool", "UserPoolId", &id),
        ] {
            let mut body = settings.clone();
            body[member] = json!(value);
            assert_eq!(
                refused(&world.engine, operation, body),
                refusal,
                "{operation}"
            );
        }
    }
    let after = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    assert_eq!(before, after);
}

#[test]
fn aliases_that_do_not_fit_are_refused() {
    let world = world();
    let both = json!({
        "PoolName": "demo", "AliasAttributes": ["email"], "UsernameAttributes": ["email"],
    });
    assert_eq!(
        refused(&world.engine, "CreateUserPool", both),
        "InvalidParameterException: Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
    );
    let required = json!({
        "PoolName": "demo",
        "AliasAttributes": ["preferred_username"],
        "Schema": [{ "Name": "preferred_username", "Required": true }],
    });
    assert_eq!(
        refused(&world.engine, "CreateUserPool", required),
        "InvalidParameterException: preferred_username cannot be both required and an alias."
    );
}

#[test]
fn an_update_resets_what_it_leaves_out_and_keeps_what_cannot_change() {
    let world = world();
    let id = pool(
        &world.engine,
        json!({
            "Policies": { "PasswordPolicy": { "MinimumLength": 20 } },
            "AliasAttributes": ["email"],
            "UsernameConfiguration": { "CaseSensitive": false },
            "Schema": [{ "Name": "team", "AttributeDataType": "String" }],
            "AutoVerifiedAttributes": ["email"],
            "MfaConfiguration": "OPTIONAL",
            "UserPoolTags": { "a": "b" },
            "SmsAuthenticationMessage": "{####} it is",
            "DcrConfiguration": { "AllowedScopes": ["openid"] },
        }),
    );
    let before = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    world.clock.advance(Duration::from_millis(1_500));

    let answer = ok(&world.engine, "UpdateUserPool", json!({ "UserPoolId": id }));

    assert_eq!(answer, json!({}));
    let plain = ok(
        &world.engine,
        "CreateUserPool",
        json!({ "PoolName": "demo" }),
    );
    let mut expected = plain["UserPool"].clone();
    for kept in [
        "Id",
        "Arn",
        "CreationDate",
        "SchemaAttributes",
        "AliasAttributes",
        "UsernameConfiguration",
        "DcrConfiguration",
    ] {
        expected[kept] = before["UserPool"][kept].clone();
    }
    let after = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    assert_eq!(after["UserPool"], expected);
    assert_eq!(after["UserPool"]["LastModifiedDate"], 1_767_225_601.5);
    assert_eq!(
        after["UserPool"]["DcrConfiguration"],
        json!({
            "EnableStatus": "Enabled",
            "OpenDcrEnabled": false,
            "AuthenticatedGrantTypes": ["code", "client_credentials"],
            "OpenDcrGrantTypes": ["code"],
            "AllowedScopes": ["openid"],
        })
    );
}

#[test]
fn an_update_gives_a_pool_another_name() {
    let world = world();
    let id = pool(&world.engine, json!({}));
    ok(
        &world.engine,
        "UpdateUserPool",
        json!({ "UserPoolId": id, "PoolName": "other" }),
    );
    let answer = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    assert_eq!(answer["UserPool"]["Name"], "other");
}

#[test]
fn a_pool_leaves_a_tier_without_what_the_other_one_does_not_have() {
    let world = world();
    let engine = &world.engine;
    let made = ok(
        engine,
        "CreateUserPool",
        json!({ "PoolName": "demo", "UserPoolTier": "PLUS" }),
    );
    let pool = &made["UserPool"]["Id"];
    let with = |settings: Value| {
        let mut body = settings;
        body["UserPoolId"] = pool.clone();
        body
    };
    let log = json!({
        "LogLevel": "INFO", "EventSource": "userAuthEvents",
        "S3Configuration": { "BucketArn": "arn:aws:s3:::sign-ins" },
    });
    for (operation, settings) in [
        (
            "SetUserPoolMfaConfig",
            json!({ "EmailMfaConfiguration": {} }),
        ),
        (
            "SetUserPoolSessionConfiguration",
            json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 3 } }),
        ),
        (
            "SetLogDeliveryConfiguration",
            json!({ "LogConfigurations": [log] }),
        ),
        (
            "CreateUserPoolDomain",
            json!({ "Domain": "shop", "ManagedLoginVersion": 2 }),
        ),
    ] {
        ok(engine, operation, with(settings));
    }

    let refusal = |tier: &str| {
        refused(
            engine,
            "UpdateUserPool",
            with(json!({ "UserPoolTier": tier })),
        )
    };
    assert_eq!(
        refusal("LITE"),
        "TierChangeNotAllowedException: The following features need to be disabled for the LITE pricing tier configured: Email MFA, User Session Tracking, Log Export, Managed Login"
    );
    // A tier that is left out is the default one.
    for tier in [json!({}), json!({ "UserPoolTier": "ESSENTIALS" })] {
        assert_eq!(
            refused(engine, "UpdateUserPool", with(tier)),
            "TierChangeNotAllowedException: The following features need to be disabled for the ESSENTIALS pricing tier configured: Log Export"
        );
    }
    ok(
        engine,
        "UpdateUserPool",
        with(json!({ "UserPoolTier": "PLUS" })),
    );

    ok(
        engine,
        "SetLogDeliveryConfiguration",
        with(json!({ "LogConfigurations": [] })),
    );
    ok(engine, "UpdateUserPool", with(json!({})));
    ok(engine, "SetUserPoolMfaConfig", with(json!({})));
    let off = json!({ "UserSessionTracking": "DISABLED", "TokenSession": { "MaxPerUser": 3 } });
    ok(engine, "SetUserPoolSessionConfiguration", with(off));
    assert_eq!(
        refusal("LITE"),
        "TierChangeNotAllowedException: The following features need to be disabled for the LITE pricing tier configured: Managed Login"
    );
    ok(
        engine,
        "UpdateUserPoolDomain",
        with(json!({ "Domain": "shop", "ManagedLoginVersion": 1 })),
    );
    ok(
        engine,
        "UpdateUserPool",
        with(json!({ "UserPoolTier": "LITE" })),
    );
    // There it stays without them.
    assert_eq!(
        refused(
            engine,
            "SetUserPoolMfaConfig",
            with(json!({ "EmailMfaConfiguration": {} }))
        ),
        "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Email MFA"
    );
    let passkeys = json!({ "WebAuthnConfiguration": {
        "RelyingPartyId": "example.com", "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
    } });
    assert_eq!(
        refused(engine, "SetUserPoolMfaConfig", with(passkeys)),
        "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Passkeys with User Verification as MFA"
    );
}

#[test]
fn a_pool_that_does_not_exist_is_told_as_such() {
    let world = world();
    let id = "us-east-1_000000000";
    let arn = format!("arn:aws:cognito-idp:us-east-1:000000000000:userpool/{id}");
    for (operation, body) in [
        ("DescribeUserPool", json!({ "UserPoolId": id })),
        ("UpdateUserPool", json!({ "UserPoolId": id })),
        ("DeleteUserPool", json!({ "UserPoolId": id })),
        (
            "AddCustomAttributes",
            json!({ "UserPoolId": id, "CustomAttributes": [{ "Name": "x", "AttributeDataType": "String" }] }),
        ),
        ("TagResource", json!({ "ResourceArn": arn, "Tags": {} })),
        (
            "UntagResource",
            json!({ "ResourceArn": arn, "TagKeys": [] }),
        ),
        ("ListTagsForResource", json!({ "ResourceArn": arn })),
    ] {
        assert_eq!(
            refused(&world.engine, operation, body),
            format!("ResourceNotFoundException: User pool {id} does not exist."),
            "{operation}"
        );
    }
}

#[test]
fn second_factors_are_replaced_as_a_whole_and_outlive_an_update_of_the_pool() {
    let world = world();
    let id = pool(&world.engine, json!({ "MfaConfiguration": "OPTIONAL" }));
    let told = |operation: &str, body: Value| ok(&world.engine, operation, body);
    let get = || told("GetUserPoolMfaConfig", json!({ "UserPoolId": id }));

    assert_eq!(
        get(),
        json!({ "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {} }),
        "a pool that asks and says of no factor asks for text messages"
    );

    let settings = json!({
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "EmailMfaConfiguration": { "Message": "It is {####}.", "Subject": "Code" },
        "WebAuthnConfiguration": { "RelyingPartyId": "example.com", "UserVerification": "required" },
    });
    let mut request = settings.clone();
    request["UserPoolId"] = json!(id);
    assert_eq!(told("SetUserPoolMfaConfig", request), settings);
    assert_eq!(get(), settings);

    told(
        "UpdateUserPool",
        json!({ "UserPoolId": id, "MfaConfiguration": "OPTIONAL" }),
    );
    let mut optional = settings.clone();
    optional["MfaConfiguration"] = json!("OPTIONAL");
    assert_eq!(get(), optional);

    told("SetUserPoolMfaConfig", json!({ "UserPoolId": id }));
    assert_eq!(get(), json!({ "MfaConfiguration": "OFF" }));
}

#[test]
fn a_software_token_that_is_said_to_be_off_is_shown_as_off_and_one_that_is_left_out_is_not() {
    let world = world();
    let id = pool(&world.engine, json!({}));
    let set = |token: Value| {
        let mut body =
            json!({ "UserPoolId": id, "MfaConfiguration": "ON", "SmsMfaConfiguration": {} });
        if !token.is_null() {
            body["SoftwareTokenMfaConfiguration"] = token;
        }
        ok(&world.engine, "SetUserPoolMfaConfig", body)
    };
    let get = || {
        ok(
            &world.engine,
            "GetUserPoolMfaConfig",
            json!({ "UserPoolId": id }),
        )
    };
    let with = |token: Value| json!({ "MfaConfiguration": "ON", "SmsMfaConfiguration": {}, "SoftwareTokenMfaConfiguration": token });

    for token in [json!({ "Enabled": false }), json!({ "Enabled": true })] {
        assert_eq!(set(token.clone()), with(token.clone()));
        assert_eq!(get(), with(token));
    }
    set(Value::Null);
    assert_eq!(
        get(),
        json!({ "MfaConfiguration": "ON", "SmsMfaConfiguration": {} })
    );
}

#[test]
fn second_factors_are_not_spoken_of_where_they_are_turned_off_and_passkeys_are() {
    let world = world();
    let id = pool(&world.engine, json!({}));
    for factor in [
        json!({ "SmsMfaConfiguration": {} }),
        json!({ "SoftwareTokenMfaConfiguration": { "Enabled": true } }),
        json!({ "SoftwareTokenMfaConfiguration": { "Enabled": false } }),
        json!({ "EmailMfaConfiguration": {} }),
    ] {
        let mut body = json!({ "UserPoolId": id, "MfaConfiguration": "OFF" });
        body.as_object_mut()
            .unwrap()
            .extend(factor.as_object().unwrap().clone());
        assert_eq!(
            refused(&world.engine, "SetUserPoolMfaConfig", body),
            "InvalidParameterException: Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
        );
    }
    let passkeys = json!({
        "MfaConfiguration": "OFF",
        "WebAuthnConfiguration": { "RelyingPartyId": "example.com", "UserVerification": "preferred" },
    });
    let mut body = passkeys.clone();
    body["UserPoolId"] = json!(id);
    assert_eq!(ok(&world.engine, "SetUserPoolMfaConfig", body), passkeys);
}
