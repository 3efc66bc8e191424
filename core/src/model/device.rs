//! A device that a user signs in from.
//!
//! ## Machine: a device
//!
//! | state | ConfirmDevice | ConfirmDevice where the user's word is waited for | the word remembered | the word not_remembered | ForgetDevice | a newer device in its place |
//! |---|---|---|---|---|---|---|
//! | tracked | remembered | not remembered | - | - | - | - |
//! | remembered | - | - | remembered | not remembered | forgotten | forgotten |
//! | not remembered | - | - | remembered | not remembered | forgotten | forgotten |
//! | forgotten | - | - | - | - | - | - |
//!
//! A sign-in without the key of a known device begins with a tracked one, which is no more than a key in the grant that
//! it was made for; ConfirmDevice gives it a record, once. A forgotten one has no record either, but the grants that name
//! it know that it had one, and never make it known again. The user's word is that of UpdateDeviceStatus.

use alloc::{string::String, vec::Vec};

use minicbor::bytes::ByteArray;
use userpool_crypto::digest::sha256;
use userpool_ports::Timestamp;

use super::{
    attempts::Attempts,
    pool::{DeviceRules, Pool},
    sub::{parse_uuid, uuid_text, uuid_v4},
};
use crate::{cbor::Cbor, engine::Record};

/// The most devices of a user; the next takes the place of the one that was quiet for longest.
pub const MAX_DEVICES: usize = 50;
/// The longest region in a device key, which has 55 characters at most.
const MAX_REGION: usize = 18;

/// The id of a device: the UUID in its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Cbor)]
#[cbor(transparent)]
pub struct DeviceId(#[n(0)] ByteArray<16>);

impl DeviceId {
    /// A new id from random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(uuid_v4(random).into())
    }

    /// The id of these bytes, which a record's key holds.
    #[must_use]
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes.into())
    }

    /// The id in the key of a device of a pool.
    #[must_use]
    pub fn parse(pool: &Pool, key: &str) -> Option<Self> {
        let (of, id) = key.rsplit_once('_')?;
        let id = parse_uuid(id).filter(|_| of == region(pool))?;
        Some(Self(id.into()))
    }

    /// The key of the device: `<region>_<uuid>`.
    #[must_use]
    pub fn key(&self, pool: &Pool) -> String {
        [region(pool), "_", &uuid_text(&self.0)].concat()
    }

    /// The group key of the device, which takes the place of the pool's name in its proofs: `-` and eight letters or
    /// digits, always the same for one device.
    #[must_use]
    pub fn group_key(&self) -> String {
        const SYMBOLS: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let drawn = sha256(&[b"device group key", &self.0[..]]);
        let symbol = |byte: &u8| char::from(SYMBOLS[usize::from(*byte) % SYMBOLS.len()]);
        core::iter::once('-')
            .chain(drawn[..8].iter().map(symbol))
            .collect()
    }

    /// The 16 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The region in the keys of a pool's devices.
fn region(pool: &Pool) -> &str {
    let region = pool.region();
    region.get(..MAX_REGION).unwrap_or(region)
}

/// A device that was confirmed. Sealed values have the record's key as place; fields `verifier` and `powers`.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Device {
    /// Whether it is remembered.
    #[n(0)]
    pub standing: Standing,
    /// The salt of its secret, an integer without leading zero bytes.
    #[cbor(n(1), bytes)]
    pub salt: Vec<u8>,
    /// The verifier of its secret, 384 bytes, sealed.
    #[cbor(n(2), bytes)]
    pub verifier: Vec<u8>,
    /// The powers of the verifier, 1,152 bytes, sealed.
    #[cbor(n(3), bytes)]
    pub powers: Option<Vec<u8>>,
    /// What the user calls it.
    #[n(4)]
    pub name: Option<String>,
    /// When it was confirmed.
    #[n(5)]
    pub created: Timestamp,
    /// When the user or an administrator last changed it.
    #[n(6)]
    pub modified: Timestamp,
    /// When the user last signed in from it.
    #[n(7)]
    pub authenticated: Timestamp,
    /// The address from which that was, where it is known.
    #[n(8)]
    pub address: Option<String>,
    /// What confirmed it, in its own words.
    #[n(9)]
    pub software: Option<String>,
    /// Wrong proofs of its secret, and the lock that follows from them.
    #[n(10)]
    pub attempts: Attempts,
}

impl Record for Device {
    const KIND: &'static str = "a device";
}

impl core::fmt::Debug for Device {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Device")
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

impl Device {
    /// The device after a sign-in from it.
    #[must_use]
    pub fn used(&self, address: Option<&str>, now: Timestamp) -> Self {
        Self {
            authenticated: now,
            address: address.map(Into::into),
            attempts: Attempts::default(),
            ..self.clone()
        }
    }

    /// The device after a wrong proof.
    #[must_use]
    pub fn mistaken(&self, now: Timestamp) -> Self {
        Self {
            attempts: self.attempts.failed(now),
            ..self.clone()
        }
    }
}

/// Whether a confirmed device is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum Standing {
    /// It proves itself, and may stand in for a second factor.
    #[n(0)]
    Remembered,
    /// It is known by its key alone.
    #[n(1)]
    NotRemembered,
}

impl Standing {
    /// The protocol's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Remembered => "remembered",
            Self::NotRemembered => "not_remembered",
        }
    }
}

