//! What the browser says of a ceremony: `CollectedClientData` (§5.8.1), JSON text.

use alloc::{borrow::Cow, string::String};
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use userpool_crypto::{base64, digest::ct_eq};

use crate::{Invalid, party::Expected};

/// The longest client data that is looked at.
pub const MAX_CLIENT_DATA: usize = 16 * 1_024;

/// Which ceremony client data is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// A new credential.
    Create,
    /// The use of a credential.
    Get,
}

impl Ceremony {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// Checks client data: its type, challenge, origin and embedding, in this order (§7.1 steps 5 to 11, §7.2 steps 10
/// to 15).
///
/// # Errors
/// Refuses what does not fit.
pub(crate) fn check(
    expected: &Expected<'_>,
    ceremony: Ceremony,
    json: &[u8],
) -> Result<(), Invalid> {
    if json.len() > MAX_CLIENT_DATA {
        return Err(Invalid::ClientData);
    }
    let data: ClientData = serde_json::from_slice(json).map_err(|_| Invalid::ClientData)?;
    if data.kind != ceremony.as_str() {
        return Err(Invalid::Type);
    }
    let challenge = base64::encode_url(expected.challenge);
    if !ct_eq(challenge.as_bytes(), data.challenge.as_bytes()) {
        return Err(Invalid::Challenge);
    }
    if !expected.party.has_origin(&data.origin) {
        return Err(Invalid::Origin);
    }
    let top = data.top_origin.as_deref();
    if !expected.party.allows_embedding(data.is_cross_origin, top) {
        return Err(Invalid::Embedding);
    }
    Ok(())
}

/// The members that are looked at; each stands at most once.
struct ClientData {
    kind: String,
    challenge: String,
    origin: String,
    is_cross_origin: bool,
    top_origin: Option<String>,
}

impl<'de> Deserialize<'de> for ClientData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = ClientData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("client data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClientData, A::Error> {
        let (mut kind, mut challenge, mut origin) = (None, None, None);
        let (mut is_cross_origin, mut top_origin) = (None, None);
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "type" => once::<A, String>(&mut kind, map.next_value()?)?,
                "challenge" => once::<A, String>(&mut challenge, map.next_value()?)?,
                "origin" => once::<A, String>(&mut origin, map.next_value()?)?,
                "crossOrigin" => once::<A, bool>(&mut is_cross_origin, map.next_value()?)?,
                "topOrigin" => once::<A, String>(&mut top_origin, map.next_value()?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let missing = || A::Error::custom("a member is missing");
        Ok(ClientData {
            kind: kind.ok_or_else(missing)?,
            challenge: challenge.ok_or_else(missing)?,
            origin: origin.ok_or_else(missing)?,
            is_cross_origin: is_cross_origin.unwrap_or(false),
            top_origin,
        })
    }
}

fn once<'de, A: MapAccess<'de>, T>(slot: &mut Option<T>, value: T) -> Result<(), A::Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(A::Error::custom("a member stands twice")),
    }
}

/// The name of a member, copied only where it has escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::{Embedding, Origins, RelyingParty, UserVerification};

    const CHALLENGE: &str = "BwcHBwcHBwcHBwcHBwcHBw";

    fn end(json: &str) -> Result<(), Invalid> {
        let expected = Expected {
            party: RelyingParty {
                id: "example.org",
                origins: Origins::OfId,
                embedding: Embedding::Never,
            },
            challenge: &[7; 16],
            verification: UserVerification::Required,
        };
        check(&expected, Ceremony::Get, json.as_bytes())
    }

    fn with(further: &str) -> String {
        alloc::format!(
            r#"{{"type":"webauthn.get","challenge":"{CHALLENGE}","origin":"https://example.org"{further}}}"#
        )
    }

    #[test]
    fn further_members_are_passed_over() {
        assert_eq!(end(&with("")), Ok(()));
        assert_eq!(end(&with(r#","crossOrigin":false"#)), Ok(()));
        assert_eq!(end(&with(r#","x":{"type":[1]},"y":null"#)), Ok(()));
    }

    #[test]
    fn client_data_that_may_be_read_in_two_ways_is_malformed() {
        for further in [
            r#","type":"webauthn.get""#,
            r#","\u0074ype":"webauthn.create""#,
            r#","challenge":"x""#,
            r#","origin":"https://evil.com""#,
            r#","crossOrigin":false,"crossOrigin":true"#,
            r#","crossOrigin":null"#,
            r#","crossOrigin":"false""#,
            r#","topOrigin":7"#,
        ] {
            assert_eq!(end(&with(further)), Err(Invalid::ClientData), "{further}");
        }
        let good = with("");
        for json in [
            "",
            "[]",
            "null",
            r#"{"type":"webauthn.get"}"#,
            &good[1..],
            &alloc::format!("\u{feff}{good}"),
            &alloc::format!("{good}x"),
        ] {
            assert_eq!(end(json), Err(Invalid::ClientData), "{json}");
        }
        let long = with(&alloc::format!(r#","x":"{}""#, "x".repeat(MAX_CLIENT_DATA)));
        assert_eq!(end(&long), Err(Invalid::ClientData));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let good = with("");
        for (from, to, expected) in [
            ("webauthn.get", "webauthn.create", Invalid::Type),
            ("webauthn.get", "payment.get", Invalid::Type),
            (CHALLENGE, "BwcHBwcHBwcHBwcHBwcHBw==", Invalid::Challenge),
            (CHALLENGE, "BwcHBwcHBwcHBwcHBwcHBx", Invalid::Challenge),
            (CHALLENGE, "", Invalid::Challenge),
            ("example.org", "example.com", Invalid::Origin),
            ("https://", "http://", Invalid::Origin),
        ] {
            assert_eq!(end(&good.replace(from, to)), Err(expected), "{to}");
        }
        assert_eq!(
            end(&with(r#","crossOrigin":true"#)),
            Err(Invalid::Embedding)
        );
    }
}
