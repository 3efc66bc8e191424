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
//! Signatures cover the path that the client sent. Nesting under a path works as long as clients
//! are told the endpoint with that path; a proxy in front must not rewrite paths or `Host`.
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