/// Where a device stands for the holder of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its key was given out, and it was not confirmed yet.
    Tracked,
    /// It was confirmed.
    Known(Standing),
    /// It is not known any more, or never was.
    Forgotten,
}

/// Why a device does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It was confirmed before.
    Confirmed,
    /// There is no such device.
    Unknown,
}

impl State {
    /// The state of the device of a record, if there is one; `tracked` tells that its key was given out with the grant
    /// at hand.
    #[must_use]
    pub fn of(device: Option<&Device>, tracked: Tracked) -> Self {
        match (device, tracked) {
            (Some(device), _) => Self::Known(device.standing),
            (None, Tracked::Here) => Self::Tracked,
            (None, Tracked::Elsewhere) => Self::Forgotten,
        }
    }

    /// What ConfirmDevice makes of it.
    ///
    /// # Errors
    /// It was confirmed before, or is forgotten.
    pub fn confirmed(self, rules: DeviceRules) -> Result<Standing, Unfit> {
        match self {
            Self::Tracked if rules.waits_for_user => Ok(Standing::NotRemembered),
            Self::Tracked => Ok(Standing::Remembered),
            Self::Known(Standing::Remembered | Standing::NotRemembered) => Err(Unfit::Confirmed),
            Self::Forgotten => Err(Unfit::Unknown),
        }
    }

    /// What the user's word makes of it.
    ///
    /// # Errors
    /// It was not confirmed, or is forgotten.
    pub fn told(self, word: Standing) -> Result<Standing, Unfit> {
        match self {
            Self::Known(Standing::Remembered | Standing::NotRemembered) => Ok(word),
            Self::Tracked | Self::Forgotten => Err(Unfit::Unknown),
        }
    }

    /// Forgets it.
    ///
    /// # Errors
    /// It was not confirmed, or is forgotten.
    pub fn forgotten(self) -> Result<(), Unfit> {
        match self {
            Self::Known(Standing::Remembered | Standing::NotRemembered) => Ok(()),
            Self::Tracked | Self::Forgotten => Err(Unfit::Unknown),
        }
    }
}

/// Whether the key of a device was given out with a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// With this one, and nobody has confirmed it since.
    Here,
    /// With another, or it was confirmed since.
    Elsewhere,
}

/// The devices of a user: their ids, in the order in which they were confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Devices {
    #[n(0)]
    ids: Vec<DeviceId>,
}

impl Record for Devices {
    const KIND: &'static str = "the devices of a user";
}

impl Devices {
    /// The devices.
    #[must_use]
    pub fn ids(&self) -> &[DeviceId] {
        &self.ids
    }

    /// Whether a further one takes the place of one of them.
    #[must_use]
    pub fn are_full(&self) -> bool {
        self.ids.len() >= MAX_DEVICES
    }

    /// The devices with another one.
    #[must_use]
    pub fn with(&self, id: DeviceId) -> Self {
        let mut next = self.without(&id);
        next.ids.push(id);
        next
    }

    /// The devices without one of them.
    #[must_use]
    pub fn without(&self, id: &DeviceId) -> Self {
        let others = self.ids.iter().filter(|other| *other != id);
        Self {
            ids: others.copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    const ALWAYS: DeviceRules = DeviceRules {
        replaces_factors: true,
        waits_for_user: false,
    };
    const ON_PROMPT: DeviceRules = DeviceRules {
        replaces_factors: true,
        waits_for_user: true,
    };
    const STATES: [State; 4] = [
        State::Tracked,
        State::Known(Standing::Remembered),
        State::Known(Standing::NotRemembered),
        State::Forgotten,
    ];

    /// What every event makes of a state.
    fn ends(state: State) -> Vec<Result<State, Unfit>> {
        vec![
            state.confirmed(ALWAYS).map(State::Known),
            state.confirmed(ON_PROMPT).map(State::Known),
            state.told(Standing::Remembered).map(State::Known),
            state.told(Standing::NotRemembered).map(State::Known),
            state.forgotten().map(|()| State::Forgotten),
        ]
    }

    #[test]
    fn every_cell_of_states_and_events_holds() {
        let (confirmed, unknown) = (Err(Unfit::Confirmed), Err(Unfit::Unknown));
        let (remembered, not) = (Ok(STATES[1]), Ok(STATES[2]));
        let forgotten = Ok(State::Forgotten);
        let known = [confirmed, confirmed, remembered, not, forgotten];
        for (state, expected) in STATES.into_iter().zip([
            [remembered, not, unknown, unknown, unknown],
            known,
            known,
            [unknown; 5],
        ]) {
            assert_eq!(ends(state), expected, "{state:?}");
        }
    }

    #[test]
    fn a_state_follows_from_the_record_and_the_grant() {
        let device = |standing| Device {
            standing,
            salt: vec![1],
            verifier: vec![2],
            powers: None,
            name: None,
            created: Timestamp::from_secs(0),
            modified: Timestamp::from_secs(0),
            authenticated: Timestamp::from_secs(0),
            address: None,
            software: None,
            attempts: Attempts::default(),
        };
        for tracked in [Tracked::Here, Tracked::Elsewhere] {
            for standing in [Standing::Remembered, Standing::NotRemembered] {
                let state = State::of(Some(&device(standing)), tracked);
                assert_eq!(state, State::Known(standing));
            }
        }
        assert_eq!(State::of(None, Tracked::Here), State::Tracked);
        assert_eq!(State::of(None, Tracked::Elsewhere), State::Forgotten);
    }
}
