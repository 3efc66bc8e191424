//! AdminResetUserPassword.

use userpool_ports::Purpose;
use userpool_wire::idp::{AdminResetUserPasswordRequest, AdminResetUserPasswordResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        code::CodePurpose,
        factors::Factors,
        keys,
        user::{Head, Status},
    },
    ops::{
        codes, recovery,
        triggers::{About, custom_message},
        user_type,
    },
};

/// Takes a user's password away: sends the code with which the user sets another one. The old password signs
/// nobody in any more, and sessions from before die; tokens live on.
///
/// Refusals, in this order: unknown pool, unknown user, disabled, any status but `CONFIRMED`, a pool where only
/// administrators recover accounts, no verified address, a message trigger.
///
/// # Errors
/// The refusals above.
pub fn admin_reset_user_password(
    cx: &mut Cx<'_>,
    req: &AdminResetUserPasswordRequest,
) -> Run<AdminResetUserPasswordResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[keys::factors])?;
    if !user.head.enabled {
        return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled").into());
    }
    if user.head.status != Status::Confirmed {
        let text = "User password cannot be reset in the current state.";
        return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
    }
    let attributes = user_type::effective(cx, &user.pool, &user.head.sub, &user.profile)?;
    let factors = cx.get::<Factors>(&keys::factors(&user.pool.id, &user.head.sub))?;
    let second = (&*user.profile, factors.as_deref());
    let (contact, destination) = recovery::destination(&user.pool, &attributes, second)?;
    let metadata = req.client_metadata.as_deref();
    let about = About::administrators(&user.pool, &user.head.username, metadata);
    let sent = (Purpose::ForgotPassword, contact);
    let words = custom_message::words(cx, about, &user.head, &attributes, sent)??;

    let becomes = Head {
        status: Status::ResetRequired,
        credential_epoch: user.head.credential_epoch.wrapping_add(1),
        ..Head::clone(&user.head)
    };
    let head = user.write(cx, becomes)?;
    let (purpose, why) = (CodePurpose::Reset, (Purpose::ForgotPassword, &words));
    codes::issue(cx, &user.pool, &head, purpose, contact, destination, why)?;
    Ok(AdminResetUserPasswordResponse::default())
}
