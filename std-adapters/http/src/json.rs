//! `POST /`: one call of the AWS JSON 1.1 protocol, from headers to answer.
//!
//! In this order: content type, operation, body, signature, rates, a place among the running calls,
//! answer. The query and cookies are not read. The content type and the `X-Amz-Target` header are
//! demanded of everyone, so that no page can send a call that its browser does not ask leave for.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;
use userpool::{Answer, ApiError, Call, Caller};
use userpool_wire::{Auth, OperationSpec};

use crate::answers::Answers;
use crate::api::{Api, Limits};
use crate::reply::{AWS_JSON, refusal, respond};
use crate::{region, signed};

const TARGET: &str = "x-amz-target";
/// What SDKs in browsers send, where `User-Agent` may be missing.
const AMZ_USER_AGENT: &str = "x-amz-user-agent";

/// Answers one call.
pub(crate) async fn call<A: Answers>(State(api): State<Api<A>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match operation(&parts.headers) {
        Ok(operation) => respond(Some(operation), answer(&api, operation, &parts, body).await),
        Err(error) => respond(None, Err(error)),
    }
}

async fn answer<A: Answers>(
    api: &Api<A>,
    operation: &'static OperationSpec,
    parts: &Parts,
    body: Body,
) -> Answer {
    let body = receive(&api.limits, &parts.headers, body).await?;
    let mut caller = Caller {
        source: api.proxies.source_of(parts),
        user_agent: user_agent(&parts.headers),
        region: region::of(parts),
        ..Caller::default()
    };
    if operation.auth == Auth::Signed {
        let signer = signed::verify(api, operation, parts, &body)?;
        caller.region = Some(signer.region);
        caller.administrator = Some(signer.access_key_id);
    }
    if let Some(meter) = &api.meter {
        meter.look(&api.engine, api.clock.now().secs()).await;
        meter.call(operation, caller.source, &body)?;
    }
    let Ok(_place) = api.running.try_acquire() else {
        return Err(refusal(
            StatusCode::BAD_REQUEST,
            "TooManyRequestsException",
            "Rate exceeded",
        ));
    };
    let call = Call {
        operation,
        body: body.into(),
        caller,
    };
    match timeout(api.limits.answer_time, api.engine.answer(call)).await {
        Ok(answer) => {
            if let (Some(meter), Ok(reply)) = (&api.meter, &answer) {
                meter.changed(operation, reply);
            }
            answer
        }
        Err(_) => Err(refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalErrorException",
            "The request took too long.",
        )),
    }
}

/// The operation that the headers name, once the content type is the protocol's.
fn operation(headers: &HeaderMap) -> Result<&'static OperationSpec, ApiError> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .unwrap_or("");
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case(AWS_JSON) {
        return Err(refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "SerializationException",
            format!("The content type must be {AWS_JSON}."),
        ));
    }
    let target = headers.get(TARGET).and_then(|it| it.to_str().ok());
    target.and_then(userpool_wire::find).ok_or_else(|| {
        let text = match target {
            Some(_) => "The X-Amz-Target header names no operation of this service.",
            None => "The X-Amz-Target header must name the operation.",
        };
        refusal(StatusCode::BAD_REQUEST, "UnknownOperationException", text)
    })
}

/// The whole body, if it is not too long and does not take too long.
pub(crate) async fn receive(
    limits: &Limits,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, ApiError> {
    let limit = limits.body;
    let too_long = || {
        refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "SerializationException",
            format!("The request is longer than {limit} bytes."),
        )
    };
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|it| it.to_str().ok()?.parse().ok());
    if announced.is_some_and(|it: u64| it > limit as u64) {
        return Err(too_long());
    }
    match timeout(limits.body_time, Limited::new(body, limit).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err(refusal(
            StatusCode::BAD_REQUEST,
            "SerializationException",
            "The request body could not be read.",
        )),
        Err(_) => Err(refusal(
            StatusCode::REQUEST_TIMEOUT,
            "SerializationException",
            "The request body took too long.",
        )),
    }
}

pub(crate) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers
        .get(USER_AGENT)
        .or_else(|| headers.get(AMZ_USER_AGENT))?;
    value.to_str().ok().map(str::to_owned)
}
