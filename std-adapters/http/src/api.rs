//! What a router is made of: the engine, the administrators, the clock and the limits.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use userpool::SystemClock;
use userpool_ports::Clock;

use crate::answers::Answers;
use crate::credentials::{Credentials, Nobody};
use crate::hosted::srp::SrpPackage;
use crate::rates::{Meter, Metered, Rates};
use crate::source::TrustedProxies;
use crate::{cors, hosted, import, json, region, reply, well_known};

/// What one request may cost, and how many may run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The longest body that is read, in bytes.
    pub body: usize,
    /// How long a client may take to send its body.
    pub body_time: Duration,
    /// How long the engine may take to answer.
    pub answer_time: Duration,
    /// How many calls may be with the engine at once; more are told to come back.
    pub in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1_048_576,
            body_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(30),
            in_flight: 256,
        }
    }
}

/// An engine with what the protocol around it needs; [`router`] serves it.
///
/// Without [`credentials`](Self::credentials) no signed operation is possible.
#[derive(Clone)]
pub struct Api<A> {
    pub(crate) engine: A,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) clock: Arc<dyn Clock + Send + Sync>,
    pub(crate) limits: Limits,
    pub(crate) running: Arc<Semaphore>,
    pub(crate) proxies: Arc<TrustedProxies>,
    pub(crate) srp: Option<Arc<SrpPackage>>,
    pub(crate) meter: Metered,
}

impl<A: Answers> Api<A> {
    /// Serves an engine, with the system's clock, default limits and no administrator.
    #[must_use]
    pub fn new(engine: A) -> Self {
        let limits = Limits::default();
        Self {
            engine,
            credentials: Arc::new(Nobody),
            clock: Arc::new(SystemClock),
            limits,
            running: Arc::new(Semaphore::new(limits.in_flight)),
            proxies: Arc::default(),
            srp: None,
            meter: None,
        }
    }

    /// Who may call signed operations.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Credentials) -> Self {
        self.credentials = Arc::new(credentials);
        self
    }

    /// The clock that the dates of signatures are held against.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What a request may cost.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.running = Arc::new(Semaphore::new(limits.in_flight.min(Semaphore::MAX_PERMITS)));
        self.limits = limits;
        self
    }

    /// The proxies whose `X-Forwarded-For` is believed; none by default.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = Arc::new(proxies);
        self
    }

    /// How often requests may come; without a bound by default.
    #[must_use]
    pub fn rates(mut self, rates: Rates) -> Self {
        self.meter = Some(Arc::new(Meter::new(rates)));
        self
    }

    /// What the sign-in page proves passwords with in place of sending them; nothing by default.
    #[must_use]
    pub fn srp(mut self, package: SrpPackage) -> Self {
        self.srp = Some(Arc::new(package));
        self
    }
}

/// The router of an [`Api`]: the protocol at `/` and, for replicas of pools, under the name of a region, the documents
/// under `/{pool}/.well-known/`, the OAuth endpoints and login pages of a pool under its id, under its prefix, and at the
/// root of its own domain.
///
/// It answers every path, so mount it with [`Router::nest`] or [`Router::fallback_service`].
/// Every answer carries `x-amzn-RequestId`, and an [`Outcome`](crate::Outcome) among its
/// extensions for logs and metrics.
pub fn router<A: Answers>(api: Api<A>) -> Router {
    Router::new()
        .route("/", post(json::call::<A>).options(cors::preflight))
        .route(
            "/{pool}/.well-known/jwks.json",
            reply::at(
                "/.well-known/jwks.json",
                get(well_known::jwks::<A>).options(cors::preflight),
            ),
        )
        .route(
            "/{pool}/.well-known/openid-configuration",
            reply::at(
                "/.well-known/openid-configuration",
                get(well_known::discovery::<A>).options(cors::preflight),
            ),
        )
        .route(
            "/{pool}/import/{id}",
            reply::at(
                "/import/{id}",
                get(import::report::<A>).put(import::file::<A>),
            ),
        )
        .merge(hosted::endpoints())
        .method_not_allowed_fallback(reply::method_not_allowed)
        .fallback(elsewhere::<A>)
        .layer(map_response(reply::open))
        .merge(hosted::pages())
        .layer(map_response(reply::name))
        .with_state(api)
}

/// What no route has: the protocol under the name of a region, and nothing else.
async fn elsewhere<A: Answers>(api: State<Api<A>>, request: Request) -> Response {
    if !region::is_path(request.uri().path()) {
        return reply::not_found().await;
    }
    match *request.method() {
        Method::POST => json::call(api, request).await,
        Method::OPTIONS => cors::preflight(request.headers().clone()).await,
        _ => reply::method_not_allowed().await,
    }
}
