//! App clients from their making to every setting: what comes back, what is refused, what an update resets.

use std::time::Duration;

use crate::api::{ok, pool, refused};
use serde_json::{Value, json};
use userpool::Engine;
use userpool_tests::world::world;

/// A new client of the pool with these settings.
#[track_caller]
fn client(engine: &Engine, pool: &str, settings: Value) -> Value {
    let mut body = json!({ "UserPoolId": pool, "ClientName": "web" });
    let given = settings.as_object().expect("settings are an object");
    body.as_object_mut()
        .expect("an object")
        .extend(given.clone());
    ok(engine, "CreateUserPoolClient", body)["UserPoolClient"].clone()
}

#[test]
fn a_client_of_a_name_alone_comes_back_with_every_default_and_nothing_else() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let made = client(&world.engine, &pool, json!({}));
    let id = made["ClientId"].as_str().unwrap();
    assert_eq!(id.len(), 26);
    assert!(
        id.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
        "{id}"
    );
    let expected = json!({
        "UserPoolId": pool,
        "ClientName": "web",
        "ClientId": id,
        "LastModifiedDate": 1_767_225_600,
        "CreationDate": 1_767_225_600,
        "RefreshTokenValidity": 30,
        "AllowedOAuthFlowsUserPoolClient": false,
        "EnableTokenRevocation": true,
        "EnablePropagateAdditionalUserContextData": false,
        "AuthSessionValidity": 3,
        "ClientType": "REGULAR",
    });
    assert_eq!(made, expected);
    let named = json!({ "UserPoolId": pool, "ClientId": id });
    let described = ok(&world.engine, "DescribeUserPoolClient", named);
    assert_eq!(described, json!({ "UserPoolClient": expected }));
}

#[test]
fn a_generated_secret_is_shown_whenever_the_client_is() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let made = client(&world.engine, &pool, json!({ "GenerateSecret": true }));
    let secret = made["ClientSecret"].as_str().unwrap();
    assert_eq!(secret.len(), 51);
    assert!(
        secret
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    let named = json!({ "UserPoolId": pool, "ClientId": made["ClientId"] });
    let described = ok(&world.engine, "DescribeUserPoolClient", named.clone());
    assert_eq!(described["UserPoolClient"]["ClientSecret"], secret);
    let updated = ok(&world.engine, "UpdateUserPoolClient", named);
    assert_eq!(updated["UserPoolClient"]["ClientSecret"], secret);
}

#[test]
fn no_record_of_the_store_holds_a_secret_in_clear() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let own = "OwnSecretOfTheClient00000000";
    client(&world.engine, &pool, json!({ "ClientSecret": own }));
    let everything = world.store.records();
    assert!(!everything.is_empty());
    for (key, entry) in everything.iter() {
        let found = entry
            .value
            .windows(own.len())
            .any(|window| window == own.as_bytes());
        assert!(!found, "{key:?}");
    }
}

#[test]
fn a_client_may_bring_its_own_secret() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let own = "OwnSecretOfTheClient00000000";
    let made = client(&world.engine, &pool, json!({ "ClientSecret": own }));
    assert_eq!(made["ClientSecret"], own);
    let both = json!({
        "UserPoolId": pool, "ClientName": "web", "ClientSecret": own, "GenerateSecret": true,
    });
    assert_eq!(
        refused(&world.engine, "CreateUserPoolClient", both),
        "InvalidParameterException: ClientSecret cannot be set when GenerateSecret is true."
    );
}

#[test]
fn every_setting_of_a_request_comes_back_as_it_was_set() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let settings = json!({
        "RefreshTokenValidity": 12,
        "AccessTokenValidity": 10,
        "IdTokenValidity": 20,
        "TokenValidityUnits": { "AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours" },
        "ReadAttributes": ["email", "email_verified", "sub"],
        "WriteAttributes": ["email", "name"],
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "CallbackURLs": ["https://app.example.com/back", "myapp://back"],
        "LogoutURLs": ["http://localhost:3000/"],
        "DefaultRedirectURI": "myapp://back",
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "AllowedOAuthFlowsUserPoolClient": true,
        "AnalyticsConfiguration": { "ApplicationId": "0123456789abcdef0123456789abcdef" },
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": false,
        "EnablePropagateAdditionalUserContextData": true,
        "AuthSessionValidity": 15,
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 60 },
    });
    let mut with_secret = settings.clone();
    with_secret["GenerateSecret"] = json!(true);
    let made = client(&world.engine, &pool, with_secret);
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let named = json!({ "UserPoolId": pool, "ClientId": made["ClientId"] });
    let described = ok(&world.engine, "DescribeUserPoolClient", named);
    assert_eq!(described["UserPoolClient"], made);
}

