//! DescribeResourceServer.

use userpool_wire::idp::{DescribeResourceServerRequest, DescribeResourceServerResponse};

use super::{find, shown};
use crate::engine::{Cx, Run};

/// A resource server.
///
/// Refusals, in this order: unknown pool, unknown resource server.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_resource_server(
    cx: &mut Cx<'_>,
    req: &DescribeResourceServerRequest,
) -> Run<DescribeResourceServerResponse> {
    let (pool, server) = find(cx, &req.user_pool_id, &req.identifier)?;
    Ok(DescribeResourceServerResponse {
        resource_server: shown(&pool, &server),
    })
}
