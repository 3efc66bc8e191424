//! Where a request came from, through proxies that are trusted.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of the connection; a server puts it among the extensions of each request.
///
/// Where it is missing, axum's `ConnectInfo<SocketAddr>` serves as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(
    /// The address, without the port.
    pub IpAddr,
);

/// The networks whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

/// A text is not a list of addresses and networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadNetwork(String);

impl fmt::Display for BadNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is neither an address nor a network such as 10.0.0.0/8",
            self.0
        )
    }
}

impl std::error::Error for BadNetwork {}

impl TrustedProxies {
    /// Whether an address is that of a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|it| it.holds(address))
    }

    /// The address that a request came from: the last one that no trusted proxy vouches past.
    #[must_use]
    pub fn source(&self, peer: IpAddr, forwarded_for: &str) -> IpAddr {
        let mut source = peer.to_canonical();
        for hop in forwarded_for.rsplit(',') {
            if !self.trusts(source) {
                break;
            }
            let Some(next) = hop_address(hop.trim()) else {
                break;
            };
            source = next.to_canonical();
        }
        source
    }

    pub(crate) fn source_of(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts
            .extensions
            .get::<PeerAddress>()
            .map(|it| it.0)
            .or_else(|| {
                parts
                    .extensions
                    .get::<ConnectInfo<SocketAddr>>()
                    .map(|it| it.0.ip())
            })?;
        let lines = parts.headers.get_all(FORWARDED_FOR).iter();
        let list: Vec<&str> = lines.filter_map(|it| it.to_str().ok()).collect();
        Some(self.source(peer, &list.join(",")))
    }
}

impl FromStr for TrustedProxies {
    type Err = BadNetwork;

    /// Reads addresses and networks in CIDR form, separated by commas.
    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).map_err(|_| bad())?;
        if prefix > bits {
            return Err(bad());
        }
        Ok(Self { address, prefix })
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(it)) => {
                let differing = net.to_bits() ^ it.to_bits();
                differing.checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(it)) => {
                let differing = net.to_bits() ^ it.to_bits();
                differing.checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// An address in a forwarding header: bare, with a port, or bracketed.
fn hop_address(hop: &str) -> Option<IpAddr> {
    if let Ok(address) = hop.parse() {
        return Some(address);
    }
    if let Ok(address) = hop.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_is_believed_by_default() {
        let none = TrustedProxies::default();
        assert_eq!(none.source(ip("10.0.0.1"), "192.0.2.7"), ip("10.0.0.1"));
    }

    #[test]
    fn trusted_proxies_vouch_for_the_hop_before_them() {
        let trusted: TrustedProxies = "10.0.0.0/8, ::1".parse().unwrap();
        assert_eq!(trusted.source(ip("10.1.2.3"), "192.0.2.7"), ip("192.0.2.7"));
        assert_eq!(
            trusted.source(ip("::1"), "6.6.6.6, 192.0.2.7, 10.9.9.9"),
            ip("192.0.2.7")
        );
        assert_eq!(trusted.source(ip("192.0.2.1"), "10.0.0.1"), ip("192.0.2.1"));
        assert_eq!(trusted.source(ip("10.1.2.3"), ""), ip("10.1.2.3"));
        assert_eq!(trusted.source(ip("10.1.2.3"), "unknown"), ip("10.1.2.3"));
        assert_eq!(
            trusted.source(ip("::ffff:10.1.2.3"), "[2001:db8::1]:443"),
            ip("2001:db8::1")
        );
    }

    #[test]
    fn networks_hold_what_their_prefix_says() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.holds(ip("255.1.2.3")));
        let one: Network = "192.0.2.7".parse().unwrap();
        assert!(one.holds(ip("192.0.2.7")) && !one.holds(ip("192.0.2.6")));
        let six: Network = "2001:db8::/33".parse().unwrap();
        assert!(six.holds(ip("2001:db8::1")) && !six.holds(ip("2001:db8:8000::1")));
        for bad in ["10.0.0.0/33", "10.0.0.0/x", "proxy", "10.0.0.0/-1"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
