//! `/{pool}/import/{id}`: the file of an import of users comes in, and its report goes out.
//!
//! A file is longer than what other requests may send, and is handed to the engine piece by piece: no more than one piece
//! is in memory. Refusals are in the form of the protocol.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use tokio::time::timeout;
use userpool::imports::{AT_ONCE, Address, BeginFile, EndFile, FileParts, Report};
use userpool::{ApiError, Caller};

use crate::answers::Answers;
use crate::api::Api;
use crate::reply::{refusal, respond};

/// `GET`: the report, a line for each row that made no user.
pub(crate) async fn report<A: Answers>(
    State(api): State<Api<A>>,
    Path(named): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let report = Report(address(named, query));
    match api.engine.ask(report, Caller::default()).await {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, plain);
            response
        }
        Err(error) => refused(error),
    }
}

/// `PUT`: the file.
pub(crate) async fn file<A: Answers>(
    State(api): State<Api<A>>,
    Path(named): Path<(String, String)>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    match take(&api, address(named, query), body).await {
        Ok(()) => Response::new(Body::empty()),
        Err(error) => refused(error),
    }
}

async fn take<A: Answers>(api: &Api<A>, address: Address, mut body: Body) -> Result<(), ApiError> {
    let caller = Caller::default;
    let sent = api.engine.ask(BeginFile(address.clone()), caller()).await?;
    let parts = |at: u64, bytes: Vec<u8>| FileParts {
        address: address.clone(),
        sent,
        at,
        bytes,
    };
    let (mut at, mut kept) = (0_u64, Vec::with_capacity(AT_ONCE));
    loop {
        let frame = match timeout(api.limits.body_time, body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(broken(StatusCode::BAD_REQUEST)),
            Err(_) => return Err(broken(StatusCode::REQUEST_TIMEOUT)),
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        kept.extend_from_slice(&data);
        while kept.len() >= AT_ONCE {
            let rest = kept.split_off(AT_ONCE);
            let full = std::mem::replace(&mut kept, rest);
            api.engine.ask(parts(at, full), caller()).await?;
            at += AT_ONCE as u64;
        }
    }
    let bytes = at + kept.len() as u64;
    if !kept.is_empty() {
        api.engine.ask(parts(at, kept), caller()).await?;
    }
    let end = EndFile {
        address,
        sent,
        bytes,
    };
    api.engine.ask(end, caller()).await
}

/// The address of a request; its token is of letters that need no escapes.
fn address((pool, id): (String, String), query: Option<String>) -> Address {
    let query = query.unwrap_or_default();
    let token = query.split('&').find_map(|it| it.strip_prefix("token="));
    Address {
        pool,
        id,
        token: token.unwrap_or_default().to_owned(),
    }
}

fn broken(status: StatusCode) -> ApiError {
    refusal(
        status,
        "SerializationException",
        "The file did not come to its end.",
    )
}

fn refused(error: ApiError) -> Response {
    let status = match error.name {
        "NotAuthorizedException" => 403,
        "ResourceNotFoundException" => 404,
        _ => error.status,
    };
    respond(None, Err(ApiError { status, ..error }))
}
