//! AdminDisableUser.

use userpool_wire::idp::{AdminDisableUserRequest, AdminDisableUserResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    model::user::Head,
};

/// Keeps a user from signing in, and ends every refresh and access token. Does nothing to a disabled user.
///
/// Refusals, in this order: unknown pool, unknown user.
///
/// # Errors
/// The refusals above.
pub fn admin_disable_user(
    cx: &mut Cx<'_>,
    req: &AdminDisableUserRequest,
) -> Run<AdminDisableUserResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[])?;
    if user.head.enabled {
        let disabled = Head {
            enabled: false,
            revocation_epoch: user.head.revocation_epoch.wrapping_add(1),
            ..Head::clone(&user.head)
        };
        user.write(cx, disabled)?;
    }
    Ok(AdminDisableUserResponse::default())
}
