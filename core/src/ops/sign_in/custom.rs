//! `CUSTOM_AUTH`: a sign-in led by functions of the pool, one custom challenge after the other, after a proof of the
//! password where it begins with SRP.
//!
//! The functions say what is asked, judge the answers and decide when it is enough. This engine holds them to what
//! holds for every way to sign in: a Session counts once, five wrong answers end the chain, nobody's name never gets
//! tokens, a locked or disabled user neither. A second factor that is due is asked for after the proof, and where there
//! was none, at the end.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_crypto::srp::ClientPublic;
use userpool_wire::idp::ChallengeNameType;

use super::{
    attempt::{Attempt, FirstFactor, incorrect},
    device,
    factor::Question,
    outcome::Outcome,
    proven,
    second_factor::Answer,
    session::{self, Link},
    srp,
    who::{Named, Who},
};
use crate::{
    engine::{Cx, Fault, Refusal, RefusalKind, Run},
    model::{
        attempts::Attempts,
        chain::{Answered, Chain, Custom, Session, Step},
        keys,
        methods::Aim,
        user::{AliasKind, Status},
    },
    ops::{
        parties::{Party, required},
        triggers::{
            About, Object, Trigger, authentication,
            custom_challenge::{self, Course, Next},
        },
    },
};

/// The purpose under which private parameters are sealed.
const PRIVATE: &str = "private challenge parameters";
/// The most challenges of a chain.
const MOST: usize = 16;
/// What a sign-in that begins with SRP is called, and its parameter.
const SRP_A: &str = "SRP_A";
/// The second factors, as functions are told of them.
const FACTORS: [&str; 4] = ["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"];

/// Begins a sign-in by custom challenges.
///
/// Refusals, in this order: no function that says what comes next, `USERNAME` missing, a flow that begins with
/// anything but SRP, `SRP_A` missing or outside 0 < A < N, wrong secret hash, an unknown user where the client tells, an
/// unknown device key, a locked user, a trigger before the judgement, one of the functions, the end that it decides on.
///
/// # Errors
/// The refusals above.
pub(crate) fn begin(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Option<&BTreeMap<String, String>>,
) -> Run<Outcome> {
    if !Trigger::DefineAuthChallenge.is_set(&party.pool) {
        return Err(custom_challenge::not_configured().into());
    }
    required(parameters, "USERNAME")?;
    let begins_with = parameters.and_then(|map| map.get("CHALLENGE_NAME"));
    let a_public = match begins_with.map(String::as_str) {
        None => None,
        Some(SRP_A) => {
            let a_public = required(parameters, SRP_A)?;
            Some(cx.once(|_| srp::client_public(a_public))?)
        }
        Some(_) => {
            let text = "CHALLENGE_NAME is not SRP_A.";
            return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
        }
    };
    let led = Led::find(cx, party, parameters, Named::First)?;
    match &led.who.attempt {
        Some(attempt) => authentication::before(cx, party, &attempt.head)?,
        None => authentication::before_nobody(cx, party, &led.who.name)?,
    }
    let answered = a_public.iter().map(|_| Answered::rightly(SRP_A));
    let answered = answered.collect();
    led.go_on(cx, party, a_public.as_deref(), None, answered, 0)
}

/// Judges the answer to a custom challenge, and goes on as the functions say.
///
/// Refusals, in this order: `USERNAME`, `ANSWER` or the Session missing, wrong secret hash, an unknown user (told as a
/// Session that does not fit), an unknown device key, a locked user, a Session that does not fit, one of the functions,
/// the end that it decides on (counted, as is the fifth wrong answer), and what a right password may still meet.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    required(responses, "USERNAME")?;
    let answer = required(responses, "ANSWER")?;
    let session = session.ok_or_else(session::missing)?;
    let session = session::open(cx, party, session)?;
    let led = Led::find(cx, party, responses, Named::Again(session.as_deref()))?;
    let steps = [Step::Custom];
    let link = session::resume(cx, party, Some(&led.who.head), session.as_ref(), &steps)?;
    let led = Led {
        who: led.who.aiming(link.chain.aim()),
        ..led
    };
    let custom = custom(&link)?;
    let private = cx.open(
        PRIVATE,
        &party.pool.id,
        link.chain.key(),
        "private",
        &custom.private,
    )?;
    let private =
        core::str::from_utf8(private.expose()).map_err(|_| Fault::new("private parameters"))?;
    let right = led
        .course(party, &custom.answered)
        .verify(cx, private, answer)?;
    let mut answered = custom.answered.clone();
    answered.push(Answered {
        right,
        metadata: custom.metadata.clone(),
        name: None,
    });
    let wrong = match right {
        true => Some(link.chain.wrong),
        false => link.chain.mistaken().map(|chain| chain.wrong),
    };
    match wrong.filter(|_| answered.len() < MOST) {
        Some(wrong) => led.go_on(cx, party, None, Some(&link), answered, wrong),
        None => {
            led.who.note_failure(cx, party, FirstFactor::Custom)?;
            cx.remove(&link.chain);
            Err(cx.counted(incorrect()))
        }
    }
}

