//! GetGroup.

use userpool_wire::idp::{GetGroupRequest, GetGroupResponse};

use super::{find, group_type};
use crate::engine::{Cx, Run};

/// A group.
///
/// Refusals, in this order: unknown pool, unknown group.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_group(cx: &mut Cx<'_>, req: &GetGroupRequest) -> Run<GetGroupResponse> {
    let (pool, group) = find(cx, &req.user_pool_id, &req.group_name, &[])?;
    Ok(GetGroupResponse {
        group: Some(group_type(&pool, &group)),
    })
}
