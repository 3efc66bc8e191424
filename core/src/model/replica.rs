//! A replica of a pool: the same pool, as it is seen from another region.

use alloc::{collections::BTreeMap, string::String};

use crate::cbor::Cbor;

/// What a pool knows of a replica. Users and settings are the pool's own; nothing is copied.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Replica {
    /// The region.
    #[n(0)]
    pub region: String,
    /// Whether it serves requests.
    #[n(1)]
    pub active: bool,
    /// Its tags, which are not those of the pool.
    #[n(2)]
    pub tags: BTreeMap<String, String>,
}
