//! What an issuer is asked, from JSON to a program of the engine.
//!
//! | member | the program |
//! |---|---|
//! | `target`, `body`, and perhaps `region` and `userAgent` | the operation that an `X-Amz-Target` header names |
//! | `jwks` or `discovery`: a pool | a document of the pool |
//! | `declarePool` or `declareClient`: an id, and `settings` | makes a pool or an app client of that id unless there is one |
//! | `upkeep`: `jobs` or `messages` | a round of long jobs, or of messages to send again |
//! | `prove` | binds a new store to the root keys, or proves that they are those of the store |

use serde_json::Value;
use userpool_core::{
    engine::{Caller, Failure, Program, Refusal, RefusalKind},
    ops::{declare, jobs, root_keys, table, tokens::keys},
};
use userpool_wire::{Auth, Request, parse};

/// A program with who asked for it.
pub struct Asked {
    /// The program.
    pub program: Program,
    /// Who asks.
    pub caller: Caller,
    /// Whether the answer has a body.
    pub has_output: bool,
}

/// Why a request leads to no program.
#[derive(Debug)]
pub enum NotAsked {
    /// The protocol says no.
    Refused(Failure),
    /// The target names no operation.
    NoSuchOperation,
    /// The JSON is no request.
    Malformed,
}

/// The program of a request.
///
/// # Errors
/// What is asked breaks the model of the service, is unknown, or is no request.
pub fn decode(request: &Value) -> Result<Asked, NotAsked> {
    let text = |name: &str| request[name].as_str();
    if let Some(target) = text("target") {
        return operation(target, request);
    }
    let program = if let Some(pool) = text("jwks") {
        keys::jwks_program(pool)
    } else if let Some(pool) = text("discovery") {
        keys::discovery_program(pool)
    } else if let Some(id) = text("declarePool") {
        declare::user_pool_program(id, &settings(request)?).map_err(refused)?
    } else if let Some(id) = text("declareClient") {
        declare::user_pool_client_program(id, &settings(request)?).map_err(refused)?
    } else if let Some(kind) = text("upkeep") {
        match kind {
            "jobs" => jobs::work(),
            "messages" => jobs::resend(),
            _ => return Err(NotAsked::Malformed),
        }
    } else if request.get("prove").is_some() {
        root_keys::prove()
    } else {
        return Err(NotAsked::Malformed);
    };
    Ok(Asked {
        program,
        caller: Caller {
            administrator: Some(PAGE.into()),
            ..Caller::default()
        },
        has_output: true,
    })
}

/// The name of the administrator that the program around the issuer is.
const PAGE: &str = "page";

/// Signed operations are the page's to call: it holds the keys of the issuer anyway.
fn operation(target: &str, request: &Value) -> Result<Asked, NotAsked> {
    let operation = userpool_wire::find(target).ok_or(NotAsked::NoSuchOperation)?;
    let body = request["body"].as_str().ok_or(NotAsked::Malformed)?;
    let text = |name: &str| request[name].as_str().map(str::to_owned);
    let signed = operation.auth == Auth::Signed;
    Ok(Asked {
        program: table::program(operation, body.as_bytes()).map_err(refused)?,
        caller: Caller {
            region: text("region").filter(|_| signed),
            source: None,
            user_agent: text("userAgent"),
            administrator: signed.then(|| PAGE.into()),
        },
        has_output: operation.has_output,
    })
}

/// A request with these members. On the wire unknown ones are passed over; in settings they are mistakes.
fn settings<R: Request>(request: &Value) -> Result<R, NotAsked> {
    let wrong = |message| refused(Refusal::new(RefusalKind::InvalidParameter, message));
    let given = &request["settings"];
    let read: R = parse(given.to_string().as_bytes())
        .map_err(|rejection| wrong(rejection.message().to_owned()))?;
    let understood: Value = serde_json::from_str(&read.to_json()).unwrap_or_default();
    let unknown = given.as_object().and_then(|members| {
        let mut members = members.iter();
        members.find(|(name, value)| !value.is_null() && understood.get(name.as_str()).is_none())
    });
    match unknown {
        Some((name, _)) => Err(wrong(format!("there is no setting `{name}`"))),
        None => Ok(read),
    }
}

fn refused(refusal: Refusal) -> NotAsked {
    NotAsked::Refused(Failure::Refused(refusal))
}
