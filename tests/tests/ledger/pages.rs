//! What stands behind the login pages: domains, resource servers, and how the pages look.

use serde_json::json;
use userpool_tests::{ledger::Row, scene::Scene};

use crate::pools::in_pool;

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:000000000000:certificate/1";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let rows = [
        in_pool(create_user_pool_domain()),
        describe_user_pool_domain(),
        with_domain(update_user_pool_domain()),
        with_domain(Row::new("DeleteUserPoolDomain", domain).also("a custom one", custom_domain)),
        in_pool(create_resource_server()),
        of_server(Row::reading("DescribeResourceServer", server)),
        of_server(update_resource_server()),
        of_server(Row::new("DeleteResourceServer", server)),
        in_pool(list_resource_servers()),
        with_domain(of_client(
            Row::reading("GetUICustomization", page).also("for all", page_for_all),
        )),
        with_domain(of_client(set_ui_customization())),
        in_pool(of_client(create_managed_login_branding())),
        of_style(Row::reading("DescribeManagedLoginBranding", style)),
        in_pool(of_client(styleless(Row::reading(
            "DescribeManagedLoginBrandingByClient",
            style_of_client,
        )))),
        of_style(update_managed_login_branding()),
        of_style(Row::new("DeleteManagedLoginBranding", style)),
        in_pool(of_client(create_terms())),
        of_terms(Row::reading("DescribeTerms", terms)),
        in_pool(of_client(describe_terms_by_client())),
        of_terms(update_terms()),
        of_terms(Row::new("DeleteTerms", terms)),
        in_pool(list_terms()),
        in_pool(get_signing_certificate()),
    ];
    rows.into_iter()
        .map(|row| row.names_nobody("it is about a pool, not about users"))
        .collect()
}

/// Adds the refusals of an operation in a pool that has a domain.
fn with_domain(row: Row) -> Row {
    let row = row
        .refuses(
            "ResourceNotFound",
            "User pool {pool} does not exist.",
            |scene| scene.set("UserPoolId", "us-east-1_unknown00"),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("UserPoolId", "nopool")
        });
    match row.name() {
        "UpdateUserPoolDomain" | "DeleteUserPoolDomain" => {
            row.refuses("InvalidParameter", "", |scene| {
                scene.set("Domain", "another")
            })
        }
        _ => row,
    }
}

/// A pool with a prefix, named in the request.
fn domain() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "Domain": "shop"});
    scene.call("CreateUserPoolDomain", scene.body.clone());
    scene
}

/// A pool with a custom domain, named in the request.
fn custom_domain() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "Domain": "auth.example.com",
        "CustomDomainConfig": {"CertificateArn": CERTIFICATE}});
    scene.call("CreateUserPoolDomain", scene.body.clone());
    scene.drop("CustomDomainConfig");
    scene
}

fn create_user_pool_domain() -> Row {
    let prefix = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "Domain": "shop", "ManagedLoginVersion": 2});
        scene
    };
    let custom = || {
        let mut scene = domain();
        scene.body = json!({"UserPoolId": scene.pool, "Domain": "auth.example.com",
            "CustomDomainConfig": {"CertificateArn": CERTIFICATE}});
        scene
    };
    Row::new("CreateUserPoolDomain", prefix)
        .also("a custom one beside it", custom)
        .refuses(
            "InvalidParameter",
            "Domain already associated with another user pool.",
            |scene| {
                let other = scene.pool.clone();
                scene.move_to_pool_of(json!({}));
                let body = json!({"UserPoolId": scene.pool, "Domain": "shop"});
                scene.call("CreateUserPoolDomain", body);
                scene.set("UserPoolId", other);
            },
        )
        .refuses("InvalidParameter", "", |scene| {
            let body = json!({"UserPoolId": scene.pool, "Domain": "another"});
            scene.call("CreateUserPoolDomain", body);
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Domain", "my-cognito")
        })
        .refuses("InvalidParameter", "", |scene| scene.set("Domain", "a.b"))
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ManagedLoginVersion", 3)
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set(
                "Routing",
                json!({"Failover": {"SecondaryRegion": "eu-west-1", "PrimaryRoute53HealthCheckId": "x"}}),
            )
        })
        .refuses("FeatureUnavailableInTier", "", |scene| {
            scene.move_to_pool_of(json!({"UserPoolTier": "LITE"}));
        })
        .never("LimitExceeded", "there is no limit to the number of domains")
}

fn describe_user_pool_domain() -> Row {
    let scene = || {
        let mut scene = domain();
        scene.drop("UserPoolId");
        scene
    };
    let unknown = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"Domain": "another"});
        scene
    };
    Row::reading("DescribeUserPoolDomain", scene)
        .also("one that nobody has", unknown)
        .refuses("InvalidParameter", "", |scene| scene.set("Domain", "-"))
        .never(
            "ResourceNotFound",
            "of a domain that nobody has, nothing is told",
        )
}

