//! AdminEnableUser.

use userpool_wire::idp::{AdminEnableUserRequest, AdminEnableUserResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    model::user::Head,
};

/// Lets a disabled user sign in again; old tokens stay dead. Does nothing to an enabled user.
///
/// Refusals, in this order: unknown pool, unknown user.
///
/// # Errors
/// The refusals above.
pub fn admin_enable_user(
    cx: &mut Cx<'_>,
    req: &AdminEnableUserRequest,
) -> Run<AdminEnableUserResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[])?;
    if !user.head.enabled {
        let enabled = Head {
            enabled: true,
            ..Head::clone(&user.head)
        };
        user.write(cx, enabled)?;
    }
    Ok(AdminEnableUserResponse::default())
}
