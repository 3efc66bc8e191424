//! Terms documents: addresses of the terms of use and the privacy policy of an app client.

use alloc::{collections::BTreeMap, string::String};

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// A terms document of an app client.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Terms {
    /// The id, a UUID.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
    /// The app client.
    #[n(1)]
    pub client: String,
    /// `terms-of-use` or `privacy-policy`.
    #[n(2)]
    pub name: String,
    /// The addresses, by language.
    #[n(3)]
    pub links: BTreeMap<String, String>,
    /// When it was made.
    #[n(4)]
    pub created: Timestamp,
    /// When it last changed.
    #[n(5)]
    pub modified: Timestamp,
}

impl Record for Terms {
    const KIND: &'static str = "a terms document";
    const IS_SETTING: bool = true;
}

/// Which terms document an app client has of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct TermsName {
    /// Its id.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
}

impl Record for TermsName {
    const KIND: &'static str = "the name of a terms document";
    const IS_SETTING: bool = true;
}
