//! What groups say in tokens.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{pool::PASSWORD, scene::Scene};

use super::{call, group, join, leave};

/// The claims of a token.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let payload = base64::decode_url(payload).expect("base64");
    serde_json::from_slice(&payload).expect("JSON")
}

/// What the tokens of the last sign-in say of groups: in the ID token, in the access token.
fn said(scene: &Scene) -> (Value, Value) {
    let of = |fact| {
        let claims = claims(scene.fact(fact));
        let member = |name: &str| (name.to_owned(), claims[name].clone());
        let said = ["cognito:groups", "cognito:roles", "cognito:preferred_role"].map(member);
        said.into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect()
    };
    (of("id"), of("access"))
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::000000000000:role/{name}")
}

/// Gets new tokens for the refresh token.
fn refresh(scene: &mut Scene) {
    let reply = scene.call(
        "InitiateAuth",
        json!({"ClientId": scene.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": scene.fact("refresh")}}),
    );
    let result = &reply["AuthenticationResult"];
    for (fact, member) in [("access", "AccessToken"), ("id", "IdToken")] {
        let token = result[member].as_str().expect("a token").to_owned();
        scene.facts.insert(fact, token);
    }
}

#[test]
fn a_user_without_groups_has_no_claims_of_them() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    scene.sign_in("jane");
    assert_eq!(said(&scene), (json!({}), json!({})));
    join(&scene, "jane", "staff");
    leave(&scene, "jane", "staff");
    scene.sign_in("jane");
    assert_eq!(said(&scene), (json!({}), json!({})));
}

#[test]
fn both_tokens_name_the_groups_and_the_id_token_their_roles() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    for (name, precedence, of) in [
        ("weak", Value::Null, Some("w")),
        ("second", json!(5), Some("s")),
        ("first", json!(1), Some("f")),
        ("plain", json!(0), None),
    ] {
        let mut body = json!({ "GroupName": name, "UserPoolId": scene.pool });
        if !precedence.is_null() {
            body["Precedence"] = precedence;
        }
        if let Some(of) = of {
            body["RoleArn"] = json!(role(of));
        }
        scene.call("CreateGroup", body);
        join(&scene, "jane", name);
    }
    scene.sign_in("jane");
    let groups = json!(["plain", "first", "second", "weak"]);
    let expected = (
        json!({
            "cognito:groups": groups,
            "cognito:roles": [role("f"), role("s"), role("w")],
            "cognito:preferred_role": role("f"),
        }),
        json!({ "cognito:groups": groups }),
    );
    assert_eq!(said(&scene), expected);

    // The same by SRP.
    let reply = scene
        .stage()
        .srp_sign_in("jane", PASSWORD)
        .expect("a sign-in");
    let result = reply.authentication_result.expect("tokens");
    let id = claims(&result.id_token.expect("an ID token"));
    assert_eq!(id["cognito:groups"], groups);
    assert_eq!(id["cognito:preferred_role"], role("f"));
}

#[test]
fn equally_strong_groups_of_different_roles_leave_none_preferred() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    for (name, of) in [("a", "one"), ("b", "other"), ("c", "one")] {
        let body = json!({ "GroupName": name, "Precedence": 1, "RoleArn": role(of) });
        call(&scene, "CreateGroup", body);
        join(&scene, "jane", name);
    }
    scene.sign_in("jane");
    let (id, _) = said(&scene);
    assert_eq!(id["cognito:roles"], json!([role("one"), role("other")]));
    assert_eq!(id.get("cognito:preferred_role"), None);
    leave(&scene, "jane", "b");
    scene.sign_in("jane");
    assert_eq!(said(&scene).0["cognito:preferred_role"], role("one"));
}

#[test]
fn refreshed_tokens_say_what_is_true_now() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    group(&scene, "staff");
    scene.sign_in("jane");
    join(&scene, "jane", "staff");
    refresh(&mut scene);
    let staff = json!({ "cognito:groups": ["staff"] });
    assert_eq!(said(&scene), (staff.clone(), staff));
    call(
        &scene,
        "UpdateGroup",
        json!({ "GroupName": "staff", "RoleArn": role("staff") }),
    );
    refresh(&mut scene);
    assert_eq!(said(&scene).0["cognito:preferred_role"], role("staff"));
    call(&scene, "DeleteGroup", json!({ "GroupName": "staff" }));
    refresh(&mut scene);
    assert_eq!(said(&scene), (json!({}), json!({})));
}

#[test]
fn who_chooses_a_password_is_in_the_same_groups() {
    let scene = Scene::with_pool();
    scene.call(
        "AdminCreateUser",
        json!({"UserPoolId": scene.pool, "Username": "jane", "MessageAction": "SUPPRESS",
            "TemporaryPassword": PASSWORD}),
    );
    group(&scene, "staff");
    join(&scene, "jane", "staff");
    let asked = scene.call(
        "InitiateAuth",
        json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}}),
    );
    let reply = scene.call(
        "RespondToAuthChallenge",
        json!({"ClientId": scene.client, "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": "jane", "NEW_PASSWORD": "Another-horse-9"}}),
    );
    let token = reply["AuthenticationResult"]["AccessToken"].as_str();
    let said = claims(token.expect("a token"));
    assert_eq!(said["cognito:groups"], json!(["staff"]));
}

#[test]
fn a_name_that_needs_escapes_is_told_as_it_is() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    let name = r#"a"b\c,[]é"#;
    group(&scene, name);
    join(&scene, "jane", name);
    scene.sign_in("jane");
    assert_eq!(said(&scene).1["cognito:groups"], json!([name]));
}
