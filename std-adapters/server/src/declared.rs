//! What the settings file declares: pools, their app clients and users, made at the start.
//!
//! ```toml
//! [[pools]]
//! id = "us-east-1_Example01"
//! settings = { PoolName = "demo", AutoVerifiedAttributes = ["email"] }
//!
//! [[pools.clients]]
//! id = "1example23456789"
//! settings = { ClientName = "app", ExplicitAuthFlows = ["ALLOW_USER_SRP_AUTH"] }
//!
//! [[pools.users]]
//! username = "jane"
//! password = "correct-Horse-7"
//! attributes = { email = "jane@example.com", email_verified = "true" }
//! ```
//!
//! `settings` has the members of CreateUserPool and CreateUserPoolClient. What is there already
//! stays as it is: the file makes, it does not change.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};
use toml::Table;
use userpool::wire::idp::{CreateUserPoolClientRequest, CreateUserPoolRequest};
use userpool::wire::{Request, find, parse};
use userpool::{ApiError, Call, Caller, Engine};

use crate::failure::Failure;
use crate::options::Hidden;

/// A user pool that the file declares.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    id: String,
    #[serde(default)]
    settings: Table,
    #[serde(default)]
    clients: Vec<Client>,
    #[serde(default)]
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    id: String,
    #[serde(default)]
    settings: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    username: String,
    password: Option<Hidden>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Makes what is declared and not there yet.
///
/// # Errors
/// A declaration that makes no sense, or that the engine refuses; the ones before it are made.
pub(crate) async fn make(engine: &Engine, pools: &[Pool]) -> Result<(), Failure> {
    for pool in pools {
        let named = |it: &dyn fmt::Display| Failure::new(format!("pool {}: {it}", pool.id));
        let request: CreateUserPoolRequest =
            read(&pool.settings, &[("PoolName", &pool.id)]).map_err(|it| named(&it))?;
        let made = engine
            .declare_user_pool(&pool.id, &request)
            .await
            .map_err(|it| named(&it))?;
        tracing::info!(pool = pool.id, made, "a declared pool is there");
        for client in &pool.clients {
            let named = |it: &dyn fmt::Display| {
                Failure::new(format!("pool {}, client {}: {it}", pool.id, client.id))
            };
            let given = [
                ("UserPoolId", pool.id.as_str()),
                ("ClientName", client.id.as_str()),
            ];
            let request: CreateUserPoolClientRequest =
                read(&client.settings, &given).map_err(|it| named(&it))?;
            let made = engine
                .declare_user_pool_client(&client.id, &request)
                .await
                .map_err(|it| named(&it))?;
            tracing::info!(
                pool = pool.id,
                client = client.id,
                made,
                "a declared client is there"
            );
        }
        for (at, user) in pool.users.iter().enumerate() {
            // The log and errors name users by their place in the file.
            let named = |it: ApiError| {
                Failure::new(format!("pool {}, user number {}: {it}", pool.id, at + 1))
            };
            make_user(engine, &pool.id, user).await.map_err(named)?;
        }
    }
    Ok(())
}

/// A request with the members of a table; `given` are the members that may be left out.
fn read<R: Request>(settings: &Table, given: &[(&str, &str)]) -> Result<R, Failure> {
    let mut settings = settings.clone();
    for (name, value) in given {
        settings.entry(*name).or_insert_with(|| (*value).into());
    }
    let text = serde_json::to_string(&settings).map_err(|it| Failure::new(it.to_string()))?;
    let request: R = parse(text.as_bytes()).map_err(|it| Failure::new(it.message().to_owned()))?;
    // On the wire unknown members are passed over; in a file they are mistakes.
    let understood: Value = serde_json::from_str(&request.to_json()).unwrap_or_default();
    match settings
        .keys()
        .find(|it| understood.get(it.as_str()).is_none())
    {
        Some(unknown) => Err(Failure::new(format!("there is no setting `{unknown}`"))),
        None => Ok(request),
    }
}

/// Makes a user unless there is one, and gives a new one the declared password for good.
async fn make_user(engine: &Engine, pool: &str, user: &User) -> Result<(), ApiError> {
    let attributes: Vec<Value> = user
        .attributes
        .iter()
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect();
    let create = json!({
        "UserPoolId": pool,
        "Username": user.username,
        "UserAttributes": attributes,
        "MessageAction": "SUPPRESS",
    });
    match call(engine, "AdminCreateUser", &create).await {
        Ok(_) => {}
        Err(error) if error.name == "UsernameExistsException" => {}
        Err(error) => return Err(error),
    }
    let Some(password) = &user.password else {
        return Ok(());
    };
    let named = json!({"UserPoolId": pool, "Username": user.username});
    let found = call(engine, "AdminGetUser", &named).await?;
    // A user who has a password of their own keeps it.
    if found["UserStatus"] == "FORCE_CHANGE_PASSWORD" {
        let set = json!({
            "UserPoolId": pool,
            "Username": user.username,
            "Password": password.expose(),
            "Permanent": true,
        });
        call(engine, "AdminSetUserPassword", &set).await?;
    }
    Ok(())
}

