//! Events written and consequences drawn, with the commits of what happens. A pool without threat protection pays
//! nothing for any of it.
//!
//! An event of a sign-in with further steps has the id of its chain, or one that is drawn for the step of a device; each
//! step finds it by that.

use alloc::{string::ToString, sync::Arc, vec::Vec};
use core::time::Duration;

use userpool_crypto::digest::sha256;
use userpool_ports::Key;

use super::{configured, notice};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        activity::{Activity, AuthEvent, EventEnd, EventKind, EventStep, KEPT, Place, RiskLevel},
        chain::Chain,
        keys,
        pool::{Pool, Protection, ProtectionMode},
        risk::{Action, Consequence, RiskConfiguration, holds},
        sub::{Sub, uuid_v4},
        user::{Head, Profile},
    },
    ops::{
        logs,
        origin::Origin,
        parties::Party,
        sign_in::{
            attempt::{Attempt, FirstFactor},
            outcome::Outcome,
        },
        unknown,
    },
};

/// How long the events of a name that nobody has are kept: as long as its failures matter.
const NOBODY: Duration = Duration::from_secs(3_600);

/// What is seen of a sign-in after its first factor; nothing in a pool that does not watch it.
#[derive(Clone)]
pub(crate) struct Watch(Option<Arc<Seen>>);

/// What is known of the first factor of a sign-in.
struct First {
    factor: FirstFactor,
    /// How many passwords in a row were wrong.
    wrong: u32,
    breached: Option<bool>,
}

struct Seen {
    enforced: bool,
    activity: Option<Held<Activity>>,
    configuration: Option<Held<RiskConfiguration>>,
    event: AuthEvent,
    /// Whether the address is one from which nobody signs in.
    barred: bool,
}

/// What is read of a user whose sign-ins are watched; worth asking for together with the user.
pub(crate) fn reads(party: &Party, sub: &Sub) -> Vec<Key> {
    let pool = &party.pool;
    if pool.rules.protection == Protection::default() {
        return Vec::new();
    }
    [
        keys::activity(&pool.id, sub),
        keys::risk(&pool.id, &party.client.id),
        keys::risk(&pool.id, ""),
    ]
    .into()
}

/// Where a further question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// In a chain of its own.
    Chain,
    /// In the step of a device.
    Device,
}

/// A second factor that a risk makes necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// If the user has any.
    IfAny,
    /// In any case.
    Always,
}

impl Watch {
    /// Looks at a sign-in whose first factor was right.
    ///
    /// # Errors
    /// Stops the run until the records are there.
    pub fn sign_in(cx: &mut Cx<'_>, party: &Party, attempt: &Attempt) -> Run<Self> {
        let first = First {
            factor: attempt.first,
            wrong: attempt.attempts.failures,
            breached: attempt.breached,
        };
        Self::of(cx, party, &attempt.head.sub, first)
    }

    /// Looks at a sign-in that an identity provider vouches for: no password of the pool is in it.
    ///
    /// # Errors
    /// Stops the run until the records are there.
    pub fn elsewhere(cx: &mut Cx<'_>, party: &Party, sub: &Sub) -> Run<Self> {
        let first = First {
            factor: FirstFactor::Other,
            wrong: 0,
            breached: None,
        };
        Self::of(cx, party, sub, first)
    }

    fn of(cx: &mut Cx<'_>, party: &Party, sub: &Sub, first: First) -> Run<Self> {
        let Some(mode) = mode(&party.pool, first.factor) else {
            return Ok(Self(None));
        };
        cx.once(|cx| {
            let reads = reads(party, sub);
            cx.want(&reads)?;
            let configuration = configured(cx, party)?;
            let activity = cx.get::<Activity>(&reads[0])?;
            let mut event = event(cx, party, EventKind::SignIn);
            if first.factor == FirstFactor::Password {
                event.step(EventStep::Password);
            }
            event.breached = first.breached;
            let exceptions = configuration.as_ref().and_then(|it| it.exceptions.as_ref());
            let address = Origin::of(cx, party).address;
            let listed = |networks: Option<&[_]>| address.is_some_and(|at| holds(networks, at));
            let barred = listed(exceptions.and_then(|it| it.blocked.as_deref()));
            let skipped = listed(exceptions.and_then(|it| it.skipped.as_deref()));
            let known = activity.as_deref().filter(|_| !skipped);
            event.level = if barred {
                Some(RiskLevel::High)
            } else {
                known.and_then(|known| known.level(&event.place(), first.wrong))
            };
            let enforced = mode == ProtectionMode::Enforced;
            Ok(Self(Some(Arc::new(Seen {
                enforced,
                activity,
                configuration,
                event,
                barred,
            }))))
        })
    }

