//! AdminSetUserPassword and AdminResetUserPassword.

use serde_json::json;

use crate::admin::story::{PASSWORD, Story};

const OTHER: &str = "Other-horse-10";
const INCORRECT: &str = "NotAuthorizedException: Incorrect username or password.";
const VERIFIED: [(&str, &str); 2] = [("email", "jane@example.com"), ("email_verified", "true")];

fn set(password: &str, permanent: bool) -> serde_json::Value {
    json!({ "Username": "jane", "Password": password, "Permanent": permanent })
}

#[test]
fn a_permanent_password_takes_the_place_of_the_old_one() {
    let story = Story::of(json!({}));
    story.user("jane", &VERIFIED);

    let reply = story.ok("AdminSetUserPassword", set(OTHER, true));

    assert_eq!(reply, json!({}));
    assert_eq!(
        story.sign_in("jane", PASSWORD).expect_err("dead"),
        INCORRECT
    );
    assert!(story.sign_in("jane", OTHER).is_ok());
    assert_eq!(story.shown("jane")["UserStatus"], "CONFIRMED");
    assert!(story.destinations().is_empty());
}

#[test]
fn a_temporary_password_asks_for_another_one() {
    let story = Story::of(json!({}));
    story.user("jane", &VERIFIED);

    story.ok(
        "AdminSetUserPassword",
        json!({ "Username": "jane", "Password": OTHER }),
    );

    assert_eq!(story.shown("jane")["UserStatus"], "FORCE_CHANGE_PASSWORD");
    let challenge = story.sign_in("jane", OTHER).expect("a challenge");
    story.choose_password("jane", &challenge, "Third-horse-11");
    assert!(story.sign_in("jane", "Third-horse-11").is_ok());
}

#[test]
fn a_new_password_ends_the_lock_of_the_old_one() {
    let story = Story::of(json!({}));
    story.user("jane", &[]);
    for _ in 0..5 {
        assert!(story.sign_in("jane", "Wrong-horse-9").is_err());
    }
    assert_eq!(
        story.sign_in("jane", PASSWORD).expect_err("locked"),
        "NotAuthorizedException: Password attempts exceeded"
    );

    story.ok("AdminSetUserPassword", set(OTHER, true));

    assert!(story.sign_in("jane", OTHER).is_ok());
}

#[test]
fn policy_and_history_bind_administrators_too() {
    let story = Story::of(json!({
        "Policies": { "PasswordPolicy": { "MinimumLength": 8, "PasswordHistorySize": 2 } },
    }));
    story.user("jane", &[]);
    assert_eq!(
        story.refused("AdminSetUserPassword", set("short", true)),
        "InvalidPasswordException: Password did not conform with policy: Password not long enough"
    );

    let used = "PasswordHistoryPolicyViolationException: Password has previously been used";
    assert_eq!(
        story.refused("AdminSetUserPassword", set(PASSWORD, true)),
        used
    );
    story.ok("AdminSetUserPassword", set(OTHER, true));
    assert_eq!(
        story.refused("AdminSetUserPassword", set(PASSWORD, false)),
        used
    );
    assert!(story.sign_in("jane", OTHER).is_ok());
}

#[test]
fn a_reset_takes_the_password_away_and_sends_a_code_for_the_next() {
    let story = Story::of(json!({}));
    story.user("jane", &VERIFIED);

    let reply = story.ok("AdminResetUserPassword", json!({ "Username": "jane" }));

    assert_eq!(reply, json!({}));
    assert_eq!(story.shown("jane")["UserStatus"], "RESET_REQUIRED");
    assert_eq!(
        story.sign_in("jane", PASSWORD).expect_err("no password"),
        "PasswordResetRequiredException: Password reset required for the user"
    );
    let code = story
        .world
        .mailbox
        .code_to("jane@example.com")
        .expect("a code");
    let confirm = json!({
        "ClientId": story.client,
        "Username": "jane",
        "ConfirmationCode": code,
        "Password": OTHER,
    });
    story
        .client_call("ConfirmForgotPassword", confirm)
        .expect("a new password");
    assert_eq!(story.shown("jane")["UserStatus"], "CONFIRMED");
    assert!(story.sign_in("jane", OTHER).is_ok());
}

#[test]
fn a_code_from_before_a_new_password_is_dead() {
    let story = Story::of(json!({}));
    story.user("jane", &VERIFIED);
    story.ok("AdminResetUserPassword", json!({ "Username": "jane" }));
    let code = story
        .world
        .mailbox
        .code_to("jane@example.com")
        .expect("a code");

    story.ok("AdminSetUserPassword", set(OTHER, true));

    let confirm = json!({
        "ClientId": story.client,
        "Username": "jane",
        "ConfirmationCode": code,
        "Password": PASSWORD,
    });
    assert_eq!(
        story
            .client_call("ConfirmForgotPassword", confirm)
            .expect_err("dead"),
        "ExpiredCodeException: Invalid code provided, please request a code again."
    );
    assert!(story.sign_in("jane", OTHER).is_ok());
}

#[test]
fn only_confirmed_users_with_a_verified_address_are_reset() {
    let story = Story::of(json!({}));
    let reset = json!({ "Username": "jane" });
    story.user("jane", &[("email", "jane@example.com")]);
    assert_eq!(
        story.refused("AdminResetUserPassword", reset.clone()),
        "InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number"
    );
    story.ok("AdminSetUserPassword", set(OTHER, false));
    assert_eq!(
        story.refused("AdminResetUserPassword", reset.clone()),
        "NotAuthorizedException: User password cannot be reset in the current state."
    );
    story.ok("AdminDisableUser", json!({ "Username": "jane" }));
    assert_eq!(
        story.refused("AdminResetUserPassword", reset),
        "NotAuthorizedException: User is disabled"
    );
}

#[test]
fn recovery_options_choose_the_address() {
    let both = [
        ("email", "jane@example.com"),
        ("email_verified", "true"),
        ("phone_number", "+12065550100"),
        ("phone_number_verified", "true"),
    ];
    let option = |priority: u8, name: &str| json!({ "Priority": priority, "Name": name });
    for (options, sent) in [
        (json!(null), Some("+12065550100")),
        (
            json!([
                option(2, "verified_phone_number"),
                option(1, "verified_email")
            ]),
            Some("jane@example.com"),
        ),
        (
            json!([option(1, "verified_phone_number")]),
            Some("+12065550100"),
        ),
        (json!([option(1, "admin_only")]), None),
    ] {
        let settings = match &options {
            serde_json::Value::Null => json!({}),
            options => json!({ "AccountRecoverySetting": { "RecoveryMechanisms": options } }),
        };
        let story = Story::of(settings);
        story.user("jane", &both);
        let reset = json!({ "Username": "jane" });
        match sent {
            Some(address) => {
                story.ok("AdminResetUserPassword", reset);
                assert_eq!(story.destinations(), [address], "{options}");
            }
            None => assert_eq!(
                story.refused("AdminResetUserPassword", reset),
                "NotAuthorizedException: Contact administrator to reset password."
            ),
        }
    }
}
