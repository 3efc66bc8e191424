//! Identity providers of a pool.

use serde_json::{Value, json};
use userpool_tests::{ledger::Row, saml, scene::Scene};

use crate::pools::in_pool;

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let rows = [
        in_pool(create_identity_provider()),
        of_provider(Row::reading("DescribeIdentityProvider", provider)),
        of_provider(update_identity_provider()),
        unsupported(of_provider(Row::new("DeleteIdentityProvider", provider))),
        in_pool(list_identity_providers()),
        in_pool(get_identity_provider_by_identifier()),
    ];
    let about_pools = rows
        .into_iter()
        .map(|row| row.names_nobody("it is about a pool, not about users"));
    about_pools.chain([link(), disable()]).collect()
}

/// A user of the pool itself and a provider; the request links an identity of the one to the other.
fn linked_to_be() -> Scene {
    let mut scene = provider();
    scene.user("jane");
    scene.body = json!({"UserPoolId": scene.pool,
        "DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": "jane"},
        "SourceUser": {"ProviderName": "Partner", "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "1"}});
    scene
}

/// The identity is linked; the request takes it away again.
fn linked() -> Scene {
    let mut scene = linked_to_be();
    scene.call("AdminLinkProviderForUser", scene.body.clone());
    scene.body = json!({"UserPoolId": scene.pool, "User": scene.body["SourceUser"]});
    scene
}

/// Adds the refusals of an operation about identities.
fn of_identity(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool {pool} does not exist.",
        |scene| scene.set("UserPoolId", "us-east-1_unknown00"),
    )
    .refuses("InvalidParameter", "", |scene| {
        scene.set("UserPoolId", "x".repeat(10_000))
    })
    .administrators_only()
}

fn link() -> Row {
    let by_attribute = || {
        let mut scene = linked_to_be();
        scene.put("SourceUser", "ProviderAttributeName", "email");
        scene.put("SourceUser", "ProviderAttributeValue", "j@example.com");
        scene
    };
    of_identity(Row::new("AdminLinkProviderForUser", linked_to_be))
        .also("by an attribute", by_attribute)
        .told("UserNotFound", "User does not exist.", "", |scene| {
            scene.put("DestinationUser", "ProviderAttributeValue", "nobody")
        })
        .refuses("UserNotFound", "", |scene| {
            scene.put("DestinationUser", "ProviderName", "Partner")
        })
        .refuses("ResourceNotFound", "", |scene| {
            scene.put("SourceUser", "ProviderName", "Other")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("SourceUser", "ProviderName", "Cognito")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("SourceUser", "ProviderAttributeName", "shoe")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("SourceUser", "ProviderAttributeValue", "")
        })
        .refuses("AliasExists", "", |scene| {
            scene.call("AdminLinkProviderForUser", scene.body.clone());
        })
        .refuses("LimitExceeded", "", |scene| {
            for number in 0..5 {
                let mut body = scene.body.clone();
                body["SourceUser"]["ProviderAttributeValue"] = json!(format!("other{number}"));
                scene.call("AdminLinkProviderForUser", body);
            }
        })
}

fn disable() -> Row {
    let own = || {
        let mut scene = linked();
        scene.set(
            "User",
            json!({"ProviderName": "Cognito", "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "jane"}),
        );
        scene
    };
    of_identity(Row::new("AdminDisableProviderForUser", linked))
        .also("the password", own)
        .told("UserNotFound", "User does not exist.", "", |scene| {
            scene.put("User", "ProviderAttributeValue", "2")
        })
        .refuses("UserNotFound", "", |scene| {
            scene.put("User", "ProviderName", "Other")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("User", "ProviderAttributeName", "shoe")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("User", "ProviderName", "")
        })
        .never("AliasExists", "nothing is taken")
}

/// What makes a provider whose endpoints are given.
pub fn oidc(pool: &str) -> Value {
    json!({"UserPoolId": pool, "ProviderName": "Partner", "ProviderType": "OIDC",
        "ProviderDetails": {"client_id": "c", "client_secret": "s", "authorize_scopes": "openid email",
            "attributes_request_method": "GET", "oidc_issuer": "https://idp.example.com",
            "authorize_url": "https://idp.example.com/authorize", "token_url": "https://idp.example.com/token",
            "attributes_url": "https://idp.example.com/userinfo", "jwks_uri": "https://idp.example.com/jwks"},
        "AttributeMapping": {"email": "email"}, "IdpIdentifiers": ["example.com"]})
}

fn provider_to_be() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = oidc(&scene.pool);
    scene
}

/// A provider, named in the request.
fn provider() -> Scene {
    let mut scene = provider_to_be();
    scene.call("CreateIdentityProvider", scene.body.clone());
    scene.body = json!({"UserPoolId": scene.pool, "ProviderName": "Partner"});
    scene
}

fn saml() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "ProviderName": "Partner", "ProviderType": "SAML",
        "ProviderDetails": {"MetadataFile": saml::metadata(), "EncryptedResponses": "true", "IDPSignout": "true"},
        "AttributeMapping": {"email": "mail"}});
    scene
}

