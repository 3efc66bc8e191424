//! What administrators do with users.

use serde_json::json;
use userpool_tests::{
    ledger::{LANDED, Row},
    pool::PASSWORD,
    scene::{Scene, address},
};

use crate::pools::in_pool;

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let about_users = vec![
        admin_get_user(),
        admin_confirm_sign_up(),
        Row::new("AdminDeleteUser", user),
        Row::new("AdminDisableUser", user),
        Row::new("AdminEnableUser", disabled),
        admin_reset_user_password(),
        admin_set_user_password(),
        admin_update_user_attributes(),
        admin_delete_user_attributes(),
    ];
    let about_users = about_users.into_iter().map(Row::tells_administrators);
    let rows = about_users.chain([admin_create_user(), list_users()]);
    rows.map(in_pool).collect()
}

/// A confirmed user, named in the request.
fn user() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.body = json!({"UserPoolId": scene.pool, "Username": "jane"});
    scene
}

fn disabled() -> Scene {
    let scene = user();
    scene.admin("AdminDisableUser", "jane");
    scene
}

fn admin_get_user() -> Row {
    Row::reading("AdminGetUser", user)
}

fn admin_create_user() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "UserAttributes": [{"Name": "email", "Value": address("jane")}]});
        scene
    };
    let again = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "UserAttributes": [{"Name": "email", "Value": address("jane")}]});
        scene.call("AdminCreateUser", scene.body.clone());
        scene.set("MessageAction", "RESEND");
        scene
    };
    Row::new("AdminCreateUser", scene)
        .also("resend", again)
        .told("UserNotFound", "User does not exist.", "", |scene| {
            scene.set("MessageAction", "RESEND");
        })
        .administrators_only()
        .refuses(
            "InvalidParameter",
            "Attributes did not conform to the schema: Type for attribute {custom:x} could \
             not be determined",
            |scene| {
                scene.set(
                    "UserAttributes",
                    json!([{"Name": "custom:x", "Value": "1"}]),
                )
            },
        )
        .refuses(
            "InvalidParameter",
            "Username should be an email.",
            |scene| {
                scene.move_to_pool_of(json!({"UsernameAttributes": ["email"]}));
            },
        )
        .refuses("UsernameExists", "", |scene| {
            scene.repeat("AdminCreateUser", 1)
        })
        .refuses("UsernameExists", "User already exists", |scene| {
            scene.sign_up("jane")
        })
        .refuses(
            "InvalidPassword",
            "Password did not conform with password policy: Password not long enough",
            |scene| scene.set("TemporaryPassword", "Sh0rt!"),
        )
        .refuses("UnsupportedUserState", "", |scene| {
            scene.user("jane");
            scene.set("MessageAction", "RESEND");
        })
        .triggers("", |scene| scene.trigger("PreSignUp"))
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .refuses_undeclared(
            "AliasExists",
            "An account with the given email already exists.",
            |scene| {
                scene.move_to_pool_of(json!({"AliasAttributes": ["email"]}));
                scene.user("jane");
                let verified = json!([{"Name": "email", "Value": address("jane")},
                    {"Name": "email_verified", "Value": "true"}]);
                scene.set("Username", "joe");
                scene.set("UserAttributes", verified);
            },
        )
        .undelivered()
        .never(
            "PreconditionNotMet",
            "nothing has to be set up before users are made",
        )
}

fn admin_confirm_sign_up() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.sign_up("jane");
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane"});
        scene
    };
    Row::new("AdminConfirmSignUp", scene)
        .refuses(
            "NotAuthorized",
            "User cannot be confirmed. Current status is CONFIRMED",
            |scene| {
                scene.repeat("AdminConfirmSignUp", 1);
            },
        )
        .triggers(LANDED, |scene| scene.trigger("PostConfirmation"))
        .never("LimitExceeded", "administrators are not limited")
}

fn admin_reset_user_password() -> Row {
    Row::new("AdminResetUserPassword", user)
        .refuses("NotAuthorized", "User is disabled", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
        .refuses(
            "NotAuthorized",
            "User password cannot be reset in the current state.",
            |scene| {
                scene.sign_up("joe");
                scene.set("Username", "joe");
            },
        )
        .refuses(
            "InvalidParameter",
            "Cannot reset password for the user as there is no registered/verified email \
             or phone_number",
            |scene| {
                scene.sign_up("joe");
                scene.admin("AdminConfirmSignUp", "joe");
                scene.set("Username", "joe");
            },
        )
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
        .never("LimitExceeded", "administrators are not limited")
}

fn admin_set_user_password() -> Row {
    let scene = || {
        let policy = json!({"MinimumLength": 8, "PasswordHistorySize": 3});
        let mut scene = Scene::with_pool_of(json!({"Policies": {"PasswordPolicy": policy}}));
        scene.user("jane");
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane", 
            "Password": "Another-horse-9", "Permanent": true});
        scene
    };
    Row::new("AdminSetUserPassword", scene)
        .refuses(
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            |scene| scene.set("Password", "Sh0rt!"),
        )
        .refuses("PasswordHistoryPolicyViolation", "", |scene| {
            scene.set("Password", PASSWORD)
        })
}

fn admin_update_user_attributes() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool_of(json!({"AliasAttributes": ["email"]}));
        scene.user("jane");
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "UserAttributes": [{"Name": "email", "Value": "new@example.com"}]});
        scene
    };
    Row::new("AdminUpdateUserAttributes", scene)
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
            "AliasExists",
            "An account with the given email already exists.",
            |scene| {
                scene.user("joe");
                let verified = json!([{"Name": "email", "Value": address("joe")},
                {"Name": "email_verified", "Value": "true"}]);
                scene.set("UserAttributes", verified);
            },
        )
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
}

fn admin_delete_user_attributes() -> Row {
    let scene = || {
        let mut scene = user();
        scene.set("UserAttributeNames", json!(["email"]));
        scene
    };
    Row::new("AdminDeleteUserAttributes", scene).refuses(
        "InvalidParameter",
        "Invalid user attributes: user.custom:x: Attribute does not exist in the schema.\n",
        |scene| scene.set("UserAttributeNames", json!(["custom:x"])),
    )
}

fn list_users() -> Row {
    let scene = || {
        let mut scene = user();
        scene.body = json!({"UserPoolId": scene.pool, "Filter": "email ^= \"jane\"", "Limit": 1});
        scene
    };
    Row::reading("ListUsers", scene)
        .names_nobody("a filter that nobody passes gives an empty list")
        .refuses("InvalidParameter", "", |scene| scene.set("Filter", "email"))
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Filter", "custom:x = \"1\"")
        })
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| {
                scene.set("PaginationToken", "another");
            },
        )
}
