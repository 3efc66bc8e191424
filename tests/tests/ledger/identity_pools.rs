//! Identity pools: made, told, changed, deleted, listed; their roles and tags.

use serde_json::{Value, json};
use userpool_tests::{
    ledger::Row,
    scene::{Scene, text},
};

/// The id of an identity pool, or of an identity, that there is not.
pub const NOBODY: &str = "us-east-1:00000000-0000-4000-8000-000000000000";
const CHANGES_ALONE: &str = "identity pools are changed one request after another";
const ANY_NUMBER: &str = "as many pools as the store holds";
const GUEST: &str = "arn:aws:iam::000000000000:role/guest";
const USER: &str = "arn:aws:iam::000000000000:role/user";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let about_one = [
        Row::reading("DescribeIdentityPool", pool),
        update_identity_pool(),
        Row::new("DeleteIdentityPool", pool).also("with identities", inhabited),
        Row::reading("GetIdentityPoolRoles", pool)
            .never("ResourceConflict", "roles are told whatever they are"),
        set_identity_pool_roles(),
        Row::reading("GetPrincipalTagAttributeMap", || provider_of(pool())).refuses(
            "InvalidParameter",
            "",
            |scene| scene.drop("IdentityProviderName"),
        ),
        set_principal_tag_attribute_map(),
    ];
    let about_one = about_one.into_iter().map(|row| {
        row.refuses(
            "ResourceNotFound",
            "IdentityPool '{identities}' not found.",
            |scene| scene.set("IdentityPoolId", NOBODY),
        )
        .refuses("InvalidParameter", "", |scene| {
            scene.set("IdentityPoolId", "no id")
        })
    });
    let tags = [tag_resource(), untag_resource(), list_tags_for_resource()];
    let tags = tags.into_iter().map(of_resource);
    let others = [create_identity_pool(), list_identity_pools()];
    let rows = about_one.chain(tags).chain(others);
    rows.map(|row| row.names_nobody("it is about a pool, whoever is in it"))
        .collect()
}

/// An identity pool that takes guests, ID tokens of the user pool, and users of a backend; the request names it.
pub fn pool() -> Scene {
    let mut scene = Scene::with_pool();
    let reply = scene.call("CreateIdentityPool", settings(&scene));
    scene.body = json!({"IdentityPoolId": reply["IdentityPoolId"]});
    let mut roles = scene.body.clone();
    roles["Roles"] = json!({"authenticated": USER, "unauthenticated": GUEST});
    scene.call("SetIdentityPoolRoles", roles);
    scene
}

fn settings(scene: &Scene) -> Value {
    json!({"IdentityPoolName": "ledger", "AllowUnauthenticatedIdentities": true, "DeveloperProviderName": "backend",
        "CognitoIdentityProviders": [{"ProviderName": provider(&scene.pool), "ClientId": scene.client}]})
}

/// The name that a user pool has as a provider.
pub fn provider(pool: &str) -> String {
    format!("cognito-idp.us-east-1.amazonaws.com/{pool}")
}

fn inhabited() -> Scene {
    let scene = pool();
    scene.call("GetId", scene.body.clone());
    scene
}

fn create_identity_pool() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = settings(&scene);
        scene
    };
    Row::new("CreateIdentityPool", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.drop("IdentityPoolName")
        })
        .refuses(
            "InvalidParameter",
            "Invalid Cognito Identity Provider.",
            |scene| {
                let wrong = json!([{"ProviderName": "example.com/us-east-1_x", "ClientId": "x"}]);
                scene.set("CognitoIdentityProviders", wrong);
            },
        )
        .never("ResourceConflict", "names of pools may repeat")
        .never("LimitExceeded", ANY_NUMBER)
}

fn update_identity_pool() -> Row {
    let scene = || {
        let mut scene = pool();
        let mut body = settings(&scene);
        body["IdentityPoolId"] = scene.body["IdentityPoolId"].clone();
        body["IdentityPoolName"] = json!("another");
        scene.body = body;
        scene
    };
    Row::new("UpdateIdentityPool", scene)
        .refuses(
            "InvalidParameter",
            "The developer provider name can not be changed.",
            |scene| scene.set("DeveloperProviderName", "another"),
        )
        .never("ResourceConflict", CHANGES_ALONE)
        .never("LimitExceeded", ANY_NUMBER)
}

fn set_identity_pool_roles() -> Row {
    let scene = || {
        let mut scene = pool();
        scene.set("Roles", json!({"authenticated": GUEST}));
        scene
    };
    Row::new("SetIdentityPoolRoles", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("Roles", json!({"admin": USER}))
        })
        .refuses("InvalidParameter", "", |scene| {
            let mapping = json!({"p:c": {"Type": "Rules", "AmbiguousRoleResolution": "Deny"}});
            scene.set("RoleMappings", mapping);
        })
        .never("ResourceConflict", CHANGES_ALONE)
}

/// The request names the user pool as a provider, too.
fn provider_of(mut scene: Scene) -> Scene {
    scene.set("IdentityProviderName", provider(&scene.pool));
    scene
}

fn set_principal_tag_attribute_map() -> Row {
    let scene = || {
        let mut scene = provider_of(pool());
        scene.set("PrincipalTags", json!({"mail": "email"}));
        scene
    };
    Row::new("SetPrincipalTagAttributeMap", scene).refuses("InvalidParameter", "", |scene| {
        let tags = (0..51).map(|at| (format!("tag{at}"), json!("email")));
        scene.set("PrincipalTags", Value::Object(tags.collect()));
    })
}

fn list_identity_pools() -> Row {
    let scene = || {
        let mut scene = pool();
        scene.body = json!({"MaxResults": 1});
        scene
    };
    Row::reading("ListIdentityPools", scene)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("NextToken", "none of this list")
        })
        .never("ResourceNotFound", "it names nothing")
}

/// The request names the pool by its ARN.
fn resource() -> Scene {
    let mut scene = pool();
    let id = text(&scene.body["IdentityPoolId"]);
    let arn = format!("arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{id}");
    scene.body = json!({"ResourceArn": arn});
    scene
}

fn of_resource(row: Row) -> Row {
    row.refuses("ResourceNotFound", "", |scene| {
        let arn = text(&scene.body["ResourceArn"]);
        scene.set("ResourceArn", arn.replace("us-east-1:0", "eu-west-1:0"));
    })
    .refuses(
        "InvalidParameter",
        "ResourceArn is not the ARN of an identity pool.",
        |scene| scene.set("ResourceArn", "arn:aws:s3:::photos/one"),
    )
}

fn tag_resource() -> Row {
    let scene = || {
        let mut scene = resource();
        scene.set("Tags", json!({"colour": "blue"}));
        scene
    };
    Row::new("AWSCognitoIdentityService.TagResource", scene).refuses(
        "InvalidParameter",
        "Tag keys cannot begin with aws:.",
        |scene| scene.set("Tags", json!({"aws:colour": "blue"})),
    )
}

fn untag_resource() -> Row {
    let scene = || {
        let mut scene = resource();
        let mut tagged = scene.body.clone();
        tagged["Tags"] = json!({"colour": "blue"});
        scene.call("AWSCognitoIdentityService.TagResource", tagged);
        scene.set("TagKeys", json!(["colour"]));
        scene
    };
    Row::new("AWSCognitoIdentityService.UntagResource", scene)
}

fn list_tags_for_resource() -> Row {
    Row::reading("AWSCognitoIdentityService.ListTagsForResource", resource)
}