#[test]
fn settings_that_do_not_fit_are_refused_by_create_and_by_update() {
    let world = world();
    let pool = pool(
        &world.engine,
        json!({
            "Schema": [{ "Name": "score", "AttributeDataType": "Number", "DeveloperOnlyAttribute": true }],
        }),
    );
    let made = client(&world.engine, &pool, json!({}));
    let mixed = "InvalidParameterException: ExplicitAuthFlows with the prefix ALLOW_ cannot be combined with \
                 ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY or USER_PASSWORD_AUTH.";
    let read =
        "InvalidParameterException: Invalid read attributes specified while creating a client";
    let write =
        "InvalidParameterException: Invalid write attributes specified while creating a client";
    let range = "InvalidParameterException: Invalid range for token validity.";
    for (settings, refusal) in [
        (
            json!({ "ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"] }),
            mixed,
        ),
        (
            json!({
                "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
                "RefreshTokenRotation": { "Feature": "ENABLED" },
            }),
            "InvalidParameterException: ALLOW_REFRESH_TOKEN_AUTH cannot be in ExplicitAuthFlows when RefreshTokenRotation is ENABLED.",
        ),
        (json!({ "AccessTokenValidity": 25 }), range),
        (json!({ "RefreshTokenValidity": 3_651 }), range),
        (
            json!({ "AccessTokenValidity": 4, "TokenValidityUnits": { "AccessToken": "minutes" } }),
            range,
        ),
        (
            json!({
                "RefreshTokenValidity": 2, "IdTokenValidity": 3, "TokenValidityUnits": { "RefreshToken": "hours" },
            }),
            range,
        ),
        (json!({ "ReadAttributes": ["custom:none"] }), read),
        (json!({ "ReadAttributes": ["dev:custom:score"] }), read),
        (json!({ "WriteAttributes": ["custom:none"] }), write),
        (json!({ "WriteAttributes": ["email_verified"] }), write),
        (json!({ "WriteAttributes": ["sub"] }), write),
        (
            json!({ "SupportedIdentityProviders": ["COGNITO", "Google"] }),
            "InvalidParameterException: The provider Google does not exist for User Pool POOL.",
        ),
        (
            json!({ "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"] }),
            "InvalidParameterException: AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        ),
        (
            json!({ "AllowedOAuthFlows": ["code"] }),
            "InvalidOAuthFlowException: CallbackUrls can not be empty when code flow or implicit flow is selected",
        ),
        (
            json!({ "AllowedOAuthFlows": ["client_credentials"] }),
            "InvalidOAuthFlowException: client_credentials flow can not be selected if client does not have a client secret.",
        ),
        (
            json!({ "AllowedOAuthFlows": ["client_credentials", "code"], "CallbackURLs": ["https://example.com"] }),
            "InvalidOAuthFlowException: client_credentials flow can not be selected along with code flow or implicit flow.",
        ),
        (
            json!({ "AllowedOAuthScopes": ["openid", "api/read"] }),
            "ScopeDoesNotExistException: Invalid scope requested: api/read",
        ),
        (
            json!({ "CallbackURLs": ["http://example.com"] }),
            "InvalidParameterException: http://example.com cannot use the HTTP protocol.",
        ),
        (
            json!({ "LogoutURLs": ["https://example.com/#x"] }),
            "InvalidParameterException: https://example.com/#x cannot contain a fragment.",
        ),
        (
            json!({ "LogoutURLs": ["/relative"] }),
            "InvalidParameterException: /relative is not a valid redirect URI.",
        ),
        (
            json!({ "CallbackURLs": ["https://example.com"], "DefaultRedirectURI": "https://example.org" }),
            "InvalidParameterException: DefaultRedirectURI must be one of the CallbackURLs.",
        ),
        (
            json!({ "EnablePropagateAdditionalUserContextData": true }),
            "InvalidParameterException: EnablePropagateAdditionalUserContextData needs a client secret.",
        ),
        (
            json!({ "CallbackURLs": (0..99).map(|n| format!("https://example.com/{n}/{}", "x".repeat(990))).collect::<Vec<_>>() }),
            "InvalidParameterException: The settings of the app client are too large: its URLs and attributes together may take 48 KiB.",
        ),
    ] {
        let refusal = refusal.replace("POOL", &pool);
        for (operation, member, value) in [
            ("CreateUserPoolClient", "ClientName", json!("web")),
            ("UpdateUserPoolClient", "ClientId", made["ClientId"].clone()),
        ] {
            let mut body = settings.clone();
            body["UserPoolId"] = json!(pool);
            body[member] = value;
            assert_eq!(
                refused(&world.engine, operation, body),
                refusal,
                "{operation}"
            );
        }
    }
    let named = json!({ "UserPoolId": pool, "ClientId": made["ClientId"] });
    let after = ok(&world.engine, "DescribeUserPoolClient", named);
    assert_eq!(after["UserPoolClient"], made);
}

