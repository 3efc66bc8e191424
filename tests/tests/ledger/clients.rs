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
        add_user_pool_client_secret(),
        delete_user_pool_client_secret(),
        list_user_pool_client_secrets(),
    ];
    let rows = rows.into_iter().map(in_pool);
    let rows = rows.chain([get_client_token()]);
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
    .refuses(
        "FeatureUnavailableInTier",
        "The following features need to be disabled for the LITE pricing tier configured: Refresh Token Rotation",
        |scene| {
            let body = json!({"UserPoolId": scene.pool, "UserPoolTier": "LITE"});
            scene.call("UpdateUserPool", body);
            scene.set("RefreshTokenRotation", json!({"Feature": "ENABLED"}));
        },
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
    .refuses("FeatureUnavailableInTier", "", |scene| {
        scene.move_to_pool_of(json!({"UserPoolTier": "LITE"}));
        scene.set("ExplicitAuthFlows", json!(["ALLOW_USER_AUTH"]));
    })
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

/// A client that has a secret.
fn with_secret() -> Scene {
    let mut scene = client();
    scene.use_client_with_secret();
    scene
}

fn add_user_pool_client_secret() -> Row {
    let own = || {
        let mut scene = with_secret();
        scene.set("ClientSecret", "A".repeat(24));
        scene
    };
    known(Row::new("AddUserPoolClientSecret", with_secret))
        .also("of one's own", own)
        .refuses(
            "InvalidParameter",
            "A client without a secret cannot get one.",
            |scene| scene.set("ClientId", scene.client.clone()),
        )
        .refuses(
            "LimitExceeded",
            "A client has at most two secrets: delete one first.",
            |scene| {
                scene.call("AddUserPoolClientSecret", scene.body.clone());
            },
        )
        .never("AccessDenied", "who signs a request may do everything")
}

fn delete_user_pool_client_secret() -> Row {
    let scene = || {
        let mut scene = with_secret();
        let added = scene.call("AddUserPoolClientSecret", scene.body.clone());
        let id = added["ClientSecretDescriptor"]["ClientSecretId"].clone();
        scene.set("ClientSecretId", id);
        scene
    };
    known(Row::new("DeleteUserPoolClientSecret", scene))
        .refuses(
            "ResourceNotFound",
            "The client has no such secret.",
            |scene| scene.set("ClientSecretId", "another"),
        )
        .refuses(
            "InvalidParameter",
            "The only secret of a client cannot be deleted.",
            |scene| {
                scene.call("DeleteUserPoolClientSecret", scene.body.clone());
                let listed = scene.call(
                    "ListUserPoolClientSecrets",
                    json!({"UserPoolId": scene.pool, "ClientId": scene.body["ClientId"]}),
                );
                let id = listed["ClientSecrets"][0]["ClientSecretId"].clone();
                scene.set("ClientSecretId", id);
            },
        )
        .never("LimitExceeded", "deleting makes room")
}

fn list_user_pool_client_secrets() -> Row {
    known(Row::reading("ListUserPoolClientSecrets", with_secret))
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| scene.set("NextToken", "another"),
        )
        .never("LimitExceeded", "a client has two at most")
}

fn get_client_token() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        let made = scene.call(
            "CreateUserPoolClient",
            json!({"UserPoolId": scene.pool, "ClientName": "machine", "GenerateSecret": true,
                "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]}),
        );
        let made = &made["UserPoolClient"];
        scene.body = json!({"ClientId": made["ClientId"], "Secret": made["ClientSecret"]});
        scene
    };
    Row::new("GetClientToken", scene)
        .refuses(
            "ResourceNotFound",
            "User pool client unknown does not exist.",
            |scene| scene.set("ClientId", "unknown"),
        )
        .refuses("NotAuthorized", "", |scene| {
            scene.set("Secret", "A".repeat(24));
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Scopes", json!(["unknown/scope"]));
        })
        .refuses(
            "InvalidParameter",
            "ALLOW_CLIENT_TOKEN_AUTH flow not enabled for this client",
            |scene| {
                let secret = "A".repeat(24);
                let client = scene.client_of(json!({"ClientSecret": secret}));
                scene.set("ClientId", client);
                scene.set("Secret", secret);
            },
        )
}
