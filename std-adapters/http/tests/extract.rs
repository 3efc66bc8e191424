//! Handlers behind a token, over a whole engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use tower::ServiceExt;
use userpool::testing::{World, world};
use userpool::{Call, Caller};
use userpool_http::extract::{Claims, CurrentUser};
use userpool_http::{Guard, Outcome};

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
        app_of(guard)
    }

    /// Signs in once more, for another access token.
    async fn sign_in(&self) -> String {
        let sign_in = json!({
            "ClientId": self.client,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": "Passw0rd!x"},
        });
        let tokens = ask(&self.world, "InitiateAuth", sign_in).await;
        let token = &tokens["AuthenticationResult"]["AccessToken"];
        token.as_str().unwrap().to_owned()
    }
}

fn app_of(guard: Guard) -> Router {
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
async fn a_guard_may_want_scopes_and_groups() {
    let it = signed_in().await;
    let own = "aws.cognito.signin.user.admin";
    let bearer = format!("Bearer {}", it.access);
    let guard = Guard::new(it.world.engine.clone(), it.pool.clone(), [&it.client])
        .clock(it.world.clock.clone());
    let lacks = "Bearer error=\"insufficient_scope\"";
    let cases = [
        (guard.clone().scopes([own]), None),
        (
            guard.clone().scopes([own, "photos/read"]),
            Some(format!("{lacks}, scope=\"{own} photos/read\"")),
        ),
        // What is no scope is not named, and nobody has it.
        (guard.clone().scopes(["no \"scope"]), Some(lacks.into())),
        (guard.groups(["staff", "owners"]), Some(lacks.into())),
    ];
    for (guard, challenge) in cases {
        let app = app_of(guard);
        for path in ["/claims", "/user"] {
            let reply = fetch(&app, path, &bearer).await;
            let Some(challenge) = &challenge else {
                assert_eq!(reply.status, StatusCode::OK);
                continue;
            };
            assert_eq!(reply.status, StatusCode::FORBIDDEN);
            assert_eq!(reply.header("www-authenticate"), *challenge);
            assert_eq!(reply.body, "{\"error\":\"insufficient_scope\"}");
        }
    }
}

#[tokio::test]
async fn one_of_the_groups_is_enough() {
    let it = signed_in().await;
    let of = json!({"UserPoolId": it.pool, "GroupName": "owners"});
    ask(&it.world, "CreateGroup", of).await;
    let of = json!({"UserPoolId": it.pool, "GroupName": "owners", "Username": "jane"});
    ask(&it.world, "AdminAddUserToGroup", of).await;
    let guard = Guard::new(it.world.engine.clone(), it.pool.clone(), [&it.client])
        .clock(it.world.clock.clone());
    let app = app_of(guard.groups(["staff", "owners"]));
    // The token knows of the groups that there were when it was made.
    for (token, status) in [
        (it.access.clone(), StatusCode::FORBIDDEN),
        (it.sign_in().await, StatusCode::OK),
    ] {
        let reply = fetch(&app, "/claims", &format!("Bearer {token}")).await;
        assert_eq!(reply.status, status);
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
    let request = Request::get("/").header("authorization", "Bearer a.b.c");
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await;
    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.headers().contains_key("www-authenticate"));
    // The log has to know what is wrong, the caller does not.
    let outcome = response.extensions().get::<Outcome>().unwrap();
    assert_eq!(outcome.error, Some("temporarily_unavailable"));
    let cause = outcome.cause.clone().unwrap();
    assert!(cause.contains("us-east-1_Nothing"), "{cause}");
    let body = to_bytes(response.into_body(), 1_000).await.unwrap();
    assert_eq!(body, r#"{"error":"temporarily_unavailable"}"#.as_bytes());
}

#[tokio::test]
async fn a_pool_that_is_not_there_is_told_where_a_program_begins() {
    let it = signed_in().await;
    let guard = |pool: &str| Guard::new(it.world.engine.clone(), pool, ["client"]);
    let error = guard("us-east-1_Nothing").ready().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ResourceNotFoundException: User pool us-east-1_Nothing does not exist."
    );
    assert!(guard(&it.pool).ready().await.is_ok());
}
