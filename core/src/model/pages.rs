//! How the login pages of a pool look: style sheets and images that its owner set.
//!
//! What is larger than a record is a blob: parts that are written once, under an id that no other blob gets, and are
//! removed with whatever refers to them.

use alloc::{string::String, vec::Vec};

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// The bytes of a part of a blob.
pub const PART: usize = 48 * 1_024;

/// Which blob, and of how many parts it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct BlobName {
    /// Its id.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
    /// How many parts it has.
    #[n(1)]
    pub parts: u16,
}

/// A part of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct BlobPart {
    /// The bytes.
    #[cbor(n(0), bytes)]
    pub bytes: Vec<u8>,
}

impl Record for BlobPart {
    const KIND: &'static str = "a part of a blob";
}

/// How the classic pages look, for a pool or for one app client.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Customization {
    /// The style sheet.
    #[n(0)]
    pub css: Option<String>,
    /// The logo.
    #[n(1)]
    pub image: Option<Image>,
    /// When it was first set.
    #[n(2)]
    pub created: Timestamp,
    /// When it was last set.
    #[n(3)]
    pub modified: Timestamp,
}

impl Record for Customization {
    const KIND: &'static str = "a customization of pages";
    const IS_SETTING: bool = true;
}

/// A logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Image {
    /// Where its bytes are.
    #[n(0)]
    pub blob: BlobName,
    /// What they are.
    #[n(1)]
    pub kind: ImageKind,
}

/// The forms of a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum ImageKind {
    /// PNG.
    #[n(0)]
    Png,
    /// JPEG.
    #[n(1)]
    Jpeg,
}

impl ImageKind {
    /// What bytes are, by how they begin.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else {
            None
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}
