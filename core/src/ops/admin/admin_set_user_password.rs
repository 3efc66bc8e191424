//! AdminSetUserPassword.

use userpool_wire::idp::{AdminSetUserPasswordRequest, AdminSetUserPasswordResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        user::{Head, Status},
    },
    ops::passwords::{self, PolicyPrefix},
};

/// Sets the password of a user, whatever the status: for good, which confirms the user, or until the next
/// sign-in, which asks for another one. Codes and sessions from before die. Nobody gets a message.
///
/// Refusals, in this order: unknown pool, unknown user, a password against the policy, one of the history.
///
/// # Errors
/// The refusals above.
pub fn admin_set_user_password(
    cx: &mut Cx<'_>,
    req: &AdminSetUserPasswordRequest,
) -> Run<AdminSetUserPasswordResponse> {
    let also = [keys::password, keys::attempts];
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &also)?;
    let policy = &user.pool.rules.password;
    passwords::check_policy(policy, &req.password, PolicyPrefix::Public)?;
    let password = user.password(cx)?;
    let kept = passwords::next(cx, &user.pool, &user.head, &password, &req.password)?;

    let status = match req.permanent {
        Some(true) => Status::Confirmed,
        Some(false) | None => Status::ForceChangePassword,
    };
    let becomes = Head {
        status,
        credential_epoch: user.head.credential_epoch.wrapping_add(1),
        ..Head::clone(&user.head)
    };
    user.write(cx, becomes)?;
    cx.update(&password, &kept);
    user.forget_failures(cx)?;
    Ok(AdminSetUserPasswordResponse::default())
}
