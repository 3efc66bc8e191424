//! The answers to `SMS_MFA`, `EMAIL_OTP`, `SOFTWARE_TOKEN_MFA` and `SELECT_MFA_TYPE`.
//!
//! A wrong answer is counted in the chain and against the user's hour before it is told; a software token's code
//! counts once, by the step it is of, and that is written in the commit that lets the user in.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use userpool_crypto::totp;
use userpool_ports::Key;

use super::{
    attempt::Attempt,
    custom,
    device::{self, Claim},
    factor::{self, Question},
    outcome::Outcome,
    proven::{self, Next},
    session::{self, Link},
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run, Stop},
    model::{
        activity::EventStep,
        attempts::{Attempts, Limit},
        chain::Step,
        factors::{Factor, Factors, SoftwareToken},
        keys,
        methods::Methods,
        user::{Alias, AliasKind, Profile, Status},
    },
    ops::{
        attributes::Change,
        codes, directory,
        mfa::secret,
        parties::{self, Party, required},
        profile_change,
        protection::watch::{self, Then},
        tokens::issue,
        triggers::{About, token_generation::Occasion},
    },
};

/// An answer in the middle of a chain: the user, and the step that is answered.
#[derive(Clone)]
pub(crate) struct Answer {
    pub attempt: Attempt,
    pub link: Link,
    /// The user's attempts with one wrong answer more.
    used: Attempts,
}

impl Answer {
    /// Reads who answers which step.
    ///
    /// Refusals, in this order: `USERNAME` or the Session missing, wrong secret hash, a Session that does not fit, an
    /// unknown device key, too many wrong answers in the hour.
    ///
    /// # Errors
    /// The refusals above.
    pub fn read(
        cx: &mut Cx<'_>,
        party: &Party,
        responses: Option<&BTreeMap<String, String>>,
        session: Option<&str>,
        steps: &[Step],
    ) -> Run<Self> {
        cx.once(|cx| {
            let typed = required(responses, "USERNAME")?;
            let session = session.ok_or_else(session::missing)?;
            let pool = &party.pool;
            let session = session::open(cx, party, session)?;
            // Everything at once: the Session tells whose records will be needed, if it fits.
            let reads = cx.once(|_| {
                Ok(session.as_deref().map(|session| {
                    let mut reads = Attempt::reads(pool, &session.sub).to_vec();
                    reads.push(session::reads(party, session));
                    reads.push(keys::pool_secrets(&pool.id));
                    let claim = Claim::of(pool, responses, session.device);
                    reads.extend(claim.reads(party, &session.sub));
                    Arc::<[Key]>::from(reads)
                }))
            })?;
            let user = parties::user_beside(cx, pool, typed, reads.as_deref().unwrap_or_default())?;
            let own = user.as_ref().map(|head| head.username.as_str());
            super::prove(cx, party, responses, &[Some(typed), own])?;
            let link = session::resume(cx, party, user.as_deref(), session.as_ref(), steps)?;
            let Some(head) = user.filter(|head| head.enabled && head.status == Status::Confirmed)
            else {
                return Err(session::invalid().into());
            };
            let claim = Claim::of(pool, responses, link.chain.device);
            let device = claim.find(cx, party, &head.sub)??;
            let attempt = Attempt::load(cx, pool, head)?;
            let aim = link.chain.aim();
            let attempt = Attempt {
                device,
                aim,
                ..attempt
            };
            Self::of(cx, attempt, link)
        })
    }

    /// The answer to a step of a user who is known.
    ///
    /// # Errors
    /// Refuses after too many wrong answers in the hour.
    pub fn of(cx: &Cx<'_>, attempt: Attempt, link: Link) -> Run<Self> {
        let used = attempt.attempts.used(Limit::SecondFactor, cx.now());
        let used = used.ok_or_else(factor::too_many)?;
        Ok(Self {
            attempt,
            link,
            used,
        })
    }

    /// Counts a wrong answer, in the chain and in the hour; the refusal to return.
    pub fn wrong(&self, cx: &mut Cx<'_>, party: &Party, refusal: Refusal) -> Stop {
        let (head, chain) = (&self.attempt.head, &self.link.chain);
        let was_last = chain.mistaken().is_none();
        if let Err(stop) = watch::mistaken(cx, party, head, chain, was_last) {
            return stop;
        }
        cx.check(head);
        cx.update(&self.attempt.attempts, &self.used);
        self.link.mistaken(cx);
        cx.counted(refusal)
    }

