//! ConfirmDevice.

use alloc::{sync::Arc, vec::Vec};

use userpool_crypto::srp::DeviceConfig;
use userpool_ports::Key;
use userpool_wire::idp::{
    ConfirmDeviceRequest, ConfirmDeviceResponse, DeviceSecretVerifierConfigType,
};

use super::{keep_list, rules, secret};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        attempts::Attempts,
        device::{Device, DeviceId, Devices, Standing, State, Tracked},
        grant::Grant,
        keys,
        pool::Pool,
        sub::Sub,
    },
    ops::access::authorize_beside,
};

/// Makes a device known whose key was given out with the sign-in of the access token: keeps the verifier of its
/// secret, once.
///
/// A user has fifty devices at most; a further one takes the place of the one that was quiet for longest.
///
/// Refusals, in this order: those of the access token, a pool that tracks no devices, another key than that of the
/// sign-in, a device that was confirmed before, one that was forgotten, no verifier or none that can be kept.
///
/// # Errors
/// The refusals above.
pub(crate) fn confirm_device(
    cx: &mut Cx<'_>,
    req: &ConfirmDeviceRequest,
) -> Run<ConfirmDeviceResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::device_list])?;
    let (pool, head, grant) = (&access.party.pool, &access.head, &access.grant);
    let rules = rules(pool)?;
    let id = DeviceId::parse(pool, &req.device_key)
        .filter(|_| grant.device.as_deref() == Some(&*req.device_key))
        .ok_or_else(wrong_key)?;
    let place = keys::device(&pool.id, &head.sub, &id);
    let tracked = match grant.device_is_new {
        true => Tracked::Here,
        false => Tracked::Elsewhere,
    };
    let held = cx.get::<Device>(&place)?;
    let state = State::of(held.as_deref(), tracked);
    let standing = state.confirmed(rules).map_err(Refusal::from)?;
    let config = cx.once(|_| config(req.device_secret_verifier_config.as_ref()))?;
    let (verifier, powers) = secret::seal(cx, pool, &place, &config)?;
    let now = cx.now();
    let device = Device {
        standing,
        salt: config.salt().to_vec(),
        verifier,
        powers,
        name: req.device_name.clone(),
        created: now,
        modified: now,
        authenticated: grant.signed_in,
        address: cx.caller().source.clone(),
        software: cx.caller().user_agent.clone(),
        attempts: Attempts::default(),
    };
    let list = cx.get::<Devices>(&keys::device_list(&pool.id, &head.sub))?;
    let mut becomes = list.as_deref().cloned().unwrap_or_default();
    if becomes.are_full() {
        let (quiet, held) = quietest(cx, pool, &head.sub, &becomes)?;
        becomes = becomes.without(&quiet);
        if let Some(held) = held {
            cx.remove(&held);
        }
    }
    access.hold(cx);
    cx.insert(&place, &device);
    keep_list(cx, pool, head, list.as_ref(), &becomes.with(id));
    let confirmed = Grant {
        device_is_new: false,
        ..Grant::clone(grant)
    };
    cx.update_until(grant, &confirmed, Some(confirmed.ends));
    Ok(ConfirmDeviceResponse {
        user_confirmation_necessary: Some(standing == Standing::NotRemembered),
    })
}

/// The verifier and salt of a request.
fn config(given: Option<&DeviceSecretVerifierConfigType>) -> Run<Arc<DeviceConfig>> {
    let texts = given.and_then(|given| {
        let verifier = given.password_verifier.as_ref()?;
        Some((verifier, given.salt.as_ref()?))
    });
    let config = texts.and_then(|(verifier, salt)| DeviceConfig::parse(verifier, salt).ok());
    config.map(Arc::new).ok_or_else(|| {
        let text = "Invalid device secret verifier config given.";
        Refusal::new(RefusalKind::InvalidParameter, text).into()
    })
}

/// The device from which the user has not signed in for longest.
fn quietest(
    cx: &mut Cx<'_>,
    pool: &Pool,
    sub: &Sub,
    devices: &Devices,
) -> Run<(DeviceId, Option<Held<Device>>)> {
    let all: Vec<Key> = devices
        .ids()
        .iter()
        .map(|id| keys::device(&pool.id, sub, id))
        .collect();
    cx.want(&all)?;
    let mut found = Vec::with_capacity(all.len());
    for (id, key) in devices.ids().iter().zip(&all) {
        found.push((*id, cx.get::<Device>(key)?));
    }
    let used =
        |(_, held): &(DeviceId, Option<Held<Device>>)| held.as_ref().map(|held| held.authenticated);
    let quietest = found.into_iter().min_by_key(used);
    Ok(quietest.expect("a full list has entries"))
}

fn wrong_key() -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, "Invalid device key given.")
}
