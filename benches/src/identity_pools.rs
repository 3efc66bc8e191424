//! The life of an identity pool: of guests, of a user of a user pool, and of users of a backend.

use serde_json::{Value, json};

use crate::world::World;

/// The service, whose tag operations have the names of those of user pools.
const SERVICE: &str = "AWSCognitoIdentityService";
/// What a token of an identity pool is given under, where it vouches for a user of a backend.
const OWN: &str = "cognito-identity.amazonaws.com";

/// Makes an identity pool for a user pool's client, lets in whoever may come, and deletes it.
///
/// `token` is the ID token of a user of that client.
///
/// # Panics
/// The engine did not answer with success.
pub fn live(world: &mut World, user_pool: &str, client: &str, token: &Value) {
    let provider = format!("cognito-idp.us-east-1.amazonaws.com/{user_pool}");
    let settings = |name: &str| {
        json!({"IdentityPoolName": name, "AllowUnauthenticatedIdentities": true,
            "DeveloperProviderName": "backend",
            "CognitoIdentityProviders": [{"ProviderName": provider, "ClientId": client,
                "ServerSideTokenCheck": true}]})
    };
    let made = world.call("CreateIdentityPool", &settings("bench"));
    let id = &made["IdentityPoolId"];
    let pool = json!({"IdentityPoolId": id});
    let of = |more: Value| joined(&pool, &more);
    world.call("DescribeIdentityPool", &pool);
    world.call("UpdateIdentityPool", &of(settings("renamed")));
    world.call("ListIdentityPools", &json!({"MaxResults": 10}));
    let role = |whose: &str| format!("arn:aws:iam::000000000000:role/{whose}");
    let roles = json!({"authenticated": role("user"), "unauthenticated": role("guest")});
    world.call("SetIdentityPoolRoles", &of(json!({"Roles": roles})));
    world.call("GetIdentityPoolRoles", &pool);
    let tags = json!({"IdentityProviderName": provider, "PrincipalTags": {"mail": "email"}});
    world.call("SetPrincipalTagAttributeMap", &of(tags));
    let named = json!({"IdentityProviderName": provider});
    world.call("GetPrincipalTagAttributeMap", &of(named));
    tagged(world, id);

    let guest = world.call("GetId", &pool);
    // The first token of a pool makes the keys that sign it.
    world.unmarked("GetOpenIdToken", &guest);
    world.call("GetOpenIdToken", &guest);
    world.call("GetCredentialsForIdentity", &guest);
    let logins = json!({"Logins": {&provider: token}});
    let user = world.call("GetId", &of(logins.clone()));
    let user = joined(&user, &logins);
    world.call("GetCredentialsForIdentity", &user);
    let identity = json!({"IdentityId": user["IdentityId"]});
    world.call("DescribeIdentity", &identity);
    world.call("ListIdentities", &of(json!({"MaxResults": 10})));
    let unlinked = json!({"LoginsToRemove": [provider]});
    world.call("UnlinkIdentity", &joined(&user, &unlinked));

    vouched_for(world, &pool);
    world.call(
        "DeleteIdentities",
        &json!({"IdentityIdsToDelete": [guest["IdentityId"]]}),
    );
    world.call("DeleteIdentityPool", &pool);
}

/// Gives an identity pool a tag, and takes it back.
fn tagged(world: &mut World, pool: &Value) {
    let pool = pool.as_str().expect("an id is a text");
    let arn = format!("arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool}");
    let arn = json!({"ResourceArn": arn});
    let mut call = |name: &str, operation: &str, more: Value| {
        world.call_as(
            name,
            &format!("{SERVICE}.{operation}"),
            &joined(&arn, &more),
        )
    };
    call(
        "TagIdentityPool",
        "TagResource",
        json!({"Tags": {"stage": "bench"}}),
    );
    call("ListTagsOfIdentityPool", "ListTagsForResource", json!({}));
    call(
        "UntagIdentityPool",
        "UntagResource",
        json!({"TagKeys": ["stage"]}),
    );
}

/// Users that a backend vouches for: looked up, merged, and unlinked.
fn vouched_for(world: &mut World, pool: &Value) {
    let of = |more: Value| joined(pool, &more);
    let vouch = |world: &mut World, user: &str| {
        let body = of(json!({"Logins": {"backend": user}}));
        world.call("GetOpenIdTokenForDeveloperIdentity", &body)
    };
    vouch(world, "one");
    let two = vouch(world, "two");
    let looked = of(json!({"DeveloperUserIdentifier": "one"}));
    world.call("LookupDeveloperIdentity", &looked);
    let both = json!({"SourceUserIdentifier": "one", "DestinationUserIdentifier": "two",
        "DeveloperProviderName": "backend"});
    world.call("MergeDeveloperIdentities", &of(both));
    let logins = json!({"IdentityId": two["IdentityId"], "Logins": {OWN: two["Token"]}});
    world.call("GetCredentialsForIdentity", &logins);
    let one = json!({"IdentityId": two["IdentityId"], "DeveloperProviderName": "backend",
        "DeveloperUserIdentifier": "one"});
    world.call("UnlinkDeveloperIdentity", &of(one));
}

/// One object with the members of two.
fn joined(first: &Value, second: &Value) -> Value {
    let mut both = first.clone();
    for (name, value) in second.as_object().expect("members") {
        both[name] = value.clone();
    }
    both
}