/// Calls an operation by its name, as the program that embeds the engine.
///
/// # Errors
/// The engine refuses it.
pub(crate) async fn call(engine: &Engine, name: &str, body: &Value) -> Result<Value, ApiError> {
    let operation = find(&format!("AWSCognitoIdentityProviderService.{name}"))
        .expect("the name is in the service's model");
    let body = body.to_string().into_bytes();
    let reply = engine
        .answer(Call {
            operation,
            body,
            caller: Caller::embedder(),
        })
        .await?;
    Ok(serde_json::from_slice(&reply).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use userpool::testing::world;

    use super::*;

    #[derive(Deserialize)]
    struct File {
        pools: Vec<Pool>,
    }

    const FILE: &str = r#"
        [[pools]]
        id = "eu-west-1_Example01"
        settings = { AutoVerifiedAttributes = ["email"] }

        [[pools.clients]]
        id = "1example23456789"
        settings = { ClientSecret = "a1b2c3d4e5f6g7h8i9j0k1l2m3", RefreshTokenValidity = 7 }
    "#;

    fn pools(text: &str) -> Vec<Pool> {
        toml::from_str::<File>(text).unwrap().pools
    }

    #[tokio::test]
    async fn declared_ids_and_secrets_are_kept_and_made_once() {
        let engine = world().engine;
        make(&engine, &pools(FILE)).await.unwrap();
        make(&engine, &pools(FILE)).await.unwrap();
        let asked = json!({"UserPoolId": "eu-west-1_Example01", "ClientId": "1example23456789"});
        let client = call(&engine, "DescribeUserPoolClient", &asked)
            .await
            .unwrap();
        let client = &client["UserPoolClient"];
        assert_eq!(client["ClientSecret"], "a1b2c3d4e5f6g7h8i9j0k1l2m3");
        assert_eq!(client["ClientName"], "1example23456789");
        assert_eq!(client["RefreshTokenValidity"], 7);
        let pool = call(&engine, "DescribeUserPool", &asked).await.unwrap();
        let arn = "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_Example01";
        assert_eq!(pool["UserPool"]["Arn"], arn);
        assert_eq!(pool["UserPool"]["AutoVerifiedAttributes"], json!(["email"]));
    }

    #[tokio::test]
    async fn a_declared_user_can_sign_in_and_keeps_a_password_of_their_own() {
        let engine = world().engine;
        let file = format!(
            "{FILE}\n[[pools.users]]\nusername = \"jane\"\npassword = \"correct-Horse-7\"\n\
             attributes = {{ email = \"jane@example.com\", email_verified = \"true\" }}"
        );
        make(&engine, &pools(&file)).await.unwrap();
        let named = json!({"UserPoolId": "eu-west-1_Example01", "Username": "jane"});
        let user = call(&engine, "AdminGetUser", &named).await.unwrap();
        assert_eq!(user["UserStatus"], "CONFIRMED");
        let own = json!({
            "UserPoolId": "eu-west-1_Example01",
            "Username": "jane",
            "Password": "own-Horse-8",
            "Permanent": true,
        });
        call(&engine, "AdminSetUserPassword", &own).await.unwrap();
        make(&engine, &pools(&file)).await.unwrap();
        let client = json!({
            "UserPoolId": "eu-west-1_Example01",
            "ClientName": "tool",
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        });
        let client = call(&engine, "CreateUserPoolClient", &client)
            .await
            .unwrap();
        let sign_in = json!({
            "UserPoolId": "eu-west-1_Example01",
            "ClientId": client["UserPoolClient"]["ClientId"],
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": "own-Horse-8"},
        });
        let tokens = call(&engine, "AdminInitiateAuth", &sign_in).await.unwrap();
        assert!(tokens["AuthenticationResult"]["IdToken"].is_string());
    }

    #[tokio::test]
    async fn mistakes_are_named_by_their_place() {
        for (wrong, told) in [
            (
                "[[pools]]\nid = \"nothing\"",
                "does not have the form of an id",
            ),
            (
                "[[pools]]\nid = \"a_1\"\nsettings = { Poolname = \"x\" }",
                "no setting `Poolname`",
            ),
            (
                "[[pools]]\nid = \"a_1\"\nsettings = { MfaConfiguration = 3 }",
                "pool a_1: ",
            ),
        ] {
            let error = make(&world().engine, &pools(wrong))
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains(told), "{error}");
        }
        assert!(toml::from_str::<File>("[[pools]]\nid = \"a_1\"\nclient = []").is_err());
    }
}
