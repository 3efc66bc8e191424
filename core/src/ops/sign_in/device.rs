//! The device that a sign-in names: found, asked to prove itself, written down when it was used.
//!
//! A key that no device of the user has is refused, at the latest once the password was right, and uses nothing up:
//! clients forget it and send the same answer again without it. Where nobody has the name, no key is known.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use userpool_crypto::digest::sha256;
use userpool_ports::Key;

use super::{attempt::Attempt, factor::Question, outcome::Outcome, session};
use crate::{
    engine::{Cx, Held, Refusal, Run},
    model::{
        chain::{Chain, Session, Step},
        device::{Device, DeviceId, Standing},
        keys,
        methods::Aim,
        pool::Pool,
        sub::Sub,
        user::Head,
    },
    ops::{devices::unknown, parties::Party, protection::watch},
};

/// The device that a request, or the sign-in before it, says to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// None.
    Nothing,
    /// One that the sign-in named before: if it is gone by now, it is forgotten.
    Earlier(DeviceId),
    /// One that the request names: it must be there.
    Given(DeviceId),
    /// One that no device of the pool can be.
    Stranger,
}

impl Claim {
    /// What the parameters of a request say, or what was said before it.
    pub fn of(
        pool: &Pool,
        parameters: Option<&BTreeMap<String, String>>,
        earlier: Option<DeviceId>,
    ) -> Self {
        let given = parameters.and_then(|map| map.get("DEVICE_KEY"));
        let tracks = pool.rules.devices.is_some();
        match given.filter(|key| !key.is_empty()) {
            Some(key) => DeviceId::parse(pool, key)
                .filter(|_| tracks)
                .map_or(Self::Stranger, Self::Given),
            None => earlier
                .filter(|_| tracks)
                .map_or(Self::Nothing, Self::Earlier),
        }
    }

    /// The device, if one can be meant.
    pub const fn id(self) -> Option<DeviceId> {
        match self {
            Self::Earlier(id) | Self::Given(id) => Some(id),
            Self::Nothing | Self::Stranger => None,
        }
    }

    /// What [`Claim::find`] and [`ask`] read of a user.
    pub fn reads(self, party: &Party, sub: &Sub) -> Vec<Key> {
        self.id().map_or_else(Vec::new, |id| {
            [
                keys::device(&party.pool.id, sub, &id),
                step_key(party, sub, &id),
            ]
            .into()
        })
    }

    /// The device of a user, if one is named. The refusal is given, not returned: after a right password it must not
    /// be told before that is certain.
    ///
    /// # Errors
    /// Stops the run until the device was read.
    pub fn find(
        self,
        cx: &mut Cx<'_>,
        party: &Party,
        sub: &Sub,
    ) -> Run<Result<Option<Named>, Refusal>> {
        cx.once(|cx| {
            let Some(id) = self.id() else {
                let is_stranger = self == Self::Stranger;
                return Ok(if is_stranger {
                    Err(unknown())
                } else {
                    Ok(None)
                });
            };
            let reads: Arc<[Key]> = cx.once(|_| Ok(self.reads(party, sub).into()))?;
            cx.want(&*reads)?;
            let held = cx.get::<Device>(&reads[0])?;
            Ok(match (held, self) {
                (Some(held), _) => Ok(Some(Named { id, held })),
                (None, Self::Given(_)) => Err(unknown()),
                (None, _) => Ok(None),
            })
        })
    }

    /// As [`Attempt::load`], reading the device together with the user.
    ///
    /// # Errors
    /// Stops the run until the records are there.
    pub fn attempt(self, cx: &mut Cx<'_>, party: &Party, head: Held<Head>) -> Run<Attempt> {
        cx.once(|cx| {
            let reads = cx.once(|_| {
                let user = Attempt::reads(&party.pool, &head.sub);
                let device = self.reads(party, &head.sub);
                let watched = watch::reads(party, &head.sub);
                let others = device.into_iter().chain(watched);
                Ok(Arc::<[Key]>::from_iter(user.into_iter().chain(others)))
            })?;
            cx.want(&*reads)?;
            Attempt::load(cx, &party.pool, head)
        })
    }
}

/// A device that a sign-in names, and that the user has.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub id: DeviceId,
    pub held: Held<Device>,
}

impl Named {
    /// Writes that the user signed in from it; part of the commit of the grant.
    pub fn note(&self, cx: &mut Cx<'_>) {
        let address = cx.caller().source.as_deref();
        cx.update(&self.held, &self.held.used(address, cx.now()));
    }
}

/// Whether a device stands in for a second factor that is asked for. It does not stand in for setting one up.
pub(crate) fn stands_in(pool: &Pool, device: Option<&Named>, question: &Question) -> bool {
    let replaces = pool
        .rules
        .devices
        .is_some_and(|rules| rules.replaces_factors);
    replaces && device.is_some_and(is_remembered) && !matches!(question, Question::Setup(_))
}

/// Whether a device has to prove itself.
pub(crate) fn is_remembered(device: &Named) -> bool {
    device.held.standing == Standing::Remembered
}

/// Asks a remembered device to prove itself: the last step of a sign-in, in a chain of its own.
///
/// # Errors
/// Stops the run until it is known whether such a step is under way.
pub(crate) fn ask(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    device: Option<&Named>,
    aim: Aim,
) -> Run<Option<Outcome>> {
    let Some(device) = device.filter(|device| is_remembered(device)) else {
        return Ok(None);
    };
    cx.once(|cx| {
        let key = step_key(party, &head.sub, &device.id);
        let older = cx.get::<Chain>(&key)?;
        let draw: [u8; 16] = cx.random("step of a device");
        let [first, second, third, fourth, ..] = draw;
        let chain = Chain {
            // Sessions of older steps in the same place do not fit this one.
            generation: u32::from_be_bytes([first, second, third, fourth]),
            device: Some(device.id),
            draw: Some(draw),
            aim: Some(aim),
            ..Chain::begun(&party.client.id, head, Step::Device)
        };
        let session = step_session(cx, party, &head.sub, &chain);
        cx.check(&device.held);
        cx.upsert_until(&key, older.as_ref(), &chain, Some(session.ends));
        let session = session::seal(cx, party, &session)?;
        Ok(Some(Outcome::challenge(
            "DEVICE_SRP_AUTH",
            [],
            Some(session),
        )))
    })
}

/// A Session of the step in which a device proves itself.
pub(super) fn step_session(cx: &Cx<'_>, party: &Party, sub: &Sub, chain: &Chain) -> Session {
    let (id, device) = match chain.device {
        Some(device) => (step_id(party, &device), Some(device)),
        None => ([0; 16], None),
    };
    Session {
        sub: *sub,
        chain: id,
        generation: chain.generation,
        ends: session::ends(cx, party),
        typed: None,
        device,
    }
}

/// Where the step lies in which a device proves itself: a device has one at a client, found without a Session.
pub(super) fn step_key(party: &Party, sub: &Sub, device: &DeviceId) -> Key {
    keys::chain(&party.pool.id, sub, &step_id(party, device))
}

fn step_id(party: &Party, device: &DeviceId) -> [u8; 16] {
    let hash = sha256(&[b"device", device.bytes(), party.client.id.as_bytes()]);
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    id
}