    /// What a password known from a breach is refused with; the user needs another one.
    pub fn is_breach_blocked(&self) -> bool {
        let Some(seen) = &self.0 else { return false };
        let rule = seen
            .configuration
            .as_ref()
            .and_then(|it| it.breached.as_ref());
        let blocks = rule.is_some_and(|rule| rule.blocks);
        seen.enforced && blocks && seen.event.breached == Some(true)
    }

    /// The refusal of a sign-in that is too unusual.
    ///
    /// # Errors
    /// `NotAuthorizedException`.
    pub fn check(&self) -> Result<(), Refusal> {
        let Some(seen) = &self.0 else { return Ok(()) };
        let block = seen.action().map(|action| action.consequence) == Some(Consequence::Block);
        if seen.enforced && (seen.barred || block) {
            return Err(too_unusual());
        }
        Ok(())
    }

    /// As [`Watch::check`], of a sign-in that is asked for no second factor here: one that needs a factor in any case is
    /// refused, for it cannot show one.
    ///
    /// # Errors
    /// `NotAuthorizedException`.
    pub fn check_alone(&self) -> Result<(), Refusal> {
        self.check()?;
        match self.demand() {
            Some(Demand::Always) => Err(too_unusual()),
            Some(Demand::IfAny) | None => Ok(()),
        }
    }

    /// The second factor that is necessary for how unusual the sign-in is.
    pub fn demand(&self) -> Option<Demand> {
        let seen = self.0.as_ref().filter(|seen| seen.enforced)?;
        match seen.action()?.consequence {
            Consequence::FactorIfAny => Some(Demand::IfAny),
            Consequence::Factor => Some(Demand::Always),
            Consequence::Block | Consequence::Nothing => None,
        }
    }

    /// Notes that the sign-in was refused for something else than how unusual it is.
    ///
    /// # Errors
    /// None; it is part of an operation.
    pub fn refused(&self, cx: &mut Cx<'_>, party: &Party, head: &Head) -> Run<()> {
        self.note(cx, party, head, |event| event.end = EventEnd::Fail)
    }

    /// Notes that the sign-in was too unusual, and tells the user.
    ///
    /// # Errors
    /// Stops the run until what the message needs is there.
    pub fn blocked(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        head: &Head,
        profile: &Profile,
    ) -> Run<()> {
        self.note(cx, party, head, |event| {
            event.end = EventEnd::Fail;
            event.blocked = true;
        })?;
        let id = self.id();
        self.tell(cx, party, (head, profile), id, notice::Kind::Blocked)
    }

    /// Notes that a further question was asked, in the chain that begins with it, and tells the user where that is
    /// because the sign-in is unusual.
    ///
    /// # Errors
    /// Stops the run until what the message needs is there.
    pub fn asked(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        (head, profile): (&Head, &Profile),
        asked: Asked,
    ) -> Run<()> {
        if self.0.is_none() {
            return Ok(());
        }
        let id = match asked {
            Asked::Chain => uuid_v4(cx.random("chain")),
            Asked::Device => of_device(&cx.random("step of a device")),
        };
        self.note(cx, party, head, |event| {
            event.id = id;
            event.end = EventEnd::InProgress;
        })?;
        let kind = match self.demand() {
            Some(_) => notice::Kind::Asked,
            None => notice::Kind::Passed,
        };
        self.tell(cx, party, (head, profile), id, kind)
    }

    /// Notes that the user is in.
    ///
    /// # Errors
    /// Stops the run until what the message needs is there.
    pub fn passed(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        head: &Head,
        profile: &Profile,
    ) -> Run<()> {
        let Some(seen) = &self.0 else { return Ok(()) };
        cx.once(|cx| {
            let activity = seen.activity.as_deref().cloned().unwrap_or_default();
            let event = seen.event.clone();
            let place = event.place();
            logs::auth_event(cx, party, Some(&head.sub), &event)?;
            let next = activity.with(event, cx.now()).at(place);
            keep(cx, party, &head.sub, seen.activity.as_ref(), &next);
            Ok(())
        })?;
        let id = self.id();
        self.tell(cx, party, (head, profile), id, notice::Kind::Passed)
    }

