//! CreateResourceServer.

use alloc::format;

use userpool_wire::idp::{CreateResourceServerRequest, CreateResourceServerResponse};

use super::{given, invalid, shown};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        keys,
        resource_server::{MAX_OF_POOL, ResourceServer},
    },
    ops::parties,
};

/// Makes a resource server.
///
/// Refusals, in this order: unknown pool, a resource server of this identifier, scopes that do not fit, too many
/// resource servers in the pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_resource_server(
    cx: &mut Cx<'_>,
    req: &CreateResourceServerRequest,
) -> Run<CreateResourceServerResponse> {
    let key = keys::resource_server(&req.user_pool_id, &req.identifier);
    cx.want([&keys::pool(&req.user_pool_id), &key])?;
    let pool = parties::pool(cx, &req.user_pool_id)?;
    if cx.get::<ResourceServer>(&key)?.is_some() {
        let text = format!(
            "{} already exists in user pool {}.",
            req.identifier, pool.id
        );
        return Err(invalid(text).into());
    }
    let server = given(&req.identifier, &req.name, req.scopes.as_deref())?;
    let prefix = keys::resource_servers(&pool.id);
    let (others, _) = cx.page_of_any(&prefix, None, MAX_OF_POOL)?;
    if others.len() == MAX_OF_POOL {
        let text = "The user pool has as many resource servers as it can have.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    cx.check(&pool);
    cx.insert(&key, &server);
    Ok(CreateResourceServerResponse {
        resource_server: shown(&pool, &server),
    })
}
