//! AdminDeleteUser.

use userpool_wire::{Empty, idp::AdminDeleteUserRequest};

use crate::{
    engine::{Cx, Run},
    ops::{directory, parties},
};

/// Deletes a user, whatever its status. Tokens and sessions die with it; the name is free at once.
///
/// Refusals, in this order: unknown pool, unknown user.
///
/// # Errors
/// The refusals above.
pub fn admin_delete_user(cx: &mut Cx<'_>, req: &AdminDeleteUserRequest) -> Run<Empty> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    directory::remove(cx, &pool, &head)?;
    Ok(Empty {})
}
