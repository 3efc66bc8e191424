//! Identities: got by guests, users and backends; credentials, tokens, merging, unlinking.

use serde_json::{Value, json};
use userpool_tests::{
    ledger::Row,
    scene::{Scene, text},
};

use crate::identity_pools::{NOBODY, pool, provider};

const DENIED: &str = "Unauthenticated access is not supported for this identity pool.";
const ELSEWHERE: &str = "One of the logins belongs to another identity.";
const MISMATCH: &str = "Logins don't match. Please include at least one valid login for this identity or identity pool.";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let rows = vec![
        get_id(),
        comes(get_credentials_for_identity()),
        comes(get_open_id_token()),
        unlink_identity(),
        identity_known(Row::reading("DescribeIdentity", guest)),
        list_identities(),
        delete_identities(),
        get_open_id_token_for_developer_identity(),
        lookup_developer_identity(),
        merge_developer_identities(),
        unlink_developer_identity(),
    ];
    rows.into_iter()
        .map(|row| row.names_nobody("identities have no names, and their ids are not guessed"))
        .collect()
}

/// A guest, whom the request names.
fn guest() -> Scene {
    let mut scene = pool();
    let reply = scene.call("GetId", scene.body.clone());
    scene
        .facts
        .insert("pool", text(&scene.body["IdentityPoolId"]));
    scene.body = json!({"IdentityId": reply["IdentityId"]});
    scene
}

/// Signs a user up and in; the request shows the ID token.
fn log_in(scene: &mut Scene, name: &str) {
    scene.user(name);
    scene.sign_in(name);
    scene.set("Logins", json!({provider(&scene.pool): scene.fact("id")}));
}

/// A guest who logs in.
fn arriving() -> Scene {
    let mut scene = guest();
    log_in(&mut scene, "jane");
    scene
}

/// A guest who logs in as somebody who has an identity.
fn returning() -> Scene {
    let scene = arriving();
    let pool = scene.fact("pool");
    let known = json!({"IdentityPoolId": pool, "Logins": scene.body["Logins"]});
    scene.call("GetId", known);
    scene
}

/// A user, whom the request names, with the login.
fn user() -> Scene {
    let scene = arriving();
    scene.call("GetCredentialsForIdentity", scene.body.clone());
    scene
}

/// Another user pool of the identity pool, of whose user the request shows the login besides; it is not linked.
fn with_another_login(scene: &mut Scene) {
    let (pool, client) = (scene.pool.clone(), scene.client.clone());
    let first = scene.body["Logins"].clone();
    scene.move_to_pool_of(json!({}));
    let providers = [(pool, client), (scene.pool.clone(), scene.client.clone())];
    let providers = providers
        .map(|(pool, client)| json!({"ProviderName": provider(&pool), "ClientId": client}));
    update(scene, json!({"CognitoIdentityProviders": providers}));
    log_in(scene, "joe");
    let mut both = scene.body["Logins"].clone();
    let all = both.as_object_mut().expect("logins");
    all.extend(first.as_object().expect("logins").clone());
    scene.set("Logins", both);
}

/// The login that was added last gets an identity of its own.
fn link_last(scene: &Scene, identities: &Value) {
    let login = provider(&scene.pool);
    let logins = json!({&login: scene.body["Logins"][&login]});
    scene.call(
        "GetId",
        json!({"IdentityPoolId": identities, "Logins": logins}),
    );
}

/// The identity pool of a scene, whether or not its request names it.
fn identities(scene: &Scene) -> String {
    let known = scene.facts.get("pool").cloned();
    known.unwrap_or_else(|| text(&scene.body["IdentityPoolId"]))
}

/// Gives the identity pool other settings: those of the ledger, and these.
fn update(scene: &Scene, settings: Value) {
    let mut body = json!({"IdentityPoolId": identities(scene), "IdentityPoolName": "ledger",
        "DeveloperProviderName": "backend", "AllowUnauthenticatedIdentities": true});
    for (name, value) in settings.as_object().expect("settings") {
        body[name] = value.clone();
    }
    scene.call("UpdateIdentityPool", body);
}

/// Takes the guests from the pool.
fn close(scene: &Scene) {
    update(scene, json!({"AllowUnauthenticatedIdentities": false}));
}

/// What a backend gets for its user.
fn vouch(scene: &Scene, identities: &Value, user: &str) -> Value {
    let body = json!({"IdentityPoolId": identities, "Logins": {"backend": user}});
    scene.call("GetOpenIdTokenForDeveloperIdentity", body)
}

/// Adds the refusal of an identity that is not there.
fn no_identity(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "Identity '{identity}' not found.",
        |scene| scene.set("IdentityId", NOBODY),
    )
}

