//! Confirming, disabling, enabling, deleting; and what all of an administrator's operations refuse.

use serde_json::{Value, json};

use crate::admin::story::{PASSWORD, Story, list};
use crate::api;

fn get_user(story: &Story, tokens: &Value) -> Result<Value, String> {
    let token = &tokens["AuthenticationResult"]["AccessToken"];
    story.client_call("GetUser", json!({ "AccessToken": token }))
}

fn refresh(story: &Story, tokens: &Value) -> Result<Value, String> {
    let token = &tokens["AuthenticationResult"]["RefreshToken"];
    story.client_call(
        "InitiateAuth",
        json!({
            "ClientId": story.client,
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": { "REFRESH_TOKEN": token },
        }),
    )
}

#[test]
fn a_disabled_user_gets_nothing_and_an_enabled_one_signs_in_anew() {
    let story = Story::of(json!({}));
    story.user("jane", &[]);
    let tokens = story.sign_in("jane", PASSWORD).expect("a sign-in");

    for _ in 0..2 {
        story.ok("AdminDisableUser", json!({ "Username": "jane" }));
        assert_eq!(story.shown("jane")["Enabled"], false);
    }
    assert_eq!(
        story.sign_in("jane", PASSWORD).expect_err("disabled"),
        "NotAuthorizedException: User is disabled."
    );
    assert!(get_user(&story, &tokens).is_err() && refresh(&story, &tokens).is_err());

    for _ in 0..2 {
        story.ok("AdminEnableUser", json!({ "Username": "jane" }));
        assert_eq!(story.shown("jane")["Enabled"], true);
    }
    assert!(get_user(&story, &tokens).is_err() && refresh(&story, &tokens).is_err());
    assert!(story.sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn an_administrator_confirms_a_sign_up_and_verifies_nothing_by_it() {
    let story = Story::of(json!({}));
    let sign_up = json!({
        "ClientId": story.client,
        "Username": "jane",
        "Password": PASSWORD,
        "UserAttributes": list(&[("email", "jane@example.com")]),
    });
    story.client_call("SignUp", sign_up).expect("a sign-up");
    assert_eq!(story.shown("jane")["UserStatus"], "UNCONFIRMED");

    story.ok("AdminConfirmSignUp", json!({ "Username": "jane" }));

    assert_eq!(story.shown("jane")["UserStatus"], "CONFIRMED");
    assert_eq!(story.attribute("jane", "email_verified"), "false");
    assert!(story.sign_in("jane", PASSWORD).is_ok());
    assert_eq!(
        story.refused("AdminConfirmSignUp", json!({ "Username": "jane" })),
        "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED"
    );
    story.ok("AdminCreateUser", json!({ "Username": "john" }));
    assert_eq!(
        story.refused("AdminConfirmSignUp", json!({ "Username": "john" })),
        "NotAuthorizedException: User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"
    );
}

#[test]
fn a_deleted_user_leaves_no_name_no_alias_and_no_token_behind() {
    let story = Story::of(json!({ "AliasAttributes": ["email"] }));
    let verified = [("email", "jane@example.com"), ("email_verified", "true")];
    story.user("jane", &verified);
    let sub = story.attribute("jane", "sub");
    let tokens = story.sign_in("jane", PASSWORD).expect("a sign-in");

    let reply = story.ok("AdminDeleteUser", json!({ "Username": "jane@example.com" }));

    assert_eq!(reply, Value::Null);
    for name in [json!("jane"), json!("jane@example.com"), sub.clone()] {
        let refusal = story.refused("AdminGetUser", json!({ "Username": name }));
        assert_eq!(refusal, "UserNotFoundException: User does not exist.");
    }
    story.user("jane", &verified);
    assert_ne!(story.attribute("jane", "sub"), sub);
    assert!(get_user(&story, &tokens).is_err() && refresh(&story, &tokens).is_err());
    let pool = story.ok("DescribeUserPool", json!({}));
    assert_eq!(pool["UserPool"]["EstimatedNumberOfUsers"], 1);
}

#[test]
fn every_operation_tells_of_unknown_users_and_pools() {
    let story = Story::of(json!({}));
    for (operation, body) in [
        ("AdminConfirmSignUp", json!({})),
        ("AdminDeleteUser", json!({})),
        (
            "AdminDeleteUserAttributes",
            json!({ "UserAttributeNames": ["name"] }),
        ),
        ("AdminDisableUser", json!({})),
        ("AdminEnableUser", json!({})),
        ("AdminGetUser", json!({})),
        ("AdminResetUserPassword", json!({})),
        ("AdminSetUserPassword", json!({ "Password": PASSWORD })),
        ("AdminUpdateUserAttributes", json!({ "UserAttributes": [] })),
    ] {
        let mut body = body;
        body["Username"] = json!("nobody");
        assert_eq!(
            story.refused(operation, body.clone()),
            "UserNotFoundException: User does not exist.",
            "{operation}"
        );
        body["UserPoolId"] = json!("us-east-1_nowhere00");
        assert_eq!(
            api::refused(&story.world.engine, operation, body),
            "ResourceNotFoundException: User pool us-east-1_nowhere00 does not exist.",
            "{operation}"
        );
    }
    for operation in ["AdminCreateUser", "ListUsers"] {
        let body = json!({ "Username": "jane", "UserPoolId": "us-east-1_nowhere00" });
        assert_eq!(
            api::refused(&story.world.engine, operation, body),
            "ResourceNotFoundException: User pool us-east-1_nowhere00 does not exist."
        );
    }
}
