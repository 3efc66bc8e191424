//! Managed login branding: how the pages of an app client look, as the designer of the service writes it.

use userpool_ports::Timestamp;

use super::pages::BlobName;
use crate::{cbor::Cbor, engine::Record};

/// The style of an app client's pages.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Branding {
    /// The id, a UUID.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
    /// The app client.
    #[n(1)]
    pub client: alloc::string::String,
    /// Whether it is the service's own look, without settings and assets.
    #[n(2)]
    pub provided: bool,
    /// Settings and assets (`ManagedLoginBrandingType`), JSON text, if there are any.
    #[n(3)]
    pub content: Option<BlobName>,
    /// When it was made.
    #[n(4)]
    pub created: Timestamp,
    /// When it last changed.
    #[n(5)]
    pub modified: Timestamp,
}

impl Record for Branding {
    const KIND: &'static str = "the style of login pages";
}

/// Which style an app client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct BrandingOf {
    /// Its id.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
}

impl Record for BrandingOf {
    const KIND: &'static str = "the name of a style of login pages";
}
