//! Signing up and confirming.

use serde_json::json;
use userpool_tests::{
    ledger::{Arrange, COUNTED, LANDED, Row},
    pool::PASSWORD,
    scene::{Scene, address},
};

const DAY: u64 = 24 * 3_600;

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![sign_up(), confirm_sign_up(), resend_confirmation_code()]
}

/// Adds the refusals of an operation that takes `ClientId`, `Username` and `SecretHash`.
pub fn by_client(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool client unknown does not exist.",
        |scene| {
            scene.set("ClientId", "unknown");
        },
    )
    .refuses(
        "InvalidParameter",
        "1 validation error detected: Value at 'username' failed to satisfy constraint: \
         Member must have length less than or equal to 128",
        |scene| scene.set("Username", "x".repeat(129)),
    )
    .refuses(
        "NotAuthorized",
        "Client {client} is configured with secret but SECRET_HASH was not received",
        Scene::use_client_with_secret,
    )
    .refuses(
        "NotAuthorized",
        "Unable to verify secret hash for client {client}",
        |scene| {
            scene.use_client_with_secret();
            scene.set("SecretHash", "wrong");
        },
    )
    .refuses(
        "NotAuthorized",
        "Unable to verify secret hash for client {client}",
        |scene| {
            scene.set("SecretHash", "unasked");
        },
    )
}

/// The refusal of a user that nobody is, where the client tells who exists.
pub const COMBINATION: &str = "Username/client id combination not found.";

/// Asks about a user that nobody is, from the client that tells who exists.
pub const NOBODY: Arrange = |scene| scene.set("Username", "nobody");

/// Asks about a user that nobody is, from the client that hides who exists.
pub const NOBODY_HIDDEN: Arrange = |scene| {
    scene.hide();
    scene.set("Username", "nobody");
};

fn sign_up() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"ClientId": scene.client, "Username": "jane", "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": address("jane")}]});
        scene
    };
    by_client(Row::new("SignUp", scene))
        .names_nobody("the user that it names is to be made")
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
            "Attributes did not conform to the schema: email: The attribute is required\n",
            |scene| {
                scene.move_to_pool_of(json!({"Schema": [{"Name": "email", "Required": true}]}));
                scene.drop("UserAttributes");
            },
        )
        .refuses(
            "InvalidParameter",
            "Username should be an email.",
            |scene| {
                scene.move_to_pool_of(json!({"UsernameAttributes": ["email"]}));
            },
        )
        .refuses(
            "InvalidParameter",
            "Username cannot be of email format, since user pool is configured for email alias.",
            |scene| {
                scene.move_to_pool_of(json!({"AliasAttributes": ["email"]}));
                scene.set("Username", address("jane"));
            },
        )
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
        .refuses("InvalidParameter", "", |scene| scene.drop("Password"))
        .refuses(
            "NotAuthorized",
            "SignUp is not permitted for this user pool",
            |scene| {
                scene.move_to_pool_of(json!({
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true}}));
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
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            |scene| scene.set("Password", "Sh0rt!"),
        )
        .refuses("UsernameExists", "User already exists", |scene| {
            scene.sign_up("jane")
        })
        .refuses("UsernameExists", "", |scene| {
            scene.move_to_pool_of(json!({"UsernameAttributes": ["email"]}));
            scene.set("Username", address("jane"));
            scene.repeat("SignUp", 1);
        })
        .triggers("", |scene| scene.trigger("PreSignUp"))
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
        .never("LimitExceeded", "the number of sign-ups has no limit")
}

/// A user who has not confirmed yet, with the code in hand.
fn unconfirmed() -> Scene {
    let mut scene = Scene::with_pool();
    scene.sign_up("jane");
    scene.body = json!({"ClientId": scene.client, "Username": "jane",
        "ConfirmationCode": scene.code_of("jane")});
    scene
}

fn confirm_sign_up() -> Row {
    by_client(Row::new("ConfirmSignUp", unconfirmed))
        .told("UserNotFound", COMBINATION, "", NOBODY)
        .hidden(
            "CodeMismatch",
            "Invalid verification code provided, please try again.",
            COUNTED,
            NOBODY_HIDDEN,
        )
        .refuses("InvalidParameter", "", |scene| scene.set("ConfirmationCode", "12 34"))
        .refuses("NotAuthorized", "User is disabled.", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
        .refuses("NotAuthorized", "User cannot be confirmed. Current status is CONFIRMED", |scene| {
            scene.repeat("ConfirmSignUp", 1);
        })
        .counts(
            "CodeMismatch",
            "Invalid verification code provided, please try again.",
            COUNTED,
            |scene| scene.set("ConfirmationCode", "wrong"),
        )
        .counts(
            "ExpiredCode",
            "Invalid code provided, please request a code again.",
            COUNTED,
            |scene| scene.advance(DAY),
        )
        .refuses(
            "LimitExceeded",
            "Attempt limit exceeded, please try after some time.",
            |scene| {
                let right = scene.body["ConfirmationCode"].clone();
                scene.set("ConfirmationCode", "wrong");
                scene.repeat("ConfirmSignUp", 15);
                scene.set("ConfirmationCode", right);
            },
        )
        .refuses("AliasExists", "An account with the email already exists.", |scene| {
            scene.move_to_pool_of(json!({"AliasAttributes": ["email"]}));
            for name in ["joe", "jane"] {
                let body = json!({"ClientId": scene.client, "Username": name, "Password": PASSWORD,
                    "UserAttributes": [{"Name": "email", "Value": address("both")}]});
                scene.call("SignUp", body);
                scene.set("Username", name);
                scene.set("ConfirmationCode", scene.code_of("both"));
                if name == "joe" {
                    scene.call("ConfirmSignUp", scene.body.clone());
                }
            }
        })
        .triggers(LANDED, |scene| scene.trigger("PostConfirmation"))
}

fn resend_confirmation_code() -> Row {
    let scene = || {
        let mut scene = unconfirmed();
        scene.drop("ConfirmationCode");
        scene
    };
    by_client(Row::new("ResendConfirmationCode", scene))
        .told("UserNotFound", COMBINATION, "", NOBODY)
        .hidden_answers(NOBODY_HIDDEN)
        .refuses("InvalidParameter", "User is already confirmed.", |scene| {
            scene.admin("AdminConfirmSignUp", "jane");
        })
        .refuses("NotAuthorized", "", |scene| {
            scene.move_to_pool_of(json!({"AutoVerifiedAttributes": null}));
            scene.sign_up("jane");
        })
        .refuses(
            "LimitExceeded",
            "Attempt limit exceeded, please try after some time.",
            |scene| scene.repeat("ResendConfirmationCode", 5),
        )
        .triggers("", |scene| scene.trigger("CustomMessage"))
        .undelivered()
}