/// Goes on after a right proof of the password: with a second factor that is due, else as the functions say.
///
/// Refusals, in this order: a chain that is gone or no longer the user's, a second factor that is required and that the
/// user cannot have, too many codes in the hour, a message trigger; then those of the functions.
///
/// # Errors
/// The refusals above.
pub(super) fn proven(
    cx: &mut Cx<'_>,
    party: &Party,
    attempt: &Attempt,
    id: [u8; 16],
) -> Run<Outcome> {
    let (pool, head) = (&party.pool, &attempt.head);
    let chain = cx.get::<Chain>(&keys::chain(&pool.id, &head.sub, &id))?;
    let fits = |chain: &Chain| chain.step == Step::Proof && chain.fits(head);
    let Some(chain) = chain.filter(|chain| fits(chain)) else {
        return Err(attempt.refused(cx, incorrect()));
    };
    let session = Session {
        sub: head.sub,
        chain: id,
        generation: chain.generation,
        ends: session::ends(cx, party),
        typed: Some(head.username.clone()),
        device: chain.device,
    };
    let link = Link {
        chain,
        session: Arc::new(session),
    };
    if let Some(asked) = cx.once(|cx| second_factor(cx, party, attempt, &link))? {
        return Ok(asked);
    }
    let led = Led::of(cx, party, attempt, attempt.shown())?;
    let answered = custom(&link)?.answered.clone();
    led.go_on(cx, party, None, Some(&link), answered, link.chain.wrong)
}

/// Asks for a second factor, if one is due of a confirmed user.
fn second_factor(
    cx: &mut Cx<'_>,
    party: &Party,
    attempt: &Attempt,
    link: &Link,
) -> Run<Option<Outcome>> {
    let (pool, head) = (&party.pool, &attempt.head);
    if !head.enabled || head.status != Status::Confirmed {
        return Ok(None);
    }
    let due = Question::due(
        pool,
        &attempt.profile,
        attempt.factors.as_deref(),
        attempt.shown(),
    );
    let due = due.map_err(|refusal| cx.counted(refusal))?;
    let named = attempt.device.as_ref();
    let Some(question) = due.filter(|question| !device::stands_in(pool, named, question)) else {
        return Ok(None);
    };
    let before = Attempts::clone(&attempt.attempts);
    let user = (&**head, &*attempt.profile);
    let ready = question.ready(cx, party, user, before)?;
    let mut ready = ready.map_err(|refusal| cx.counted(refusal))?;
    ready.device = named.map(|device| device.id);
    ready.aim = attempt.shown();
    cx.check(head);
    if ready.attempts == *attempt.attempts {
        cx.check(&attempt.attempts);
    } else {
        cx.update(&attempt.attempts, &ready.attempts);
    }
    question.ask(cx, party, head, &ready, Some(link)).map(Some)
}

/// Goes on after a second factor that was shown in a chain of custom challenges, as the functions say.
///
/// # Errors
/// Refuses as the functions decide.
pub(super) fn shown(cx: &mut Cx<'_>, party: &Party, answer: &Answer, aim: Aim) -> Run<Outcome> {
    let link = &answer.link;
    let sms = link.chain.code.as_ref().map(|code| code.contact());
    let name = match (link.chain.step, sms) {
        (Step::Code, Some(AliasKind::Phone)) => "SMS_MFA",
        (Step::Code, _) => "EMAIL_OTP",
        (Step::SoftwareToken, _) => "SOFTWARE_TOKEN_MFA",
        _ => "MFA_SETUP",
    };
    let led = Led::of(cx, party, &answer.attempt, aim)?;
    let mut answered = custom(link)?.answered.clone();
    answered.push(Answered::rightly(name));
    led.go_on(cx, party, None, Some(link), answered, link.chain.wrong)
}

fn custom(link: &Link) -> Result<&Custom, Fault> {
    let custom = link.chain.custom.as_ref();
    custom.ok_or_else(|| Fault::new("a chain of custom challenges"))
}

/// Who is led.
struct Led {
    who: Who,
    told: Arc<Object>,
}

