//! The attributes of a pool: names, types, bounds, and who may change them.

use alloc::string::String;

use crate::cbor::Cbor;

/// One attribute of a pool's schema.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct AttributeRule {
    /// The full name: `email`, `custom:team`, `dev:custom:score`.
    #[n(0)]
    pub name: String,
    /// What values are.
    #[n(1)]
    pub kind: AttributeKind,
    /// Whether a user must have it.
    #[n(2)]
    pub required: bool,
    /// Whether it may change after creation.
    #[n(3)]
    pub mutable: bool,
    /// Whether only administrators see and change it.
    #[n(4)]
    pub developer_only: bool,
}

/// The type of an attribute, with its bounds. Values always travel as strings.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
pub enum AttributeKind {
    /// Text of a length in characters.
    #[n(0)]
    Text {
        /// The least length.
        #[n(0)]
        min: Option<u32>,
        /// The greatest length.
        #[n(1)]
        max: Option<u32>,
    },
    /// A whole number.
    #[n(1)]
    Number {
        /// The least value.
        #[n(0)]
        min: Option<i64>,
        /// The greatest value.
        #[n(1)]
        max: Option<i64>,
    },
    /// `true` or `false`.
    #[n(2)]
    Boolean,
    /// A date and time.
    #[n(3)]
    DateTime,
}
