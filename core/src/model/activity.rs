//! What a user did and from where, in a pool with threat protection: the latest events, and the places that are
//! familiar.
//!
//! One record a user, written in the commit of what it tells of. It holds the newest [`MOST_EVENTS`] events of the
//! last two years, oldest first, and the [`MOST_PLACES`] places from which the user signed in last.
//!
//! | an event of a sign-in | entered by | leads to |
//! |---|---|---|
//! | in progress | a right first factor, a further question | pass, fail |
//! | pass | tokens | - |
//! | fail | a wrong password, a refusal, the last wrong answer | - |

use alloc::{string::String, vec::Vec};
use core::{net::IpAddr, time::Duration};

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// The most events that are kept of a user.
pub const MOST_EVENTS: usize = 60;
/// The most places that are kept of a user.
pub const MOST_PLACES: usize = 20;
/// The most steps that are kept of an event.
pub const MOST_STEPS: usize = 8;
/// How long an event is kept.
pub const KEPT: Duration = Duration::from_secs(2 * 365 * 24 * 3_600);

/// What a user did and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Activity {
    /// The newest events, oldest first.
    #[n(0)]
    pub events: Vec<AuthEvent>,
    /// The places from which the user signed in, the last one last.
    #[n(1)]
    pub places: Vec<Place>,
}

impl Record for Activity {
    const KIND: &'static str = "the activity of a user";
}

/// Something that a user did, or somebody under that name.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct AuthEvent {
    /// Its id, a UUID.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
    /// What it is.
    #[n(1)]
    pub kind: EventKind,
    /// When it began.
    #[n(2)]
    pub at: Timestamp,
    /// How it ended.
    #[n(3)]
    pub end: EventEnd,
    /// The steps of a sign-in.
    #[n(4)]
    pub steps: Vec<EventStep>,
    /// How unusual it is; `None` where nothing is.
    #[n(5)]
    pub level: Option<RiskLevel>,
    /// Whether it was blocked for where it came from.
    #[n(6)]
    pub blocked: bool,
    /// Whether the password is known from a breach; `None` where that was not found out.
    #[n(7)]
    pub breached: Option<bool>,
    /// The address.
    #[n(8)]
    pub address: Option<String>,
    /// What tells the device from others.
    #[cbor(n(9), bytes)]
    pub device: Option<[u8; 16]>,
    /// What the device is, in words.
    #[n(10)]
    pub device_name: Option<String>,
    /// The time zone, as the device writes it.
    #[n(11)]
    pub zone: Option<String>,
    /// What was said of it afterwards.
    #[n(12)]
    pub feedback: Option<Feedback>,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum EventKind {
    /// A sign-in.
    #[n(0)]
    SignIn,
    /// A sign-up.
    #[n(1)]
    SignUp,
    /// A forgotten password: a code asked for, or shown.
    #[n(2)]
    ForgotPassword,
    /// A change of the password by its owner.
    #[n(3)]
    PasswordChange,
    /// A confirmation code sent again.
    #[n(4)]
    ResendCode,
}

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum EventEnd {
    /// Well.
    #[n(0)]
    Pass,
    /// Not well.
    #[n(1)]
    Fail,
    /// Not yet.
    #[n(2)]
    InProgress,
}

/// A step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum EventStep {
    /// A right password.
    #[n(0)]
    Password,
    /// A wrong password.
    #[n(1)]
    WrongPassword,
    /// A right answer to a second factor.
    #[n(2)]
    Factor,
    /// A wrong answer to a second factor.
    #[n(3)]
    WrongFactor,
}

/// How unusual a sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Cbor)]
pub enum RiskLevel {
    /// Somewhat.
    #[n(0)]
    Low,
    /// Quite.
    #[n(1)]
    Medium,
    /// Very.
    #[n(2)]
    High,
}

/// What was said of an event afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Feedback {
    /// Whether it was the user.
    #[n(0)]
    pub valid: bool,
    /// Whether an administrator says so; else the user.
    #[n(1)]
    pub by_administrator: bool,
    /// When.
    #[n(2)]
    pub at: Timestamp,
}

/// A place from which a user signed in.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Place {
    /// What tells the device from others; `None` is a device that does not say.
    #[cbor(n(0), bytes)]
    pub device: Option<[u8; 16]>,
    /// The network of the address.
    #[n(1)]
    pub network: Option<String>,
}

impl Place {
    /// The place of a device at an address.
    #[must_use]
    pub fn new(device: Option<[u8; 16]>, address: Option<IpAddr>) -> Self {
        Self {
            device,
            network: address.map(network),
        }
    }
}

/// The network in which an address lies: a /24 of IPv4, a /48 of IPv6, which are what a household or company has.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            alloc::format!("{a}.{b}.{c}")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            alloc::format!("{a:x}:{b:x}:{c:x}")
        }
    }
}

impl Activity {
    /// With an event more; those that are too many or too old go. Of too many the oldest goes of those that are alike
    /// and the most: whoever asks for codes or guesses in somebody's name covers up no sign-in.
    #[must_use]
    pub fn with(&self, event: AuthEvent, now: Timestamp) -> Self {
        let young = |old: &&AuthEvent| now < old.at.after(KEPT);
        let mut events: Vec<AuthEvent> = self.events.iter().filter(young).cloned().collect();
        events.push(event);
        while events.len() > MOST_EVENTS {
            let like = |event: &AuthEvent| {
                let alike = |other: &&AuthEvent| (other.kind, other.end) == (event.kind, event.end);
                events.iter().filter(alike).count()
            };
            let most = events.iter().map(like).max();
            let oldest = events.iter().position(|event| Some(like(event)) == most);
            events.remove(oldest.unwrap_or_default());
        }
        Self {
            events,
            places: self.places.clone(),
        }
    }