impl Led {
    /// Finds who is named.
    fn find(
        cx: &mut Cx<'_>,
        party: &Party,
        parameters: Option<&BTreeMap<String, String>>,
        named: Named<'_>,
    ) -> Run<Self> {
        let mut who = Who::find(cx, party, parameters, named)?;
        who.check_lock(cx, party)?;
        if let Some(attempt) = &mut who.attempt {
            attempt.first = FirstFactor::Custom;
        }
        let told = match &who.attempt {
            Some(attempt) => Arc::new(authentication::told(cx, &party.pool, &attempt.head)?),
            None => Arc::default(),
        };
        Ok(Self { who, told })
    }

    /// A user who has shown something.
    fn of(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt, aim: Aim) -> Run<Self> {
        let told = authentication::told(cx, &party.pool, &attempt.head)?;
        Ok(Self {
            who: Who::known(Attempt {
                first: FirstFactor::Custom,
                aim,
                ..attempt.clone()
            }),
            told: Arc::new(told),
        })
    }

    fn course<'a>(&'a self, party: &'a Party, answered: &'a [Answered]) -> Course<'a> {
        Course {
            about: About::of(party, &self.who.head.username),
            told: &self.told,
            nobody: self.who.attempt.is_none(),
            answered,
        }
    }

    /// Goes on as the functions say: the next challenge, or the end. `link` is the step that was answered.
    fn go_on(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        a_public: Option<&ClientPublic>,
        link: Option<&Link>,
        answered: Vec<Answered>,
        wrong: u8,
    ) -> Run<Outcome> {
        let course = self.course(party, &answered);
        match course.define(cx)? {
            Next::Challenge => {
                let challenge = course.create(cx)?;
                cx.once(|cx| {
                    let who = &self.who;
                    who.hold(cx);
                    let key = match link {
                        Some(link) => link.chain.key().clone(),
                        None => keys::chain(&party.pool.id, &who.head.sub, &cx.random("chain")),
                    };
                    let sealed = challenge.private.as_bytes();
                    let private = cx.seal(PRIVATE, &party.pool.id, &key, "private", sealed);
                    let chain = Chain {
                        wrong,
                        custom: Some(Custom {
                            answered: answered.clone(),
                            metadata: challenge.metadata.clone(),
                            private,
                        }),
                        ..who.chain(party, link, Step::Custom)
                    };
                    let session = who.session(cx, party, link, &chain)?;
                    let mut parameters = challenge.public.clone();
                    parameters.insert("USERNAME".to_string(), who.head.username.clone());
                    Ok(Outcome::Challenge {
                        name: ChallengeNameType::CustomChallenge,
                        parameters,
                        session: Some(session),
                    })
                })
            }
            Next::Proof => {
                let a_public = a_public.ok_or_else(custom_challenge::no_proof)?;
                self.prove(cx, party, a_public, answered)
            }
            next => {
                if let Some(link) = link {
                    cx.remove(&link.chain);
                }
                let is_factor = |it: &Answered| {
                    let name = it.name.as_deref();
                    name.is_some_and(|name| FACTORS.contains(&name))
                };
                match (&self.who.attempt, next) {
                    (Some(attempt), Next::Issue) if answered.iter().any(is_factor) => {
                        proven::complete(cx, party, attempt)
                    }
                    (Some(attempt), Next::Issue) => proven::go_on(cx, party, attempt),
                    // Whatever a function says: nobody never gets in.
                    _ => {
                        self.who.note_failure(cx, party, FirstFactor::Custom)?;
                        Err(cx.counted(incorrect()))
                    }
                }
            }
        }
    }

    /// Asks for the proof of the password. The chain waits for it; only its block leads there, and only a right proof.
    fn prove(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        a_public: &ClientPublic,
        mut answered: Vec<Answered>,
    ) -> Run<Outcome> {
        let who = &self.who;
        answered.push(Answered::rightly(custom_challenge::PROOF));
        let session = cx.once(|cx| {
            who.hold(cx);
            let chain = Chain {
                custom: Some(Custom {
                    answered: answered.clone(),
                    ..Custom::default()
                }),
                ..who.chain(party, None, Step::Proof)
            };
            who.session(cx, party, None, &chain)
        })?;
        let to = srp::To {
            typed: &who.name,
            user: who.attempt.as_ref().map(|attempt| &*attempt.head),
            device: who.device(),
            // The chain that was begun just now.
            chain: Some(cx.random("chain")),
            aim: None,
        };
        srp::offer(cx, party, a_public, to).map(|asked| asked.with_session(session))
    }
}
