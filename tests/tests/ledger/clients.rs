//! App clients.

use serde_json::json;
use userpool_tests::{ledger::Row, scene::Scene};

use crate::pools::in_pool;

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let rows = vec![
        create_user_pool_client(),
        list_user_pool_clients(),
        known(Row::reading("DescribeUserPoolClient", client)),
        update_user_pool_client(),
        known(Row::new("DeleteUserPoolClient", client)),
    ];
    let rows = rows.into_iter().map(in_pool);
    rows.map(|row| row.names_nobody("it is about clients, not users"))
        .collect()
}

/// A client, named by its id and pool.
fn client() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client});
    scene
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
    .refuses(
        "ResourceNotFound",
        "User pool client {client} does not exist.",
        |scene| {
            let client = scene.client.clone();
            scene.move_to_pool_of(json!({}));
            scene.set("ClientId", client);
        },
    )
}

/// Adds the refusals of settings that do not fit.
fn settings(row: Row) -> Row {
    row.refuses("ScopeDoesNotExist", "", |scene| {
        scene.set("AllowedOAuthScopes", json!(["unknown/scope"]));
    })
    .refuses("InvalidOAuthFlow", "", |scene| {
        scene.set("AllowedOAuthFlows", json!(["client_credentials"]));
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set(
            "ExplicitAuthFlows",
            json!(["ALLOW_USER_SRP_AUTH", "ADMIN_NO_SRP_AUTH"]),
        );
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set("ReadAttributes", json!(["custom:unknown"]));
    })
    .never(
        "FeatureUnavailableInTier",
        "every setting of a client is in every tier",
    )
}

fn create_user_pool_client() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body =
            json!({"UserPoolId": scene.pool, "ClientName": "another", "GenerateSecret": true});
        scene
    };
    let row = Row::new("CreateUserPoolClient", scene).refuses("InvalidOAuthFlow", "", |scene| {
        scene.set("AllowedOAuthFlows", json!(["code"]));
    });
    row.refuses("ScopeDoesNotExist", "", |scene| {
        scene.set("AllowedOAuthScopes", json!(["unknown/scope"]));
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set("ClientSecret", "A".repeat(24));
    })
    .refuses("InvalidParameter", "", |scene| {
        scene.set("CallbackURLs", json!(["http://example.com"]));
    })
    .never(
        "FeatureUnavailableInTier",
        "every setting of a client is in every tier",
    )
    .never("LimitExceeded", "the number of clients has no limit")
}

fn list_user_pool_clients() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool});
        scene
    };
    Row::reading("ListUserPoolClients", scene).refuses(
        "InvalidParameter",
        "Invalid pagination token given.",
        |scene| scene.set("NextToken", "another"),
    )
}

fn update_user_pool_client() -> Row {
    let scene = || {
        let mut scene = client();
        scene.set("ClientName", "renamed");
        scene
    };
    settings(known(Row::new("UpdateUserPoolClient", scene)))
}
