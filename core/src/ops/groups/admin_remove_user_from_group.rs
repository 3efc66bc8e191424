//! AdminRemoveUserFromGroup.

use userpool_wire::{Empty, idp::AdminRemoveUserFromGroupRequest};

use super::memberships::Seat;
use crate::engine::{Cx, Run};

/// Takes a user out of a group. Does nothing to somebody who is not in it.
///
/// Refusals, in this order: unknown pool, unknown group, unknown user.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_remove_user_from_group(
    cx: &mut Cx<'_>,
    req: &AdminRemoveUserFromGroupRequest,
) -> Run<Empty> {
    let seat = Seat::load(cx, &req.user_pool_id, &req.group_name, &req.username)?;
    if let Some(memberships) = &seat.memberships
        && seat.is_taken()
    {
        let becomes = memberships.without(&seat.group.id);
        seat.write(cx, becomes.as_ref());
        if let Some(member) = &seat.member {
            cx.remove(member);
        }
    }
    Ok(Empty {})
}
