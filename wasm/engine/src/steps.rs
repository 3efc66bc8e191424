//! What a request needs next, as JSON. Bytes are base64, times milliseconds since 1970, versions numbers.
//!
//! | `kind` | members |
//! |---|---|
//! | `load` | `keys` |
//! | `page` | `prefix`, `after` (or null), `limit` |
//! | `work` | `works`: each has a `name`, and those that a host may do itself what it takes to do them |
//! | `ask` | `trigger`, `function`, `event` |
//! | `fetch` | `method`, `url`, `headers`, `body` |
//! | `commit`, `settle` | `token`, `now`, `writes`: each has a `key`, the version it expects `at` (null: absent), and `put` with a `value` and its `expires`, or `remove`, or `check` |
//! | `deliver` | `message` |
//! | `done` | `status`, and `body`, or `error` and `message` (and `cause`, for the log) |

use serde_json::{Value, json};
use userpool_core::engine::{Failure, Output, Step, Work};
use userpool_crypto::base64;
use userpool_ports::{Batch, Change, Expect, FetchRequest, Key, Message, Reach, Write};

/// A step as JSON; `has_output` tells whether the operation answers with a body.
#[must_use]
pub fn encode(step: &Step, has_output: bool) -> Value {
    match step {
        Step::Load(keys) => {
            json!({ "kind": "load", "keys": keys.iter().map(key).collect::<Vec<_>>() })
        }
        Step::Page(request) => json!({
            "kind": "page",
            "prefix": key(&request.prefix),
            "after": request.after.as_ref().map(key),
            "limit": request.limit,
        }),
        Step::Work(works) => {
            json!({ "kind": "work", "works": works.iter().map(work).collect::<Vec<_>>() })
        }
        Step::Ask(call) => json!({
            "kind": "ask",
            "trigger": call.trigger,
            "function": call.function,
            "event": call.event,
        }),
        Step::Fetch(request) => fetch(request),
        Step::Commit(it) => batch("commit", it),
        Step::Settle(it) => batch("settle", it),
        Step::Deliver(it) => json!({ "kind": "deliver", "message": message(it) }),
        Step::Done(Ok(output)) => {
            json!({ "kind": "done", "status": 200, "body": body(output, has_output) })
        }
        Step::Done(Err(failure)) => failed(failure),
    }
}

/// A failure as a step.
#[must_use]
pub fn failed(failure: &Failure) -> Value {
    let cause = match failure {
        Failure::Refused(_) => None,
        Failure::Faulted(fault) => Some(format!("{fault:?}")),
    };
    json!({
        "kind": "done",
        "status": failure.status(),
        "error": failure.name(),
        "message": failure.message(),
        "cause": cause,
    })
}

fn key(it: &Key) -> String {
    base64::encode(it.as_bytes())
}

/// What a host needs for work that it may do itself. The rest is done here, and what it holds stays here.
fn work(it: &Work) -> Value {
    match it {
        Work::Sign { key, message, .. } => json!({
            "name": "Sign",
            "pool": key.pool,
            "kid": key.kid,
            "message": base64::encode(message),
        }),
        Work::GenerateKey { .. } => json!({ "name": "GenerateKey" }),
        other => json!({ "name": name(other) }),
    }
}

fn name(it: &Work) -> &'static str {
    match it {
        Work::MakeVerifier { .. } => "MakeVerifier",
        Work::MakePowers { .. } => "MakePowers",
        Work::CheckPassword { .. } => "CheckPassword",
        Work::SrpPublic { .. } => "SrpPublic",
        Work::SrpKey { .. } => "SrpKey",
        Work::Verify { .. } => "Verify",
        Work::VerifyPasskey { .. } => "VerifyPasskey",
        _ => "Other",
    }
}

fn fetch(it: &FetchRequest) -> Value {
    json!({
        "kind": "fetch",
        "method": it.method,
        "url": it.url,
        "headers": it.headers,
        "body": base64::encode(&it.body),
        "reach": match it.reach {
            Reach::Operator => "operator",
            Reach::Public => "public",
        },
    })
}

fn batch(kind: &str, it: &Batch) -> Value {
    json!({
        "kind": kind,
        "token": base64::encode(&it.token),
        "now": it.now.millis(),
        "writes": it.writes.iter().map(write).collect::<Vec<_>>(),
    })
}

fn write(it: &Write) -> Value {
    let at = match it.expect {
        Expect::Absent => None,
        Expect::At(version) => Some(version.raw()),
    };
    let mut written = json!({ "key": key(&it.key), "at": at });
    let (change, value) = match &it.change {
        Change::Put { value, expires } => (
            "put",
            json!({ "value": base64::encode(value), "expires": expires.map(|at| at.millis()) }),
        ),
        Change::Remove => ("remove", true.into()),
        Change::Check => ("check", true.into()),
    };
    written[change] = value;
    written
}

fn message(it: &Message) -> Value {
    json!({
        "id": base64::encode(&it.id),
        "pool": it.pool,
        "user": it.user,
        "to": it.destination,
        "medium": it.medium.as_str(),
        "purpose": it.purpose.as_str(),
        "code": it.code,
        "subject": it.subject,
        "message": it.body,
    })
}

/// The text of a reply; what other programs than operations tell is a truth value or nothing.
fn body(output: &Output, has_output: bool) -> String {
    if !has_output {
        return String::new();
    }
    if let Some(text) = output.downcast_ref::<String>() {
        return text.clone();
    }
    output
        .downcast_ref::<bool>()
        .map_or_else(String::new, bool::to_string)
}
