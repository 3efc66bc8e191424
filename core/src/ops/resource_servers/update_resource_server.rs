//! UpdateResourceServer.

use userpool_wire::idp::{UpdateResourceServerRequest, UpdateResourceServerResponse};

use super::{find, given, shown};
use crate::engine::{Cx, Run};

/// Replaces the name and all scopes of a resource server; where no scopes are given, it has none.
///
/// Refusals, in this order: unknown pool, unknown resource server, scopes that do not fit.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_resource_server(
    cx: &mut Cx<'_>,
    req: &UpdateResourceServerRequest,
) -> Run<UpdateResourceServerResponse> {
    let (pool, server) = find(cx, &req.user_pool_id, &req.identifier)?;
    let becomes = given(&req.identifier, &req.name, req.scopes.as_deref())?;
    cx.update(&server, &becomes);
    Ok(UpdateResourceServerResponse {
        resource_server: shown(&pool, &becomes),
    })
}
