//! After a right password: what the account's state allows.

use alloc::{format, sync::Arc};
use core::time::Duration;

use super::{
    attempt::{Attempt, incorrect},
    device::{self, Named},
    factor::Question,
    new_password,
    outcome::Outcome,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        attempts::Attempts,
        pool::Pool,
        user::{Head, Profile, Status},
    },
    ops::{
        parties::Party,
        tokens::issue::{self, LiveGrant},
        triggers::token_generation::Occasion,
    },
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Goes on after a right password: a remembered device that the sign-in names proves itself at the end, in place of a
/// second factor where the pool wants that.
///
/// Refusals, in this order: disabled, not confirmed, password to be reset (told only where the client tells),
/// a user of an identity provider, a temporary password that is too old, a second factor that is required and that
/// the user cannot have, too many codes in the hour, a message trigger. Each of these keeps the spent mark of its
/// block. The triggers after a sign-in refuse once it has landed.
///
/// # Errors
/// The refusals above.
pub(crate) fn go_on(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt) -> Run<Outcome> {
    match cx.once(|cx| next(cx, party, attempt))? {
        Next::Asked(outcome) => Ok(outcome),
        Next::Granted(grant) => {
            issue::signed_in(cx, party, &attempt.head, &grant, Occasion::Authentication)
                .map(Outcome::Tokens)
        }
    }
}

/// Goes on where all that is asked for was shown: a remembered device that the sign-in names proves itself, else it ends.
///
/// Refusals, in this order: disabled, another status than confirmed; then those of the triggers after a sign-in, once it
/// has landed.
///
/// # Errors
/// The refusals above.
pub(crate) fn complete(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt) -> Run<Outcome> {
    let (head, device) = (&attempt.head, attempt.device.as_ref());
    let next = cx.once(|cx| {
        cx.check(head);
        cx.check(&attempt.attempts);
        if let Some(refusal) = refusal(party, attempt) {
            return Err(cx.counted(refusal));
        }
        if head.status != Status::Confirmed {
            return Err(cx.counted(incorrect()));
        }
        clear_failures(cx, attempt);
        Ok(match device::ask(cx, party, head, device)? {
            Some(asked) => Next::Asked(asked),
            None => Next::Granted(grant(cx, party, head, &attempt.profile, device)?),
        })
    })?;
    match next {
        Next::Asked(outcome) => Ok(outcome),
        Next::Granted(grant) => {
            issue::signed_in(cx, party, head, &grant, Occasion::Authentication).map(Outcome::Tokens)
        }
    }
}

/// What a right answer leads to.
#[derive(Clone)]
pub(crate) enum Next {
    /// A further question.
    Asked(Outcome),
    /// A grant that has landed.
    Granted(Arc<LiveGrant>),
}

fn next(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt) -> Run<Next> {
    cx.check(&attempt.head);
    cx.check(&attempt.attempts);
    if let Some(refusal) = refusal(party, attempt) {
        return Err(cx.counted(refusal));
    }
    if attempt.head.status == Status::ForceChangePassword {
        if is_outdated(cx, &party.pool, attempt) {
            let text = "Temporary password has expired and must be reset by an administrator.";
            return Err(cx.counted(Refusal::new(RefusalKind::NotAuthorized, text)));
        }
        clear_failures(cx, attempt);
        return new_password::ask(cx, party, attempt).map(Next::Asked);
    }
    let factors = attempt.factors.as_deref();
    let due = Question::due(&party.pool, &attempt.profile, factors);
    let device = attempt.device.as_ref();
    let due = due.map_err(|refusal| cx.counted(refusal))?;
    let due = due.filter(|question| !device::stands_in(&party.pool, device, question));
    if let Some(question) = due {
        let cleared = attempt.attempts.succeeded();
        let before = cleared.unwrap_or_else(|| Attempts::clone(&attempt.attempts));
        let user = (&*attempt.head, &*attempt.profile);
        let ready = question.ready(cx, party, user, before)?;
        let mut ready = ready.map_err(|refusal| cx.counted(refusal))?;
        ready.device = device.map(|device| device.id);
        if ready.attempts != *attempt.attempts {
            cx.update(&attempt.attempts, &ready.attempts);
        }
        let asked = question.ask(cx, party, &attempt.head, &ready, None);
        return asked.map(Next::Asked);
    }
    clear_failures(cx, attempt);
    if let Some(asked) = device::ask(cx, party, &attempt.head, device)? {
        return Ok(Next::Asked(asked));
    }
    grant(cx, party, &attempt.head, &attempt.profile, device).map(Next::Granted)
}

/// Opens a grant and lands the verdict with it; the device that it is for was used.
///
/// # Errors
/// Stops the run until the grant has landed.
pub(crate) fn grant(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    profile: &Profile,
    device: Option<&Named>,
) -> Run<Arc<LiveGrant>> {
    let grant = cx.once(|cx| {
        if let Some(device) = device {
            device.note(cx);
        }
        let device = device.map(|device| device.id);
        issue::open_grant(cx, party, head, profile, device).map(Arc::new)
    })?;
    cx.land()?;
    Ok(grant)
}

fn refusal(party: &Party, attempt: &Attempt) -> Option<Refusal> {
    if !attempt.head.enabled {
        return Some(Refusal::new(
            RefusalKind::NotAuthorized,
            "User is disabled.",
        ));
    }
    match attempt.head.status {
        Status::Confirmed | Status::ForceChangePassword => None,
        Status::Unconfirmed => Some(Refusal::new(
            RefusalKind::UserNotConfirmed,
            "User is not confirmed.",
        )),
        Status::ResetRequired if party.client.hides_users => Some(incorrect()),
        Status::ResetRequired => Some(Refusal::new(
            RefusalKind::PasswordResetRequired,
            "Password reset required for the user",
        )),
        Status::ExternalProvider => Some(incorrect()),
    }
}

fn is_outdated(cx: &Cx<'_>, pool: &Pool, attempt: &Attempt) -> bool {
    let days = u32::from(pool.rules.password.temporary_days);
    cx.now() >= attempt.password.set.after(DAY * days)
}

fn clear_failures(cx: &mut Cx<'_>, attempt: &Attempt) {
    if let Some(cleared) = attempt.attempts.succeeded() {
        cx.update(&attempt.attempts, &cleared);
    }
}

/// The refusal of a way to sign in that this version does not have.
pub(crate) fn unsupported(flow: &str) -> Refusal {
    Refusal::new(
        RefusalKind::UnsupportedOperation,
        format!("{flow} is not supported by this version of userpool."),
    )
}
