//! The documents that a pool publishes about itself.

#[cfg(feature = "tokio")]
use userpool_core::engine::Program;
use userpool_core::ops::tokens::keys;

use crate::engine::{ApiError, Engine};

impl Engine {
    /// The public keys of a pool (RFC 7517 §5), as JSON text.
    ///
    /// # Errors
    /// There is no such pool, or a fault of the world.
    #[cfg(feature = "tokio")]
    pub async fn jwks(&self, pool: &str) -> Result<String, ApiError> {
        self.document(keys::jwks_program(pool)).await
    }

    /// The discovery document of a pool (OpenID Connect Discovery 1.0 §3), as JSON text.
    ///
    /// # Errors
    /// There is no such pool, or a fault of the world.
    #[cfg(feature = "tokio")]
    pub async fn discovery(&self, pool: &str) -> Result<String, ApiError> {
        self.document(keys::discovery_program(pool)).await
    }

    /// The public keys of a pool (RFC 7517 §5), as JSON text, in this thread.
    ///
    /// # Errors
    /// There is no such pool, or a fault of the world.
    pub fn jwks_blocking(&self, pool: &str) -> Result<String, ApiError> {
        Ok(self.run_blocking(keys::jwks_program(pool))?)
    }

    /// The discovery document of a pool (OpenID Connect Discovery 1.0 §3), as JSON text, in this thread.
    ///
    /// # Errors
    /// There is no such pool, or a fault of the world.
    pub fn discovery_blocking(&self, pool: &str) -> Result<String, ApiError> {
        Ok(self.run_blocking(keys::discovery_program(pool))?)
    }

    #[cfg(feature = "tokio")]
    async fn document(&self, program: Program) -> Result<String, ApiError> {
        Ok(self.run(program).await?)
    }
}