    /// With this place as the last from which the user signed in.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.places.retain(|other| *other != place);
        self.places.push(place);
        let surplus = self.places.len().saturating_sub(MOST_PLACES);
        self.places.drain(..surplus);
        self
    }

    /// How unusual it is that the user signs in from a place, after this many wrong passwords in a row. Nothing is
    /// unusual while no place is familiar.
    #[must_use]
    pub fn level(&self, place: &Place, wrong: u32) -> Option<RiskLevel> {
        if self.places.is_empty() {
            return None;
        }
        let device = !self.places.iter().any(|it| it.device == place.device);
        let network = !self.places.iter().any(|it| it.network == place.network);
        let news = u8::from(device) + u8::from(network);
        match news + u8::from(news > 0 && wrong >= SUSPICIOUS) {
            0 => None,
            1 => Some(RiskLevel::Low),
            2 => Some(RiskLevel::Medium),
            _ => Some(RiskLevel::High),
        }
    }

    /// The event of an id.
    pub fn event(&mut self, id: &[u8; 16]) -> Option<&mut AuthEvent> {
        self.events.iter_mut().find(|event| event.id == *id)
    }

    /// Forgets the places at which a device or a network of an event was.
    pub fn forget_place(&mut self, place: &Place) {
        self.places.retain(|it| {
            let device = it.device.is_some() && it.device == place.device;
            let network = it.network.is_some() && it.network == place.network;
            !device && !network
        });
    }
}

impl AuthEvent {
    /// Notes a step; of very many the first ones are kept.
    pub fn step(&mut self, step: EventStep) {
        if self.steps.len() < MOST_STEPS {
            self.steps.push(step);
        }
    }

    /// Where it came from.
    #[must_use]
    pub fn place(&self) -> Place {
        let address = self.address.as_deref().and_then(|text| text.parse().ok());
        Place::new(self.device, address)
    }
}

/// So many wrong passwords before the right one make what is unusual more so.
const SUSPICIOUS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn place(device: u8, address: &str) -> Place {
        Place::new(Some([device; 16]), Some(address.parse().unwrap()))
    }

    fn event(id: u8, at: i64) -> AuthEvent {
        AuthEvent {
            id: [id; 16],
            kind: EventKind::SignIn,
            at: Timestamp::from_secs(at),
            end: EventEnd::Pass,
            steps: Vec::new(),
            level: None,
            blocked: false,
            breached: None,
            address: None,
            device: None,
            device_name: None,
            zone: None,
            feedback: None,
        }
    }

    #[test]
    fn what_is_new_about_a_place_makes_the_level() {
        let home = Activity::default().at(place(1, "192.0.2.7"));
        for (there, wrong, level) in [
            (place(1, "192.0.2.200"), 9, None),
            (place(1, "198.51.100.1"), 0, Some(RiskLevel::Low)),
            (place(2, "192.0.2.7"), 2, Some(RiskLevel::Low)),
            (place(2, "192.0.2.7"), 3, Some(RiskLevel::Medium)),
            (place(2, "198.51.100.1"), 0, Some(RiskLevel::Medium)),
            (place(2, "198.51.100.1"), 3, Some(RiskLevel::High)),
            (Place::new(None, None), 0, Some(RiskLevel::Medium)),
        ] {
            assert_eq!(home.level(&there, wrong), level, "{there:?} {wrong}");
        }
        assert_eq!(Activity::default().level(&place(1, "192.0.2.7"), 9), None);
    }

    #[test]
    fn the_newest_events_and_places_are_kept() {
        let now = Timestamp::from_secs(1_000_000_000);
        let old = i64::try_from(KEPT.as_secs()).unwrap();
        let mut activity = Activity::default().with(event(200, now.secs() - old), now);
        activity = activity.with(event(201, now.secs() - old + 1), now);
        assert_eq!(activity.events.len(), 1, "the first is too old");
        for number in 0..=255 {
            activity = activity.with(event(number, now.secs()), now);
            activity = activity.at(place(number, "192.0.2.7"));
        }
        assert_eq!(activity.events.len(), MOST_EVENTS);
        assert_eq!(
            activity.events.last().map(|event| event.id),
            Some([255; 16])
        );
        assert_eq!(activity.places.len(), MOST_PLACES);
        assert_eq!(activity.level(&place(255, "192.0.2.7"), 0), None);
        assert_eq!(
            activity.level(&place(0, "192.0.2.7"), 0),
            Some(RiskLevel::Low)
        );
    }

    #[test]
    fn many_events_of_one_kind_cover_up_none_of_another() {
        let now = Timestamp::from_secs(1_000_000_000);
        let mut activity = Activity::default();
        for number in 0..10 {
            activity = activity.with(event(number, now.secs()), now);
        }
        for number in 100..=255 {
            let guess = AuthEvent {
                end: EventEnd::Fail,
                ..event(number, now.secs())
            };
            activity = activity.with(guess, now);
        }
        assert_eq!(activity.events.len(), MOST_EVENTS);
        for number in (0..10).chain(206..=255) {
            assert!(activity.event(&[number; 16]).is_some(), "{number}");
        }
    }

    #[test]
    fn neighbours_are_in_one_network() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), network("192.0.2.8"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:9::1"));
        assert_ne!(network("2001:db8:1::1"), network("2001:db8:2::1"));
    }
}
