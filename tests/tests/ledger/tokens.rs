//! Tokens renewed, revoked and used.

use serde_json::json;
use userpool_tests::{ledger::Row, scene::Scene};

use crate::pools::in_pool;

const DAY: u64 = 24 * 3_600;

const NO_TOKEN: &str = "1 validation error detected: Value at 'accessToken' failed to satisfy \
    constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![
        get_tokens_from_refresh_token(),
        revoke_token(),
        get_derived_token(),
        needs_no_password(by_token(Row::new("GlobalSignOut", signed_in))),
        in_pool(admin_user_global_sign_out()),
        needs_no_password(with_user(by_token(Row::reading("GetUser", signed_in)))),
    ]
}

/// A user who has signed in, with the access token in the request.
pub fn signed_in() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    scene.body = json!({"AccessToken": scene.fact("access")});
    scene
}

/// Adds what an operation that takes an access token and declares the states of users has to show.
pub fn by_token(row: Row) -> Row {
    confirmed(with_token(row))
}

/// Adds the reason why an operation that takes an access token does not ask for a confirmation.
pub fn confirmed(row: Row) -> Row {
    row.never(
        "UserNotConfirmed",
        "nobody gets a token before the confirmation",
    )
}

/// Adds the refusals of an operation that takes an access token and nothing else that may not exist.
pub fn with_token(row: Row) -> Row {
    with_token_and_more(row).never(
        "ResourceNotFound",
        "a token of what does not exist is no token of ours, or revoked",
    )
}

/// Adds the refusals of an operation that takes an access token.
pub fn with_token_and_more(row: Row) -> Row {
    row.names_nobody("it is about the user of its token")
        .refuses("InvalidParameter", NO_TOKEN, |scene| {
            scene.set("AccessToken", "no token")
        })
        .refuses("NotAuthorized", "Invalid Access Token", |scene| {
            scene.set("AccessToken", "garbage");
        })
        .refuses("NotAuthorized", "Invalid Access Token", |scene| {
            scene.set("AccessToken", scene.fact("id").to_owned());
        })
        .refuses("NotAuthorized", "Access Token has expired", |scene| {
            scene.advance(3_600)
        })
        .refuses("NotAuthorized", "Access Token has been revoked", |scene| {
            scene.admin("AdminUserGlobalSignOut", "jane");
        })
        .refuses("NotAuthorized", "Access Token has been revoked", |scene| {
            let body = json!({"ClientId": scene.client, "Token": scene.fact("refresh")});
            scene.call("RevokeToken", body);
        })
        .refuses("NotAuthorized", "User is disabled.", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
}

/// Adds the reason why an operation that takes an access token does not ask for a new password.
pub fn needs_no_password(row: Row) -> Row {
    row.never(
        "PasswordResetRequired",
        "a reset leaves tokens alone; only a change of the password asks",
    )
}

/// Adds the refusal of the token of a user who was deleted.
pub fn with_user(row: Row) -> Row {
    row.refuses("UserNotFound", "User does not exist.", |scene| {
        scene.admin("AdminDeleteUser", "jane");
    })
}

fn get_tokens_from_refresh_token() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.user("jane");
        let client = scene.client_of(json!({
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        }));
        scene.sign_in_at(&client, "jane");
        scene.body = json!({"ClientId": client, "RefreshToken": scene.fact("refresh")});
        scene
    };
    Row::new("GetTokensFromRefreshToken", scene)
        .names_nobody("it is about the user of its token")
        .refuses(
            "ResourceNotFound",
            "User pool client unknown does not exist.",
            |scene| {
                scene.set("ClientId", "unknown");
            },
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("RefreshToken", "no token")
        })
        .refuses("NotAuthorized", "Invalid Refresh Token", |scene| {
            scene.set("RefreshToken", "garbage");
        })
        .refuses("NotAuthorized", "Invalid Refresh Token", |scene| {
            scene.set("ClientId", scene.client.clone());
        })
        .refuses(
            "NotAuthorized",
            "Client {client} is configured for secret but secret was not received",
            Scene::use_client_with_secret,
        )
        .refuses("NotAuthorized", "", |scene| {
            scene.set("ClientSecret", "x".repeat(24))
        })
        .refuses("NotAuthorized", "Refresh Token has expired", |scene| {
            scene.advance(30 * DAY)
        })
        .refuses("NotAuthorized", "Refresh Token has been revoked", |scene| {
            scene.admin("AdminUserGlobalSignOut", "jane");
        })
        .refuses("NotAuthorized", "User is disabled.", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
        .refuses("UserNotFound", "User does not exist.", |scene| {
            scene.admin("AdminDeleteUser", "jane");
        })
        .refuses("NotAuthorized", "Invalid Refresh Token", |scene| {
            scene.track_devices()
        })
        .triggers("", |scene| scene.trigger("PreTokenGeneration"))
        .counts("RefreshTokenReuse", "", "G", |scene| {
            scene.repeat("GetTokensFromRefreshToken", 1);
        })
        .refuses_undeclared(
            "PasswordResetRequired",
            "Password reset required for the user",
            |scene| {
                scene.admin("AdminResetUserPassword", "jane");
            },
        )
}

