//! `USER_AUTH`: the user chooses with what to sign in.
//!
//! A code or a passkey is enough where no second factor is due; where one is, a passkey is both if the pool and the user
//! say so and the authenticator verified the user, and else is not offered. Passwords go on as in the other flows. Wrong
//! passwords count as everywhere; wrong codes count in the chain and against an hour of their own, so that whoever
//! guesses codes does not keep the owner from second factors; wrong passkeys count in the chain alone, and a lock does
//! not concern them.

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::ChallengeNameType;

use super::{
    attempt::{Attempt, FirstFactor},
    outcome::Outcome,
    password, proven,
    session::{self, Link},
    srp,
    who::{Named, Who},
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        chain::Step,
        methods::Methods,
        user::{AliasKind, Status},
    },
    ops::{
        parties::{Party, required},
        protection::breached,
        triggers::authentication,
    },
};

pub(crate) mod available;
pub(crate) mod first_code;
pub(crate) mod passkey;
mod step_up;

use available::Available;

type Parameters<'r> = Option<&'r BTreeMap<String, String>>;

/// Begins a sign-in whose first factor the user chooses.
///
/// Refusals, in this order: `USERNAME` missing, a wish for a level that is none, wrong secret hash, an unknown user
/// where the client tells, an unknown device key, a level that the user cannot reach or an access token that does not
/// count, a trigger before the judgement, a Session that is not that of a sign-up just confirmed; then those of the
/// preferred factor, or of the second one where that alone is missing.
///
/// # Errors
/// The refusals above.
pub(crate) fn begin(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Parameters<'_>,
    session: Option<&str>,
) -> Run<Outcome> {
    required(parameters, "USERNAME")?;
    let wish = step_up::wish(cx, party, parameters)?;
    let mut who = Who::find(cx, party, parameters, Named::First)?;
    if let Some(wish) = wish {
        let aim = wish.aim(cx, party, &who, parameters)?;
        who = who.aiming(aim);
    }
    match &who.attempt {
        Some(attempt) => authentication::before(cx, party, &attempt.head)?,
        None => authentication::before_nobody(cx, party, &who.name)?,
    }
    if let Some(session) = session {
        return signed_up(cx, party, who, session);
    }
    let available = available::of(cx, party, &who)?;
    let preferred = parameters
        .and_then(|map| map.get("PREFERRED_CHALLENGE"))
        .and_then(|name| ChallengeNameType::from_wire(name))
        .filter(|preferred| available.contains(preferred));
    let only_second = who.attempt.as_ref().filter(|attempt| {
        attempt.aim.shown.has_any(Methods::PASSWORD)
            && !attempt.aim.reaching(&attempt.seconds(party)).is_empty()
    });
    if let (None, Some(attempt)) = (preferred, only_second) {
        let attempt = Attempt {
            first: FirstFactor::Other,
            ..attempt.clone()
        };
        return proven::go_on(cx, party, &attempt);
    }
    let chosen = preferred.unwrap_or(ChallengeNameType::SelectChallenge);
    ask(cx, party, &who, None, &available, chosen, parameters)
}

