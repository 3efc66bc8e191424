//! Services of your own behind credentials of identity pools: a [`tower::Layer`] that knows who signed a request.
//!
//! A request that somebody signed (AWS Signature Version 4, in the header or as a presigned address) with credentials that
//! `GetCredentialsForIdentity` gave out reaches the service with its [`Principal`] among the extensions; every other is
//! answered as AWS does. Nothing is looked up: the root keys are all that it takes, so that the service may be another
//! process than the engine ([`Checker::new`]).
//!
//! ```no_run
//! use axum::{Extension, Router, routing::get};
//! use userpool::{credentials::Principal, policy::Policy};
//! use userpool_http::sigv4::{RolePolicies, SigV4Layer, invoke};
//!
//! async fn photos(Extension(caller): Extension<Principal>) -> String {
//!     format!("photos of {}", caller.identity())
//! }
//!
//! # fn app(engine: userpool::Engine) -> Result<Router, Box<dyn std::error::Error>> {
//! let policy = Policy::parse(r#"{"Version": "2012-10-17", "Statement": {
//!     "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:api/prod/GET/photos"
//! }}"#)?;
//! let roles = RolePolicies::new(invoke("us-east-1", "000000000000", "api", "prod"))
//!     .role("arn:aws:iam::000000000000:role/user", [policy]);
//! let layer = SigV4Layer::new(engine.credentials(), "execute-api").region("us-east-1").authorise(roles);
//! let app = Router::new().route("/photos", get(photos)).layer(layer);
//! # Ok(app)
//! # }
//! ```
//!
//! The body is read before it is checked, up to [`Limits::body`], and a handler gets the bytes that were signed: those in
//! signed chunks (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`) without their chunks. Behind a proxy the `Host` and the path must be
//! those that the client signed. What browsers ask before a request is not signed: a layer that answers it goes around this one.

mod denial;
mod roles;

use std::borrow::Cow;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use tower::{Layer, Service};
use userpool::SystemClock;
use userpool::credentials::{Checker, Denied, Expected, Principal};
use userpool::policy::Verdict;
use userpool_crypto::sigv4::{Authorization, Payloads};
use userpool_ports::Clock;

use crate::api::Limits;
use crate::json::receive;
use crate::signed;

pub use roles::{Asked, Authorise, RolePolicies, decoded_path, invoke};

use denial::{Denial, Words};

/// What chunks are called among the encodings of a body.
const CHUNKED: &str = "aws-chunked";
/// Headers that tell of chunks, and nothing once they are gone.
const OF_CHUNKS: [HeaderName; 2] = [
    HeaderName::from_static("x-amz-decoded-content-length"),
    HeaderName::from_static("x-amz-trailer"),
];

/// Lets requests through that are signed with credentials of an identity pool.
#[derive(Clone)]
pub struct SigV4Layer {
    checker: Checker,
    service: Arc<str>,
    region: Option<Arc<str>>,
    payloads: Payloads,
    limits: Limits,
    clock: Arc<dyn Clock + Send + Sync>,
    authorise: Option<Arc<dyn Authorise>>,
}

impl SigV4Layer {
    /// Lets everybody through who signs for a service: `execute-api` as clients of APIs do, `s3` for addresses and errors
    /// as S3 has them, or a name of your own.
    ///
    /// The region is any, bodies must be signed, and no policies are asked.
    pub fn new(checker: Checker, service: impl Into<Arc<str>>) -> Self {
        Self {
            checker,
            service: service.into(),
            region: None,
            payloads: Payloads::Covered,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            authorise: None,
        }
    }

    /// Takes signatures for this region only.
    #[must_use]
    pub fn region(mut self, region: impl Into<Arc<str>>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Says what may stand for a body in a signature. Presigned addresses of S3 sign none.
    #[must_use]
    pub fn payloads(mut self, payloads: Payloads) -> Self {
        self.payloads = payloads;
        self
    }

    /// What a body may cost; the other limits are not looked at.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Replaces the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Asks whether the caller may do what the request asks for: [`RolePolicies`], or a closure.
    #[must_use]
    pub fn authorise(mut self, authorise: impl Authorise) -> Self {
        self.authorise = Some(Arc::new(authorise));
        self
    }

    /// The request as its handler gets it.
    async fn admit(&self, request: Request) -> Result<Request, Denial> {
        let (mut parts, body) = request.into_parts();
        // Who shows no signature at all need not send a body.
        Authorization::of(&signed::request(&parts, &signed::headers(&parts), b""))
            .map_err(Denied::from)?;
        let received = receive(&self.limits, &parts.headers, body).await?;
        let expected = Expected {
            service: &self.service,
            region: self.region.as_deref(),
            payloads: self.payloads,
            now: self.clock.now().secs(),
        };
        let (principal, unframed) = {
            let headers = signed::headers(&parts);
            let request = signed::request(&parts, &headers, &received);
            let (principal, body) = self.checker.principal_and_body(&request, &expected)?;
            match body {
                Cow::Borrowed(_) => (principal, None),
                Cow::Owned(body) => (principal, Some(Bytes::from(body))),
            }
        };
        self.check(&principal, &parts)?;
        if let Some(body) = &unframed {
            forget_chunks(&mut parts.headers, body.len());
        }
        parts.extensions.insert(principal);
        Ok(Request::from_parts(
            parts,
            Body::from(unframed.unwrap_or(received)),
        ))
    }

    fn check(&self, principal: &Principal, parts: &Parts) -> Result<(), Denial> {
        let Some(authorise) = &self.authorise else {
            return Ok(());
        };
        match authorise.verdict(principal, parts) {
            Verdict::Allowed => Ok(()),
            verdict @ (Verdict::NotAllowed | Verdict::Forbidden) => {
                Err(Denial::role(&principal.session(), verdict))
            }
        }
    }
}

/// Leaves of the headers what is true of a body without its chunks.
fn forget_chunks(headers: &mut HeaderMap, length: usize) {
    for name in OF_CHUNKS {
        headers.remove(name);
    }
    headers.remove(TRANSFER_ENCODING);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let encodings = headers.remove(CONTENT_ENCODING);
    let encodings = encodings.as_ref().and_then(|it| it.to_str().ok());
    let others: Vec<&str> = encodings
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case(CHUNKED))
        .collect();
    if let Ok(others) = HeaderValue::from_str(&others.join(", "))
        && !others.is_empty()
    {
        headers.insert(CONTENT_ENCODING, others);
    }
}

impl<S> Layer<S> for SigV4Layer {
    type Service = SigV4Service<S>;

    fn layer(&self, inner: S) -> SigV4Service<S> {
        SigV4Service {
            inner,
            layer: Arc::new(self.clone()),
        }
    }
}

impl std::fmt::Debug for SigV4Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigV4Layer")
            .field("service", &self.service)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A service that only requests reach which a [`SigV4Layer`] lets through.
#[derive(Clone, Debug)]
pub struct SigV4Service<S> {
    inner: S,
    layer: Arc<SigV4Layer>,
}

impl<S> Service<Request> for SigV4Service<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was asked whether it is ready is the one to call.
        let another = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, another);
        let layer = Arc::clone(&self.layer);
        Box::pin(async move {
            match layer.admit(request).await {
                Ok(request) => inner.call(request).await,
                Err(denial) => Ok(denial.response(Words::of(&layer.service))),
            }
        })
    }
}
