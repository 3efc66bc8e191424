//! Sessions of users, listed and ended.

use serde_json::json;
use userpool_tests::{
    ledger::Row,
    scene::{Scene, text},
};

use crate::{
    pools::in_pool,
    tokens::{by_token, confirmed, needs_no_password, with_token_and_more, with_user},
};

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![
        owner(paged(Row::reading("ListUserSessions", owned))),
        revoke_user_session(),
        administrator(paged(Row::reading("AdminListUserSessions", named))),
        administrator(unknown(Row::new("AdminRevokeUserSession", named_session))),
        in_pool(about_pools(Row::reading(
            "GetUserPoolSessionConfiguration",
            pool,
        ))),
        in_pool(tiered(about_pools(Row::new(
            "SetUserPoolSessionConfiguration",
            pool_tracking,
        )))),
        in_pool(known(about_pools(Row::reading(
            "GetUserPoolClientSessionConfiguration",
            client,
        )))),
        in_pool(tiered(known(about_pools(Row::new(
            "SetUserPoolClientSessionConfiguration",
            client_serving,
        ))))),
    ]
}

fn owner(row: Row) -> Row {
    needs_no_password(with_user(by_token(row)))
}

fn revoke_user_session() -> Row {
    let row = confirmed(with_token_and_more(Row::new(
        "RevokeUserSession",
        owned_other,
    )));
    needs_no_password(with_user(unknown(own(row))))
}

fn administrator(row: Row) -> Row {
    in_pool(row.tells_administrators())
}

fn about_pools(row: Row) -> Row {
    row.names_nobody("it is about settings, not users")
}

/// A pool that tracks sessions, and a user who has two.
fn tracking() -> Scene {
    let mut scene = Scene::with_pool();
    scene.call(
        "SetUserPoolSessionConfiguration",
        json!({"UserPoolId": scene.pool, "UserSessionTracking": "ENABLED",
            "TokenSession": {"MaxPerUser": 20}}),
    );
    scene.user("jane");
    scene.sign_in("jane");
    let listed = scene.admin("AdminListUserSessions", "jane");
    let other = text(&listed["Sessions"][0]["SessionId"]);
    scene.facts.insert("other", other);
    scene.sign_in("jane");
    scene
}

fn owned() -> Scene {
    let mut scene = tracking();
    scene.body = json!({"AccessToken": scene.fact("access")});
    scene
}

fn owned_other() -> Scene {
    let mut scene = owned();
    scene.set("SessionId", scene.fact("other").to_owned());
    scene
}

fn named() -> Scene {
    let mut scene = tracking();
    scene.body = json!({"UserPoolId": scene.pool, "Username": "jane"});
    scene
}

fn named_session() -> Scene {
    let mut scene = named();
    scene.set("SessionId", scene.fact("other").to_owned());
    scene
}

fn pool() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool});
    scene
}

fn pool_tracking() -> Scene {
    let mut scene = pool();
    scene.set("UserSessionTracking", "ENABLED");
    scene.set("TokenSession", json!({"MaxPerUser": 5}));
    scene
}

fn client() -> Scene {
    let mut scene = pool();
    scene.set("ClientId", scene.client.clone());
    scene
}

fn client_serving() -> Scene {
    let mut scene = client();
    scene.set("SSOSession", json!({"MaxValidityMinutes": 30}));
    scene
}

fn paged(row: Row) -> Row {
    row.refuses(
        "InvalidParameter",
        "Invalid pagination token given.",
        |scene| {
            scene.set("NextToken", "another");
        },
    )
}

fn unknown(row: Row) -> Row {
    row.refuses("ResourceNotFound", "Session does not exist.", |scene| {
        scene.set("SessionId", "tkn0000000000000000000000000");
    })
    .refuses("ResourceNotFound", "Session does not exist.", |scene| {
        scene.set("SessionId", "sso0000000000000000000000000");
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set("SessionId", "another")
    })
}

fn own(row: Row) -> Row {
    row.refuses("InvalidParameter", "", |scene| {
        let body = json!({"AccessToken": scene.fact("access")});
        let listed = scene.call("ListUserSessions", body);
        scene.set("SessionId", listed["Sessions"][0]["SessionId"].clone());
    })
}

/// Adds the refusals of an operation about one client of a pool.
fn known(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool client unknown does not exist.",
        |scene| {
            scene.set("ClientId", "unknown");
        },
    )
}

/// Adds the refusal of a setting in a pool of the lowest tier.
fn tiered(row: Row) -> Row {
    row.refuses("FeatureUnavailableInTier", "", |scene| {
        scene.move_to_pool_of(json!({"UserPoolTier": "LITE"}));
    })
}
