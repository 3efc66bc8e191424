//! Handlers behind a token, over a whole engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use userpool::testing::{World, world};
use userpool::{Call, Caller};
use userpool_http::Guard;
use userpool_http::extract::{Claims, CurrentUser};

use support::{Reply, send};

mod support;

/// A pool with a client and a user who has signed in.
struct SignedIn {
    world: World,
    pool: String,
    client: String,
    access: String,
    id: String,
}

async fn ask(world: &World, operation: &str, body: Value) -> Value {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let call = Call {
        operation: userpool_wire::find(&target).unwrap(),
        body: body.to_string().into_bytes(),
        caller: Caller::embedder(),
    };
    let reply = world.engine.answer(call).await.unwrap();
    serde_json::from_slice(&reply).unwrap_or_default()
}

async fn signed_in() -> SignedIn {
    let world = world();
    let pool = json!({"PoolName": "demo", "AutoVerifiedAttributes": ["email"]});
    let pool = ask(&world, "CreateUserPool", pool).await["UserPool"]["Id"].clone();
    let client = json!({
        "UserPoolId": pool,
        "ClientName": "app",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    });
    let client = ask(&world, "CreateUserPoolClient", client).await;
    let client = client["UserPoolClient"]["ClientId"].clone();
    let sign_up = json!({
        "ClientId": client,
        "Username": "jane",
        "Password": "Passw0rd!x",
        "UserAttributes": [{"Name": "email", "Value": "jane@example.com"}],
    });
    ask(&world, "SignUp", sign_up).await;
    let code = world.mailbox.code_to("jane@example.com").unwrap();
    let confirm = json!({"ClientId": client, "Username": "jane", "ConfirmationCode": code});
    ask(&world, "ConfirmSignUp", confirm).await;
    let sign_in = json!({
        "ClientId": client,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": "Passw0rd!x"},
    });
    let tokens = ask(&world, "InitiateAuth", sign_in).await["AuthenticationResult"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    SignedIn {
        pool: text(&pool),
        client: text(&client),
        access: text(&tokens["AccessToken"]),
        id: text(&tokens["IdToken"]),
        world,
    }
}

impl SignedIn {
    /// An application that takes tokens of these clients.
    fn app(&self, clients: &[&str]) -> Router {
        let engine = self.world.engine.clone();
        let guard = Guard::new(engine, self.pool.clone(), clients.iter().copied())
            .clock(self.world.clock.clone());
        Router::new()
            .route(
                "/claims",
                get(async |it: Claims| it.username().unwrap().to_owned()),
            )
            .route(
                "/user",
                get(async |it: CurrentUser| {
                    assert_eq!(it.subject(), it.attribute("sub").unwrap());
                    format!("{} {}", it.username(), it.attribute("email").unwrap())
                }),
            )
            .with_state(guard)
    }
}

async fn fetch(app: &Router, path: &str, authorization: &str) -> Reply {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    if !authorization.is_empty() {
        request
            .headers_mut()
            .insert("authorization", authorization.parse().unwrap());
    }
    send(app.clone(), request).await
}

#[tokio::test]
async fn a_handler_knows_whose_token_it_was_called_with() {
    let it = signed_in().await;
    let app = it.app(&[&it.client]);
    let bearer = format!("Bearer {}", it.access);
    let reply = fetch(&app, "/claims", &bearer).await;
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (StatusCode::OK, "jane")
    );
    let reply = fetch(&app, "/user", &bearer).await;
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (StatusCode::OK, "jane jane@example.com")
    );
}

#[tokio::test]
async fn without_a_bearer_token_nobody_passes() {
    let it = signed_in().await;
    let app = it.app(&[&it.client]);
    for path in ["/claims", "/user"] {
        for authorization in [
            "",
            "Bearer",
            "Bearer ",
            "Basic amFuZTp4",
            it.access.as_str(),
        ] {
            let reply = fetch(&app, path, authorization).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{authorization}");
            assert_eq!(reply.header("www-authenticate"), "Bearer");
            assert_eq!(reply.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn a_token_for_others_or_of_another_kind_is_invalid() {
    let it = signed_in().await;
    let ours = it.app(&[&it.client]);
    let theirs = it.app(&["another"]);
    let mut forged = it.access.clone();
    let last = if forged.pop().unwrap() == 'A' {
        'B'
    } else {
        'A'
    };
    forged.insert(forged.len() - 10, last);
    for path in ["/claims", "/user"] {
        for (app, token) in [(&theirs, &it.access), (&ours, &it.id), (&ours, &forged)] {
            let reply = fetch(app, path, &format!("Bearer {token}")).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(
                reply.header("www-authenticate"),
                "Bearer error=\"invalid_token\""
            );
            assert_eq!(reply.body, "{\"error\":\"invalid_token\"}");
        }
    }
}

#[tokio::test]
async fn a_token_expires() {
    let it = signed_in().await;
    let app = it.app(&[&it.client]);
    it.world.clock.advance(Duration::from_secs(3_601));
    for path in ["/claims", "/user"] {
        let reply = fetch(&app, path, &format!("Bearer {}", it.access)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn sign_out_is_seen_on_line_and_not_off_line() {
    let it = signed_in().await;
    let app = it.app(&[&it.client]);
    ask(
        &it.world,
        "GlobalSignOut",
        json!({"AccessToken": it.access}),
    )
    .await;
    let bearer = format!("Bearer {}", it.access);
    assert_eq!(
        fetch(&app, "/user", &bearer).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(fetch(&app, "/claims", &bearer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_pool_that_is_not_there_is_no_fault_of_the_token() {
    let it = signed_in().await;
    let guard = Guard::new(it.world.engine.clone(), "us-east-1_Nothing", ["client"]);
    let app = Router::new()
        .route("/", get(async |_: Claims| ""))
        .with_state(guard);
    let reply = fetch(&app, "/", "Bearer a.b.c").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("www-authenticate"), "");
}
