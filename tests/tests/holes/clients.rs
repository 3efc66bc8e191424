//! The wrong client, the wrong secret, the wrong pool.

use serde_json::{Value, json};
use userpool_crypto::{secret::SecretText, secret_hash::secret_hash};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

/// A pool with jane, whose client has a secret; and the secret.
fn scene() -> (Scene, String) {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_up("joe");
    let flows = [
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    ];
    let made = json!({"UserPoolId": scene.pool, "ClientName": "secret", "GenerateSecret": true,
        "ExplicitAuthFlows": flows});
    let made = scene.call("CreateUserPoolClient", made);
    scene.client = text(&made["UserPoolClient"]["ClientId"]);
    (scene, text(&made["UserPoolClient"]["ClientSecret"]))
}

/// A hash over a name, under a secret, for a client.
fn hash(secret: &str, name: &str, client: &str) -> String {
    secret_hash(&SecretText::new(secret.into()), name, client)
}

/// Every operation that proves its client by a hash over the name, and the member in which the hash stands.
fn hashed(scene: &Scene) -> Vec<(&'static str, &'static str, Value)> {
    let client = &scene.client;
    let named = json!({"ClientId": client, "Username": "jane"});
    let with = |further: Value| {
        let mut body = named.clone();
        let further = further.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(further);
        body
    };
    let flow = |flow: &str, further: Value| {
        let mut parameters = json!({"USERNAME": "jane"});
        let further = further.as_object().expect("an object").clone();
        parameters
            .as_object_mut()
            .expect("an object")
            .extend(further);
        json!({"ClientId": client, "UserPoolId": scene.pool, "AuthFlow": flow, "AuthParameters": parameters})
    };
    let answer = json!({"ClientId": client, "UserPoolId": scene.pool, "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": {"USERNAME": "jane", "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
            "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": "Thu Jan 1 00:00:00 UTC 2026"}});
    let password = json!({"PASSWORD": PASSWORD});
    let srp = json!({"SRP_A": "5"});
    vec![
        (
            "SignUp",
            "",
            with(json!({"Username": "jill", "Password": PASSWORD})),
        ),
        (
            "ConfirmSignUp",
            "",
            with(json!({"ConfirmationCode": "123456"})),
        ),
        ("ResendConfirmationCode", "", named.clone()),
        ("ForgotPassword", "", named.clone()),
        (
            "ConfirmForgotPassword",
            "",
            with(json!({"ConfirmationCode": "123456", "Password": PASSWORD})),
        ),
        (
            "InitiateAuth",
            "AuthParameters",
            flow("USER_PASSWORD_AUTH", password.clone()),
        ),
        (
            "InitiateAuth",
            "AuthParameters",
            flow("USER_SRP_AUTH", srp.clone()),
        ),
        (
            "AdminInitiateAuth",
            "AuthParameters",
            flow("ADMIN_USER_PASSWORD_AUTH", password),
        ),
        (
            "AdminInitiateAuth",
            "AuthParameters",
            flow("USER_SRP_AUTH", srp),
        ),
        (
            "RespondToAuthChallenge",
            "ChallengeResponses",
            answer.clone(),
        ),
        ("AdminRespondToAuthChallenge", "ChallengeResponses", answer),
    ]
}

#[test]
fn a_client_with_a_secret_proves_it_at_every_operation() {
    let (scene, secret) = scene();
    let client = &scene.client;
    let other = scene.client_of(json!({"GenerateSecret": true}));
    let missing = format!(
        "NotAuthorizedException: Client {client} is configured with secret but SECRET_HASH was not received"
    );
    let wrong = format!("NotAuthorizedException: Unable to verify secret hash for client {client}");
    let hashes = [
        "x".to_owned(),
        secret.clone(),
        hash("wrong", "jane", client),
        hash(&secret, "joe", client),
        hash(&secret, "jane", &other),
        hash(&secret, "", client),
        hash("", "jane", client),
    ];
    for (operation, place, body) in hashed(&scene) {
        assert_eq!(scene.refusal(operation, &body, ""), missing, "{operation}");
        for hash in &hashes {
            let mut body = body.clone();
            match place {
                "" => body["SecretHash"] = json!(hash),
                map => body[map]["SECRET_HASH"] = json!(hash),
            }
            assert_eq!(
                scene.refusal(operation, &body, ""),
                wrong,
                "{operation} {hash}"
            );
        }
    }
}

