//! The keys that pools with custom senders name: wrapping keys that are given, and a service that knows all others.
//!
//! Each wrapping key is written `name:key`, the key as 32 bytes in base64; several are separated by commas or lines. Lines
//! that begin with `#` are comments. A name is a whole `KMSKeyID` or what follows `key/` or `alias/` in it.

use std::collections::BTreeMap;
use std::time::Duration;

use userpool::{Builder, KeyService, MessageKeys, SecretArray};
use userpool_crypto::base64;

use crate::failure::Failure;
use crate::options::Hidden;
use crate::outbound::{Endpoint, Outbound};

/// How long a key service may take: the request of a user waits for it.
const LIMIT: Duration = Duration::from_secs(5);

/// Where keys come from.
#[derive(Debug, Default)]
pub(crate) struct MessageKeySettings {
    /// Wrapping keys, or the path of their file.
    pub wrapping: Option<Hidden>,
    pub service: Option<KeyServiceSettings>,
}

/// The service that knows all other keys, and who asks it.
#[derive(Debug)]
pub(crate) struct KeyServiceSettings {
    pub endpoint: String,
    /// The region where a key's ARN tells none.
    pub region: String,
    pub access_key_id: String,
    pub secret: Hidden,
    pub session_token: Option<Hidden>,
}

impl MessageKeySettings {
    /// Gives an engine these keys, and tells how their service is reached, if there is one.
    ///
    /// # Errors
    /// What is given makes no sense, or nobody's certificate could be checked.
    pub(crate) fn give(&self, builder: Builder) -> Result<(Builder, Option<Outbound>), Failure> {
        let mut keys = MessageKeys::default();
        if let Some(given) = &self.wrapping {
            keys.wrapping = read(given.expose())?;
        }
        let Some(service) = &self.service else {
            return Ok((builder.message_keys(keys), None));
        };
        let endpoint = Endpoint::parse(&service.endpoint)
            .ok_or_else(|| Failure::new("kms-endpoint must be http://HOST or https://HOST"))?;
        if !endpoint.tls && !endpoint.is_local() {
            tracing::warn!("data keys come in clear: kms-endpoint is http://");
        }
        keys.service = Some(KeyService {
            endpoint: service.endpoint.clone(),
            region: service.region.clone(),
            access_key_id: service.access_key_id.clone(),
            secret: service.secret.text().clone(),
            session_token: service.session_token.as_ref().map(|it| it.text().clone()),
        });
        Ok((builder.message_keys(keys), Some(Outbound::new(LIMIT)?)))
    }
}

/// Reads keys, or the file that a path names.
fn read(given: &str) -> Result<BTreeMap<String, SecretArray<32>>, Failure> {
    if let Some(keys) = parse(given) {
        return Ok(keys);
    }
    // Never repeat the text: it may be a key that was mistyped.
    let text = std::fs::read_to_string(given).ok();
    text.and_then(|text| parse(&text)).ok_or_else(|| {
        Failure::new(
            "USERPOOL_MESSAGE_KEYS: neither `name:key` pairs of 32 bytes in base64 nor a file of them",
        )
    })
}

/// The keys in a text, or nothing where one is malformed, repeated, or there is none.
fn parse(text: &str) -> Option<BTreeMap<String, SecretArray<32>>> {
    let lines = text.lines().filter(|it| !it.trim_start().starts_with('#'));
    let items = lines
        .flat_map(|it| it.split(','))
        .map(str::trim)
        .filter(|it| !it.is_empty());
    let mut keys = BTreeMap::new();
    for item in items {
        // A name may be an ARN, which has colons of its own.
        let (name, key) = item.rsplit_once(':')?;
        let key: [u8; 32] = base64::decode(key.trim())?.try_into().ok()?;
        let name = name.trim();
        if name.is_empty() || keys.insert(name.into(), SecretArray::new(key)).is_some() {
            return None;
        }
    }
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_by_name_or_by_arn() {
        let one = base64::encode(&[1; 32]);
        let arn = "arn:aws:kms:us-east-1:000000000000:key/2";
        let keys = parse(&format!("# mine\nfirst:{one}, {arn}:{one}\n")).unwrap();
        assert_eq!(keys.keys().collect::<Vec<_>>(), [arn, "first"]);
        for bad in [
            "",
            "first",
            "first:AAAA",
            &format!(":{one}"),
            &format!("a:{one},a:{one}"),
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_mistyped_key_is_not_repeated_in_the_error() {
        let error = read("first:c2VjcmV0").map(drop).unwrap_err().to_string();
        assert!(!error.contains("c2VjcmV0"), "{error}");
    }
}
