//! A pool that is being moved into this store: which export it comes from, and how much of it is here.

use crate::{cbor::Cbor, engine::Record};

/// How far the import of a pool is. It stands from the first commit of the import to the last.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Arrival {
    /// The export.
    #[cbor(n(0), bytes)]
    pub export: [u8; 16],
    /// How many of its records are here.
    #[n(1)]
    pub records: u64,
    /// Whether what is here is being removed again.
    #[cbor(n(2), default)]
    pub discarded: bool,
}

impl Record for Arrival {
    const KIND: &'static str = "the arrival of a pool";
}
