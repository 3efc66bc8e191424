//! What identity providers know a user as.
//!
//! The identities of a user stand in the profile; each has a link, under which the user is found when the provider
//! names the identity. A link is found letter by letter, whatever the pool thinks of case: two identities that differ
//! in case are two people.

use alloc::{format, string::String, vec::Vec};

use serde_json::Value;
use userpool_ports::Timestamp;

use super::{identity_provider::ProviderKind, sub::Sub};
use crate::{cbor::Cbor, engine::Record};

/// The most identities that are linked to a user.
pub const MAX_LINKED: usize = 5;
/// The attribute of an identity that is the provider's own id of it.
pub const SUBJECT: &str = "Cognito_Subject";

/// What one provider knows a user as.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Identity {
    /// The provider's name.
    #[n(0)]
    pub provider: String,
    /// What sort of provider it is.
    #[n(1)]
    pub kind: ProviderKind,
    /// What the value is of: [`SUBJECT`], or an attribute of the pool as long as the user has not signed in by it.
    #[n(2)]
    pub attribute: String,
    /// The provider's id of the user, or the value of that attribute.
    #[n(3)]
    pub value: String,
    /// Whether the account was made for it; else it was linked.
    #[n(4)]
    pub primary: bool,
    /// Since when.
    #[n(5)]
    pub created: Timestamp,
    /// Who the provider says it is, where its name is not enough.
    #[n(6)]
    pub issuer: Option<String>,
}

/// The identities of a user, the primary one first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Identities {
    /// Each of them.
    #[n(0)]
    pub all: Vec<Identity>,
}

impl Identities {
    /// Whether the account was made for one of them.
    #[must_use]
    pub fn are_primary(&self) -> bool {
        self.all.iter().any(|identity| identity.primary)
    }

    /// How many were linked.
    #[must_use]
    pub fn linked(&self) -> usize {
        let linked = self.all.iter().filter(|identity| !identity.primary);
        linked.count()
    }

    /// These without one; `None` where none is left.
    #[must_use]
    pub fn without(&self, gone: &Identity) -> Option<Self> {
        let all: Vec<_> = self.all.iter().filter(|it| *it != gone).cloned().collect();
        (!all.is_empty()).then_some(Self { all })
    }

    /// The attribute `identities`, JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let all: Vec<String> = self.all.iter().map(Identity::to_json).collect();
        format!("[{}]", all.join(","))
    }
}

/// The claim `identities` of ID tokens, of the attribute: flags and times are texts there.
#[must_use]
pub fn claim(attribute: &str) -> String {
    let Ok(mut all) = serde_json::from_str::<Value>(attribute) else {
        return "[]".into();
    };
    for identity in all.as_array_mut().into_iter().flatten() {
        for name in ["primary", "dateCreated"] {
            if let Some(member) = identity.get_mut(name) {
                *member = format!("{member}").into();
            }
        }
    }
    format!("{all}")
}

impl Identity {
    fn to_json(&self) -> String {
        format!(
            r#"{{"userId":{},"providerName":{},"providerType":"{}","issuer":{},"primary":{},"dateCreated":{}}}"#,
            text(&self.value),
            text(&self.provider),
            self.kind.as_str(),
            self.issuer.as_deref().map_or(Value::Null, text),
            self.primary,
            self.created.millis()
        )
    }
}

/// A text as JSON.
fn text(text: &str) -> Value {
    Value::from(text)
}

/// The most attributes by which identities of a pool are linked, besides the providers' own ids.
pub const MAX_NAMES: usize = 5;

/// The attributes by which identities of a pool were linked. They stay when the last link by one is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct LinkNames {
    /// Each of them.
    #[n(0)]
    pub all: Vec<String>,
}

impl Record for LinkNames {
    const KIND: &'static str = "the attributes by which identities are linked";
}

/// Whose an identity is.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Link {
    /// The user.
    #[n(0)]
    pub sub: Sub,
}

impl Record for Link {
    const KIND: &'static str = "an identity of a user";
}
