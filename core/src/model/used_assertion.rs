//! Assertions of identity providers that were used: each is good once.

use crate::{cbor::Cbor, engine::Record};

/// An assertion that was used. Its provider and id stand in its key, and it expires when the assertion does.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct UsedAssertion {}

impl Record for UsedAssertion {
    const KIND: &'static str = "an assertion that was used";
}
