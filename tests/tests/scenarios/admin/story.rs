//! A pool and a client in a world of their own, and an administrator who calls the API.

use serde_json::{Map, Value, json};
use userpool_tests::world::{World, world};

use crate::api;

/// A password that fits the default policy.
pub const PASSWORD: &str = "Correct-horse-9";

/// A pool with a client.
pub struct Story {
    pub world: World,
    pub pool: String,
    pub client: String,
}

impl Story {
    /// A pool of these settings, and a client that signs in with passwords.
    #[track_caller]
    pub fn of(settings: Value) -> Self {
        let world = world();
        let pool = api::pool(&world.engine, settings);
        let client = json!({
            "UserPoolId": pool,
            "ClientName": "app",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        });
        let client = api::ok(&world.engine, "CreateUserPoolClient", client);
        let client = client["UserPoolClient"]["ClientId"].as_str();
        let client = client.expect("an id").to_owned();
        Self {
            world,
            pool,
            client,
        }
    }

    /// The answer to an administrator; the pool's id is filled in.
    #[track_caller]
    pub fn ok(&self, operation: &str, body: Value) -> Value {
        api::ok(&self.world.engine, operation, self.in_pool(body))
    }

    /// The refusal of an administrator's call, as `name: text`.
    #[track_caller]
    pub fn refused(&self, operation: &str, body: Value) -> String {
        api::refused(&self.world.engine, operation, self.in_pool(body))
    }

    /// Makes a user with these attributes and a permanent password, silently.
    #[track_caller]
    pub fn user(&self, name: &str, attributes: &[(&str, &str)]) {
        self.ok(
            "AdminCreateUser",
            json!({
                "Username": name,
                "UserAttributes": list(attributes),
                "MessageAction": "SUPPRESS",
            }),
        );
        self.ok(
            "AdminSetUserPassword",
            json!({ "Username": name, "Password": PASSWORD, "Permanent": true }),
        );
    }

    /// What AdminGetUser shows.
    #[track_caller]
    pub fn shown(&self, name: &str) -> Value {
        self.ok("AdminGetUser", json!({ "Username": name }))
    }

    /// An attribute of a user; `null` where there is none.
    #[track_caller]
    pub fn attribute(&self, name: &str, attribute: &str) -> Value {
        attributes(&self.shown(name)["UserAttributes"])[attribute].clone()
    }

    /// Signs in with a password: the reply, or the refusal.
    pub fn sign_in(&self, name: &str, password: &str) -> Result<Value, String> {
        let body = json!({
            "ClientId": self.client,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": name, "PASSWORD": password },
        });
        api::call(&self.world.engine, "InitiateAuth", body).map_err(|error| error.to_string())
    }

    /// Answers `NEW_PASSWORD_REQUIRED`.
    pub fn choose_password(&self, name: &str, challenge: &Value, password: &str) -> Value {
        assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
        let body = json!({
            "ClientId": self.client,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": challenge["Session"],
            "ChallengeResponses": { "USERNAME": name, "NEW_PASSWORD": password },
        });
        api::ok(&self.world.engine, "RespondToAuthChallenge", body)
    }

    /// A call of a user's client.
    pub fn client_call(&self, operation: &str, body: Value) -> Result<Value, String> {
        api::call(&self.world.engine, operation, body).map_err(|error| error.to_string())
    }

    /// The destinations of all messages so far.
    pub fn destinations(&self) -> Vec<String> {
        let messages = self.world.mailbox.messages();
        messages
            .into_iter()
            .map(|message| message.destination)
            .collect()
    }

    fn in_pool(&self, mut body: Value) -> Value {
        body["UserPoolId"] = json!(self.pool);
        body
    }
}

/// Attributes as the API takes them.
pub fn list(attributes: &[(&str, &str)]) -> Value {
    let attributes = attributes.iter();
    attributes
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect()
}

/// Attributes as the API shows them, by name.
pub fn attributes(shown: &Value) -> Value {
    let shown = shown.as_array().expect("a list of attributes");
    let pairs = shown.iter().map(|attribute| {
        let name = attribute["Name"].as_str().expect("a name");
        (name.to_owned(), attribute["Value"].clone())
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}
