//! ChangePassword.

use userpool_wire::idp::{ChangePasswordRequest, ChangePasswordResponse};

use super::records;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        activity::{EventEnd, EventKind},
        attempts::Limit,
        keys,
        risk::PasswordUse,
        user::{Head, Status},
    },
    ops::{
        access, codes,
        passwords::{self, PolicyPrefix},
        protection::{
            breached,
            watch::{self, Whose},
        },
        sign_in::attempt::incorrect,
        unknown,
    },
};

/// Changes the password of a user who knows it; a user without one sets the first. Tokens stay good, while
/// codes, sessions and sign-ins under way with the old password die.
///
/// Refusals, in this order: those of the access token, a password that an administrator wants reset, a user of an
/// identity provider, too many attempts, a locked user, a new password against the policy, no previous password
/// where there is one, a wrong one (counted, also as a failure to sign in), a new password of the history.
///
/// # Errors
/// The refusals above.
pub fn change_password(
    cx: &mut Cx<'_>,
    req: &ChangePasswordRequest,
) -> Run<ChangePasswordResponse> {
    let access = access::authorize(cx, &req.access_token)?;
    let (pool, head) = (&access.party.pool, &access.head);
    check_status(head)?;
    cx.want([
        &keys::attempts(&pool.id, &head.sub),
        &keys::password(&pool.id, &head.sub),
    ])?;
    let attempts = records::attempts(cx, pool, head)?;
    let password = records::password(cx, pool, head)?;

    let now = cx.now();
    let Some(used) = attempts.used(Limit::ChangePassword, now) else {
        return Err(codes::limit_exceeded().into());
    };
    if attempts.is_locked(now) {
        return Err(unknown::locked().into());
    }
    let proposed = &req.proposed_password;
    passwords::check_policy(&pool.rules.password, proposed, PolicyPrefix::Public)?;
    let right = match (&password.current, &req.previous_password) {
        (Some(kept), Some(previous)) => passwords::fits(cx, pool, head, kept, previous)?,
        (Some(_), None) => return Err(no_previous().into()),
        (None, Some(_)) => false,
        (None, None) => true,
    };
    if !right {
        let what = (EventKind::PasswordChange, EventEnd::Fail);
        watch::noted(cx, &access.party, Whose::User(&head.sub), what, None)?;
        access.hold(cx);
        cx.update(&attempts, &used.failed(now));
        return Err(cx.counted(incorrect()));
    }
    let occasion = PasswordUse::PasswordChange;
    let breached = breached::check(cx, &access.party, occasion, proposed)?;
    let next = passwords::next(cx, pool, head, &password, proposed)?;
    let what = (EventKind::PasswordChange, EventEnd::Pass);
    watch::noted(cx, &access.party, Whose::User(&head.sub), what, breached)?;

    let changed = Head {
        credential_epoch: head.credential_epoch + 1,
        modified: now,
        ..Head::clone(head)
    };
    access.hold(cx);
    cx.update(head, &changed);
    cx.update(&password, &next);
    cx.update(&attempts, &used.succeeded().unwrap_or(used));
    Ok(ChangePasswordResponse {})
}

fn check_status(head: &Head) -> Result<(), Refusal> {
    match head.status {
        Status::Confirmed | Status::ForceChangePassword | Status::Unconfirmed => Ok(()),
        Status::ResetRequired => Err(Refusal::new(
            RefusalKind::PasswordResetRequired,
            "Password reset required for the user",
        )),
        Status::ExternalProvider => Err(incorrect()),
    }
}

fn no_previous() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "1 validation error detected: Value at 'previousPassword' failed to satisfy constraint: Member must not be null",
    )
}
