//! Pools and app clients with ids that the embedder chose.

use userpool_core::{engine::Failure, ops::declare};
use userpool_wire::idp::{CreateUserPoolClientRequest, CreateUserPoolRequest};

use crate::engine::{ApiError, Engine};

impl Engine {
    /// Makes the pool of this id unless there is one, and tells whether it did.
    ///
    /// The id is a region, an underscore, and letters and digits. A pool that is there stays as it is.
    ///
    /// # Errors
    /// The id has another form, or what CreateUserPool refuses.
    #[cfg(feature = "tokio")]
    pub async fn declare_user_pool(
        &self,
        id: &str,
        request: &CreateUserPoolRequest,
    ) -> Result<bool, ApiError> {
        let program = declare::user_pool_program(id, request).map_err(Failure::Refused)?;
        Ok(self.run(program).await?)
    }

    /// Makes the app client of this id unless its pool has one, and tells whether it did.
    ///
    /// The id is of letters, digits, `_` and `+`. A client that is there stays as it is.
    ///
    /// # Errors
    /// The id has another form or belongs to another pool, or what CreateUserPoolClient refuses.
    #[cfg(feature = "tokio")]
    pub async fn declare_user_pool_client(
        &self,
        id: &str,
        request: &CreateUserPoolClientRequest,
    ) -> Result<bool, ApiError> {
        let program = declare::user_pool_client_program(id, request).map_err(Failure::Refused)?;
        Ok(self.run(program).await?)
    }

    /// Makes the pool of this id unless there is one, in this thread; tells whether it did.
    ///
    /// # Errors
    /// The id has another form, or what CreateUserPool refuses.
    pub fn declare_user_pool_blocking(
        &self,
        id: &str,
        request: &CreateUserPoolRequest,
    ) -> Result<bool, ApiError> {
        let program = declare::user_pool_program(id, request).map_err(Failure::Refused)?;
        Ok(self.run_blocking(program)?)
    }

    /// Makes the app client of this id unless its pool has one, in this thread; tells whether it did.
    ///
    /// # Errors
    /// The id has another form or belongs to another pool, or what CreateUserPoolClient refuses.
    pub fn declare_user_pool_client_blocking(
        &self,
        id: &str,
        request: &CreateUserPoolClientRequest,
    ) -> Result<bool, ApiError> {
        let program = declare::user_pool_client_program(id, request).map_err(Failure::Refused)?;
        Ok(self.run_blocking(program)?)
    }
}
