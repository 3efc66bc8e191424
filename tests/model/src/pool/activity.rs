//! What is noted of users where a pool watches them, how unusual a sign-in is, and what follows.
//!
//! A sign-in is as unusual as there is news about it: a device, a network that the user has not signed in from, and after
//! three wrong passwords one level more. While no place is familiar, nothing is unusual.

use super::{At, Course, Kind};
use crate::{
    act::Password,
    rules::{ADDRESSES, AGENTS, BREACHED, Consequence, DEVICES, Risk, SAID, ZONE},
    told::{Refusal, unauthorized},
};

/// The most events that are kept of a user.
const MOST: usize = 60;
/// The most places.
const MOST_PLACES: usize = 20;
/// The most steps of an event.
const MOST_STEPS: usize = 8;
/// How long an event is kept.
const KEPT: u64 = 2 * 365 * 24 * 3_600;
/// So many wrong passwords make what is unusual more so.
const SUSPICIOUS: u32 = 3;

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Well.
    Pass,
    /// Not well.
    Fail,
    /// Not yet.
    InProgress,
}

/// Something that was noted of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The act that gave it its id.
    pub id: At,
    /// What it is.
    pub kind: &'static str,
    /// When it began.
    pub began: u64,
    /// How it ended.
    pub end: End,
    /// The steps of a sign-in.
    pub steps: Vec<&'static str>,
    /// How unusual it is, of three levels.
    pub level: Option<usize>,
    /// Whether it was refused for that.
    pub blocked: bool,
    /// Whether the password is known from a breach, where that was found out.
    pub breached: Option<bool>,
    /// Where it came from.
    pub origin: Origin,
    /// What was said of it: whether it was the user, whether an administrator says so.
    pub feedback: Option<(bool, bool)>,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: &'static str,
    /// What tells the device from others.
    pub device: Option<&'static str>,
    /// What the device is called.
    pub name: Option<&'static str>,
    /// Its time zone.
    pub zone: Option<&'static str>,
}

impl Origin {
    /// The network of the address.
    fn network(&self) -> &'static str {
        let (network, _) = self.address.rsplit_once('.').unwrap_or((self.address, ""));
        network
    }
}

/// What a pool knows of what a user does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// The newest events, oldest first.
    pub events: Vec<Noted>,
    /// Devices and networks from which the user signed in, the last ones last.
    pub places: Vec<(Option<&'static str>, &'static str)>,
}

/// An e-mail about a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Of whom.
    pub user: At,
    /// To where.
    pub to: &'static str,
    /// When it was written.
    pub written: u64,
    /// Whether it was sent.
    pub sent: bool,
}

/// What a sign-in is judged by first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// The password.
    Password,
    /// The answers to custom challenges.
    Custom,
    /// Something else.
    Other,
}

/// What is seen of a sign-in whose first factor was right.
#[derive(Clone, Default)]
pub(super) struct Look {
    enforced: bool,
    event: Option<Noted>,
    barred: bool,
    action: Option<(Consequence, bool)>,
    refuses_breached: bool,
}

impl Look {
    /// Whether the sign-in is refused for how unusual it is.
    pub fn is_blocked(&self) -> bool {
        let blocks = self.action.is_some_and(|it| it.0 == Consequence::Block);
        self.enforced && (self.barred || blocks)
    }

    /// Whether the password is refused for being known from a breach.
    pub fn refuses_password(&self) -> bool {
        let breached = self.event.as_ref().and_then(|event| event.breached);
        self.enforced && self.refuses_breached && breached == Some(true)
    }

    /// Whether a second factor is necessary: in any case, or if the user has one.
    pub fn demand(&self) -> Option<bool> {
        match self.action.filter(|_| self.enforced)?.0 {
            Consequence::Always => Some(true),
            Consequence::IfAny => Some(false),
            Consequence::Block | Consequence::Nothing => None,
        }
    }
}

