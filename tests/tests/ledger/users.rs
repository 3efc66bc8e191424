//! What users do with their own account.

use serde_json::json;
use userpool_tests::{
    ledger::{COUNTED, LANDED, Row},
    pool::PASSWORD,
    scene::{Scene, address},
};

use crate::{
    sign_up::{COMBINATION, NOBODY, NOBODY_HIDDEN, by_client},
    tokens::{by_token, needs_no_password, signed_in, with_user},
};

const DAY: u64 = 24 * 3_600;
const LIMIT: &str = "Attempt limit exceeded, please try after some time.";
const MISMATCH: &str = "Invalid verification code provided, please try again.";
const DEAD: &str = "Invalid code provided, please request a code again.";
/// A password that fits the policy and is nobody's.
const OTHER: &str = "Another-horse-9";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![
        owner(update_user_attributes()),
        owner(delete_user_attributes()),
        owner(get_user_attribute_verification_code()),
        owner(verify_user_attribute()),
        change_password(),
        forgot_password(),
        confirm_forgot_password(),
        owner(Row::new("DeleteUser", signed_in)),
    ]
}

fn owner(row: Row) -> Row {
    needs_no_password(with_user(by_token(row)))
}

/// A pool in which both an e-mail address and a phone number can be verified and are aliases.
fn with_aliases() -> Scene {
    Scene::with_pool_of(json!({
        "AliasAttributes": ["email", "phone_number", "preferred_username"],
        "AutoVerifiedAttributes": ["email", "phone_number"],
    }))
}

/// A user of a pool with aliases who has signed in.
fn signed_in_with_aliases() -> Scene {
    let mut scene = with_aliases();
    scene.user("jane");
    scene.sign_in("jane");
    scene.body = json!({"AccessToken": scene.fact("access")});
    scene
}

fn update_user_attributes() -> Row {
    let scene = || {
        let mut scene = signed_in_with_aliases();
        scene.set(
            "UserAttributes",
            json!([{"Name": "email", "Value": "new@example.com"}]),
        );
        scene
    };
    Row::new("UpdateUserAttributes", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.set(
                "UserAttributes",
                json!([{"Name": "custom:x", "Value": "1"}]),
            );
        })
        .refuses(
            "InvalidParameter",
            "Invalid email address format.",
            |scene| {
                scene.set(
                    "UserAttributes",
                    json!([{"Name": "email", "Value": "jane"}]),
                );
            },
        )
        .refuses(
            "NotAuthorized",
            "A client attempted to write unauthorized attribute",
            |scene| {
                scene.set(
                    "UserAttributes",
                    json!([{"Name": "email_verified", "Value": "true"}]),
                );
            },
        )
        .refuses(
            "AliasExists",
            "An account with the given preferred_username already exists.",
            |scene| {
                scene.user("joe");
                let body = json!({"UserPoolId": scene.pool, "Username": "joe",
                    "UserAttributes": [{"Name": "preferred_username", "Value": "cool"}]});
                scene.call("AdminUpdateUserAttributes", body);
                scene.set(
                    "UserAttributes",
                    json!([{"Name": "preferred_username", "Value": "cool"}]),
                );
            },
        )
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
        .never("CodeMismatch", "it takes no code")
        .never("ExpiredCode", "it takes no code")
}

fn delete_user_attributes() -> Row {
    let scene = || {
        let mut scene = signed_in();
        scene.set("UserAttributeNames", json!(["email"]));
        scene
    };
    Row::new("DeleteUserAttributes", scene)
        .refuses(
            "InvalidParameter",
            "Invalid user attributes: user.custom:x: Attribute does not exist in the schema.\n",
            |scene| scene.set("UserAttributeNames", json!(["custom:x"])),
        )
        .refuses(
            "NotAuthorized",
            "A client attempted to write unauthorized attribute",
            |scene| {
                scene.set("UserAttributeNames", json!(["email_verified"]));
            },
        )
}

fn get_user_attribute_verification_code() -> Row {
    let scene = || {
        let mut scene = signed_in();
        scene.set("AttributeName", "email");
        scene
    };
    Row::new("GetUserAttributeVerificationCode", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("AttributeName", "name")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("AttributeName", "phone_number")
        })
        .refuses("LimitExceeded", LIMIT, |scene| {
            scene.repeat("GetUserAttributeVerificationCode", 5);
        })
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
}

fn verify_user_attribute() -> Row {
    let scene = || {
        let mut scene = signed_in_with_aliases();
        scene.call(
            "UpdateUserAttributes",
            json!({"AccessToken": scene.fact("access"),
                "UserAttributes": [{"Name": "email", "Value": address("new")}]}),
        );
        scene.set("AttributeName", "email");
        scene.set("Code", scene.code_of("new"));
        scene
    };
    Row::new("VerifyUserAttribute", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("AttributeName", "name")
        })
        .counts("CodeMismatch", MISMATCH, COUNTED, |scene| {
            scene.set("Code", "wrong")
        })
        .counts("ExpiredCode", DEAD, COUNTED, |scene| {
            scene.advance(DAY);
            scene.sign_in("jane");
            scene.set("AccessToken", scene.fact("access").to_owned());
        })
        .counts("ExpiredCode", DEAD, COUNTED, |scene| {
            scene.repeat("VerifyUserAttribute", 1)
        })
        .refuses("LimitExceeded", LIMIT, |scene| {
            let right = scene.body["Code"].clone();
            scene.set("Code", "wrong");
            scene.repeat("VerifyUserAttribute", 15);
            scene.set("Code", right);
        })
        .refuses(
            "AliasExists",
            "An account with the given email already exists.",
            |scene| {
                let body = json!({"UserPoolId": scene.pool, "Username": "joe",
                "MessageAction": "SUPPRESS",
                "UserAttributes": [{"Name": "email", "Value": address("new")},
                    {"Name": "email_verified", "Value": "true"}]});
                scene.call("AdminCreateUser", body);
            },
        )
}