    fn id(&self) -> [u8; 16] {
        self.0.as_ref().map_or([0; 16], |seen| seen.event.id)
    }

    fn note(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        head: &Head,
        change: impl FnOnce(&mut AuthEvent),
    ) -> Run<()> {
        let Some(seen) = &self.0 else { return Ok(()) };
        cx.once(|cx| {
            let mut event = seen.event.clone();
            change(&mut event);
            logs::auth_event(cx, party, Some(&head.sub), &event)?;
            let activity = seen.activity.as_deref().cloned().unwrap_or_default();
            let next = activity.with(event, cx.now());
            keep(cx, party, &head.sub, seen.activity.as_ref(), &next);
            Ok(())
        })
    }

    fn tell(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        user: (&Head, &Profile),
        id: [u8; 16],
        kind: notice::Kind,
    ) -> Run<()> {
        let Some(seen) = &self.0 else { return Ok(()) };
        let wanted = seen.action().is_some_and(|action| action.notify);
        let notices = seen.rule().and_then(|rule| rule.notices.as_ref());
        match notices.filter(|_| wanted && seen.enforced) {
            Some(notices) => {
                let event = AuthEvent {
                    id,
                    ..seen.event.clone()
                };
                notice::send(cx, party, user, notices, (kind, &event))
            }
            None => Ok(()),
        }
    }
}

impl Seen {
    fn rule(&self) -> Option<&crate::model::risk::TakeoverRule> {
        self.configuration.as_ref()?.takeover.as_ref()
    }

    fn action(&self) -> Option<Action> {
        self.rule()?.action(self.event.level?)
    }
}

/// Whose name it was.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    /// A user's.
    User(&'a Sub),
    /// Nobody's, where the client hides that: the same reads and writes.
    Nobody(&'a Sub),
}

/// Notes a wrong password, or another first factor that was wrong.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn wrong(
    cx: &mut Cx<'_>,
    party: &Party,
    whose: Whose<'_>,
    first: FirstFactor,
) -> Run<()> {
    if mode(&party.pool, first).is_none() {
        return Ok(());
    }
    let mut event = event(cx, party, EventKind::SignIn);
    event.end = EventEnd::Fail;
    if first == FirstFactor::Password {
        event.step(EventStep::WrongPassword);
    }
    note(cx, party, whose, event)
}

/// Notes something that is no sign-in.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn noted(
    cx: &mut Cx<'_>,
    party: &Party,
    whose: Whose<'_>,
    (kind, end): (EventKind, EventEnd),
    breached: Option<bool>,
) -> Run<()> {
    if party.pool.rules.protection.mode.is_none() {
        return Ok(());
    }
    let event = AuthEvent {
        end,
        breached,
        ..event(cx, party, kind)
    };
    note(cx, party, whose, event)
}

/// Notes something that was done under a name that nobody has, where the client hides that.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn noted_of_nobody(
    cx: &mut Cx<'_>,
    party: &Party,
    typed: &str,
    what: (EventKind, EventEnd),
) -> Run<()> {
    if party.pool.rules.protection.mode.is_none() {
        return Ok(());
    }
    let simulated = unknown::simulate(cx, &party.pool, typed)?;
    noted(cx, party, Whose::Nobody(&simulated.sub), what, None)
}

/// Notes a wrong answer of a chain, which may have been the last.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn mistaken(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    chain: &Held<Chain>,
    was_last: bool,
) -> Run<()> {
    follow(cx, party, head, chain, |_, noted| {
        noted.step(EventStep::WrongFactor);
        if was_last {
            noted.end = EventEnd::Fail;
        }
        None
    })
}

/// Where a right answer led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The user is in.
    In,
    /// The device has to prove itself.
    Device,
}

impl Then {
    /// Where it led if this was asked next.
    pub fn of(asked: Option<&Outcome>) -> Self {
        asked.map_or(Self::In, |_| Self::Device)
    }
}

