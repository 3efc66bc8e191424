//! `CUSTOM_AUTH`: a sign-in led by functions of the pool, one custom challenge after the other.
//!
//! The functions say what is asked, judge the answers and decide when it is enough. This engine holds them to what
//! holds for every way to sign in: a Session counts once, five wrong answers end the chain, nobody's name never gets
//! tokens, a locked or disabled user neither, and a second factor that is due is asked for afterwards.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_ports::Key;
use userpool_wire::idp::ChallengeNameType;

use super::{
    attempt::{Attempt, FirstFactor, incorrect},
    device::Claim,
    outcome::Outcome,
    proven,
    session::{self, Link},
};
use crate::{
    engine::{Cx, Fault, Run},
    model::{
        chain::{Answered, Chain, Custom, Session, Step},
        device::DeviceId,
        keys,
        user::{Head, Status},
    },
    ops::{
        parties::{self, Party, required},
        protection::watch::{self, Whose},
        triggers::{
            About, Object, Trigger, authentication,
            custom_challenge::{self, Course, Next},
        },
        unknown,
    },
};

/// The purpose under which private parameters are sealed.
const PRIVATE: &str = "private challenge parameters";
/// The most challenges of a chain.
const MOST: usize = 16;

/// Begins a sign-in by custom challenges.
///
/// Refusals, in this order: no function that says what comes next, `USERNAME` missing, a flow that begins with SRP,
/// wrong secret hash, an unknown user where the client tells, an unknown device key, a locked user, a trigger before
/// the judgement, one of the functions, the end that it decides on.
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
    let typed = required(parameters, "USERNAME")?;
    if parameters.is_some_and(|it| it.contains_key("CHALLENGE_NAME")) {
        return Err(proven::unsupported("CUSTOM_AUTH after SRP_A").into());
    }
    let who = Who::find(cx, party, parameters, typed, None)?;
    match &who.attempt {
        Some(attempt) => authentication::before(cx, party, &attempt.head)?,
        None => authentication::before_nobody(cx, party, typed)?,
    }
    who.go_on(cx, party, None, Vec::new(), 0)
}

/// Judges the answer to a custom challenge, and goes on as the functions say.
///
/// Refusals, in this order: `USERNAME`, `ANSWER` or the Session missing, wrong secret hash, an
/// unknown user where the client tells, an unknown device key, a locked user, a Session that does not fit, one of the functions, the end
/// that it decides on (counted, as is the fifth wrong answer), and what a right password may still meet.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    let typed = required(responses, "USERNAME")?;
    let answer = required(responses, "ANSWER")?;
    let session = session.ok_or_else(session::missing)?;
    let session = session::open(cx, party, session)?;
    let who = Who::find(cx, party, responses, typed, session.as_deref())?;
    let steps = [Step::Custom];
    let link = session::resume(cx, party, Some(&who.head), session.as_ref(), &steps)?;
    let custom = link.chain.custom.as_ref();
    let custom = custom.ok_or_else(|| Fault::new("a chain of custom challenges"))?;
    let private = cx.open(
        PRIVATE,
        &party.pool.id,
        link.chain.key(),
        "private",
        &custom.private,
    )?;
    let private =
        core::str::from_utf8(private.expose()).map_err(|_| Fault::new("private parameters"))?;
    let right = who
        .course(party, &custom.answered)
        .verify(cx, private, answer)?;
    let mut answered = custom.answered.clone();
    answered.push(Answered {
        right,
        metadata: custom.metadata.clone(),
    });
    let wrong = match right {
        true => Some(link.chain.wrong),
        false => link.chain.mistaken().map(|chain| chain.wrong),
    };
    match wrong.filter(|_| answered.len() < MOST) {
        Some(wrong) => who.go_on(cx, party, Some(&link), answered, wrong),
        None => {
            who.note_failure(cx, party)?;
            cx.remove(&link.chain);
            Err(cx.counted(incorrect()))
        }
    }
}

/// Who signs in: a user, or nobody where the client hides that.
struct Who {
    /// The user; `None` where nobody has the name.
    attempt: Option<Attempt>,
    /// The head of the user, or what stands for it.
    head: Arc<Head>,
    told: Arc<Object>,
}