impl Course {
    /// Where the request comes from, as far as what it says of that is believed.
    pub(super) fn origin(&self) -> Origin {
        let agent = AGENTS[self.pool.place / ADDRESSES.len()];
        let seen = Origin {
            address: self.pool.address(),
            device: Some(agent),
            name: Some(agent),
            zone: None,
        };
        let Some(said) = self.said else { return seen };
        let told = match self.server {
            true => {
                let agent = said.agent.map(|agent| AGENTS[agent]);
                Origin {
                    address: SAID[said.address],
                    device: agent,
                    name: agent,
                    zone: None,
                }
            }
            false => seen,
        };
        match said.device {
            Some(device) => Origin {
                device: Some(DEVICES[device]),
                zone: Some(ZONE),
                ..told
            },
            None => told,
        }
    }

    /// What follows from risks at a client.
    pub(super) fn risk(&self, client: usize) -> Option<Risk> {
        self.pool.risks[1 + client].or(self.pool.risks[0])
    }

    /// Whether a password is known from a breach, where the pool wants to know.
    pub(super) fn looked_up(&self, client: usize, password: Password) -> Option<bool> {
        self.pool.rules.watched.usual?;
        self.risk(client)?.breached?;
        (!self.pool.is_deaf).then_some(password == Password::Known(BREACHED))
    }

    fn event(&self, kind: &'static str) -> Noted {
        Noted {
            id: self.at,
            kind,
            began: self.now(),
            end: End::Pass,
            steps: Vec::new(),
            level: None,
            blocked: false,
            breached: None,
            origin: self.origin(),
            feedback: None,
        }
    }

    fn is_watched(&self, first: Judged) -> Option<bool> {
        match first {
            Judged::Custom => self.pool.rules.watched.custom,
            Judged::Password | Judged::Other => self.pool.rules.watched.usual,
        }
    }

    /// Looks at a sign-in whose first factor was right.
    pub(super) fn look(&self, client: usize, at: At) -> Look {
        let Some(enforced) = self.is_watched(self.first) else {
            return Look::default();
        };
        let risk = self.risk(client);
        let mut event = self.event("SignIn");
        if self.first == Judged::Password {
            event.steps.push("Password Success");
        }
        event.breached = self.breached;
        let listed = |index: Option<usize>| index.map(|it| SAID[it]) == Some(event.origin.address);
        let barred = listed(risk.and_then(|it| it.barred));
        let skipped = listed(risk.and_then(|it| it.skipped));
        event.level = match barred {
            true => Some(2),
            false if skipped => None,
            false => self.level(at, &event.origin),
        };
        let takeover = risk.and_then(|it| it.takeover);
        Look {
            enforced,
            barred,
            action: takeover.and_then(|actions| Some(actions[event.level?])),
            refuses_breached: risk.and_then(|it| it.breached) == Some(true),
            event: Some(event),
        }
    }

    fn level(&self, at: At, origin: &Origin) -> Option<usize> {
        let places = &self.pool.activities.get(&at)?.places;
        if places.is_empty() {
            return None;
        }
        let device = !places.iter().any(|it| it.0 == origin.device);
        let network = !places.iter().any(|it| it.1 == origin.network());
        let news = usize::from(device) + usize::from(network);
        let wrong = self.pool.users[&at].tries.wrong_in_a_row();
        let level = news + usize::from(news > 0 && wrong >= SUSPICIOUS);
        level.checked_sub(1)
    }

    /// The sign-in was refused for something else than how unusual it is.
    pub(super) fn failed(&mut self, at: At, look: &Look) {
        if let Some(event) = look.event.clone() {
            self.keep(
                at,
                Noted {
                    end: End::Fail,
                    ..event
                },
            );
        }
    }

    /// The sign-in was too unusual: the refusal.
    pub(super) fn blocked(&mut self, at: At, look: &Look) -> Refusal {
        if let Some(event) = look.event.clone() {
            self.keep(
                at,
                Noted {
                    end: End::Fail,
                    blocked: true,
                    ..event
                },
            );
        }
        self.tell(at, look);
        unauthorized("Unable to login because of security reasons.").counted()
    }

