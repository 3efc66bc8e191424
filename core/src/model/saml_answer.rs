//! What a provider of SAML answered, as it is kept until the browser comes for it.

use alloc::{string::String, vec::Vec};

use crate::cbor::Cbor;

/// What a provider answered.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub enum SamlAnswer {
    /// It was not taken, and this is why.
    #[n(0)]
    Refused(#[n(0)] String),
    /// Who the user is.
    #[n(1)]
    Told(#[n(0)] Told),
}

/// What a provider told of a user. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Told {
    /// The provider's name for itself.
    #[n(0)]
    pub issuer: String,
    /// The user's name at the provider.
    #[n(1)]
    pub name: String,
    /// What kind of name it is.
    #[n(2)]
    pub format: Option<String>,
    /// Whose name it is.
    #[n(3)]
    pub qualifier: Option<String>,
    /// For whom it is a name.
    #[n(4)]
    pub service_qualifier: Option<String>,
    /// The session at the provider.
    #[n(5)]
    pub session: Option<String>,
    /// The attributes, each with its values.
    #[n(6)]
    pub attributes: Vec<SamlAttribute>,
}

impl core::fmt::Debug for Told {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}

/// An attribute that a provider told.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SamlAttribute {
    /// Its name.
    #[n(0)]
    pub name: String,
    /// Its values.
    #[n(1)]
    pub values: Vec<String>,
}
