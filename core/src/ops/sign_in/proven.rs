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
        methods::Aim,
        pool::Pool,
        user::{Head, Profile, Status},
    },
    ops::{
        directory,
        parties::{Ending, Party},
        protection::watch::{Asked, Demand, Watch, too_unusual},
        tokens::issue::{self, LiveGrant},
        triggers::token_generation::Occasion,
    },
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Goes on after a right password: a remembered device that the sign-in names proves itself at the end, in place of a
/// second factor where the pool wants that.
///
/// Refusals, in this order: disabled, not confirmed, password to be reset (told only where the client tells),
/// a user of an identity provider, an unusual sign-in, a password that is known from a breach, a temporary password
/// that is too old, a second factor that is required and that
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
        }
    }
}

/// Goes on where two factors were shown: a remembered device that the sign-in names proves itself, else it ends.
///
/// Refusals, in this order: disabled, another status than confirmed, an unusual sign-in; then those of the triggers after a sign-in, once it
/// has landed.
///
/// # Errors
/// The refusals above.
pub(crate) fn complete(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt) -> Run<Outcome> {
    let (head, device) = (&attempt.head, attempt.device.as_ref());
    let next = cx.once(|cx| {
        cx.check(head);
        cx.check(&attempt.attempts);
        let watch = Watch::sign_in(cx, party, attempt)?;
        if let Some(refusal) = refusal(party, attempt) {
            watch.refused(cx, party, head)?;
            return Err(cx.counted(refusal));
        }
        if head.status != Status::Confirmed {
            watch.refused(cx, party, head)?;
            return Err(cx.counted(incorrect()));
        }
        let profile = &attempt.profile;
        if let Err(refusal) = watch.check() {
            watch.blocked(cx, party, head, profile)?;
            return Err(cx.counted(refusal));
        }
        clear_failures(cx, attempt);
        let aim = attempt.shown();
        if let Some(asked) = device::ask(cx, party, head, device, aim)? {
            watch.asked(cx, party, (head, profile), Asked::Device)?;
            return Ok(Next::Asked(asked));
        }
        watch.passed(cx, party, head, profile)?;
        grant(cx, party, (head, profile), device, aim).map(Next::Granted)
    })?;
    match next {
        Next::Asked(outcome) => Ok(outcome),
        Next::Granted(grant) => issue::signed_in(cx, party, head, &grant, Occasion::Authentication),
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
    let watch = Watch::sign_in(cx, party, attempt)?;
    if let Some(refusal) = refusal(party, attempt) {
        watch.refused(cx, party, &attempt.head)?;
        return Err(cx.counted(refusal));
    }
    let (head, profile) = (&attempt.head, &attempt.profile);
    if let Err(refusal) = watch.check() {
        watch.blocked(cx, party, head, profile)?;
        return Err(cx.counted(refusal));
    }
    if watch.is_breach_blocked() && head.status == Status::Confirmed {
        watch.refused(cx, party, head)?;
        let refusal = ask_for_reset(cx, party, attempt)?;
        return Err(cx.counted(refusal));
    }
    let aim = match party.ending {
        Ending::PageSession(wanted) => attempt.shown().towards(wanted, &attempt.seconds(party)),
        Ending::Tokens => attempt.shown(),
    };
    if attempt.head.status == Status::ForceChangePassword {
        if is_outdated(cx, &party.pool, attempt) {
            let text = "Temporary password has expired and must be reset by an administrator.";
            watch.refused(cx, party, head)?;
            return Err(cx.counted(Refusal::new(RefusalKind::NotAuthorized, text)));
        }
        let demand = watch.demand();
        if demand == Some(Demand::Always) && has_no_factor(party, attempt)? {
            watch.blocked(cx, party, head, profile)?;
            return Err(cx.counted(too_unusual()));
        }
        clear_failures(cx, attempt);
        watch.asked(cx, party, (head, profile), Asked::Chain)?;
        return new_password::ask(cx, party, attempt, demand, aim).map(Next::Asked);
    }
    let factors = attempt.factors.as_deref();
    let device = attempt.device.as_ref();
    let due = match Question::due(&party.pool, profile, factors, aim) {
        Ok(due) => due,
        Err(refusal) => {
            watch.refused(cx, party, head)?;
            return Err(cx.counted(refusal));
        }
    };
    let (question, demanded) = match (due, watch.demand()) {
        (None, Some(demand)) => {
            let question = Question::demanded(&party.pool, profile, factors)?;
            if question.is_none() && demand == Demand::Always {
                watch.blocked(cx, party, head, profile)?;
                return Err(cx.counted(too_unusual()));
            }
            (question, true)
        }
        (due, _) => (due, false),
    };
    let stands_in = |it: &Question| aim.is_reached() && device::stands_in(&party.pool, device, it);
    let question = question.filter(|it| !stands_in(it));
    if let Some(question) = question {
        let cleared = attempt.attempts.succeeded();
        let before = cleared.unwrap_or_else(|| Attempts::clone(&attempt.attempts));
        let user = (&*attempt.head, &*attempt.profile);
        let mut ready = match question.ready(cx, party, user, before)? {
            Ok(ready) => ready,
            Err(refusal) => {
                watch.refused(cx, party, head)?;
                return Err(cx.counted(refusal));
            }
        };
        ready.device = device.map(|device| device.id);
        ready.demanded = demanded;
        ready.aim = aim;
        if ready.attempts != *attempt.attempts {
            cx.update(&attempt.attempts, &ready.attempts);
        }
        watch.asked(cx, party, (head, profile), Asked::Chain)?;
        let asked = question.ask(cx, party, &attempt.head, &ready, None);
        return asked.map(Next::Asked);
    }
    clear_failures(cx, attempt);
    if let Some(asked) = device::ask(cx, party, &attempt.head, device, aim)? {
        watch.asked(cx, party, (head, profile), Asked::Device)?;
        return Ok(Next::Asked(asked));
    }
    watch.passed(cx, party, head, profile)?;
    grant(cx, party, (&attempt.head, &attempt.profile), device, aim).map(Next::Granted)
}

/// Whether a user is asked for no second factor and has none that a risk could ask for.
fn has_no_factor(party: &Party, attempt: &Attempt) -> Run<bool> {
    let (pool, factors) = (&party.pool, attempt.factors.as_deref());
    let due = Question::due(pool, &attempt.profile, factors, Aim::default());
    let demanded = Question::demanded(pool, &attempt.profile, factors)?;
    Ok(matches!(due, Ok(None)) && demanded.is_none())
}

/// Opens a grant and lands the verdict with it; the device that it is for was used.
///
/// # Errors
/// Stops the run until the grant has landed.
pub(crate) fn grant(
    cx: &mut Cx<'_>,
    party: &Party,
    (head, profile): (&Head, &Profile),
    device: Option<&Named>,
    aim: Aim,
) -> Run<Arc<LiveGrant>> {
    let grant = cx.once(|cx| {
        if let Some(device) = device {
            device.note(cx);
        }
        let device = device.map(|device| device.id);
        issue::open_grant(cx, party, (head, profile), device, aim).map(Arc::new)
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
        Status::ResetRequired => Some(to_be_reset(party)),
        Status::ExternalProvider => Some(incorrect()),
    }
}

fn is_outdated(cx: &Cx<'_>, pool: &Pool, attempt: &Attempt) -> bool {
    let days = u32::from(pool.rules.password.temporary_days);
    cx.now() >= attempt.password.set.after(DAY * days)
}

/// Makes a user whose password is known from a breach choose another one; the refusal to return.
fn ask_for_reset(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt) -> Run<Refusal> {
    let becomes = Head {
        status: Status::ResetRequired,
        credential_epoch: attempt.head.credential_epoch.wrapping_add(1),
        modified: cx.now(),
        ..Head::clone(&attempt.head)
    };
    let profile = &attempt.profile;
    let (was, now) = ((&*attempt.head, &**profile), (&becomes, &**profile));
    directory::reindex(cx, &party.pool, was, now)?;
    cx.update(&attempt.head, &becomes);
    Ok(to_be_reset(party))
}

/// The refusal of a password that has to be replaced, told only where the client tells.
pub(super) fn to_be_reset(party: &Party) -> Refusal {
    if party.client.hides_users {
        return incorrect();
    }
    Refusal::new(
        RefusalKind::PasswordResetRequired,
        "Password reset required for the user",
    )
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
