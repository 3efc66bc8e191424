//! AdminConfirmSignUp.

use userpool_wire::idp::{AdminConfirmSignUpRequest, AdminConfirmSignUpResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    model::user::{Head, Status},
    ops::{
        sign_up::confirm_sign_up::not_confirmable,
        triggers::{self, Trigger},
    },
};

/// Confirms an account without its code. No address counts as verified by it.
///
/// Refusals, in this order: unknown pool, unknown user, a user who needs no confirmation, a trigger that this
/// version cannot ask.
///
/// # Errors
/// The refusals above.
pub fn admin_confirm_sign_up(
    cx: &mut Cx<'_>,
    req: &AdminConfirmSignUpRequest,
) -> Run<AdminConfirmSignUpResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[])?;
    if user.head.status != Status::Unconfirmed {
        return Err(not_confirmable(&user.head).into());
    }
    triggers::pass(&user.pool, Trigger::PostConfirmation)?;
    let confirmed = Head {
        status: Status::Confirmed,
        ..Head::clone(&user.head)
    };
    user.write(cx, confirmed)?;
    Ok(AdminConfirmSignUpResponse::default())
}
