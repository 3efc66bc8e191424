//! Calls of the API as its clients make them, JSON in and out, without a network.

use serde_json::{Value, json};
use userpool::{ApiError, Call, Caller, Engine, wire};

/// Calls an operation of user pools as an administrator; an empty body is `null`.
pub fn call(engine: &Engine, operation: &str, body: Value) -> Result<Value, ApiError> {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let body = engine.answer_blocking(Call {
        operation: wire::find(&target).expect("the operation exists"),
        body: body.to_string().into_bytes(),
        caller: Caller {
            administrator: Some("admin".into()),
            ..Caller::default()
        },
    })?;
    if body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&body).expect("a reply is JSON"))
}

/// The answer of a call that succeeds.
#[track_caller]
pub fn ok(engine: &Engine, operation: &str, body: Value) -> Value {
    match call(engine, operation, body) {
        Ok(answer) => answer,
        Err(error) => panic!("{operation}: {error:?}"),
    }
}

/// The error of a call that is refused, as `name: text`.
#[track_caller]
pub fn refused(engine: &Engine, operation: &str, body: Value) -> String {
    match call(engine, operation, body) {
        Ok(answer) => panic!("{operation} answered {answer}"),
        Err(error) => error.to_string(),
    }
}

/// The id of a new pool with these settings.
#[track_caller]
pub fn pool(engine: &Engine, settings: Value) -> String {
    let mut body = json!({ "PoolName": "demo" });
    let given = settings.as_object().expect("settings are an object");
    body.as_object_mut()
        .expect("an object")
        .extend(given.clone());
    let answer = ok(engine, "CreateUserPool", body);
    answer["UserPool"]["Id"].as_str().expect("an id").into()
}
