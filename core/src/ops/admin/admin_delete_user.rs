//! AdminDeleteUser.

use userpool_wire::{Empty, idp::AdminDeleteUserRequest};

use crate::{
    engine::{Cx, Run},
    model::sub::Sub,
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
    let records = |sub: &Sub| directory::records(&pool.id, sub);
    let head =
        parties::user_and(cx, &pool, &req.username, records)?.ok_or_else(parties::no_user)?;
    directory::remove(cx, &pool, &head)?;
    Ok(Empty {})
}