fn change_password() -> Row {
    let scene = || {
        let policy = json!({"MinimumLength": 8, "PasswordHistorySize": 3});
        let mut scene = Scene::with_pool_of(json!({"Policies": {"PasswordPolicy": policy}}));
        scene.user("jane");
        scene.sign_in("jane");
        scene.body = json!({"AccessToken": scene.fact("access"), "PreviousPassword": PASSWORD,
            "ProposedPassword": OTHER});
        scene
    };
    let row = Row::new("ChangePassword", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.drop("PreviousPassword")
        })
        .refuses(
            "PasswordResetRequired",
            "Password reset required for the user",
            |scene| {
                scene.admin("AdminResetUserPassword", "jane");
            },
        )
        .refuses(
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            |scene| scene.set("ProposedPassword", "Sh0rt!"),
        )
        .counts(
            "NotAuthorized",
            "Incorrect username or password.",
            COUNTED,
            |scene| {
                scene.set("PreviousPassword", OTHER);
            },
        )
        .refuses("NotAuthorized", "Password attempts exceeded", |scene| {
            for _ in 0..5 {
                let wrong = scene.stage().password_sign_in("jane", OTHER);
                wrong.expect_err("a wrong password");
            }
        })
        .refuses("PasswordHistoryPolicyViolation", "", |scene| {
            scene.set("ProposedPassword", PASSWORD);
        })
        .refuses("LimitExceeded", LIMIT, |scene| {
            scene.set("PreviousPassword", OTHER);
            for _ in 0..5 {
                scene.repeat("ChangePassword", 1);
                scene.advance(60);
            }
            scene.set("PreviousPassword", PASSWORD);
        });
    with_user(by_token(row))
}

fn forgot_password() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.user("jane");
        scene.body = json!({"ClientId": scene.client, "Username": "jane"});
        scene
    };
    by_client(Row::new("ForgotPassword", scene))
        .told("UserNotFound", COMBINATION, "", NOBODY)
        .hidden_answers(NOBODY_HIDDEN)
        .refuses(
            "InvalidParameter",
            "Cannot reset password for the user as there is no registered/verified email \
             or phone_number",
            |scene| {
                scene.sign_up("joe");
                scene.set("Username", "joe");
            },
        )
        .refuses(
            "NotAuthorized",
            "Contact administrator to reset password.",
            |scene| {
                let recovery =
                    json!({"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]});
                scene.move_to_pool_of(json!({"AccountRecoverySetting": recovery}));
                scene.user("jane");
            },
        )
        .refuses("NotAuthorized", "User is disabled.", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
        .refuses(
            "NotAuthorized",
            "User password cannot be reset in the current state.",
            |scene| {
                let body = json!({"UserPoolId": scene.pool, "Username": "joe"});
                scene.call("AdminCreateUser", body);
                scene.set("Username", "joe");
            },
        )
        .refuses("LimitExceeded", LIMIT, |scene| {
            scene.repeat("ForgotPassword", 20)
        })
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
}

fn confirm_forgot_password() -> Row {
    let scene = || {
        let policy = json!({"MinimumLength": 8, "PasswordHistorySize": 3});
        let mut scene = Scene::with_pool_of(json!({"Policies": {"PasswordPolicy": policy}}));
        scene.user("jane");
        scene.call(
            "ForgotPassword",
            json!({"ClientId": scene.client, "Username": "jane"}),
        );
        scene.body = json!({"ClientId": scene.client, "Username": "jane",
            "ConfirmationCode": scene.code_of("jane"), "Password": OTHER});
        scene
    };
    by_client(Row::new("ConfirmForgotPassword", scene))
        .told("UserNotFound", COMBINATION, "", NOBODY)
        .hidden("ExpiredCode", DEAD, COUNTED, NOBODY_HIDDEN)
        .counts("CodeMismatch", MISMATCH, COUNTED, |scene| {
            let body = json!({"ClientId": scene.hiding, "Username": "nobody"});
            scene.call("ForgotPassword", body);
            NOBODY_HIDDEN(scene);
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ConfirmationCode", "12 34")
        })
        .refuses(
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            |scene| scene.set("Password", "Sh0rt!"),
        )
        .refuses("PasswordHistoryPolicyViolation", "", |scene| {
            scene.set("Password", PASSWORD)
        })
        .refuses("NotAuthorized", "User is disabled.", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
        .counts("CodeMismatch", MISMATCH, COUNTED, |scene| {
            scene.set("ConfirmationCode", "wrong");
        })
        .counts("ExpiredCode", DEAD, COUNTED, |scene| scene.advance(3_600))
        .counts("ExpiredCode", DEAD, COUNTED, |scene| {
            scene.repeat("ConfirmForgotPassword", 1);
        })
        .refuses("LimitExceeded", LIMIT, |scene| {
            let right = scene.body["ConfirmationCode"].clone();
            scene.set("ConfirmationCode", "wrong");
            scene.repeat("ConfirmForgotPassword", 19);
            scene.set("ConfirmationCode", right);
        })
        .triggers(LANDED, |scene| scene.trigger("PostConfirmation"))
        .never(
            "UserNotConfirmed",
            "a code that came back confirms the user",
        )
}