fn update_user_pool_domain() -> Row {
    let scene = || {
        let mut scene = domain();
        scene.set("ManagedLoginVersion", 2);
        scene
    };
    let custom = || {
        let mut scene = custom_domain();
        scene.set(
            "CustomDomainConfig",
            json!({"CertificateArn": CERTIFICATE, "SecurityPolicy": "TLS_V1_2_2021"}),
        );
        scene
    };
    Row::new("UpdateUserPoolDomain", scene)
        .also("another certificate", custom)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("CustomDomainConfig", json!({"CertificateArn": CERTIFICATE}))
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ManagedLoginVersion", 0)
        })
        .refuses("FeatureUnavailableInTier", "", |scene| {
            let body = json!({"UserPoolId": scene.pool, "UserPoolTier": "LITE"});
            scene.call("UpdateUserPool", body);
        })
}

/// A resource server, named in the request.
fn server() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "Identifier": "https://api.example.com", "Name": "API",
        "Scopes": [{"ScopeName": "read", "ScopeDescription": "Reads"}]});
    scene.call("CreateResourceServer", scene.body.clone());
    scene.body = json!({"UserPoolId": scene.pool, "Identifier": "https://api.example.com"});
    scene
}

/// Adds the refusals of an operation about a resource server.
fn of_server(row: Row) -> Row {
    in_pool(row)
        .refuses(
            "ResourceNotFound",
            "Resource server another does not exist.",
            |scene| scene.set("Identifier", "another"),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Identifier", "two words")
        })
}

fn create_resource_server() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "Identifier": "api", "Name": "API",
            "Scopes": [{"ScopeName": "read", "ScopeDescription": "Reads"}]});
        scene
    };
    Row::new("CreateResourceServer", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.call("CreateResourceServer", scene.body.clone());
        })
        .refuses("InvalidParameter", "", |scene| {
            let scope = json!({"ScopeName": "read", "ScopeDescription": "Reads"});
            scene.set("Scopes", json!([scope, scope]))
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Scopes", json!([{"ScopeName": "a/b", "ScopeDescription": "x"}]))
        })
        .refuses("LimitExceeded", "", |scene| {
            for index in 0..300 {
                let body = json!({"UserPoolId": scene.pool, "Identifier": format!("api-{index}"), "Name": "x"});
                scene.call("CreateResourceServer", body);
            }
        })
}

fn update_resource_server() -> Row {
    let scene = || {
        let mut scene = server();
        scene.set("Name", "Another");
        scene
    };
    Row::new("UpdateResourceServer", scene).refuses("InvalidParameter", "", |scene| {
        scene.drop("Name");
    })
}

fn list_resource_servers() -> Row {
    let scene = || {
        let mut scene = server();
        scene.body = json!({"UserPoolId": scene.pool, "MaxResults": 1});
        scene
    };
    Row::reading("ListResourceServers", scene)
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| scene.set("NextToken", "another"),
        )
        .refuses("InvalidParameter", "", |scene| scene.set("MaxResults", 51))
}

/// A pool with a domain whose pages look like something, for all clients and for one.
fn page() -> Scene {
    let mut scene = page_for_all();
    scene.set("ClientId", scene.client.clone());
    let css = ".label-customizable { color: green }";
    let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "CSS": css});
    scene.call("SetUICustomization", body);
    scene
}

fn page_for_all() -> Scene {
    let mut scene = domain();
    scene.body = json!({"UserPoolId": scene.pool, "CSS": ".label-customizable { color: red }"});
    scene.call("SetUICustomization", scene.body.clone());
    scene.drop("CSS");
    scene
}

/// Adds the refusal of a client that is not there.
fn of_client(row: Row) -> Row {
    row.refuses(
        "ResourceNotFound",
        "User pool client unknown does not exist.",
        |scene| scene.set("ClientId", "unknown"),
    )
}

/// How the pages of a client shall look.
fn look() -> Scene {
    let mut scene = domain();
    // The first eight bytes of a PNG.
    scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "ImageFile": "iVBORw0KGgo=",
        "CSS": ".label-customizable { color: red }"});
    scene
}

fn look_again() -> Scene {
    let scene = look();
    scene.call("SetUICustomization", scene.body.clone());
    scene
}

fn look_taken_away() -> Scene {
    let mut scene = look_again();
    scene.drop("CSS");
    scene.drop("ImageFile");
    scene
}

fn set_ui_customization() -> Row {
    Row::new("SetUICustomization", look)
        .also("once more", look_again)
        .also("taken away", look_taken_away)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("CSS", "body { display: none }")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("ImageFile", "aGVsbG8=")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.move_to_pool_of(json!({}));
        })
}

const NO_ID: &str = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f";