    /// Asks the next question of the chain.
    ///
    /// # Errors
    /// Refuses where too many codes were sent; stops the run until what a code needs is there.
    pub fn ask(&self, cx: &mut Cx<'_>, party: &Party, question: &Question) -> Run<Outcome> {
        let attempts = &self.attempt.attempts;
        let user = (&*self.attempt.head, &*self.attempt.profile);
        let mut ready = question.ready(cx, party, user, Attempts::clone(attempts))??;
        ready.device = self.attempt.device.as_ref().map(|device| device.id);
        ready.aim = self.attempt.aim;
        cx.check(&self.attempt.head);
        if ready.attempts == **attempts {
            cx.check(attempts);
        } else {
            cx.update(attempts, &ready.attempts);
        }
        question.ask(cx, party, &self.attempt.head, &ready, Some(&self.link))
    }

    /// The factors that the user may answer with.
    pub fn counting(&self, party: &Party) -> Vec<Factor> {
        let none = Factors::default();
        let factors = self.attempt.factors.as_deref().unwrap_or(&none);
        let (pool, profile) = (&party.pool, &self.attempt.profile);
        let aim = self.link.chain.aim();
        if !aim.is_reached() {
            aim.reaching(&factors.held(pool, profile))
        } else if self.link.chain.demanded {
            factors.usable(pool, profile)
        } else {
            factors.counting(pool, profile)
        }
    }
}

/// Judges a code that was sent.
///
/// Refusals, in this order: those of [`Answer::read`], the code missing, a factor that the user does not have any
/// more or an address that is another by now, a wrong code (counted), a new address that somebody else signs in
/// with.
///
/// # Errors
/// The refusals above.
pub(crate) fn code(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
    factor: Factor,
) -> Run<Outcome> {
    signed_in(cx, party, factor, |cx| {
        let steps = [Step::Code, Step::NewAddress];
        let answer = Answer::read(cx, party, responses, session, &steps)?;
        let typed = required(responses, answer_of(factor))?;
        let chain = &answer.link.chain;
        let Some(sent) = chain.code.as_ref() else {
            return Err(session::invalid().into());
        };
        let (contact, profile) = (sent.contact(), &answer.attempt.profile);
        if factor.contact() != Some(contact) {
            return Err(session::invalid().into());
        }
        if chain.step == Step::Code {
            let current = profile.attributes.get(contact.attribute());
            let same = current == Some(&sent.destination);
            if !same || !answer.counting(party).contains(&factor) {
                return Err(codes::dead().into());
            }
        }
        let head = &answer.attempt.head;
        if !codes::is_right(cx, &party.pool, head, factor::CODE, sent, typed)? {
            let text = "Invalid code or auth state for the user.";
            let refusal = Refusal::new(RefusalKind::CodeMismatch, text);
            return Err(answer.wrong(cx, party, refusal));
        }
        if chain.step == Step::NewAddress {
            switch_on(cx, party, &answer.attempt, factor);
        }
        let profile = verified(cx, party, &answer, contact, &sent.destination)?;
        Ok((answer, profile))
    })
}

/// The name under which a factor's code is answered.
const fn answer_of(factor: Factor) -> &'static str {
    match factor {
        Factor::Sms => "SMS_MFA_CODE",
        Factor::SoftwareToken => "SOFTWARE_TOKEN_MFA_CODE",
        Factor::Email => "EMAIL_OTP_CODE",
    }
}

fn switch_on(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt, factor: Factor) {
    let held = attempt.factors.as_ref();
    let mut factors = held.map_or_else(Factors::default, |held| Factors::clone(held));
    factors.switch(factor, true);
    let key = keys::factors(&party.pool.id, &attempt.head.sub);
    cx.upsert_until(&key, held, &factors, None);
}

/// The profile after a code came back from an address: it is verified, unless somebody else signs in with it.
fn verified(
    cx: &mut Cx<'_>,
    party: &Party,
    answer: &Answer,
    contact: AliasKind,
    address: &str,
) -> Run<Arc<Profile>> {
    let (pool, sub) = (&party.pool, answer.attempt.head.sub);
    let (head, profile) = (&answer.attempt.head, &answer.attempt.profile);
    let flag = directory::flag(contact);
    let new = answer.link.chain.step == Step::NewAddress;
    if !new {
        if profile
            .attributes
            .get(flag)
            .is_some_and(|flag| flag == "true")
        {
            cx.check(head);
            return Ok(profile.value().clone());
        }
        if directory::is_alias(pool, contact) {
            let key = cx.once(|_| Ok(directory::alias_key(pool, contact, address)))?;
            if cx.get::<Alias>(&key)?.is_some_and(|alias| alias.sub != sub) {
                cx.check(head);
                return Ok(profile.value().clone());
            }
        }
    }
    let values = [(contact.attribute(), address), (flag, "true")];
    let values = values.map(|(name, value)| (String::from(name), String::from(value)));
    let mut becomes = Profile::clone(profile);
    becomes.attributes.extend(values.clone());
    let change = Change {
        set: values.into(),
        ..Change::default()
    };
    let about = About::of(party, &head.username);
    profile_change::apply(cx, about, head, profile, &change)?;
    Ok(Arc::new(becomes))
}

