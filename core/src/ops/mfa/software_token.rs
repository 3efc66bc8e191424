//! What AssociateSoftwareToken and VerifySoftwareToken have in common: the Session of a setup.

use alloc::sync::Arc;

use userpool_ports::Key;

use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        chain::Step,
        keys,
        user::{Head, Status},
    },
    ops::{
        parties::Party,
        sign_in::{attempt::Attempt, second_factor::Answer, session},
    },
};

/// The user and the chain of a Session that comes alone.
///
/// Refusals, in this order: a Session that does not fit, too many wrong answers in the hour.
///
/// # Errors
/// The refusals above.
pub(super) fn in_setup(cx: &mut Cx<'_>, text: &str, steps: &[Step]) -> Run<(Party, Answer)> {
    cx.once(|cx| {
        let opened = session::open_alone(cx, text)?;
        let (party, session) = opened.ok_or_else(session::invalid)?;
        let pool = &party.pool;
        let reads = cx.once(|_| {
            let mut reads = Attempt::reads(pool, &session.sub).to_vec();
            reads.push(session::reads(&party, &session));
            Ok(Arc::<[Key]>::from(reads))
        })?;
        cx.want(&*reads)?;
        let head = cx.get::<Head>(&keys::head(&pool.id, &session.sub))?;
        let link = session::resume(cx, &party, head.as_deref(), Some(&session), steps)?;
        let Some(head) = head.filter(|head| head.enabled && head.status == Status::Confirmed)
        else {
            return Err(session::invalid().into());
        };
        let attempt = Attempt::load(cx, pool, head)?;
        let answer = Answer::of(cx, attempt, link)?;
        Ok((party, answer))
    })
}

/// The refusal of a request that says nothing of its user.
pub(super) fn neither() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "Either AccessToken or Session is required.",
    )
}
