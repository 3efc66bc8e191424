//! Stories of a user who chooses a password and gives what is missing at the first sign-in.

use serde_json::{Value, json};
use userpool_tests::{pool::PASSWORD, scene::Scene};

/// Makes a user with a temporary password.
fn invite(scene: &Scene, name: &str, attributes: Value) {
    let body = json!({"UserPoolId": scene.pool, "Username": name, "TemporaryPassword": "Temporary-9",
        "MessageAction": "SUPPRESS", "UserAttributes": attributes});
    scene.call("AdminCreateUser", body);
}

/// Signs in with the temporary password and answers the challenge that follows, attributes included.
fn choose(scene: &Scene, name: &str, attributes: Value) -> Result<Value, String> {
    let stage = scene.stage();
    let reply = stage.password_sign_in(name, "Temporary-9");
    let session = reply.expect("a challenge").session.expect("a session");
    let mut responses = json!({"USERNAME": name, "NEW_PASSWORD": PASSWORD});
    for (attribute, value) in attributes.as_object().expect("an object") {
        responses[format!("userAttributes.{attribute}")] = value.clone();
    }
    let body = json!({"ClientId": scene.client, "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": session.as_str(), "ChallengeResponses": responses});
    let end = scene.try_call("RespondToAuthChallenge", &body);
    end.map_err(|error| error.to_string())
}

#[test]
fn an_address_given_at_the_first_sign_in_is_a_name_from_then_on() {
    let scene = Scene::with_pool_of(json!({"UsernameAttributes": ["email", "phone_number"]}));
    invite(&scene, "jane@example.com", json!([]));

    choose(
        &scene,
        "jane@example.com",
        json!({"phone_number": "+12065550100"}),
    )
    .expect("a sign-in");

    let found = scene.admin("AdminGetUser", "+12065550100");
    let same = scene.admin("AdminGetUser", "jane@example.com");
    assert_eq!(found["Username"], same["Username"]);
    scene.admin("AdminDeleteUser", "jane@example.com");
    invite(&scene, "+12065550100", json!([]));
}

#[test]
fn an_address_that_somebody_signs_in_with_is_refused_at_the_first_sign_in() {
    let scene = Scene::with_pool_of(json!({"UsernameAttributes": ["email", "phone_number"]}));
    invite(&scene, "+12065550100", json!([]));
    invite(&scene, "jane@example.com", json!([]));

    let refused = choose(
        &scene,
        "jane@example.com",
        json!({"phone_number": "+12065550100"}),
    );

    let text = "AliasExistsException: An account with the given phone_number already exists.";
    assert_eq!(refused.expect_err("a refusal"), text);
    choose(&scene, "jane@example.com", json!({})).expect("a sign-in");
}

#[test]
fn an_attribute_that_never_changes_is_given_once() {
    let schema = json!([{"Name": "role", "AttributeDataType": "String", "Mutable": false}]);
    let mut scene = Scene::with_pool_of(json!({"Schema": schema}));
    scene.client = scene.client_of(json!({"WriteAttributes": ["custom:role"]}));
    invite(
        &scene,
        "jane",
        json!([{"Name": "custom:role", "Value": "guest"}]),
    );
    invite(&scene, "joe", json!([]));

    let refused = choose(&scene, "jane", json!({"custom:role": "admin"}));

    let text = "InvalidParameterException: user.custom:role: Attribute cannot be updated.\n";
    assert_eq!(refused.expect_err("a refusal"), text);
    choose(&scene, "joe", json!({"custom:role": "guest"})).expect("a sign-in");
}
