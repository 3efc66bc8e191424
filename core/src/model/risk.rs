//! What follows from risks: the configuration of a pool, or of an app client in its stead.

use alloc::{string::String, vec::Vec};
use core::net::IpAddr;

use userpool_ports::Timestamp;

use super::activity::RiskLevel;
use crate::{cbor::Cbor, engine::Record};

/// What follows from risks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct RiskConfiguration {
    /// Of passwords that are known from breaches.
    #[n(0)]
    pub breached: Option<BreachedRule>,
    /// Of unusual sign-ins.
    #[n(1)]
    pub takeover: Option<TakeoverRule>,
    /// Of certain addresses.
    #[n(2)]
    pub exceptions: Option<Exceptions>,
    /// When it was set.
    #[n(3)]
    pub modified: Option<Moment>,
}

impl Record for RiskConfiguration {
    const KIND: &'static str = "a risk configuration";
    const IS_SETTING: bool = true;
}

/// A moment that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(transparent)]
pub struct Moment(#[n(0)] pub Timestamp);

/// What follows from a password that is known from a breach.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct BreachedRule {
    /// Where passwords are looked up; `None` is everywhere.
    #[n(0)]
    pub filter: Option<Vec<PasswordUse>>,
    /// Whether such a password is refused; else it is noted.
    #[n(1)]
    pub blocks: bool,
}

/// Where a password is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum PasswordUse {
    /// At a sign-in that shows it in clear.
    #[n(0)]
    SignIn,
    /// When it is to be the new one.
    #[n(1)]
    PasswordChange,
    /// At a sign-up.
    #[n(2)]
    SignUp,
}

impl BreachedRule {
    /// Whether passwords are looked up there.
    #[must_use]
    pub fn holds_at(&self, occasion: PasswordUse) -> bool {
        let filter = self.filter.as_ref();
        filter.is_none_or(|filter| filter.contains(&occasion))
    }
}

/// What follows from unusual sign-ins.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct TakeoverRule {
    /// From somewhat unusual ones.
    #[n(0)]
    pub low: Option<Action>,
    /// From quite unusual ones.
    #[n(1)]
    pub medium: Option<Action>,
    /// From very unusual ones.
    #[n(2)]
    pub high: Option<Action>,
    /// How users are told.
    #[n(3)]
    pub notices: Option<Notices>,
}

impl TakeoverRule {
    /// What follows from a level.
    #[must_use]
    pub fn action(&self, level: RiskLevel) -> Option<Action> {
        match level {
            RiskLevel::Low => self.low,
            RiskLevel::Medium => self.medium,
            RiskLevel::High => self.high,
        }
    }
}

/// What follows from a level of risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Action {
    /// Whether the user is told.
    #[n(0)]
    pub notify: bool,
    /// What becomes of the sign-in.
    #[n(1)]
    pub consequence: Consequence,
}

/// What becomes of an unusual sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum Consequence {
    /// It is refused.
    #[n(0)]
    Block,
    /// It needs a second factor, if the user has any.
    #[n(1)]
    FactorIfAny,
    /// It needs a second factor.
    #[n(2)]
    Factor,
    /// It goes on.
    #[n(3)]
    Nothing,
}

/// How users are told of unusual sign-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Notices {
    /// The sender that was asked for; it is kept and shown.
    #[n(0)]
    pub from: Option<String>,
    /// Where answers go; it is kept and shown.
    #[n(1)]
    pub reply_to: Option<String>,
    /// The identity of a mail service; it is kept and shown.
    #[n(2)]
    pub source_arn: String,
    /// Of one that was refused.
    #[n(3)]
    pub blocked: Option<Mail>,
    /// Of one that went on.
    #[n(4)]
    pub passed: Option<Mail>,
    /// Of one that needed a second factor.
    #[n(5)]
    pub asked: Option<Mail>,
}

/// An e-mail with places to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Mail {
    /// The subject.
    #[n(0)]
    pub subject: String,
    /// The body as HTML.
    #[n(1)]
    pub html: Option<String>,
    /// The body as text.
    #[n(2)]
    pub text: Option<String>,
}

/// Addresses of which nothing else is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Exceptions {
    /// Networks from which nobody signs in.
    #[n(0)]
    pub blocked: Option<Vec<String>>,
    /// Networks from which nothing is unusual.
    #[n(1)]
    pub skipped: Option<Vec<String>>,
}

/// Whether an address lies in one of some networks.
#[must_use]
pub fn holds(networks: Option<&[String]>, address: IpAddr) -> bool {
    let networks = networks.unwrap_or_default().iter();
    networks
        .filter_map(|text| Network::parse(text))
        .any(|network| network.holds(address))
}

/// A network: an address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// A network in the notation of RFC 4632 section 3.1, `192.0.2.0/24` or `2001:db8::/32`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|_| digits)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        (prefix <= most).then_some(Self { address, prefix })
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.7/32", "192.0.2.7", "192.0.2.6"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1/128", "::1", "127.0.0.1"),
        ] {
            let network = Network::parse(network).expect("a network");
            assert!(network.holds(inside.parse().unwrap()), "{inside}");
            assert!(!network.holds(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in [
            "192.0.2.0",
            "192.0.2.0/33",
            "::/129",
            "192.0.2.0/+8",
            "x/8",
            "192.0.2.0/",
            "",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