/// Judges the code of a software token.
///
/// Refusals, in this order: those of [`Answer::read`], the code missing, a token that the user does not have any
/// more, a code that was used before (counted), a wrong code (counted).
///
/// # Errors
/// The refusals above.
pub(crate) fn software_token(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    signed_in(cx, party, Factor::SoftwareToken, |cx| {
        let answer = Answer::read(cx, party, responses, session, &[Step::SoftwareToken])?;
        let typed = required(responses, answer_of(Factor::SoftwareToken))?;
        let (pool, attempt) = (&party.pool, &answer.attempt);
        let has = answer.counting(party).contains(&Factor::SoftwareToken);
        let held = attempt.factors.as_ref().filter(|_| has);
        let Some((held, token)) = held.and_then(|held| Some((held, held.token.as_ref()?))) else {
            return Err(secret::no_token().into());
        };
        let seed = secret::open(cx, pool, held.key(), &token.sealed)?;
        let now = cx.now().secs();
        let step = match totp::check(seed.expose(), typed, now, Some(token.last_step)) {
            totp::Verdict::Accepted { step } => step,
            totp::Verdict::Spent => {
                let text = "Your software token has already been used once.";
                let refusal = Refusal::new(RefusalKind::ExpiredCode, text);
                return Err(answer.wrong(cx, party, refusal));
            }
            totp::Verdict::Wrong => {
                let text = "Invalid code received for user";
                let refusal = Refusal::new(RefusalKind::CodeMismatch, text);
                return Err(answer.wrong(cx, party, refusal));
            }
        };
        let becomes = Factors {
            token: Some(SoftwareToken {
                last_step: step,
                ..token.clone()
            }),
            ..Factors::clone(held)
        };
        cx.update(held, &becomes);
        cx.check(&attempt.head);
        let profile = attempt.profile.value().clone();
        Ok((answer, profile))
    })
}

/// Takes the choice among several factors, and asks for the chosen one.
///
/// Refusals, in this order: those of [`Answer::read`], the choice missing, a factor that is not to be chosen, too
/// many codes in the hour.
///
/// # Errors
/// The refusals above.
pub(crate) fn choose(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    cx.once(|cx| {
        let answer = Answer::read(cx, party, responses, session, &[Step::Choice])?;
        let chosen = required(responses, "ANSWER")?;
        let chosen = Factor::named(chosen).filter(|it| answer.counting(party).contains(it));
        let Some(factor) = chosen else {
            let text = "ANSWER is none of the second factors of the user.";
            return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
        };
        let none = Factors::default();
        let factors = answer.attempt.factors.as_deref().unwrap_or(&none);
        let question = Question::about(factor, &answer.attempt.profile, factors);
        answer.ask(cx, party, &question)
    })
}

/// Ends the chain with a right answer that shows a factor, lands that with a grant, and gives the tokens; a remembered device proves itself
/// first.
///
/// # Errors
/// Refuses as the answer is refused.
pub(crate) fn signed_in(
    cx: &mut Cx<'_>,
    party: &Party,
    factor: Factor,
    answer: impl FnOnce(&mut Cx<'_>) -> Run<(Answer, Arc<Profile>)>,
) -> Run<Outcome> {
    let (answer, profile) = cx.once(answer)?;
    let aim = answer.link.chain.aim().with(Methods::factor(factor));
    if answer.link.chain.custom.is_some() {
        return custom::shown(cx, party, &answer, aim);
    }
    let next = cx.once(|cx| {
        cx.remove(&answer.link.chain);
        let Attempt { head, device, .. } = &answer.attempt;
        let asked = device::ask(cx, party, head, device.as_ref(), aim)?;
        let what = (Some(EventStep::Factor), Then::of(asked.as_ref()));
        watch::went_on(cx, party, head, &answer.link.chain, what)?;
        let next = match asked {
            Some(asked) => Next::Asked(asked),
            None => {
                let user = (&**head, &*profile);
                Next::Granted(proven::grant(cx, party, user, device.as_ref(), aim)?)
            }
        };
        Ok(next)
    })?;
    let head = &answer.attempt.head;
    match next {
        Next::Asked(outcome) => Ok(outcome),
        Next::Granted(grant) => issue::signed_in(cx, party, head, &grant, Occasion::Authentication),
    }
}
