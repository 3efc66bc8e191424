//! Sign-in inside another server: the protocol beside a route of its own that only signed-in users reach.
//!
//! `echo "1:$(head -c 32 /dev/urandom | base64)" > root-keys` once, then `cargo run -p userpool-http --example embed`. Codes are on its output:
//!
//! ```sh
//! export AWS_ENDPOINT_URL=http://127.0.0.1:9229 AWS_DEFAULT_REGION=us-east-1
//! CLIENT=1example23456789
//! aws cognito-idp sign-up --no-sign-request --client-id $CLIENT --username ada --password 'Correct-horse-7' \
//!     --user-attributes Name=email,Value=ada@example.com
//! aws cognito-idp confirm-sign-up --no-sign-request --client-id $CLIENT --username ada --confirmation-code 123456
//! TOKEN=$(aws cognito-idp initiate-auth --no-sign-request --client-id $CLIENT --auth-flow USER_PASSWORD_AUTH \
//!     --auth-parameters USERNAME=ada,PASSWORD=Correct-horse-7 --query AuthenticationResult.AccessToken --output text)
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9229/me
//! ```

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use userpool::ports::{Courier, CourierFault, Message};
use userpool::wire::idp::{
    CreateUserPoolClientRequest, CreateUserPoolRequest, ExplicitAuthFlowsType,
    VerifiedAttributeType,
};
use userpool::{Engine, RootKeys};
use userpool_http::{Api, Guard, extract::Claims, router};
use userpool_redb::RedbStore;

/// Writes what should be sent to the terminal.
struct Terminal;

impl Courier for Terminal {
    fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
        println!("to {}: {}", message.destination, message.body);
        Ok(())
    }
}

async fn me(claims: Claims) -> String {
    format!("hello {}", claims.username().unwrap_or("stranger"))
}

/// Removes what has ended, goes on with long jobs, and sends again what was not delivered.
async fn keep_up(engine: Engine) {
    loop {
        match engine.maintain().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => eprintln!("maintenance failed: {error}"),
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys: RootKeys = std::fs::read_to_string("root-keys")
        .map_err(|it| format!("root-keys: {it}"))?
        .parse()?;
    let store = RedbStore::open("users.redb")?;
    let engine = Engine::builder(store, keys).courier(Terminal).open()?;
    engine.prove_root_keys().await?;

    let (pool, client) = ("us-east-1_AbCdEf123", "1example23456789");
    let settings = CreateUserPoolRequest {
        pool_name: "people".into(),
        auto_verified_attributes: Some(vec![VerifiedAttributeType::Email]),
        ..Default::default()
    };
    engine.declare_user_pool(pool, &settings).await?;
    let flows = [
        ExplicitAuthFlowsType::AllowUserSrpAuth,
        ExplicitAuthFlowsType::AllowUserPasswordAuth,
        ExplicitAuthFlowsType::AllowRefreshTokenAuth,
    ];
    let settings = CreateUserPoolClientRequest {
        user_pool_id: pool.into(),
        client_name: "web".into(),
        explicit_auth_flows: Some(flows.into()),
        ..Default::default()
    };
    engine.declare_user_pool_client(client, &settings).await?;

    tokio::spawn(keep_up(engine.clone()));
    let guard = Guard::new(engine.clone(), pool, [client]);
    guard.ready().await?;
    let app = Router::new().route("/me", get(me)).with_state(guard);
    let app = app
        .fallback_service(router(Api::new(engine)))
        // Requests come with the address of whoever sent them.
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:9229").await?, app).await?;
    Ok(())
}