fn revoke_token() -> Row {
    let scene = || {
        let mut scene = signed_in();
        scene.body = json!({"ClientId": scene.client, "Token": scene.fact("refresh")});
        scene
    };
    Row::new("RevokeToken", scene)
        .names_nobody("it is about a token, whoever has it")
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Token", "no token")
        })
        .refuses("Unauthorized", "", |scene| scene.set("ClientId", "unknown"))
        .refuses("Unauthorized", "", |scene| {
            scene.set("ClientId", scene.hiding.clone())
        })
        .refuses("Unauthorized", "", Scene::use_client_with_secret)
        .refuses("Unauthorized", "", |scene| {
            scene.set("ClientSecret", "x".repeat(24))
        })
        .refuses("UnsupportedOperation", "", |scene| {
            let off = json!({"EnableTokenRevocation": false});
            scene.set("ClientId", scene.client_of(off));
        })
        .refuses("UnsupportedTokenType", "", |scene| {
            scene.set("Token", scene.fact("access").to_owned());
        })
}

fn admin_user_global_sign_out() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.user("jane");
        scene.body = json!({"UserPoolId": scene.pool, "Username": "jane"});
        scene
    };
    Row::new("AdminUserGlobalSignOut", scene).tells_administrators()
}

/// A user's access token for a client that exchanges tokens.
fn get_derived_token() -> Row {
    let scene = || {
        let mut scene = signed_in();
        let flows = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION"];
        let client = scene.client_of(json!({"ExplicitAuthFlows": flows}));
        scene.body = json!({"ClientId": client, "SubjectToken": scene.fact("access"),
            "SubjectTokenType": "ACCESS_TOKEN"});
        scene
    };
    Row::reading("GetDerivedToken", scene)
        .names_nobody("it is about the user of its token")
        .refuses(
            "ResourceNotFound",
            "User pool client unknown does not exist.",
            |scene| scene.set("ClientId", "unknown"),
        )
        .refuses(
            "NotAuthorized",
            "Unable to verify secret for client {client}",
            |scene| scene.set("ClientSecret", "A".repeat(24)),
        )
        .refuses("NotAuthorized", "Invalid Subject token", |scene| {
            scene.set("SubjectToken", "none")
        })
        .refuses("NotAuthorized", "Subject token has expired", |scene| {
            scene.advance(DAY)
        })
        .refuses("NotAuthorized", "User is disabled.", |scene| {
            scene.admin("AdminDisableUser", "jane");
        })
        .refuses("NotAuthorized", "Subject token has been revoked", |scene| {
            scene.admin("AdminUserGlobalSignOut", "jane");
        })
        .refuses("UserNotFound", "User does not exist.", |scene| {
            scene.admin("AdminDeleteUser", "jane");
        })
        .refuses(
            "InvalidParameter",
            "ALLOW_TOKEN_EXCHANGE_IMPERSONATION flow not enabled for this client",
            |scene| scene.set("ClientId", scene.client.clone()),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ActorTokenType", "ACCESS_TOKEN")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Scopes", json!(["openid"]))
        })
        .triggers("", |scene| scene.trigger("PreTokenGeneration"))
}
