//! How many requests a second the account has bought, by category.

use alloc::{collections::BTreeMap, string::String};

use crate::{cbor::Cbor, engine::Record};

/// The limits that were raised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ProvisionedLimits {
    /// Requests a second by category.
    #[n(0)]
    pub raised: BTreeMap<String, u32>,
}

impl Record for ProvisionedLimits {
    const KIND: &'static str = "the provisioned limits";
}