/// Adds the refusal of an identity pool that is not there.
fn no_pool(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "IdentityPool '{identities}' not found.",
        |scene| scene.set("IdentityPoolId", NOBODY),
    )
}

/// Adds the refusals of an operation that names an identity.
fn identity_known(row: Row) -> Row {
    no_identity(row).refuses("InvalidParameter", "", |scene| {
        scene.set("IdentityId", "no id")
    })
}

/// Adds the refusals of an operation that somebody comes to as an identity.
fn comes(row: Row) -> Row {
    identity_known(row)
        .refuses("NotAuthorized", DENIED, |scene| {
            scene.drop("Logins");
            close(scene);
        })
        .refuses("NotAuthorized", "", |scene| {
            scene.call("GetCredentialsForIdentity", scene.body.clone());
            scene.drop("Logins");
        })
        .refuses(
            "NotAuthorized",
            "Invalid login token. Not a Cognito token.",
            |scene| scene.set("Logins", json!({provider(&scene.pool): "none"})),
        )
        .refuses("ResourceConflict", ELSEWHERE, |scene| {
            scene.call("GetCredentialsForIdentity", scene.body.clone());
            with_another_login(scene);
            link_last(scene, &json!(scene.fact("pool")));
        })
        .refuses("ExternalService", "", unreachable)
}

/// The login is one of a provider whom nobody can ask.
fn unreachable(scene: &mut Scene) {
    update(
        scene,
        json!({"SupportedLoginProviders": {"graph.facebook.com": "1"}}),
    );
    scene.set("Logins", json!({"graph.facebook.com": "token"}));
}

fn get_id() -> Row {
    let with_login = || {
        let mut scene = pool();
        log_in(&mut scene, "jane");
        scene
    };
    pool_known(Row::new("GetId", pool).also("with a login", with_login))
        .refuses("NotAuthorized", DENIED, |scene| close(scene))
        .refuses("ResourceConflict", ELSEWHERE, |scene| {
            log_in(scene, "jane");
            let identities = scene.body["IdentityPoolId"].clone();
            scene.call("GetId", scene.body.clone());
            with_another_login(scene);
            link_last(scene, &identities);
        })
        .refuses(
            "LimitExceeded",
            "An identity can have at most 20 logins.",
            |scene| {
                log_in(scene, "jane");
                let id = scene.call("GetId", scene.body.clone())["IdentityId"].clone();
                for at in 1..20 {
                    let body = json!({"IdentityPoolId": scene.body["IdentityPoolId"], "IdentityId": id,
                        "Logins": {"backend": format!("u{at}")}});
                    scene.call("GetOpenIdTokenForDeveloperIdentity", body);
                }
                with_another_login(scene);
            },
        )
        .refuses("ExternalService", "", unreachable)
}

fn get_credentials_for_identity() -> Row {
    Row::new("GetCredentialsForIdentity", arriving)
        .also("as somebody known", returning)
        .refuses(
            "InvalidIdentityPoolConfiguration",
            "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
            |scene| {
                let body = json!({"IdentityPoolId": scene.fact("pool"), "Roles": {}});
                scene.call("SetIdentityPoolRoles", body);
            },
        )
        .refuses("NotAuthorized", "", |scene| {
            scene.set("CustomRoleArn", "arn:aws:iam::000000000000:role/admin");
        })
}

fn get_open_id_token() -> Row {
    Row::new("GetOpenIdToken", arriving)
        .also("of a guest", guest)
        .refuses(
            "InvalidParameter",
            "Basic (classic) flow is not enabled, please use enhanced flow.",
            |scene| {
                update(scene, json!({"AllowClassicFlow": false}));
                scene.drop("Logins");
            },
        )
}

fn unlink_identity() -> Row {
    let scene = || {
        let mut scene = user();
        scene.set("LoginsToRemove", json!([provider(&scene.pool)]));
        scene
    };
    identity_known(Row::new("UnlinkIdentity", scene))
        .refuses("NotAuthorized", MISMATCH, |scene| {
            log_in(scene, "joe");
        })
        .refuses("ExternalService", "", unreachable)
        .never(
            "ResourceConflict",
            "logins of another are no logins of the identity",
        )
}

fn list_identities() -> Row {
    let scene = || {
        let mut scene = pool();
        scene.call("GetId", scene.body.clone());
        scene.set("MaxResults", 10);
        scene
    };
    no_pool(Row::reading("ListIdentities", scene)).refuses("InvalidParameter", "", |scene| {
        scene.set("NextToken", "none of this list")
    })
}