#[test]
fn a_client_has_no_more_than_the_tier_of_its_pool() {
    let world = world();
    let pool = pool(&world.engine, json!({ "UserPoolTier": "LITE" }));
    let made = client(&world.engine, &pool, json!({}));
    for (settings, features) in [
        (
            json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] }),
            "Choice-Based Sign-In",
        ),
        (
            json!({ "RefreshTokenRotation": { "Feature": "ENABLED" } }),
            "Refresh Token Rotation",
        ),
        (
            json!({
                "ExplicitAuthFlows": ["ALLOW_USER_AUTH"], "RefreshTokenRotation": { "Feature": "ENABLED" },
            }),
            "Choice-Based Sign-In, Refresh Token Rotation",
        ),
    ] {
        for (operation, member, value) in [
            ("CreateUserPoolClient", "ClientName", json!("web")),
            ("UpdateUserPoolClient", "ClientId", made["ClientId"].clone()),
        ] {
            let mut body = settings.clone();
            body["UserPoolId"] = json!(pool);
            body[member] = value;
            assert_eq!(
                refused(&world.engine, operation, body),
                format!(
                    "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: {features}"
                ),
                "{operation}"
            );
        }
    }
    let off = json!({ "RefreshTokenRotation": { "Feature": "DISABLED" } });
    client(&world.engine, &pool, off);
}

#[test]
fn members_of_sets_come_back_once_and_a_validity_of_zero_is_the_default() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let made = client(
        &world.engine,
        &pool,
        json!({
            "RefreshTokenValidity": 0,
            "ExplicitAuthFlows": [],
            "ReadAttributes": ["email", "email"],
            "CallbackURLs": [],
        }),
    );
    assert_eq!(made["RefreshTokenValidity"], 30);
    assert_eq!(made.get("ExplicitAuthFlows"), None);
    assert_eq!(made.get("CallbackURLs"), None);
    assert_eq!(made["ReadAttributes"], json!(["email"]));
}

#[test]
fn rotation_without_a_grace_period_has_none() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let made = client(
        &world.engine,
        &pool,
        json!({ "RefreshTokenRotation": { "Feature": "ENABLED" } }),
    );
    assert_eq!(
        made["RefreshTokenRotation"],
        json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 })
    );
}

#[test]
fn an_update_resets_what_it_leaves_out_and_keeps_id_secret_and_name() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let before = client(
        &world.engine,
        &pool,
        json!({
            "GenerateSecret": true,
            "AccessTokenValidity": 2,
            "PreventUserExistenceErrors": "ENABLED",
            "AuthSessionValidity": 9,
            "ReadAttributes": ["email"],
        }),
    );
    world.clock.advance(Duration::from_secs(1));
    let named = json!({ "UserPoolId": pool, "ClientId": before["ClientId"] });

    let updated = ok(&world.engine, "UpdateUserPoolClient", named.clone());

    let mut expected = client(&world.engine, &pool, json!({}));
    for kept in ["ClientId", "ClientSecret", "CreationDate"] {
        expected[kept] = before[kept].clone();
    }
    assert_eq!(updated["UserPoolClient"], expected);
    let described = ok(&world.engine, "DescribeUserPoolClient", named);
    assert_eq!(described, updated);
}

