//! DeleteResourceServer.

use userpool_wire::{Empty, idp::DeleteResourceServerRequest};

use super::find;
use crate::engine::{Cx, Run};

/// Deletes a resource server: its scopes grant nothing from now on.
///
/// Refusals, in this order: unknown pool, unknown resource server.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_resource_server(
    cx: &mut Cx<'_>,
    req: &DeleteResourceServerRequest,
) -> Run<Empty> {
    let (_, server) = find(cx, &req.user_pool_id, &req.identifier)?;
    cx.remove(&server);
    Ok(Empty {})
}