#[test]
fn a_refresh_token_is_good_only_at_its_client_with_its_secret() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    let token = scene.fact("refresh").to_owned();
    let (with_secret, secret) = {
        let made = json!({"UserPoolId": scene.pool, "ClientName": "secret", "GenerateSecret": true,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]});
        let made = scene.call("CreateUserPoolClient", made);
        let client = &made["UserPoolClient"];
        (text(&client["ClientId"]), text(&client["ClientSecret"]))
    };
    let invalid = "NotAuthorizedException: Invalid Refresh Token";
    let refresh = |client: &str, further: Value| {
        let mut parameters = json!({"REFRESH_TOKEN": token});
        let further = further.as_object().expect("an object").clone();
        parameters
            .as_object_mut()
            .expect("an object")
            .extend(further);
        json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters})
    };

    let foreign = refresh(&scene.hiding, json!({}));
    assert_eq!(scene.refusal("InitiateAuth", &foreign, ""), invalid);
    let proven = refresh(
        &with_secret,
        json!({"SECRET_HASH": hash(&secret, "jane", &with_secret)}),
    );
    assert_eq!(scene.refusal("InitiateAuth", &proven, ""), invalid);
    let newer = json!({"ClientId": scene.hiding, "RefreshToken": token});
    assert_eq!(
        scene.refusal("GetTokensFromRefreshToken", &newer, ""),
        invalid
    );
    let revoked = json!({"ClientId": scene.hiding, "Token": token});
    let refusal = scene.refusal("RevokeToken", &revoked, "");
    assert!(refusal.starts_with("UnauthorizedException"), "{refusal}");

    scene.call("InitiateAuth", refresh(&scene.client, json!({})));
}

#[test]
fn a_secret_that_is_sent_itself_must_be_right() {
    let (scene, secret) = scene();
    let parameters = json!({"USERNAME": "jane", "PASSWORD": PASSWORD,
        "SECRET_HASH": hash(&secret, "jane", &scene.client)});
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": parameters});
    let reply = scene.call("InitiateAuth", body);
    let token = text(&reply["AuthenticationResult"]["RefreshToken"]);
    for sent in [
        Value::Null,
        json!("x".repeat(24)),
        json!(secret.to_uppercase()),
    ] {
        let newer = json!({"ClientId": scene.client, "RefreshToken": token, "ClientSecret": sent});
        let refusal = scene.refusal("GetTokensFromRefreshToken", &newer, "");
        assert!(refusal.starts_with("NotAuthorizedException"), "{refusal}");
        let revoked = json!({"ClientId": scene.client, "Token": token, "ClientSecret": sent});
        let refusal = scene.refusal("RevokeToken", &revoked, "");
        assert!(refusal.starts_with("UnauthorizedException"), "{refusal}");
    }

    let newer = json!({"ClientId": scene.client, "RefreshToken": token, "ClientSecret": secret});
    scene.call("GetTokensFromRefreshToken", newer);
}

#[test]
fn users_clients_and_pools_do_not_cross() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    let (first, client) = (scene.pool.clone(), scene.client.clone());
    scene.move_to_pool_of(json!({}));

    let no_user = "UserNotFoundException: User does not exist.";
    let sign_in = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
    assert_eq!(scene.refusal("InitiateAuth", &sign_in, ""), no_user);
    for operation in [
        "AdminGetUser",
        "AdminDeleteUser",
        "AdminDisableUser",
        "AdminConfirmSignUp",
    ] {
        let body = json!({"UserPoolId": scene.pool, "Username": "jane"});
        assert_eq!(scene.refusal(operation, &body, ""), no_user, "{operation}");
    }
    // A client of the first pool is none of the second.
    let no_client = format!("ResourceNotFoundException: User pool client {client} does not exist.");
    let parameters = json!({"USERNAME": "jane", "PASSWORD": PASSWORD});
    for (operation, further) in [
        (
            "AdminInitiateAuth",
            json!({"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": parameters}),
        ),
        (
            "AdminRespondToAuthChallenge",
            json!({"ChallengeName": "NEW_PASSWORD_REQUIRED"}),
        ),
        ("DescribeUserPoolClient", json!({})),
        ("UpdateUserPoolClient", json!({})),
        ("DeleteUserPoolClient", json!({})),
    ] {
        let mut body = json!({"UserPoolId": scene.pool, "ClientId": client});
        let further = further.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(further);
        assert_eq!(
            scene.refusal(operation, &body, ""),
            no_client,
            "{operation}"
        );
    }
    // Nobody gets in by a client or pool that is gone.
    scene.call(
        "DeleteUserPoolClient",
        json!({"UserPoolId": first, "ClientId": client}),
    );
    let gone =
        json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    assert_eq!(scene.refusal("InitiateAuth", &gone, ""), no_client);
}
