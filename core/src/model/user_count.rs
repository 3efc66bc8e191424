//! How many users a pool has, counted in stripes, so that two sign-ups rarely write the same record.

use super::sub::Sub;
use crate::{cbor::Cbor, engine::Record};

/// How many stripes the count of a pool has.
pub const STRIPES: u8 = 16;

/// One stripe of the count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct UserCount {
    /// The users whose `sub` falls into this stripe.
    #[n(0)]
    pub users: u64,
}

impl Record for UserCount {
    const KIND: &'static str = "a count of users";
}

/// The stripe in which a user is counted.
#[must_use]
pub fn stripe(sub: &Sub) -> u8 {
    sub.bytes()[15] % STRIPES
}