    /// The sign-in went on to a further question, or to its end.
    pub(super) fn went(&mut self, at: At, look: &Look, end: End) {
        let Some(event) = look.event.clone() else {
            return;
        };
        let place = (event.origin.device, event.origin.network());
        self.keep(at, Noted { end, ..event });
        if end == End::Pass {
            self.familiar(at, place);
        }
        self.tell(at, look);
    }

    fn tell(&mut self, at: At, look: &Look) {
        let wanted = look.enforced && look.action.is_some_and(|it| it.1);
        let attributes = self.pool.effective(at);
        let to = attributes.get(Kind::Email.attribute());
        let verified = attributes.get(Kind::Email.flag()) == Some(&"true");
        if let Some(to) = to.filter(|_| wanted && verified) {
            let notice = Notice {
                user: at,
                to,
                written: self.now(),
                sent: false,
            };
            self.pool.notices.insert(self.at, notice);
        }
    }

    fn familiar(&mut self, at: At, place: (Option<&'static str>, &'static str)) {
        let places = &mut self.pool.activities.entry(at).or_default().places;
        places.retain(|it| *it != place);
        places.push(place);
        if places.len() > MOST_PLACES {
            places.remove(0);
        }
    }

    /// A first factor was wrong.
    pub(super) fn wrong_first(&mut self, at: At, first: Judged) {
        if self.is_watched(first).is_none() {
            return;
        }
        let mut event = self.event("SignIn");
        event.end = End::Fail;
        if first == Judged::Password {
            event.steps.push("Password Failure");
        }
        self.keep(at, event);
    }

    /// Something that is no sign-in.
    pub(super) fn noted(
        &mut self,
        at: At,
        (kind, end): (&'static str, End),
        breached: Option<bool>,
    ) {
        if self.pool.rules.watched.usual.is_some() {
            let event = self.event(kind);
            self.keep(
                at,
                Noted {
                    end,
                    breached,
                    ..event
                },
            );
        }
    }

    /// Of too many events the oldest goes of those that are alike and the most.
    fn keep(&mut self, at: At, event: Noted) {
        let now = self.now();
        let events = &mut self.pool.activities.entry(at).or_default().events;
        events.retain(|old| now < old.began + KEPT);
        events.push(event);
        while events.len() > MOST {
            let like = |event: &Noted| {
                let alike = |other: &&Noted| (other.kind, other.end) == (event.kind, event.end);
                events.iter().filter(alike).count()
            };
            let most = events.iter().map(like).max();
            let oldest = events.iter().position(|event| Some(like(event)) == most);
            events.remove(oldest.unwrap_or_default());
        }
    }

    fn of_chain(&mut self, at: At, chain: At) -> Option<&mut Noted> {
        if !self.pool.activities.contains_key(&at) {
            return None;
        }
        let events = &mut self.pool.activities.get_mut(&at)?.events;
        events.iter_mut().find(|event| event.id == chain)
    }

    /// A wrong answer in a chain.
    pub(super) fn mistaken_in(&mut self, at: At, chain: At, was_last: bool) {
        if let Some(event) = self.of_chain(at, chain) {
            step(event, "Mfa Failure");
            if was_last {
                event.end = End::Fail;
            }
        }
    }

    /// The last answer of a chain was right; the device proves itself next, or the user is in.
    pub(super) fn went_on(&mut self, at: At, chain: At, factor: bool, told: &str) {
        let (own, origin) = (self.at, self.origin());
        let Some(event) = self.of_chain(at, chain) else {
            return;
        };
        if factor {
            step(event, "Mfa Success");
        }
        if told.starts_with("challenge") {
            event.id = own;
        } else {
            event.end = End::Pass;
            self.familiar(at, (origin.device, origin.network()));
        }
    }
}

fn step(event: &mut Noted, step: &'static str) {
    if event.steps.len() < MOST_STEPS {
        event.steps.push(step);
    }
}
