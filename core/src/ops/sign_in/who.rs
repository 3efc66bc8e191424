//! Who signs in while nothing is proven yet: a user, or nobody where the client hides that.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use userpool_ports::Key;

use super::{
    attempt::{Attempt, FirstFactor, incorrect},
    device::Claim,
    session::{self, Link},
};
use crate::{
    engine::{Cx, Held, Run, Stop},
    model::{
        chain::{Chain, Session, Step},
        device::DeviceId,
        keys,
        methods::Aim,
        passkeys::Passkeys,
        pool::Pool,
        sub::Sub,
        user::{Head, Status},
    },
    ops::{
        parties::{self, Party, required},
        protection::watch::{self, Whose},
        unknown::{self, Simulated},
    },
};

/// Who signs in.
#[derive(Clone)]
pub(crate) struct Who {
    /// The user; `None` where nobody has the name.
    pub attempt: Option<Attempt>,
    /// The head of the user, or what stands for it.
    pub head: Arc<Head>,
    /// The passkeys of the user, if the user ever had any.
    pub passkeys: Option<Held<Passkeys>>,
    /// The name as typed at the beginning, under which nobody is simulated and counted.
    pub name: Arc<str>,
    /// What was shown so far, and the level that was asked for.
    pub aim: Aim,
}

/// Where in a sign-in somebody is named.
#[derive(Clone, Copy)]
pub(crate) enum Named<'s> {
    /// At its beginning.
    First,
    /// With the answer to a challenge, whose Session this is; `None` where it was unreadable.
    Again(Option<&'s Session>),
}

impl Who {
    /// Finds who is named, and reads the records that a sign-in needs, as many for nobody as for a user; the chain of
    /// the Session too.
    ///
    /// Refusals, in this order: `USERNAME` missing, wrong secret hash, an unknown user where the client tells, an unknown
    /// device key.
    ///
    /// # Errors
    /// The refusals above.
    pub fn find(
        cx: &mut Cx<'_>,
        party: &Party,
        parameters: Option<&BTreeMap<String, String>>,
        named: Named<'_>,
    ) -> Run<Self> {
        cx.once(|cx| {
            let typed = required(parameters, "USERNAME")?;
            let pool = &party.pool;
            let sub = sub(cx, pool, typed)?;
            let session = match named {
                Named::First => None,
                Named::Again(session) => session,
            };
            let claim = Claim::of(pool, parameters, session.and_then(|it| it.device));
            let begun = session.and_then(|session| session.typed.as_deref());
            let name: Arc<str> = Arc::from(begun.unwrap_or(typed));
            let simulated = match sub {
                Some(_) => None,
                None => Some(unknown::simulate(cx, pool, &name)?),
            };
            let reads = cx.once(|cx| {
                let mut reads: Vec<Key> = match &sub {
                    Some(sub) => Attempt::reads(pool, sub).into(),
                    None => Vec::new(),
                };
                // The records of a typed id were read with the names; what is read now is that of nobody, whoever it is.
                let beside = match &simulated {
                    None if Sub::parse(typed).is_some() => {
                        Some(unknown::simulate(cx, pool, &name)?)
                    }
                    simulated => simulated.clone(),
                };
                if let Some(simulated) = &beside {
                    reads.extend(unknown::keys_of(cx, pool, &name, simulated)?);
                    reads.push(keys::head(&pool.id, &simulated.sub));
                }
                let shown = beside.as_ref().map(|simulated| simulated.sub);
                reads.extend(shown.or(sub).map(|sub| keys::passkeys(&pool.id, &sub)));
                let owner = sub.or(shown);
                reads.extend(owner.into_iter().flat_map(|sub| claim.reads(party, &sub)));
                reads.extend(owner.into_iter().flat_map(|sub| watch::reads(party, &sub)));
                reads.extend(session.map(|session| session::reads(party, session)));
                Ok(Arc::<[Key]>::from(reads))
            })?;
            cx.want(&*reads)?;
            let head = match &sub {
                Some(sub) => cx.get::<Head>(&keys::head(&pool.id, sub))?,
                None => None,
            };
            // Of somebody who was deleted after the name was read there is nobody left.
            let simulated = match (&head, simulated) {
                (None, None) if party.client.hides_users => {
                    Some(unknown::simulate(cx, pool, &name)?)
                }
                (_, simulated) => simulated,
            };
            let own = head.as_ref().map(|head| head.username.as_str());
            let given = simulated.as_ref().map(|it| it.username.as_str());
            super::prove(cx, party, parameters, &[Some(typed), own, given])?;
            match (head, simulated) {
                (Some(head), _) => {
                    let device = claim.find(cx, party, &head.sub)??;
                    let passkeys = cx.get(&keys::passkeys(&pool.id, &head.sub))?;
                    let attempt = Attempt::load(cx, pool, head)?;
                    Ok(Self {
                        head: attempt.head.value().clone(),
                        attempt: Some(Attempt { device, ..attempt }),
                        passkeys,
                        name,
                        aim: Aim::default(),
                    })
                }
                (None, Some(simulated)) if party.client.hides_users => {
                    claim.find(cx, party, &simulated.sub)??;
                    Ok(Self {
                        attempt: None,
                        head: Arc::new(stand_in(cx, &simulated)),
                        passkeys: None,
                        name,
                        aim: Aim::default(),
                    })
                }
                (None, _) => Err(match named {
                    Named::First => parties::no_user(),
                    Named::Again(_) => session::invalid(),
                }
                .into()),
            }
        })
    }