impl Who {
    fn find(
        cx: &mut Cx<'_>,
        party: &Party,
        parameters: Option<&BTreeMap<String, String>>,
        typed: &str,
        session: Option<&Session>,
    ) -> Run<Self> {
        let pool = &party.pool;
        let claim = Claim::of(pool, parameters, session.and_then(|it| it.device));
        let others = cx.once(|_| {
            let secrets = keys::pool_secrets(&pool.id);
            let chain = session.map(|session| session::reads(party, session));
            Ok(Arc::<[Key]>::from_iter([secrets].into_iter().chain(chain)))
        })?;
        let user = parties::user_beside(cx, pool, typed, &others)?;
        let own = user.as_ref().map(|head| head.username.as_str());
        super::prove(cx, party, parameters, &[Some(typed), own])?;
        if let Some(head) = user {
            let attempt = claim.attempt(cx, party, head)?;
            let device = claim.find(cx, party, &attempt.head.sub)??;
            let attempt = Attempt {
                device,
                first: FirstFactor::Custom,
                ..attempt
            };
            attempt.check_lock(cx)?;
            let told = authentication::told(cx, pool, &attempt.head)?;
            return Ok(Self {
                head: attempt.head.value().clone(),
                attempt: Some(attempt),
                told: Arc::new(told),
            });
        }
        if !party.client.hides_users {
            return Err(parties::no_user().into());
        }
        let simulated = unknown::simulate(cx, pool, typed)?;
        unknown::find(cx, pool, typed, &simulated)?;
        let records = unknown::keys_of(cx, pool, typed, &simulated)?;
        cx.want(records.iter().chain(&claim.reads(party, &simulated.sub)))?;
        claim.find(cx, party, &simulated.sub)??;
        unknown::check_lock(cx, pool, typed)?;
        let head = Head {
            sub: simulated.sub,
            username: simulated.username.clone(),
            status: Status::Confirmed,
            enabled: true,
            credential_epoch: 0,
            revocation_epoch: 0,
            created: cx.now(),
            modified: cx.now(),
        };
        Ok(Self {
            attempt: None,
            head: Arc::new(head),
            told: Arc::default(),
        })
    }

    /// The device that the sign-in names.
    fn device(&self) -> Option<DeviceId> {
        let named = self.attempt.as_ref()?.device.as_ref()?;
        Some(named.id)
    }

    fn course<'a>(&'a self, party: &'a Party, answered: &'a [Answered]) -> Course<'a> {
        Course {
            about: About::of(party, &self.head.username),
            told: &self.told,
            nobody: self.attempt.is_none(),
            answered,
        }
    }

    fn note_failure(&self, cx: &mut Cx<'_>, party: &Party) -> Run<()> {
        let whose = match &self.attempt {
            Some(attempt) => Whose::User(&attempt.head.sub),
            None => Whose::Nobody(&self.head.sub),
        };
        watch::wrong(cx, party, whose, FirstFactor::Custom)
    }

    /// Goes on as the functions say: the next challenge, or the end. `link` is the step that was answered.
    fn go_on(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        link: Option<&Link>,
        answered: Vec<Answered>,
        wrong: u8,
    ) -> Run<Outcome> {
        let course = self.course(party, &answered);
        match course.define(cx)? {
            Next::Challenge => {
                let challenge = course.create(cx)?;
                cx.once(|cx| {
                    if let Some(attempt) = &self.attempt {
                        cx.check(&attempt.head);
                    }
                    let key = match link {
                        Some(link) => link.chain.key().clone(),
                        None => keys::chain(&party.pool.id, &self.head.sub, &cx.random("chain")),
                    };
                    let sealed = challenge.private.as_bytes();
                    let private = cx.seal(PRIVATE, &party.pool.id, &key, "private", sealed);
                    let begun = match link {
                        Some(link) => link.chain.led_to(Step::Custom, &self.head),
                        None => Chain::begun(&party.client.id, &self.head, Step::Custom),
                    };
                    let chain = Chain {
                        wrong,
                        device: self.device(),
                        custom: Some(Custom {
                            answered: answered.clone(),
                            metadata: challenge.metadata.clone(),
                            private,
                        }),
                        ..begun
                    };
                    let session = match link {
                        Some(link) => session::lead_on(cx, party, link, &chain)?,
                        None => session::begin(cx, party, &self.head, &chain)?,
                    };
                    let mut parameters = challenge.public.clone();
                    parameters.insert("USERNAME".to_string(), self.head.username.clone());
                    Ok(Outcome::Challenge {
                        name: ChallengeNameType::CustomChallenge,
                        parameters,
                        session: Some(session),
                    })
                })
            }
            next => {
                if let Some(link) = link {
                    cx.remove(&link.chain);
                }
                match (&self.attempt, next) {
                    (Some(attempt), Next::Issue) => proven::go_on(cx, party, attempt),
                    // Whatever a function says: nobody never gets in.
                    _ => {
                        self.note_failure(cx, party)?;
                        Err(cx.counted(incorrect()))
                    }
                }
            }
        }
    }
}
