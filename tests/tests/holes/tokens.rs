//! Access tokens that are not the owner's, at every operation that takes one.

use serde_json::{Value, json};
use userpool_crypto::{base64, digest::hmac_sha256};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, address, text},
};

const INVALID: &str = "NotAuthorizedException: Invalid Access Token";
const EXPIRED: &str = "NotAuthorizedException: Access Token has expired";
const REVOKED: &str = "NotAuthorizedException: Access Token has been revoked";

const DEVICE: &str = "us-east-1_00000000-0000-4000-8000-000000000000";

/// Every operation that takes an access token, with the rest of a request that would succeed.
fn operations() -> Vec<(&'static str, Value)> {
    vec![
        ("GetUser", json!({})),
        (
            "UpdateUserAttributes",
            json!({"UserAttributes": [{"Name": "name", "Value": "J"}]}),
        ),
        (
            "DeleteUserAttributes",
            json!({"UserAttributeNames": ["name"]}),
        ),
        (
            "GetUserAttributeVerificationCode",
            json!({"AttributeName": "email"}),
        ),
        (
            "VerifyUserAttribute",
            json!({"AttributeName": "email", "Code": "123456"}),
        ),
        (
            "ChangePassword",
            json!({"PreviousPassword": PASSWORD, "ProposedPassword": "Another-horse-9"}),
        ),
        ("GetUserAuthFactors", json!({})),
        ("AssociateSoftwareToken", json!({})),
        ("VerifySoftwareToken", json!({"UserCode": "123456"})),
        ("SetUserMFAPreference", json!({})),
        ("SetUserSettings", json!({"MFAOptions": []})),
        ("ListUserSessions", json!({})),
        (
            "RevokeUserSession",
            json!({"SessionId": "tkn0000000000000000000000000"}),
        ),
        (
            "ConfirmDevice",
            json!({"DeviceKey": DEVICE, "DeviceSecretVerifierConfig": {}}),
        ),
        ("GetDevice", json!({"DeviceKey": DEVICE})),
        ("ListDevices", json!({})),
        ("UpdateDeviceStatus", json!({"DeviceKey": DEVICE})),
        ("ForgetDevice", json!({"DeviceKey": DEVICE})),
        ("StartWebAuthnRegistration", json!({})),
        ("CompleteWebAuthnRegistration", json!({"Credential": {}})),
        ("ListWebAuthnCredentials", json!({})),
        ("DeleteWebAuthnCredential", json!({"CredentialId": "x"})),
        ("GlobalSignOut", json!({})),
        ("DeleteUser", json!({})),
    ]
}

/// A user who has signed in.
fn scene() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene
}

/// Each operation refuses a token like this, and changes nothing.
#[track_caller]
fn every_operation_refuses(scene: &Scene, token: &str, refusal: &str) {
    for (operation, mut body) in operations() {
        body["AccessToken"] = json!(token);
        assert_eq!(
            scene.refusal(operation, &body, ""),
            refusal,
            "{operation}: {token:.60}"
        );
    }
}

/// The parts of a token: header, claims, signature.
fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(Into::into).collect();
    parts.try_into().expect("three parts")
}

fn encoded(value: &Value) -> String {
    base64::encode_url(value.to_string().as_bytes())
}