/// Notes that the last answer of a chain was right. Of a sign-in that was not noted when it began nothing is.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn went_on(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    chain: &Held<Chain>,
    (step, then): (Option<EventStep>, Then),
) -> Run<()> {
    let next = match then {
        Then::In => None,
        Then::Device => Some(of_device(&cx.random("step of a device"))),
    };
    follow(cx, party, head, chain, |here, noted| {
        if let Some(step) = step {
            noted.step(step);
        }
        if let Some(next) = next {
            noted.id = next;
            return None;
        }
        noted.end = EventEnd::Pass;
        Some(here)
    })
}

/// Changes the event of a chain, if it was noted: in a pool that watches one kind of sign-in alone, those of the other
/// are not. `change` is given where the request comes from, and gives that back where it is familiar from now on.
fn follow(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    chain: &Held<Chain>,
    change: impl FnOnce(Place, &mut AuthEvent) -> Option<Place>,
) -> Run<()> {
    let protection = party.pool.rules.protection;
    if protection.mode.or(protection.custom).is_none() {
        return Ok(());
    }
    cx.once(|cx| {
        let key = keys::activity(&party.pool.id, &head.sub);
        let held = cx.get::<Activity>(&key)?;
        let Some(mut activity) = held.as_deref().cloned() else {
            return Ok(());
        };
        let id = match &chain.draw {
            Some(draw) => of_device(draw),
            None => {
                let id = chain.key().as_bytes().last_chunk();
                uuid_v4(*id.expect("the key of a chain ends with its id"))
            }
        };
        let here = Origin::of(cx, party);
        let Some(noted) = activity.event(&id) else {
            return Ok(());
        };
        let familiar = change(Place::new(here.device, here.address), noted);
        let noted = noted.clone();
        logs::auth_event(cx, party, Some(&head.sub), &noted)?;
        if let Some(place) = familiar {
            activity = activity.at(place);
        }
        keep(cx, party, &head.sub, held.as_ref(), &activity);
        Ok(())
    })
}

/// The id of the event of a sign-in whose device has to prove itself, from what was drawn for that step.
fn of_device(draw: &[u8; 16]) -> [u8; 16] {
    let digest = sha256(&[b"event of a device", draw]);
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    uuid_v4(id)
}

fn note(cx: &mut Cx<'_>, party: &Party, whose: Whose<'_>, event: AuthEvent) -> Run<()> {
    let (sub, life) = match whose {
        Whose::User(sub) => (sub, KEPT),
        Whose::Nobody(sub) => (sub, NOBODY),
    };
    let user = match whose {
        Whose::User(sub) => Some(sub),
        Whose::Nobody(_) => None,
    };
    cx.once(|cx| {
        logs::auth_event(cx, party, user, &event)?;
        let key = keys::activity(&party.pool.id, sub);
        let held = cx.get::<Activity>(&key)?;
        let activity = held.as_deref().cloned().unwrap_or_default();
        let next = activity.with(event, cx.now());
        let ends = cx.now().after(life);
        cx.upsert_until(&key, held.as_ref(), &next, Some(ends));
        Ok(())
    })
}

fn keep(
    cx: &mut Cx<'_>,
    party: &Party,
    sub: &Sub,
    held: Option<&Held<Activity>>,
    activity: &Activity,
) {
    let key: Key = keys::activity(&party.pool.id, sub);
    let ends = cx.now().after(KEPT);
    cx.upsert_until(&key, held, activity, Some(ends));
}

/// An event that happens now and ends well.
fn event(cx: &mut Cx<'_>, party: &Party, kind: EventKind) -> AuthEvent {
    let origin = Origin::of(cx, party);
    AuthEvent {
        id: uuid_v4(cx.random("event")),
        kind,
        at: cx.now(),
        end: EventEnd::Pass,
        steps: Vec::new(),
        level: None,
        blocked: false,
        breached: None,
        address: origin.address.map(|address| address.to_string()),
        device: origin.device,
        device_name: origin.device_name,
        zone: origin.zone,
        feedback: None,
    }
}

/// Whether a pool watches sign-ins by this first factor, and whether that has consequences.
fn mode(pool: &Pool, first: FirstFactor) -> Option<ProtectionMode> {
    let protection = pool.rules.protection;
    match first {
        FirstFactor::Custom => protection.custom,
        FirstFactor::Password | FirstFactor::Other => protection.mode,
    }
}

/// The refusal of a sign-in that is too unusual.
pub(crate) fn too_unusual() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "Unable to login because of security reasons.",
    )
}