#[test]
fn a_new_name_shows_in_the_list() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let made = client(&world.engine, &pool, json!({}));
    let id = &made["ClientId"];
    let renamed = json!({ "UserPoolId": pool, "ClientId": id, "ClientName": "mobile" });
    ok(&world.engine, "UpdateUserPoolClient", renamed);
    let listed = ok(
        &world.engine,
        "ListUserPoolClients",
        json!({ "UserPoolId": pool }),
    );
    assert_eq!(
        listed,
        json!({ "UserPoolClients": [{ "ClientId": id, "UserPoolId": pool, "ClientName": "mobile" }] })
    );
}

#[test]
fn clients_are_listed_page_by_page_and_by_their_type() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let mut made: Vec<String> = (0..5)
        .map(|_| {
            client(&world.engine, &pool, json!({}))["ClientId"]
                .as_str()
                .unwrap()
                .into()
        })
        .collect();
    made.sort();
    let mut told: Vec<String> = Vec::new();
    let mut request = json!({ "UserPoolId": pool, "MaxResults": 2, "ClientType": "REGULAR" });
    loop {
        let answer = ok(&world.engine, "ListUserPoolClients", request.clone());
        let items = answer["UserPoolClients"].as_array().unwrap();
        told.extend(
            items
                .iter()
                .map(|item| item["ClientId"].as_str().unwrap().into()),
        );
        match answer.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(told, made);
    let dynamic = json!({ "UserPoolId": pool, "ClientType": "DCR" });
    let answer = ok(&world.engine, "ListUserPoolClients", dynamic);
    assert_eq!(answer, json!({ "UserPoolClients": [] }));
}

#[test]
fn a_deleted_client_is_gone() {
    let world = world();
    let pool = pool(&world.engine, json!({}));
    let made = client(&world.engine, &pool, json!({}));
    let named = json!({ "UserPoolId": pool, "ClientId": made["ClientId"] });
    assert_eq!(
        ok(&world.engine, "DeleteUserPoolClient", named.clone()),
        Value::Null
    );
    let id = made["ClientId"].as_str().unwrap();
    let gone = format!("ResourceNotFoundException: User pool client {id} does not exist.");
    for operation in [
        "DescribeUserPoolClient",
        "UpdateUserPoolClient",
        "DeleteUserPoolClient",
    ] {
        assert_eq!(refused(&world.engine, operation, named.clone()), gone);
    }
    let listed = ok(
        &world.engine,
        "ListUserPoolClients",
        json!({ "UserPoolId": pool }),
    );
    assert_eq!(listed, json!({ "UserPoolClients": [] }));
}

#[test]
fn a_client_is_found_in_its_own_pool_alone() {
    let world = world();
    let own = pool(&world.engine, json!({}));
    let other = pool(&world.engine, json!({}));
    let made = client(&world.engine, &own, json!({}));
    let id = made["ClientId"].as_str().unwrap();
    for operation in [
        "DescribeUserPoolClient",
        "UpdateUserPoolClient",
        "DeleteUserPoolClient",
    ] {
        let named = json!({ "UserPoolId": other, "ClientId": id });
        assert_eq!(
            refused(&world.engine, operation, named),
            format!("ResourceNotFoundException: User pool client {id} does not exist.")
        );
    }
}

#[test]
fn a_pool_that_does_not_exist_is_told_before_its_client() {
    let world = world();
    for (operation, body) in [
        ("CreateUserPoolClient", json!({ "ClientName": "web" })),
        ("DescribeUserPoolClient", json!({ "ClientId": "x" })),
        ("UpdateUserPoolClient", json!({ "ClientId": "x" })),
        ("DeleteUserPoolClient", json!({ "ClientId": "x" })),
        ("ListUserPoolClients", json!({})),
    ] {
        let mut body = body;
        body["UserPoolId"] = json!("us-east-1_000000000");
        assert_eq!(
            refused(&world.engine, operation, body),
            "ResourceNotFoundException: User pool us-east-1_000000000 does not exist.",
            "{operation}"
        );
    }
}