fn delete_identities() -> Row {
    Row::new("DeleteIdentities", || to_delete(guest()))
        .also("of a user", || to_delete(user()))
        .refuses("InvalidParameter", "", |scene| {
            scene.set("IdentityIdsToDelete", json!([]));
        })
}

/// The request deletes the identity that it names.
fn to_delete(mut scene: Scene) -> Scene {
    scene.body = json!({"IdentityIdsToDelete": [scene.body["IdentityId"]]});
    scene
}

/// Adds the refusals of an operation that names an identity pool.
fn pool_known(row: Row) -> Row {
    no_pool(row).refuses("InvalidParameter", "", |scene| {
        scene.set("IdentityPoolId", "no id")
    })
}

fn get_open_id_token_for_developer_identity() -> Row {
    let scene = || {
        let mut scene = pool();
        scene.set("Logins", json!({"backend": "u1"}));
        scene
    };
    pool_known(Row::new("GetOpenIdTokenForDeveloperIdentity", scene))
        .refuses(
            "InvalidParameter",
            "Please provide a valid login of the developer provider of this identity pool.",
            |scene| scene.set("Logins", json!({"another": "u1"})),
        )
        .refuses("DeveloperUserAlreadyRegistered", "", |scene| {
            scene.call("GetOpenIdTokenForDeveloperIdentity", scene.body.clone());
            let pool = json!({"IdentityPoolId": scene.body["IdentityPoolId"]});
            let guest = scene.call("GetId", pool)["IdentityId"].clone();
            scene.set("IdentityId", guest);
        })
        .refuses("ResourceConflict", ELSEWHERE, |scene| {
            let identities = scene.body["IdentityPoolId"].clone();
            vouch(scene, &identities, "u1");
            log_in(scene, "jane");
            scene.call("GetId", scene.body.clone());
            let mut logins = scene.body["Logins"].clone();
            logins["backend"] = json!("u1");
            scene.set("Logins", logins);
        })
}

fn lookup_developer_identity() -> Row {
    let scene = || {
        let mut scene = pool();
        vouch(&scene, &scene.body["IdentityPoolId"], "u1");
        scene.set("DeveloperUserIdentifier", "u1");
        scene
    };
    pool_known(Row::reading("LookupDeveloperIdentity", scene))
        .refuses(
            "InvalidParameter",
            "Please provide IdentityId or DeveloperUserIdentifier.",
            |scene| scene.drop("DeveloperUserIdentifier"),
        )
        .refuses(
            "ResourceConflict",
            "The identity and the developer user do not match.",
            |scene| {
                let other = vouch(scene, &scene.body["IdentityPoolId"], "u2");
                scene.set("IdentityId", other["IdentityId"].clone());
            },
        )
}

fn merge_developer_identities() -> Row {
    let scene = || {
        let mut scene = pool();
        for user in ["u1", "u2"] {
            vouch(&scene, &scene.body["IdentityPoolId"], user);
        }
        scene.set("DeveloperProviderName", "backend");
        scene.set("SourceUserIdentifier", "u1");
        scene.set("DestinationUserIdentifier", "u2");
        scene
    };
    pool_known(Row::new("MergeDeveloperIdentities", scene))
        .refuses(
            "InvalidParameter",
            "Please provide a valid developer provider name.",
            |scene| scene.set("DeveloperProviderName", "another"),
        )
        .refuses(
            "ResourceConflict",
            "Both identities have a login of the same provider.",
            |scene| {
                for (name, user) in [("jane", "u1"), ("joe", "u2")] {
                    let body = scene.body.clone();
                    log_in(scene, name);
                    let mut logins = scene.body["Logins"].clone();
                    logins["backend"] = json!(user);
                    let both = json!({"IdentityPoolId": body["IdentityPoolId"], "Logins": logins});
                    scene.call("GetOpenIdTokenForDeveloperIdentity", both);
                    scene.body = body;
                }
            },
        )
}

fn unlink_developer_identity() -> Row {
    let scene = || {
        let mut scene = pool();
        let reply = vouch(&scene, &scene.body["IdentityPoolId"], "u1");
        scene.set("IdentityId", reply["IdentityId"].clone());
        scene.set("DeveloperProviderName", "backend");
        scene.set("DeveloperUserIdentifier", "u1");
        scene
    };
    no_identity(pool_known(Row::new("UnlinkDeveloperIdentity", scene)))
        .refuses(
            "InvalidParameter",
            "Please provide a valid developer provider name.",
            |scene| scene.set("DeveloperProviderName", "another"),
        )
        .never(
            "ResourceConflict",
            "a user of another identity is none of this one",
        )
}