fn google() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "ProviderName": "Google", "ProviderType": "Google",
        "ProviderDetails": {"client_id": "c", "client_secret": "s", "authorize_scopes": "openid"}});
    scene
}

/// Adds the refusals of an operation about a provider.
fn of_provider(row: Row) -> Row {
    in_pool(row)
        .refuses(
            "ResourceNotFound",
            "Identity provider Other does not exist.",
            |scene| scene.set("ProviderName", "Other"),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ProviderName", "x".repeat(33))
        })
}

fn unsupported(row: Row) -> Row {
    row.never(
        "UnsupportedIdentityProvider",
        "a provider is of a kind that there is",
    )
    .never("ConcurrentModification", "a lost race is run again")
}

fn create_identity_provider() -> Row {
    Row::new("CreateIdentityProvider", provider_to_be)
        .also("Google", google)
        .refuses("DuplicateProvider", "", |scene| {
            drop(scene.call("CreateIdentityProvider", scene.body.clone()))
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("ProviderDetails", "oidc_issuer", "https://idp.example.com/")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put(
                "ProviderDetails",
                "token_url",
                "http://idp.example.com/token",
            )
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.put("ProviderDetails", "client_id", "")
        })
        .refuses(
            "InvalidParameter",
            "ProviderDetails of OIDC has no team_id.",
            |scene| scene.put("ProviderDetails", "team_id", "t"),
        )
        .refuses(
            "InvalidParameter",
            "AttributeMapping: username must be sub.",
            |scene| scene.put("AttributeMapping", "username", "email"),
        )
        .refuses(
            "InvalidParameter",
            "Invalid user attributes: shoe: Attribute does not exist in the schema.",
            |scene| scene.put("AttributeMapping", "shoe", "size"),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("IdpIdentifiers", json!(["a.example", "A.example"]))
        })
        .refuses(
            "InvalidParameter",
            "The identifier EXAMPLE.com is already in use.",
            |scene| {
                scene.call("CreateIdentityProvider", scene.body.clone());
                scene.set("ProviderName", "Another");
                scene.set("IdpIdentifiers", json!(["EXAMPLE.com"]));
            },
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ProviderName", "Google")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ProviderName", "_ab")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("AcrMapping", json!({"Level5": "x"}))
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.body["ProviderDetails"]
                .as_object_mut()
                .expect("details")
                .remove("token_url");
        })
        .also("SAML", saml)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ProviderType", "SAML")
        })
        .refuses(
            "InvalidParameter",
            "Error retrieving metadata: it is no metadata of an identity provider of SAML 2.0 with an address for sign-ins \
                and a signing certificate of RSA.",
            |scene| {
                scene.set("ProviderType", "SAML");
                scene.set("ProviderDetails", json!({"MetadataFile": "<md/>"}));
            },
        )
        .refuses("LimitExceeded", "", |scene| {
            let mut body = scene.body.clone();
            body["IdpIdentifiers"] = json!([]);
            for number in 0..300 {
                body["ProviderName"] = json!(format!("Other{number}"));
                scene.call("CreateIdentityProvider", body.clone());
            }
        })
}

fn update_identity_provider() -> Row {
    let scene = || {
        let mut scene = provider();
        scene.set("AttributeMapping", json!({"name": "name"}));
        scene.set("IdpIdentifiers", json!(["other.example"]));
        scene
    };
    let details = || {
        let mut scene = provider();
        scene.set("ProviderDetails", oidc("")["ProviderDetails"].clone());
        scene.put("ProviderDetails", "client_id", "another");
        scene
    };
    unsupported(Row::new("UpdateIdentityProvider", scene))
        .also("other details", details)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ProviderDetails", json!({"client_id": "c"}))
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("AttributeMapping", json!({"shoe": "size"}))
        })
        .refuses("InvalidParameter", "", |scene| {
            let mut other = oidc(&scene.pool);
            other["ProviderName"] = json!("Another");
            other["IdpIdentifiers"] = json!(["other.example"]);
            scene.call("CreateIdentityProvider", other);
        })
}

fn list_identity_providers() -> Row {
    let scene = || {
        let mut scene = provider();
        scene.body = json!({"UserPoolId": scene.pool, "MaxResults": 1});
        scene
    };
    Row::reading("ListIdentityProviders", scene)
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| scene.set("NextToken", "another"),
        )
        .refuses("InvalidParameter", "", |scene| scene.set("MaxResults", 61))
}

fn get_identity_provider_by_identifier() -> Row {
    let scene = || {
        let mut scene = provider();
        scene.body = json!({"UserPoolId": scene.pool, "IdpIdentifier": "Example.com"});
        scene
    };
    Row::reading("GetIdentityProviderByIdentifier", scene).refuses(
        "ResourceNotFound",
        "",
        |scene| scene.set("IdpIdentifier", "other.example"),
    )
}
