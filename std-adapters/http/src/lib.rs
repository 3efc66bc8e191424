//! userpool over HTTP: the AWS JSON 1.1 protocol and the discovery documents as an [`axum::Router`].
//!
//! [`router`] turns an engine into a router that any axum application can mount. It takes
//! `POST /` with the operation in `X-Amz-Target`, checks the AWS Signature Version 4 of the
//! operations that administrators call, bounds what a request may cost, and serves
//! `/{pool}/.well-known/jwks.json` and `/{pool}/.well-known/openid-configuration`, the OAuth endpoints and the login pages. What an
//! operation means is none of its business: that is the engine behind [`Answers`].
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use userpool_http::{AdminPair, Api, router};
//!
//! fn app(engine: userpool::Engine) -> Router {
//!     let api = Api::new(engine).credentials(AdminPair::new("AKIDEXAMPLE", "wJalrXUtnFEMI"));
//!     Router::new()
//!         .route("/hello", get(|| async { "hello" }))
//!         .fallback_service(router(api))
//! }
//! ```
//!
//! # Beside your own routes
//!
//! The router answers every path that it is given, those that nobody has with 404, so it comes last, as the fallback. **A page
//! of your own at `/`** must leave `POST /`, which is where SDKs go, to it: axum asks no fallback about a path that has a route.
//!
//! Where requests come from is not to be seen in a request: a server has to say it, for rates, threat protection and the events
//! of users. With axum that is `into_make_service_with_connect_info`; others put a [`PeerAddress`] among the extensions.
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use axum::{Router, routing::get};
//! use userpool_http::{Api, router};
//!
//! # async fn serve(engine: userpool::Engine) -> std::io::Result<()> {
//! let userpool = router(Api::new(engine));
//! let app = Router::new()
//!     .route("/", get(|| async { "home" }).fallback_service(userpool.clone()))
//!     .fallback_service(userpool)
//!     .into_make_service_with_connect_info::<SocketAddr>();
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:9229").await?;
//! axum::serve(listener, app).await
//! # }
//! ```
//!
//! Or below a path: `Router::new().nest_service("/id", userpool)`. The path then belongs to the base URL
//! (`Settings::base_url`: `https://example.com/id`) and to the endpoint that clients are told. Signatures cover the path that the
//! client sent; a proxy in front must not rewrite paths or `Host`.
//!
//! # Without axum
//!
//! What [`router`] gives is a [`tower::Service`] of an [`http::Request`](axum::http::Request) that never fails. hyper takes it as it
//! is; a framework with types of its own hands over a request made of method, address, headers and body, and copies the answer
//! back. In handlers of other frameworks [`Guard::claims`] and [`extract::bearer`] do what the extractors do.
//!
//! ```no_run
//! use axum::{Router, body::Body, http::{Request, Response}};
//! use hyper_util::{rt::{TokioExecutor, TokioIo}, server::conn::auto, service::TowerToHyperService};
//! use tower::ServiceExt;
//! use userpool_http::PeerAddress;
//!
//! /// A server of hyper's.
//! async fn serve(userpool: Router, listener: tokio::net::TcpListener) -> std::io::Result<()> {
//!     loop {
//!         let (stream, peer) = listener.accept().await?;
//!         let service = userpool.clone().map_request(move |mut request: Request<hyper::body::Incoming>| {
//!             request.extensions_mut().insert(PeerAddress(peer.ip()));
//!             request
//!         });
//!         tokio::spawn(async move {
//!             let connection = auto::Builder::new(TokioExecutor::new());
//!             connection.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await
//!         });
//!     }
//! }
//!
//! /// One request of whatever framework.
//! async fn answer(userpool: Router, request: Request<Vec<u8>>) -> Response<Body> {
//!     let Ok(response) = userpool.oneshot(request.map(Body::from)).await;
//!     response
//! }
//! ```
//!
//! # Modules
//!
//! | module | subject |
//! |---|---|
//! | [`api`] | what a router is made of: engine, credentials, clock, limits |
//! | [`answers`] | the trait that stands for the engine |
//! | [`json`] | `POST /` from headers to answer |
//! | [`rates`] | how often requests may come |
//! | `region` | for which region a request is that nobody signed |
//! | [`signed`] | the signature of administrators' requests |
//! | [`reply`] | answers and refusals as bytes and headers |
//! | [`cors`] | what browsers ask first |
//! | [`well_known`] | the documents that verifiers fetch |
//! | [`hosted`] | the OAuth endpoints and login pages of a pool's domain |
//! | [`guard`], [`extract`] | handlers of your own behind a token |
//! | [`sigv4`] | services of your own behind credentials of identity pools |
//! | [`source`] | where a request came from, through proxies that are trusted |

pub mod answers;
pub mod api;
pub mod cors;
pub mod credentials;
pub mod extract;
pub mod guard;
pub mod hosted;
mod import;
pub mod json;
pub mod rates;
mod region;
pub mod reply;
pub mod signed;
pub mod sigv4;
pub mod source;
pub mod well_known;

pub use answers::Answers;
pub use api::{Api, Limits, router};
pub use credentials::{AdminPair, Credentials};
pub use guard::Guard;
pub use hosted::srp::SrpPackage;
pub use reply::{Outcome, RequestId};
pub use sigv4::SigV4Layer;
pub use source::{PeerAddress, TrustedProxies};
