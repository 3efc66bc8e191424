//! UpdateGroup.

use userpool_wire::idp::{UpdateGroupRequest, UpdateGroupResponse};

use super::{find, group_type};
use crate::{
    engine::{Cx, Run},
    model::group::Group,
};

/// Changes what is given of a group; what is omitted stays.
///
/// Refusals, in this order: unknown pool, unknown group.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_group(cx: &mut Cx<'_>, req: &UpdateGroupRequest) -> Run<UpdateGroupResponse> {
    let (pool, group) = find(cx, &req.user_pool_id, &req.group_name, &[])?;
    let given = |given: &Option<_>, held: &Option<_>| given.as_ref().or(held.as_ref()).cloned();
    let becomes = Group {
        description: given(&req.description, &group.description),
        role: given(&req.role_arn, &group.role),
        precedence: req.precedence.or(group.precedence),
        modified: cx.now(),
        ..Group::clone(&group)
    };
    cx.update(&group, &becomes);
    Ok(UpdateGroupResponse {
        group: Some(group_type(&pool, &becomes)),
    })
}
