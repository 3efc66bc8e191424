//! The trait that stands for the engine, so that the protocol can be tested without one.

use std::future::Future;

use userpool::oauth::Endpoint;
use userpool::{Answer, ApiError, Call, Caller, Engine};

/// What a router puts its calls to.
pub trait Answers: Clone + Send + Sync + 'static {
    /// Answers one call, body in and body out.
    fn answer(&self, call: Call) -> impl Future<Output = Answer> + Send;

    /// The JSON text of a pool's public keys.
    fn jwks(&self, pool: &str) -> impl Future<Output = Result<String, ApiError>> + Send;

    /// The JSON text of a pool's discovery document.
    fn discovery(&self, pool: &str) -> impl Future<Output = Result<String, ApiError>> + Send;

    /// Answers a request to an OAuth endpoint or a login page.
    fn ask<E: Endpoint>(
        &self,
        endpoint: E,
        caller: Caller,
    ) -> impl Future<Output = Result<E::Reply, ApiError>> + Send;

    /// Where the service is reached from outside, without a slash at the end.
    fn base_url(&self) -> &str;
}

impl Answers for Engine {
    async fn answer(&self, call: Call) -> Answer {
        Self::answer(self, call).await
    }

    async fn jwks(&self, pool: &str) -> Result<String, ApiError> {
        Self::jwks(self, pool).await
    }

    async fn discovery(&self, pool: &str) -> Result<String, ApiError> {
        Self::discovery(self, pool).await
    }

    async fn ask<E: Endpoint>(&self, endpoint: E, caller: Caller) -> Result<E::Reply, ApiError> {
        Self::ask(self, endpoint, caller).await
    }

    fn base_url(&self) -> &str {
        Self::base_url(self)
    }
}
