//! Secret blocks: the state between the two steps of an SRP sign-in, carried by the client.
//!
//! A block is sealed under a short-lived random key of the pool, which is drawn, not derived, and deleted after
//! its use-by: a block and the root key together do not lead to the verifier later on.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Timestamp;

use super::{device::DeviceId, methods::Aim, sub::Sub};
use crate::{cbor::Cbor, engine::Record};

/// How long a block may be answered.
pub const BLOCK_LIFE: Duration = Duration::from_secs(180);
/// How long a key seals new blocks.
const SEALS: Duration = Duration::from_secs(600);
/// How long a spent block is remembered: an hour longer than it lives.
pub const SPENT_LIFE: Duration = Duration::from_secs(180 + 3_600);

/// The keys under which a pool's blocks are sealed, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct BlockKeys {
    /// The keys.
    #[n(0)]
    pub keys: Vec<BlockKey>,
}

impl Record for BlockKeys {
    const KIND: &'static str = "the keys of secret blocks";
}

/// One key, sealed under the root keys with its id as field.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct BlockKey {
    /// Its id, as it stands in front of what it sealed.
    #[n(0)]
    pub id: String,
    /// When it was drawn.
    #[n(1)]
    pub drawn: Timestamp,
    /// The sealed key, 32 bytes.
    #[cbor(n(2), bytes)]
    pub sealed: Vec<u8>,
}

impl BlockKey {
    /// Whether it seals new blocks at this moment.
    #[must_use]
    pub fn seals(&self, now: Timestamp) -> bool {
        now < self.drawn.after(SEALS)
    }

    /// When no block under it can be answered any more.
    #[must_use]
    pub fn use_by(&self) -> Timestamp {
        self.drawn.after(SEALS).after(BLOCK_LIFE)
    }
}

impl BlockKeys {
    /// The same keys with a new one in front and without those past their use-by.
    #[must_use]
    pub fn with(&self, key: BlockKey, now: Timestamp) -> Self {
        let alive = self.keys.iter().filter(|key| now < key.use_by()).cloned();
        Self {
            keys: core::iter::once(key).chain(alive).collect(),
        }
    }
}

/// What a block holds.
#[derive(Clone, Cbor)]
#[cbor(map)]
pub struct Block {
    /// Names the block; a mark under it tells that it is spent.
    #[cbor(n(0), bytes)]
    pub id: [u8; 16],
    /// The app client that it was made for.
    #[n(1)]
    pub client: String,
    /// The user, or the id of nobody.
    #[cbor(n(2), bytes)]
    pub sub: Sub,
    /// Whether there is no such user, and the client hides it.
    #[n(9)]
    pub simulated: bool,
    /// The name as typed.
    #[n(3)]
    pub typed: String,
    /// The client's public value, 384 bytes.
    #[cbor(n(4), bytes)]
    pub a_public: Vec<u8>,
    /// The scrambler of this value and the server's, 32 bytes: all that is left to know of the server's.
    #[cbor(n(5), bytes)]
    pub u: Vec<u8>,
    /// The server's secret exponent, 32 bytes.
    #[cbor(n(6), bytes)]
    pub b: [u8; 32],
    /// The credential epoch under which it was made.
    #[n(7)]
    pub credential_epoch: u32,
    /// When it was made.
    #[n(8)]
    pub made: Timestamp,
    /// The device that the sign-in named, or whose secret is to be proven.
    #[n(16)]
    pub device: Option<DeviceId>,
    /// The draw of the chain, where it is a device whose secret is to be proven.
    #[cbor(n(17), bytes)]
    pub draw: Option<[u8; 16]>,
    /// The chain of custom challenges that a right proof goes on with; else it is a right password.
    #[cbor(n(10), bytes)]
    pub chain: Option<[u8; 16]>,
    /// What was shown before, and the level that was asked for, where the sign-in is to reach one.
    #[n(18)]
    pub aim: Option<Aim>,
}

impl core::fmt::Debug for Block {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Block(..)")
    }
}

/// The mark that something was used; its key names it, its expiry ends it.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Spent {}

impl Record for Spent {
    const KIND: &'static str = "a spent mark";
}
