//! DeleteUser.

use userpool_wire::{Empty, idp::DeleteUserRequest};

use crate::{
    engine::{Cx, Run},
    ops::{access, directory},
};

/// Deletes the user for ever. Tokens, sessions and codes name the user's id, which nobody gets again, so that a
/// new user of the same name gets nothing from them.
///
/// Refusals: those of the access token.
///
/// # Errors
/// Refuses as said; stops the run until the user's records are there.
pub fn delete_user(cx: &mut Cx<'_>, req: &DeleteUserRequest) -> Run<Empty> {
    let access = access::authorize(cx, &req.access_token)?;
    access.hold(cx);
    directory::remove(cx, &access.party.pool, &access.head)?;
    Ok(Empty {})
}
