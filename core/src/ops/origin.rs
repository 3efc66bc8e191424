//! Where a request comes from, as far as that is known: address, device, time zone.
//!
//! The address of the connection is what the host saw. What a client says of itself counts only as far as it may be
//! believed: an administrator's server says where its user is, and so does a client that proves itself by a secret
//! and has `EnablePropagateAdditionalUserContextData`. What scripts of the service collect in a browser or app
//! (`EncodedData`) names a device and a time zone, never an address.

use alloc::{
    string::{String, ToString},
    sync::Arc,
};
use core::net::IpAddr;

use userpool_crypto::{base64, digest::sha256};
use userpool_wire::{
    Sensitive,
    idp::{ContextDataType, HttpHeader, UserContextDataType},
};

use super::parties::Party;
use crate::engine::{Caller, Cx};

mod agent;

/// The longest text of `EncodedData` that is looked at.
const MOST_DATA: usize = 16_384;
/// The longest name of a time zone that is kept.
const MOST_ZONE: usize = 64;

/// What a request says of where it comes from.
#[derive(Clone, Debug, Default)]
pub(crate) enum Hint {
    /// Nothing.
    #[default]
    Nothing,
    /// What a client says.
    Client(Arc<UserContextDataType>),
    /// What an administrator's server says.
    Server(Arc<ContextDataType>),
}

impl From<&Option<UserContextDataType>> for Hint {
    fn from(data: &Option<UserContextDataType>) -> Self {
        let said = data.clone().map(Arc::new);
        said.map_or(Self::Nothing, Self::Client)
    }
}

impl From<&Option<ContextDataType>> for Hint {
    fn from(data: &Option<ContextDataType>) -> Self {
        let said = data.clone().map(Arc::new);
        said.map_or(Self::Nothing, Self::Server)
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The address, in its canonical form.
    pub address: Option<IpAddr>,
    /// What tells the device from others.
    pub device: Option<[u8; 16]>,
    /// What the device is, in words.
    pub device_name: Option<String>,
    /// The time zone, as the device writes it.
    pub zone: Option<String>,
}

impl Origin {
    /// Where the request of a party comes from.
    pub fn of(cx: &Cx<'_>, party: &Party) -> Self {
        let caller = cx.caller();
        match &party.hint {
            Hint::Nothing => Self::seen(caller),
            Hint::Client(said) => {
                let seen = Self::seen(caller).with_data(text(&said.encoded_data));
                let told = text(&said.ip_address).filter(|_| party.client.tells_where);
                Self {
                    address: told.and_then(address).or(seen.address),
                    ..seen
                }
            }
            Hint::Server(said) => {
                let agent = header(&said.http_headers, "user-agent");
                Self {
                    address: address(&said.ip_address),
                    device: agent.map(fingerprint),
                    device_name: agent.and_then(agent::name),
                    zone: None,
                }
                .with_data(text(&said.encoded_data))
            }
        }
    }

    /// What the host saw of a caller.
    pub fn seen(caller: &Caller) -> Self {
        let agent = caller.user_agent.as_deref();
        Self {
            address: caller.source.as_deref().and_then(address),
            device: agent.map(fingerprint),
            device_name: agent.and_then(agent::name),
            zone: None,
        }
    }

    /// The same, with what the scripts of the service collected; data that cannot be read says nothing.
    fn with_data(self, data: Option<&str>) -> Self {
        let Some(collected) = data.and_then(Collected::read) else {
            return self;
        };
        Self {
            address: self.address,
            device: collected.device.or(self.device),
            device_name: collected.device_name.or(self.device_name),
            zone: collected.zone.or(self.zone),
        }
    }
}

/// What the scripts of the service collect.
struct Collected {
    device: Option<[u8; 16]>,
    device_name: Option<String>,
    zone: Option<String>,
}

impl Collected {
    /// Reads base64 of JSON, whose member `payload` is JSON text with the member `contextData`.
    fn read(text: &str) -> Option<Self> {
        let bytes = (text.len() <= MOST_DATA).then(|| base64::decode(text))??;
        let outer: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let payload: serde_json::Value = serde_json::from_str(outer["payload"].as_str()?).ok()?;
        let data = &payload["contextData"];
        let text = |name: &str| data[name].as_str().filter(|text| !text.is_empty());
        let id = text("DeviceId").or_else(|| text("DeviceFingerprint"));
        let agent = text("UserAgent").or_else(|| text("DeviceFingerprint"));
        let zone = text("ClientTimezone").filter(|zone| zone.len() <= MOST_ZONE);
        Some(Self {
            device: id.map(fingerprint),
            device_name: text("DeviceName")
                .map(agent::cut)
                .or_else(|| agent.and_then(agent::name)),
            zone: zone.map(ToString::to_string),
        })
    }
}

fn fingerprint(text: &str) -> [u8; 16] {
    let digest = sha256(&[b"a device", text.as_bytes()]);
    let mut print = [0; 16];
    print.copy_from_slice(&digest[..16]);
    print
}

fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.trim().parse().ok()?;
    Some(address.to_canonical())
}

fn text(member: &Option<Sensitive<String>>) -> Option<&str> {
    member.as_ref().map(|text| text.as_str())
}

fn header<'h>(headers: &'h [HttpHeader], name: &str) -> Option<&'h str> {
    let found = headers.iter().find(|header| {
        header
            .header_name
            .as_deref()
            .is_some_and(|other| other.eq_ignore_ascii_case(name))
    });
    text(&found?.header_value)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn caller() -> Caller {
        Caller {
            source: Some("192.0.2.7".into()),
            user_agent: Some("curl/8.5.0".into()),
            ..Caller::default()
        }
    }

    fn encoded(data: &serde_json::Value) -> String {
        let payload = serde_json::json!({"contextData": data, "username": "jane"}).to_string();
        let outer =
            serde_json::json!({"payload": payload, "signature": "x", "version": "JS20171115"});
        base64::encode(outer.to_string().as_bytes())
    }

    #[test]
    fn what_a_script_collected_names_the_device_and_not_the_address() {
        let data = encoded(
            &serde_json::json!({"DeviceId": "d-1", "ClientTimezone": "+02:00",
            "UserAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            "IpAddress": "198.51.100.1"}),
        );
        let origin = Origin::seen(&caller()).with_data(Some(&data));
        assert_eq!(origin.address, address("192.0.2.7"));
        assert_eq!(origin.device, Some(fingerprint("d-1")));
        assert_eq!(origin.device_name.as_deref(), Some("Chrome 126, Windows"));
        assert_eq!(origin.zone.as_deref(), Some("+02:00"));
    }

    #[test]
    fn data_that_cannot_be_read_says_nothing() {
        let seen = Origin::seen(&caller());
        for data in ["", "%", "e30=", &"A".repeat(MOST_DATA + 4)] {
            assert_eq!(seen.clone().with_data(Some(data)), seen, "{data}");
        }
    }

    #[test]
    fn an_address_has_one_form() {
        assert_eq!(address("::ffff:192.0.2.7"), address("192.0.2.7"));
        assert_eq!(address("192.0.2.7:80"), None);
    }
}
