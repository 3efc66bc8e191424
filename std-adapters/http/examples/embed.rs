//! Sign-in inside another server: the protocol beside a route of its own that only signed-in users reach.
//!
//! `cargo run -p userpool-http --example embed`, with 32 random bytes in `root.key`.

use axum::{Router, routing::get};
use userpool::{Engine, KeyId, RootKeys, SealKey, SecretArray};
use userpool_http::{Api, Guard, extract::Claims, router};
use userpool_redb::RedbStore;

async fn me(claims: Claims) -> String {
    format!("hello {}", claims.username().unwrap_or("stranger"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key: [u8; 32] = std::fs::read("root.key")?
        .try_into()
        .map_err(|_| "a root key has 32 bytes")?;
    let keys = RootKeys::new(SealKey::new(
        KeyId::parse("2026").ok_or("no name")?,
        SecretArray::new(key),
    ));
    let engine = Engine::builder(RedbStore::open("users.redb")?, keys).open()?;
    let guard = Guard::new(engine.clone(), "us-east-1_AbCdEf123", ["1example23456789"]);
    let app = Router::new().route("/me", get(me)).with_state(guard);
    let app = app.fallback_service(router(Api::new(engine)));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
