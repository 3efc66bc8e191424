//! A stub in the engine's place, and a client that speaks to the router without a socket.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use userpool::oauth::Endpoint;
use userpool::{Answer, ApiError, Call, Caller};
use userpool_http::{Answers, Api, router};

/// What the stub was called with.
pub struct Seen {
    pub operation: &'static str,
    pub body: Vec<u8>,
    pub caller: Caller,
}

/// Answers what it is told to, and remembers what it was asked.
#[derive(Clone)]
pub struct Stub {
    answer: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    takes: Duration,
}

impl Stub {
    pub fn answering(answer: Answer) -> Self {
        Self {
            answer: Arc::new(Mutex::new(answer)),
            seen: Arc::default(),
            takes: Duration::ZERO,
        }
    }

    pub fn taking(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }

    /// The one call that was made.
    pub fn only_call(&self) -> Seen {
        let mut seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "calls that reached the engine");
        seen.remove(0)
    }

    pub fn was_not_called(&self) {
        assert_eq!(
            self.seen.lock().unwrap().len(),
            0,
            "calls that reached the engine"
        );
    }
}

impl Answers for Stub {
    async fn answer(&self, call: Call) -> Answer {
        self.seen.lock().unwrap().push(Seen {
            operation: call.operation.name,
            body: call.body,
            caller: call.caller,
        });
        tokio::time::sleep(self.takes).await;
        self.answer.lock().unwrap().clone()
    }

    async fn jwks(&self, pool: &str) -> Result<String, ApiError> {
        found(pool, "{\"keys\":[]}")
    }

    async fn discovery(&self, pool: &str) -> Result<String, ApiError> {
        found(pool, "{\"issuer\":\"i\"}")
    }

    async fn ask<E: Endpoint>(&self, _: E, _: Caller) -> Result<E::Reply, ApiError> {
        Err(error(
            "InternalErrorException",
            "the stub has no pages",
            500,
        ))
    }

    fn base_url(&self) -> &str {
        "http://localhost"
    }
}

fn found(pool: &str, text: &str) -> Result<String, ApiError> {
    if pool == POOL {
        return Ok(text.to_owned());
    }
    Err(error("ResourceNotFoundException", "no such pool", 400))
}

fn error(name: &'static str, message: &str, status: u16) -> ApiError {
    ApiError {
        name,
        message: message.to_owned(),
        status,
        cause: Some("a secret of the house".to_owned()),
    }
}

/// The pool that the stub knows.
pub const POOL: &str = "us-east-1_AbCdEf123";
/// An operation that no one signs.
pub const UNSIGNED: &str = "AWSCognitoIdentityProviderService.InitiateAuth";
/// An operation of administrators.
pub const SIGNED: &str = "AWSCognitoIdentityProviderService.ListUserPools";

pub fn ok() -> Stub {
    Stub::answering(Ok(b"{}".to_vec()))
}

pub fn failing(name: &'static str, message: &str, status: u16) -> Stub {
    Stub::answering(Err(error(name, message, status)))
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// The name of the error, which body and header must agree on.
    pub fn error(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        let name = body["__type"].as_str().unwrap().to_owned();
        assert_eq!(self.header("x-amzn-errortype"), format!("{name}:"));
        name
    }

    pub fn message(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        body["message"].as_str().unwrap().to_owned()
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Reply {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.into()).unwrap();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// A call as an SDK makes it.
pub fn call(target: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/")
        .header("host", "127.0.0.1:9229")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target)
        .body(body.into())
        .unwrap()
}

pub async fn send_to(stub: &Stub, request: Request<Body>) -> Reply {
    send(router(Api::new(stub.clone())), request).await
}