fn create_managed_login_branding() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client,
            "Settings": {"categories": {"form": {"location": {"horizontal": "CENTER"}}}},
            "Assets": [{"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": "iVBORw0KGgo="}]});
        scene
    };
    let provided = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client,
            "UseCognitoProvidedValues": true});
        scene
    };
    Row::new("CreateManagedLoginBranding", scene)
        .also("the service's own look", provided)
        .refuses("ManagedLoginBrandingExists", "", |scene| {
            scene.call("CreateManagedLoginBranding", scene.body.clone());
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("UseCognitoProvidedValues", true)
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Settings", json!({"large": "x".repeat(1_000_000)}))
        })
        .never(
            "LimitExceeded",
            "a client has one style, and clients are not limited",
        )
}

/// A style of a client, named in the request.
fn style() -> Scene {
    let mut scene = Scene::with_pool();
    let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "Settings": {"a": {"b": 1, "c": 2}}});
    let made = scene.call("CreateManagedLoginBranding", body);
    let id = made["ManagedLoginBranding"]["ManagedLoginBrandingId"].clone();
    scene.body = json!({"UserPoolId": scene.pool, "ManagedLoginBrandingId": id});
    scene
}

fn style_of_client() -> Scene {
    let mut scene = style();
    scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client});
    scene
}

fn styleless(row: Row) -> Row {
    row.refuses("ResourceNotFound", "", |scene| {
        scene.set("ClientId", scene.hiding.clone())
    })
}

/// Adds the refusals of an operation about a style.
fn of_style(row: Row) -> Row {
    in_pool(row).refuses(
        "ResourceNotFound",
        "Managed login branding style does not exist.",
        |scene| scene.set("ManagedLoginBrandingId", NO_ID),
    )
}

fn update_managed_login_branding() -> Row {
    let scene = || {
        let mut scene = style();
        scene.set("Settings", json!({"a": {"b": 3}}));
        scene
    };
    Row::new("UpdateManagedLoginBranding", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.drop("ManagedLoginBrandingId")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("UseCognitoProvidedValues", true)
        })
}

/// A terms document, named in the request.
fn terms() -> Scene {
    let mut scene = terms_to_be();
    let made = scene.call("CreateTerms", scene.body.clone());
    let id = made["Terms"]["TermsId"].clone();
    scene.body = json!({"UserPoolId": scene.pool, "TermsId": id});
    scene
}

fn terms_to_be() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "TermsName": "terms-of-use",
        "TermsSource": "LINK", "Enforcement": "NONE",
        "Links": {"cognito:default": "https://example.com/terms"}});
    scene
}

/// Adds the refusals of an operation about a terms document.
fn of_terms(row: Row) -> Row {
    in_pool(row).refuses(
        "ResourceNotFound",
        "Terms document does not exist.",
        |scene| scene.set("TermsId", NO_ID),
    )
}

fn create_terms() -> Row {
    Row::new("CreateTerms", terms_to_be)
        .refuses("TermsExists", "", |scene| {
            scene.call("CreateTerms", scene.body.clone());
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set(
                "Links",
                json!({"cognito:french": "https://example.com/terms"}),
            )
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set(
                "Links",
                json!({"cognito:default": "https://x", "cognito:latin": "https://x"}),
            )
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Links", json!({"cognito:default": "javascript:alert(1)"}))
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("TermsName", "other")
        })
        .never(
            "LimitExceeded",
            "a client has two documents, and clients are not limited",
        )
}

fn describe_terms_by_client() -> Row {
    let scene = || {
        let mut scene = terms();
        scene.body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "TermsName": "terms-of-use"});
        scene
    };
    Row::reading("DescribeTermsByClient", scene).refuses("ResourceNotFound", "", |scene| {
        scene.set("TermsName", "privacy-policy")
    })
}

fn update_terms() -> Row {
    let scene = || {
        let mut scene = terms();
        scene.set("TermsName", "privacy-policy");
        scene
    };
    Row::new("UpdateTerms", scene)
        .refuses("TermsExists", "", |scene| {
            let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "TermsName": "privacy-policy",
                "TermsSource": "LINK", "Enforcement": "NONE", "Links": {"cognito:default": "https://x"}});
            scene.call("CreateTerms", body);
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Links", json!({"cognito:french": "https://example.com/terms"}))
        })
}

fn list_terms() -> Row {
    let scene = || {
        let mut scene = terms();
        scene.body = json!({"UserPoolId": scene.pool, "MaxResults": 1});
        scene
    };
    Row::reading("ListTerms", scene)
        .refuses(
            "InvalidParameter",
            "Invalid pagination token given.",
            |scene| scene.set("NextToken", "another"),
        )
        .refuses("InvalidParameter", "", |scene| scene.set("MaxResults", 61))
}

fn get_signing_certificate() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool});
        scene
    };
    Row::new("GetSigningCertificate", scene)
}
