//! A service of your own that only holders of credentials reach whose role lets them, beside a server of userpool.
//!
//! `cargo run -p userpool-http --example credentials`, with `USERPOOL_ROOT_KEYS` as the server has it (`id:base64`): it is all that
//! this one must know. `SERVICE_LISTEN` says where it listens, `SERVICE_NAME` what clients sign for. What roles may do:

const POLICIES: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "notes:Get", "Resource": "arn:notes:::shared/*"},
    {"Effect": "Allow", "Action": "notes:*", "Resource": "arn:notes:::${cognito-identity.amazonaws.com:sub}/*"},
    {"Effect": "Deny", "Action": "notes:Put", "Resource": "arn:notes:::*/pinned"}]}"#;
const ROLE: &str = "arn:aws:iam::000000000000:role/user";

use axum::{Extension, Router, body::Bytes, extract::Path, http::request::Parts, routing::get};
use userpool::{RootKeys, credentials::Checker, credentials::Principal, policy::Policy};
use userpool_http::{SigV4Layer, sigv4::Asked, sigv4::RolePolicies, sigv4::decoded_path};

/// `GET /notes/<identity>/<note>` is `notes:Get` on `arn:notes:::<identity>/<note>`.
fn asked(request: &Parts) -> Option<Asked> {
    let method = request.method.as_str();
    Some(Asked {
        action: format!("notes:{}", if method == "GET" { "Get" } else { "Put" }),
        resource: format!(
            "arn:notes:::{}",
            decoded_path(request)?.strip_prefix("/notes/")?
        ),
    })
}

async fn read(caller: Extension<Principal>, Path((_, note)): Path<(String, String)>) -> String {
    format!("{note} of {}", caller.identity())
}

async fn write(body: Bytes) -> [(&'static str, String); 1] {
    [("note-length", body.len().to_string())]
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys: RootKeys = std::env::var("USERPOOL_ROOT_KEYS")?.parse()?;
    let service = std::env::var("SERVICE_NAME").unwrap_or("execute-api".into());
    let roles = RolePolicies::new(asked).role(ROLE, [Policy::parse(POLICIES)?]);
    let layer = SigV4Layer::new(Checker::new(keys), service).authorise(roles);
    let notes = get(read).put(write);
    let app = Router::new()
        .route("/notes/{identity}/{note}", notes)
        .layer(layer);
    let listen = std::env::var("SERVICE_LISTEN").unwrap_or("127.0.0.1:3000".into());
    axum::serve(tokio::net::TcpListener::bind(listen).await?, app).await?;
    Ok(())
}
