//! The written form of root keys: `id:key`, the key as 32 bytes in base64, the one that seals first.
//!
//! Several are separated by commas or line ends; lines that begin with `#` say nothing.

use core::{fmt, str::FromStr};

use crate::{
    base64,
    sealed::{KeyId, RootKeys, SealKey},
    secret::{SecretArray, SecretBytes},
};

/// A text is no list of root keys, names one twice, or has none. Nothing of the text is told: it may be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRootKeys;

impl fmt::Display for InvalidRootKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a list of `id:key` with 32 bytes in base64")
    }
}

impl core::error::Error for InvalidRootKeys {}

impl FromStr for RootKeys {
    type Err = InvalidRootKeys;

    /// Reads `id:key` pairs, the key that seals first; see [`root_keys`](crate::root_keys).
    ///
    /// ```
    /// use userpool_crypto::sealed::RootKeys;
    ///
    /// let keys: RootKeys = "2026:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".parse()?;
    /// assert_eq!(keys.current().id().as_str(), "2026");
    /// # Ok::<(), userpool_crypto::root_keys::InvalidRootKeys>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, InvalidRootKeys> {
        let lines = text.lines().filter(|it| !it.trim_start().starts_with('#'));
        let items = lines
            .flat_map(|it| it.split(','))
            .map(str::trim)
            .filter(|it| !it.is_empty());
        let mut ring: Option<Self> = None;
        for item in items {
            let key = seal_key(item).ok_or(InvalidRootKeys)?;
            ring = Some(match ring {
                None => Self::new(key),
                Some(ring) => ring.with_older(key).map_err(|_| InvalidRootKeys)?,
            });
        }
        ring.ok_or(InvalidRootKeys)
    }
}

fn seal_key(item: &str) -> Option<SealKey> {
    let (id, key) = item.split_once(':')?;
    let key = SecretBytes::new(base64::decode(key.trim())?);
    let key = SecretArray::new(key.expose().try_into().ok()?);
    Some(SealKey::new(KeyId::parse(id.trim())?, key))
}

#[cfg(test)]
mod tests {
    use alloc::{
        format,
        string::{String, ToString},
        vec::Vec,
    };

    use super::*;

    fn key(byte: u8) -> String {
        base64::encode(&[byte; 32])
    }

    #[test]
    fn keys_are_read_in_order() {
        let text = format!("# newest first\n2:{}\n1:{} ,0:{}\n", key(2), key(1), key(0));
        let keys: RootKeys = text.parse().unwrap();
        let ids: Vec<&str> = keys.keys().map(|it| it.id().as_str()).collect();
        assert_eq!(ids, ["2", "1", "0"]);
        assert_eq!(keys.current().id().as_str(), "2");
    }

    #[test]
    fn malformed_and_repeated_keys_are_refused() {
        let one = key(1);
        let repeated = format!("1:{one},1:{one}");
        let nameless = format!(":{one}");
        let long = format!("1:{}", base64::encode(&[1; 33]));
        for text in [
            "",
            "# nothing",
            "1:AAAA",
            "1",
            &one,
            &repeated,
            &nameless,
            &long,
        ] {
            assert!(text.parse::<RootKeys>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_mistyped_key_is_not_repeated_in_the_error() {
        let error = "1:c2VjcmV0".parse::<RootKeys>().unwrap_err();
        assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
    }
}