fn decoded(part: &str) -> Value {
    let bytes = base64::decode_url(part).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn the_list_of_operations_is_whole() {
    let listed: Vec<&str> = operations()
        .iter()
        .map(|(operation, _)| *operation)
        .collect();
    let scene = scene();
    for (_, name) in userpool::SUPPORTED {
        let body = json!({"AccessToken": "garbage"});
        let takes_a_token = match scene.try_call(name, &body) {
            Err(error) => error.message == "Invalid Access Token",
            Ok(_) => false,
        };
        assert!(
            !takes_a_token || listed.contains(name),
            "{name} is not listed"
        );
    }
}

#[test]
fn a_token_without_a_signature_is_no_token() {
    let scene = scene();
    let [header, claims, signature] = parts(scene.fact("access"));
    for algorithm in ["none", "None", "NONE", "", "RS384", "ES256", "PS256"] {
        let mut changed = decoded(&header);
        changed["alg"] = json!(algorithm);
        let changed = encoded(&changed);
        every_operation_refuses(&scene, &format!("{changed}.{claims}."), INVALID);
        every_operation_refuses(&scene, &format!("{changed}.{claims}.{signature}"), INVALID);
    }
    every_operation_refuses(&scene, &format!("{header}.{claims}."), INVALID);
    every_operation_refuses(&scene, &format!("{header}.{claims}"), INVALID);
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let scene = scene();
    let [header, claims, _] = parts(scene.fact("access"));
    let keys = scene
        .world
        .engine
        .jwks_blocking(&scene.pool)
        .expect("the keys");
    let keys: Value = serde_json::from_str(&keys).expect("JSON");
    let kid = decoded(&header)["kid"].clone();
    for key in keys["keys"].as_array().expect("a list") {
        let modulus = text(&key["n"]);
        let bytes = base64::decode_url(&modulus).expect("base64");
        for secret in [modulus.as_bytes(), &bytes, key.to_string().as_bytes()] {
            let header = encoded(&json!({"kid": kid, "alg": "HS256"}));
            let signed = format!("{header}.{claims}");
            let mac = hmac_sha256(secret, &[signed.as_bytes()]);
            let token = format!("{signed}.{}", base64::encode_url(&mac));
            every_operation_refuses(&scene, &token, INVALID);
        }
    }
}

#[test]
fn a_signature_covers_every_claim() {
    let mut scene = scene();
    scene.user("joe");
    let jane = scene.fact("access").to_owned();
    scene.sign_in("joe");
    let joe = decoded(&parts(scene.fact("access"))[1]);
    let [header, claims, signature] = parts(&jane);
    for (claim, value) in [
        ("sub", joe["sub"].clone()),
        ("username", json!("joe")),
        ("exp", json!(4_000_000_000_u64)),
        ("scope", json!("aws.cognito.signin.user.admin everything")),
        ("client_id", json!(scene.hiding)),
        ("event_id", joe["event_id"].clone()),
    ] {
        let mut changed = decoded(&claims);
        changed[claim] = value;
        let token = format!("{header}.{}.{signature}", encoded(&changed));
        every_operation_refuses(&scene, &token, INVALID);
    }
}

#[test]
fn only_an_access_token_gives_access() {
    let scene = scene();
    for fact in ["id", "refresh"] {
        every_operation_refuses(&scene, scene.fact(fact), INVALID);
    }
}

#[test]
fn an_access_token_ends() {
    let scene = scene();
    scene.advance(3_600);

    every_operation_refuses(&scene, scene.fact("access"), EXPIRED);
}

#[test]
fn an_access_token_dies_with_its_sign_in() {
    let ends: [fn(&Scene); 3] = [
        |scene| drop(scene.admin("AdminUserGlobalSignOut", "jane")),
        |scene| {
            let body = json!({"ClientId": scene.client, "Token": scene.fact("refresh")});
            scene.call("RevokeToken", body);
        },
        |scene| {
            scene.admin("AdminDisableUser", "jane");
            scene.admin("AdminEnableUser", "jane");
        },
    ];
    for end in ends {
        let scene = scene();
        end(&scene);
        every_operation_refuses(&scene, scene.fact("access"), REVOKED);
    }
}

#[test]
fn a_token_of_one_pool_speaks_in_no_other() {
    let mut scene = scene();
    let [_, claims, _] = parts(scene.fact("access"));
    let issuer = decoded(&claims)["iss"].clone();
    // The same name in another pool, signed by that pool's keys, with the first pool as issuer.
    scene.move_to_pool_of(json!({}));
    scene.user("jane");
    scene.sign_in("jane");
    let [header, claims, signature] = parts(scene.fact("access"));
    let mut changed = decoded(&claims);
    changed["iss"] = issuer;

    every_operation_refuses(
        &scene,
        &format!("{header}.{}.{signature}", encoded(&changed)),
        INVALID,
    );

    // A pool that is gone takes its tokens along.
    scene.call("DeleteUserPool", json!({"UserPoolId": scene.pool}));
    every_operation_refuses(&scene, scene.fact("access"), INVALID);
}

#[test]
fn a_token_of_a_deleted_user_is_nothing_to_a_new_one_of_the_name() {
    let scene = scene();
    scene.admin("AdminDeleteUser", "jane");
    scene.user("jane");
    assert!(scene.world.mailbox.code_to(&address("jane")).is_some());

    every_operation_refuses(
        &scene,
        scene.fact("access"),
        "UserNotFoundException: User does not exist.",
    );
}
