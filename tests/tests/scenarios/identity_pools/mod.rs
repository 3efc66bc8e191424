//! Stories of identity pools: pools, identities of guests and of users, roles, credentials, users of backends, and logins of
//! others.

mod assertions;
mod broker;
mod credentials;
mod developers;
mod foreign;
mod guarded;
mod identities;
mod logins;
mod others;
mod pools;
mod roles;

use serde_json::{Value, json};
use userpool_tests::scene::{Scene, text};

const GUEST_ROLE: &str = "arn:aws:iam::000000000000:role/guest";
const USER_ROLE: &str = "arn:aws:iam::000000000000:role/user";

/// A user pool, an identity pool that takes its ID tokens and guests, and a user who has signed in.
struct Story {
    scene: Scene,
    pool: String,
}

impl Story {
    fn new() -> Self {
        Self::of(json!({}))
    }

    /// As [`Story::new`], with these settings of the identity pool besides.
    fn of(settings: Value) -> Self {
        let mut scene = Scene::with_pool();
        scene.user("jane");
        scene.sign_in("jane");
        let mut body = json!({"IdentityPoolName": "story", "AllowUnauthenticatedIdentities": true,
            "CognitoIdentityProviders": [{"ProviderName": provider(&scene), "ClientId": scene.client,
                "ServerSideTokenCheck": true}]});
        for (name, value) in settings.as_object().expect("settings") {
            body[name] = value.clone();
        }
        let pool = text(&scene.call("CreateIdentityPool", body)["IdentityPoolId"]);
        let roles = json!({"IdentityPoolId": pool,
            "Roles": {"authenticated": USER_ROLE, "unauthenticated": GUEST_ROLE}});
        scene.call("SetIdentityPoolRoles", roles);
        Self { scene, pool }
    }

    /// The login of whoever signed in last.
    fn logins(&self) -> Value {
        json!({provider(&self.scene): self.scene.fact("id")})
    }

    /// Signs another user up and in.
    fn another(&mut self, name: &str) {
        self.scene.user(name);
        self.scene.sign_in(name);
    }

    #[track_caller]
    fn id(&self, logins: Option<&Value>) -> String {
        text(&self.scene.call("GetId", self.id_body(logins))["IdentityId"])
    }

    fn id_body(&self, logins: Option<&Value>) -> Value {
        match logins {
            Some(logins) => json!({"IdentityPoolId": self.pool, "Logins": logins}),
            None => json!({"IdentityPoolId": self.pool}),
        }
    }

    #[track_caller]
    fn credentials(&self, id: &str, logins: Option<&Value>) -> Value {
        self.scene
            .call("GetCredentialsForIdentity", coming(id, logins))
    }

    /// The refusal of a request that may have other records than its own landed: keys.
    #[track_caller]
    fn refused_later(&self, operation: &str, body: &Value) -> String {
        let error = self.scene.try_call(operation, body).expect_err("a refusal");
        error.to_string()
    }

    #[track_caller]
    fn refused(&self, operation: &str, body: &Value) -> String {
        self.scene.refusal(operation, body, "")
    }
}

fn coming(id: &str, logins: Option<&Value>) -> Value {
    match logins {
        Some(logins) => json!({"IdentityId": id, "Logins": logins}),
        None => json!({"IdentityId": id}),
    }
}

/// The name that the user pool of a scene has at the service.
fn provider(scene: &Scene) -> String {
    format!("cognito-idp.us-east-1.amazonaws.com/{}", scene.pool)
}

/// The claims of a token.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = userpool_crypto::base64::decode_url(payload).expect("base64");
    serde_json::from_slice(&bytes).expect("claims")
}
