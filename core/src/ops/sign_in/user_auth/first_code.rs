//! `EMAIL_OTP` and `SMS_OTP` as first factors: a code sent to a verified address lets the user in.
//!
//! To nobody a code is sent that no answer fits; the writes are the same.

use alloc::string::{String, ToString};

use userpool_ports::Purpose;
use userpool_wire::idp::ChallengeNameType;

use super::{
    super::{
        attempt::{Attempt, FirstFactor},
        factor,
        outcome::Outcome,
        proven,
        session::{self, Link},
        who::Who,
    },
    Parameters, answered, available,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run, Stop},
    few,
    model::{
        attempts::Limit,
        chain::{Chain, Step},
        code::Code,
        methods::Methods,
        user::AliasKind,
    },
    ops::{
        codes, messages,
        parties::{Party, required},
        triggers::{About, custom_message},
        unknown,
    },
};

/// Sends a code to a verified address, and asks for it.
///
/// Refusals, in this order: too many codes in the hour, a message trigger (not where the client hides who exists).
///
/// # Errors
/// The refusals above.
pub(super) fn ask(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: Option<&Link>,
    contact: AliasKind,
) -> Run<Outcome> {
    cx.once(|cx| {
        let (code, destination) = match &who.attempt {
            Some(attempt) => sent(cx, party, attempt, contact)?,
            None => sent_to_nobody(cx, party, who, contact)?,
        };
        who.hold(cx);
        let chain = Chain {
            code: Some(code),
            ..who.chain(party, link, Step::FirstCode)
        };
        let session = who.session(cx, party, link, &chain)?;
        Ok(challenge(contact, &destination, session))
    })
}

/// A code for a user, on its way.
fn sent(
    cx: &mut Cx<'_>,
    party: &Party,
    attempt: &Attempt,
    contact: AliasKind,
) -> Run<(Code, String)> {
    let (pool, head) = (&party.pool, &attempt.head);
    let used = attempt.attempts.used(Limit::FirstFactorCode, cx.now());
    let used = used.ok_or_else(factor::too_many)?;
    let attributes = &attempt.profile.attributes;
    let destination = attributes.get(contact.attribute());
    let destination = destination.cloned().unwrap_or_default();
    let about = About::of(party, &head.username);
    let why = (Purpose::Authentication, contact);
    let words = custom_message::words(cx, about, head, attributes, why)?;
    cx.update(&attempt.attempts, &used);
    let words = match words {
        Ok(words) => words,
        Err(_) if party.client.hides_users => {
            return Ok((no_code(cx, contact), destination));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let to = (contact, destination.as_str());
    let why = (Purpose::Authentication, &words);
    let ends = session::ends(cx, party);
    let code = codes::send(cx, pool, head, codes::FIRST_FACTOR, to, why, ends)?;
    Ok((code, destination))
}

fn sent_to_nobody(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    contact: AliasKind,
) -> Run<(Code, String)> {
    let (pool, limit) = (&party.pool, Limit::FirstFactorCode);
    unknown::use_attempt_or(cx, pool, &who.name, limit, factor::too_many())?;
    let destination = unknown::address(cx, pool, &who.name, contact)?;
    Ok((no_code(cx, contact), destination))
}

/// What is kept where no code was sent: no answer fits it.
fn no_code(cx: &mut Cx<'_>, contact: AliasKind) -> Code {
    Code {
        hash: cx.random("no code/hash"),
        issue: cx.random("no code/issue"),
        sms: contact == AliasKind::Phone,
        destination: String::new(),
        credential_epoch: 0,
    }
}

fn challenge(contact: AliasKind, destination: &str, session: String) -> Outcome {
    let (name, medium) = match contact {
        AliasKind::Phone => (ChallengeNameType::SmsOtp, "SMS"),
        AliasKind::Email | AliasKind::PreferredUsername => (ChallengeNameType::EmailOtp, "EMAIL"),
    };
    let parameters = [
        ("CODE_DELIVERY_DELIVERY_MEDIUM", medium.to_string()),
        (
            "CODE_DELIVERY_DESTINATION",
            messages::mask(contact, destination),
        ),
    ];
    Outcome::Challenge {
        name,
        parameters: few::gather(parameters.map(|(name, value)| (name.into(), value))),
        session: Some(session),
    }
}

/// Judges a code as the first factor.
///
/// Refusals, in this order: `USERNAME`, the Session or the code missing, wrong secret hash, an unknown device key, a
/// Session that does not fit, too many wrong codes in the hour, a user who may not begin with it any more or whose
/// address is another by now, a wrong code (counted).
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
    contact: AliasKind,
) -> Run<Outcome> {
    let attempt = cx.once(|cx| shown_by(cx, party, responses, session, contact))?;
    proven::go_on(cx, party, &attempt)
}

/// The attempt that a right code is for.
fn shown_by(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
    contact: AliasKind,
) -> Run<Attempt> {
    required(responses, "USERNAME")?;
    let session = session.ok_or_else(session::missing)?;
    let typed = required(responses, answer(contact))?;
    let (who, link) = answered(cx, party, responses, session, Step::FirstCode)?;
    let code = link.chain.code.as_ref();
    let code = code.filter(|code| code.contact() == contact);
    let code = code.ok_or_else(session::invalid)?;
    let pool = &party.pool;
    let Some(attempt) = &who.attempt else {
        let limit = Limit::FirstFactor;
        unknown::use_attempt_or(cx, pool, &who.name, limit, factor::too_many())?;
        codes::is_right(cx, pool, &who.head, codes::FIRST_FACTOR, code, typed)?;
        return Err(wrong(cx, party, &who, &link));
    };
    let used = attempt.attempts.used(Limit::FirstFactor, cx.now());
    let used = used.ok_or_else(factor::too_many)?;
    let available = available::of(cx, party, &who)?;
    let head = &attempt.head;
    let right = cx.once(|cx| codes::is_right(cx, pool, head, codes::FIRST_FACTOR, code, typed))?;
    let current = attempt.profile.attributes.get(contact.attribute());
    let (factor, _) = available::CODES[usize::from(contact == AliasKind::Phone)];
    let is_alive = current == Some(&code.destination) && available.contains(&factor);
    if !right || !is_alive {
        who.hold(cx);
        cx.update(&attempt.attempts, &used);
        return Err(wrong(cx, party, &who, &link));
    }
    cx.check(&attempt.profile);
    cx.remove(&link.chain);
    Ok(Attempt {
        first: FirstFactor::Other,
        aim: attempt.aim.with(Methods::code(contact)),
        ..attempt.clone()
    })
}

fn wrong(cx: &mut Cx<'_>, party: &Party, who: &Who, link: &Link) -> Stop {
    if let Err(stop) = who.note_failure(cx, party, FirstFactor::Other) {
        return stop;
    }
    link.mistaken(cx);
    let text = "Invalid code or auth state for the user.";
    cx.counted(Refusal::new(RefusalKind::CodeMismatch, text))
}

/// The name under which a code is answered.
const fn answer(contact: AliasKind) -> &'static str {
    match contact {
        AliasKind::Phone => "SMS_OTP_CODE",
        AliasKind::Email | AliasKind::PreferredUsername => "EMAIL_OTP_CODE",
    }
}
