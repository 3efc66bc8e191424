//! AdminConfirmSignUp.

use userpool_wire::idp::{AdminConfirmSignUpRequest, AdminConfirmSignUpResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        user::{Head, Status},
    },
    ops::{
        passwords,
        sign_up::confirm_sign_up::not_confirmable,
        triggers::{
            About,
            post_confirmation::{self, Confirmed},
        },
    },
};

/// Confirms an account without its code. No address counts as verified by it.
///
/// Refusals, in this order: unknown pool, unknown user, a user who needs no confirmation. A trigger after the
/// confirmation refuses once the user is confirmed.
///
/// # Errors
/// The refusals above.
pub fn admin_confirm_sign_up(
    cx: &mut Cx<'_>,
    req: &AdminConfirmSignUpRequest,
) -> Run<AdminConfirmSignUpResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[keys::password])?;
    if user.head.status != Status::Unconfirmed {
        return Err(not_confirmable(&user.head).into());
    }
    let password = user.password(cx)?;
    passwords::make_ready(cx, &user.pool, &user.head, &password)?;
    let confirmed = Head {
        status: Status::Confirmed,
        ..Head::clone(&user.head)
    };
    let confirmed = user.write(cx, confirmed)?;
    let metadata = req.client_metadata.as_deref();
    let about = About::administrators(&user.pool, &user.head.username, metadata);
    post_confirmation::ask(cx, about, Confirmed::SignUp, &confirmed, &user.profile)?;
    Ok(AdminConfirmSignUpResponse::default())
}