/// Takes the choice of a first factor, and what it needs where that came along.
///
/// Refusals, in this order: `USERNAME`, the Session or `ANSWER` missing, wrong secret hash, an unknown device key, a
/// Session that does not fit, a factor that is not to be chosen; then those of the factor.
///
/// # Errors
/// The refusals above.
pub(crate) fn select(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
) -> Run<Outcome> {
    required(responses, "USERNAME")?;
    let session_text = session.ok_or_else(session::missing)?;
    let answer = required(responses, "ANSWER")?;
    let answer = ChallengeNameType::from_wire(answer);
    let shown = responses.is_some_and(|map| map.contains_key("CREDENTIAL"));
    if answer == Some(ChallengeNameType::WebAuthn) && shown {
        // The options came with an earlier answer: what is left is to judge.
        return passkey::respond(cx, party, responses, session);
    }
    let (who, link) = answered(cx, party, responses, session_text, Step::Select)?;
    let available = available::of(cx, party, &who)?;
    let Some(chosen) = answer.filter(|chosen| available.contains(chosen)) else {
        let text = "ANSWER is none of the available challenges.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    };
    ask(cx, party, &who, Some(&link), &available, chosen, responses)
}

/// Judges the answer to `PASSWORD`.
///
/// Refusals, in this order: `USERNAME`, `PASSWORD` or the Session missing, wrong secret hash, an unknown device key, a
/// Session that does not fit, a locked user, a wrong password (counted, also in the chain), and what a right password
/// may still meet.
///
/// # Errors
/// The refusals above.
pub(crate) fn password(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
) -> Run<Outcome> {
    required(responses, "USERNAME")?;
    let password = required(responses, "PASSWORD")?;
    let session = session.ok_or_else(session::missing)?;
    let (who, link) = answered(cx, party, responses, session, Step::Password)?;
    by_password(cx, party, &who, Some(&link), password)
}

/// Takes the public value of `PASSWORD_SRP`, and answers with `PASSWORD_VERIFIER`.
///
/// Refusals, in this order: `USERNAME`, `SRP_A` or the Session missing, wrong secret hash, an unknown device key, a
/// Session that does not fit, `SRP_A` outside 0 < A < N.
///
/// # Errors
/// The refusals above.
pub(crate) fn password_srp(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
) -> Run<Outcome> {
    required(responses, "USERNAME")?;
    let a_public = required(responses, "SRP_A")?;
    let session = session.ok_or_else(session::missing)?;
    let (who, link) = answered(cx, party, responses, session, Step::PasswordSrp)?;
    by_srp(cx, party, &who, Some(&link), a_public)
}

/// Who answers a step, and the step.
fn answered(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: &str,
    step: Step,
) -> Run<(Who, Link)> {
    cx.once(|cx| {
        let session = session::open(cx, party, session)?;
        let who = Who::find(cx, party, responses, Named::Again(session.as_deref()))?;
        let link = session::resume(cx, party, Some(&who.head), session.as_ref(), &[step])?;
        Ok((who.aiming(link.chain.aim()), link))
    })
}

/// Asks for a factor, or judges what was given with the choice.
fn ask(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: Option<&Link>,
    available: &Available,
    chosen: ChallengeNameType,
    given: Parameters<'_>,
) -> Run<Outcome> {
    let given = |name: &str| given.and_then(|map| map.get(name)).map(String::as_str);
    let outcome = match chosen {
        ChallengeNameType::Password => match given("PASSWORD") {
            Some(password) => return by_password(cx, party, who, link, password),
            None => question(cx, party, who, link, Step::Password, chosen),
        },
        ChallengeNameType::PasswordSrp => match given("SRP_A") {
            Some(a_public) => by_srp(cx, party, who, link, a_public),
            None => question(cx, party, who, link, Step::PasswordSrp, chosen),
        },
        ChallengeNameType::EmailOtp => first_code::ask(cx, party, who, link, AliasKind::Email),
        ChallengeNameType::SmsOtp => first_code::ask(cx, party, who, link, AliasKind::Phone),
        ChallengeNameType::WebAuthn => passkey::ask(cx, party, who, link),
        _ => question(cx, party, who, link, Step::Select, chosen),
    }?;
    Ok(Outcome::Among {
        available: available.to_vec(),
        challenge: outcome.into(),
    })
}

/// A question without parameters.
fn question(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: Option<&Link>,
    step: Step,
    name: ChallengeNameType,
) -> Run<Outcome> {
    cx.once(|cx| {
        who.hold(cx);
        let chain = who.chain(party, link, step);
        let session = who.session(cx, party, link, &chain)?;
        Ok(Outcome::Challenge {
            name,
            parameters: BTreeMap::new(),
            session: Some(session),
        })
    })
}

/// Judges a password; a lock comes first.
fn by_password(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: Option<&Link>,
    password: &str,
) -> Run<Outcome> {
    let attempt: Attempt = cx.once(|cx| {
        who.check_lock(cx, party)?;
        let (pool, attempt) = (&party.pool, who.attempt.as_ref());
        let right = password::fits(cx, pool, &who.name, attempt, password)?;
        match attempt {
            Some(attempt) if right => Ok(Attempt {
                breached: breached::at_sign_in(cx, party, password)?,
                ..attempt.clone()
            }),
            _ => Err(who.wrong_password(cx, party, link)?),
        }
    })?;
    if let Some(link) = link {
        cx.remove(&link.chain);
    }
    proven::go_on(cx, party, &attempt)
}

/// Goes on by SRP: its blocks need no chain, so that this ends here.
fn by_srp(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: Option<&Link>,
    a_public: &str,
) -> Run<Outcome> {
    let a_public = cx.once(|_| srp::client_public(a_public))?;
    if let Some(link) = link {
        who.hold(cx);
        cx.remove(&link.chain);
    }
    let to = srp::To {
        typed: &who.name,
        user: who.attempt.as_ref().map(|attempt| &*attempt.head),
        device: who.device(),
        chain: None,
        aim: who.aim.level.map(|_| who.aim),
    };
    srp::offer(cx, party, &a_public, to)
}

/// Signs in who has just confirmed the sign-up: the code of that was the first factor, where one is enough; else the
/// user chooses.
fn signed_up(cx: &mut Cx<'_>, party: &Party, who: Who, session: &str) -> Run<Outcome> {
    let session = session::open(cx, party, session)?;
    let steps = [Step::SignedUp];
    let link = session::resume(cx, party, Some(&who.head), session.as_ref(), &steps)?;
    let aim = who.aim.with(link.chain.aim().shown);
    let who = who.aiming(aim);
    let enough = |attempt: &&Attempt| {
        let is_usable = attempt.head.enabled && attempt.head.status == Status::Confirmed;
        is_usable && aim.is_reached() && available::needs_no_second(&party.pool, attempt)
    };
    if let Some(attempt) = who.attempt.as_ref().filter(enough) {
        cx.remove(&link.chain);
        let attempt = Attempt {
            first: FirstFactor::Other,
            ..attempt.clone()
        };
        return proven::go_on(cx, party, &attempt);
    }
    let available = available::of(cx, party, &who)?;
    let chosen = ChallengeNameType::SelectChallenge;
    ask(cx, party, &who, Some(&link), &available, chosen, None)
}