    /// A user who has shown something.
    pub fn known(attempt: Attempt) -> Self {
        Self {
            head: attempt.head.value().clone(),
            passkeys: None,
            name: Arc::from(attempt.head.username.as_str()),
            aim: attempt.aim,
            attempt: Some(attempt),
        }
    }

    /// The same in a sign-in that has come so far, and has so far to go.
    pub fn aiming(mut self, aim: Aim) -> Self {
        self.aim = aim;
        if let Some(attempt) = &mut self.attempt {
            attempt.aim = aim;
        }
        self
    }

    /// Refuses during a lock; nothing is compared, counted or changed then.
    ///
    /// # Errors
    /// `NotAuthorizedException`.
    pub fn check_lock(&self, cx: &mut Cx<'_>, party: &Party) -> Run<()> {
        match &self.attempt {
            Some(attempt) => Ok(attempt.check_lock(cx)?),
            None => unknown::check_lock(cx, &party.pool, &self.name),
        }
    }

    /// Makes what is written depend on the user.
    pub fn hold(&self, cx: &mut Cx<'_>) {
        if let Some(attempt) = &self.attempt {
            cx.check(&attempt.head);
        }
    }

    /// The device that the sign-in names.
    pub fn device(&self) -> Option<DeviceId> {
        let named = self.attempt.as_ref()?.device.as_ref()?;
        Some(named.id)
    }

    /// The next step of a chain, or the first of a new one.
    pub fn chain(&self, party: &Party, link: Option<&Link>, step: Step) -> Chain {
        let chain = match link {
            Some(link) => link.chain.led_to(step, &self.head),
            None => Chain::begun(&party.client.id, &self.head, step),
        };
        Chain {
            device: self.device(),
            aim: Some(self.aim),
            ..chain
        }
    }

    /// Writes the next step of a chain, or the first of a new one; its Session.
    ///
    /// # Errors
    /// A fault if the Session cannot be sealed.
    pub fn session(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        link: Option<&Link>,
        chain: &Chain,
    ) -> Run<String> {
        match link {
            Some(link) => session::lead_on(cx, party, link, chain),
            None => session::begin_as(cx, party, &self.head, chain, Some(&self.name)),
        }
    }

    /// Counts a wrong password, in the chain too; the refusal to return.
    ///
    /// # Errors
    /// Stops the run until the record of a name that nobody has is there.
    pub fn wrong_password(&self, cx: &mut Cx<'_>, party: &Party, link: Option<&Link>) -> Run<Stop> {
        if let Some(link) = link {
            link.mistaken(cx);
        }
        match &self.attempt {
            Some(attempt) => Ok(attempt.wrong(cx, party)),
            None => {
                self.note_failure(cx, party, FirstFactor::Password)?;
                unknown::count_failure(cx, &party.pool, &self.name, incorrect())
            }
        }
    }

    /// Notes that the first factor was wrong, where the pool watches that.
    ///
    /// # Errors
    /// Stops the run until what is noted of the user was read.
    pub fn note_failure(&self, cx: &mut Cx<'_>, party: &Party, first: FirstFactor) -> Run<()> {
        let whose = match &self.attempt {
            Some(attempt) => Whose::User(&attempt.head.sub),
            None => Whose::Nobody(&self.head.sub),
        };
        watch::wrong(cx, party, whose, first)
    }
}

/// The id that a typed name leads to. All records of a typed id are read together with the names, since its head is:
/// read later, the others could be of another moment.
fn sub(cx: &mut Cx<'_>, pool: &Pool, typed: &str) -> Run<Option<Sub>> {
    cx.once(|cx| {
        let mut beside = Vec::from([keys::pool_secrets(&pool.id)]);
        if let Some(sub) = Sub::parse(typed) {
            beside.extend(Attempt::reads(pool, &sub));
            beside.push(keys::passkeys(&pool.id, &sub));
        }
        let sub = parties::sub_beside(cx, pool, typed, &beside)?;
        match sub {
            Some(sub) if Sub::parse(typed) == Some(sub) => {
                let head = cx.get::<Head>(&keys::head(&pool.id, &sub))?;
                Ok(head.map(|head| head.sub))
            }
            other => Ok(other),
        }
    })
}

/// What stands for the head of nobody.
fn stand_in(cx: &Cx<'_>, simulated: &Simulated) -> Head {
    Head {
        sub: simulated.sub,
        username: simulated.username.clone(),
        status: Status::Confirmed,
        enabled: true,
        credential_epoch: 0,
        revocation_epoch: 0,
        created: cx.now(),
        modified: cx.now(),
    }
}
