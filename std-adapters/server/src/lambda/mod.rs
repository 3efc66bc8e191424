//! Triggers as functions, invoked over the HTTP interface of AWS Lambda (API version 2015-03-31, operation Invoke):
//! AWS itself, or anything that serves the interface, such as AWS SAM's local service.
//!
//! | what happens | the engine hears |
//! |---|---|
//! | the function answers | its answer |
//! | the function throws (`X-Amz-Function-Error`) | a refusal with the function's `errorMessage` |
//! | no answer within five seconds, no connection, too many requests | after three attempts: unreachable |
//! | any other status | unreachable, with the name of the error; not tried again |
//!
//! An event may hold a password. It goes out in clear where the endpoint is `http://`, which is for this machine.

mod place;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Request, StatusCode};
use rustls::client::ClientConfig;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::time::timeout;
use userpool::ports::{HookAnswer, HookCall, HookFault, Hooks};
use userpool_crypto::sigv4;

use self::place::Place;
use crate::failure::Failure;
use crate::options::Hidden;
use crate::outbound::{self, Broken, Endpoint};
use crate::tls;

/// How long a function may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How often a function that cannot be reached is tried.
const ATTEMPTS: u32 = 3;
/// The longest answer, as the interface allows.
const MAX_ANSWER: usize = 6 << 20;
/// The longest refusal that is passed on, in characters.
const MAX_REFUSAL: usize = 1_000;

/// Where functions are invoked, and as whom.
#[derive(Debug)]
pub(crate) struct LambdaSettings {
    pub endpoint: String,
    /// The region where a function's name tells none.
    pub region: String,
    pub credentials: Option<LambdaCredentials>,
}

/// Who signs invocations.
#[derive(Clone, Debug)]
pub(crate) struct LambdaCredentials {
    pub access_key_id: String,
    pub secret: Hidden,
    pub session_token: Option<Hidden>,
}

/// Invokes functions.
pub(crate) struct Lambda {
    endpoint: Endpoint,
    region: String,
    credentials: Option<LambdaCredentials>,
    tls: Option<Arc<ClientConfig>>,
    runtime: Handle,
}

impl Lambda {
    /// Functions at an endpoint. It has to be made in a runtime, which does the exchanges.
    ///
    /// # Errors
    /// The endpoint is no URL, or its certificate could not be checked.
    pub(crate) fn new(settings: &LambdaSettings) -> Result<Self, Failure> {
        let endpoint = Endpoint::parse(&settings.endpoint)
            .ok_or_else(|| Failure::new("lambda-endpoint must be http://HOST or https://HOST"))?;
        if !endpoint.tls && !endpoint.is_local() {
            tracing::warn!("events for functions go out in clear: lambda-endpoint is http://");
        }
        Ok(Self {
            tls: endpoint.tls.then(tls::client).transpose()?,
            endpoint,
            region: settings.region.clone(),
            credentials: settings.credentials.clone(),
            runtime: Handle::current(),
        })
    }

    async fn invoke(&self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        let place = Place::of(&call.function, &self.endpoint, &self.region);
        let mut why = "";
        for _ in 0..ATTEMPTS {
            let event = Bytes::from(call.event.clone());
            match timeout(LIMIT, self.exchange(&place, event)).await {
                Ok(Ok(reply)) if reply.status == StatusCode::TOO_MANY_REQUESTS => {
                    why = "the function is throttled";
                }
                Ok(Ok(reply)) => return reply.answer(),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "an exchange with a function failed");
                    why = "the function could not be reached";
                }
                Err(_) => why = "the function timed out",
            }
        }
        Err(HookFault::Unreachable(why.into()))
    }

    async fn exchange(&self, place: &Place, event: Bytes) -> Result<Reply, Broken> {
        let request = self.request(place, event)?;
        let tls = self.tls.as_ref();
        let (head, body) = outbound::exchange(&self.endpoint, tls, request, MAX_ANSWER).await?;
        Ok(Reply {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    fn request(&self, place: &Place, event: Bytes) -> Result<Request<Full<Bytes>>, Broken> {
        const TOKEN: &str = "x-amz-security-token";
        let mut headers = vec![
            (HOST.as_str(), self.endpoint.authority.as_str()),
            (CONTENT_TYPE.as_str(), "application/json"),
            ("x-amz-invocation-type", "RequestResponse"),
        ];
        let credentials = self.credentials.as_ref();
        let token = credentials.and_then(|it| it.session_token.as_ref());
        headers.extend(token.map(|token| (TOKEN, token.expose())));
        let signed = credentials.map(|credentials| {
            let request = sigv4::Request {
                method: "POST",
                path: &place.path,
                query: &place.query,
                headers: &headers,
                body: &event,
            };
            let secret = credentials.secret.text();
            let signer = sigv4::Credentials {
                access_key_id: &credentials.access_key_id,
                secret,
                region: &place.region,
                service: "lambda",
            };
            sigv4::sign(&request, &signer, now())
        });
        let mut request = Request::post(place.target());
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        if let Some(signed) = signed {
            request = request
                .header("x-amz-date", signed.date)
                .header(AUTHORIZATION, signed.authorization);
        }
        Ok(request.body(Full::new(event))?)
    }
}

impl Hooks for Lambda {
    fn ask(&self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        let end = self.runtime.block_on(self.invoke(call));
        if let Err(HookFault::Unreachable(why)) = &end {
            tracing::warn!(trigger = call.trigger, function = call.function, %why, "no answer");
        }
        end
    }
}

/// What came back.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    fn answer(self) -> Result<HookAnswer, HookFault> {
        let header = |name| self.headers.get(name).and_then(|it| it.to_str().ok());
        if !self.status.is_success() {
            let kind = header("x-amzn-errortype").and_then(|it| it.split(':').next());
            let why = kind.map_or_else(|| format!("status {}", self.status), Into::into);
            return Err(HookFault::Unreachable(why));
        }
        let text = String::from_utf8_lossy(&self.body);
        if header("x-amz-function-error").is_none() {
            return Ok(HookAnswer(text.into_owned()));
        }
        let error: Option<Value> = serde_json::from_str(&text).ok();
        let said = error.as_ref().and_then(|it| it["errorMessage"].as_str());
        let said = said.unwrap_or("unknown error").chars().take(MAX_REFUSAL);
        Err(HookFault::Refused(said.collect()))
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX))
}
