//! The trait that stands for the engine, so that the protocol can be tested without one.

use std::future::Future;

use userpool::{Answer, ApiError, Call, Engine};

/// What a router puts its calls to.
pub trait Answers: Clone + Send + Sync + 'static {
    /// Answers one call, body in and body out.
    fn answer(&self, call: Call) -> impl Future<Output = Answer> + Send;

    /// The JSON text of a pool's public keys.
    fn jwks(&self, pool: &str) -> impl Future<Output = Result<String, ApiError>> + Send;

    /// The JSON text of a pool's discovery document.
    fn discovery(&self, pool: &str) -> impl Future<Output = Result<String, ApiError>> + Send;
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
}
