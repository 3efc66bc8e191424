//! The verifiers of devices, sealed and opened as those of passwords are.

use alloc::{sync::Arc, vec::Vec};

use userpool_crypto::{secret::SecretBytes, srp::DeviceConfig};
use userpool_ports::Key;

use crate::{
    engine::{Cx, Done, Fault, Held, Run, Work},
    model::{device::Device, pool::Pool},
};

/// The purpose under which verifiers of devices are sealed.
pub(crate) const PURPOSE: &str = "device verifier";
/// The field of a verifier.
pub(crate) const VERIFIER: &str = "verifier";
/// The field of its powers.
pub(crate) const POWERS: &str = "powers";

/// Seals the verifier that a client made, and its powers, for the record of a device.
///
/// # Errors
/// Stops the run until the powers are made.
pub(super) fn seal(
    cx: &mut Cx<'_>,
    pool: &Pool,
    key: &Key,
    config: &DeviceConfig,
) -> Run<(Vec<u8>, Option<Vec<u8>>)> {
    cx.once(|cx| {
        let verifier = Arc::new(SecretBytes::new(config.verifier().bytes().to_vec()));
        let sealed = cx.seal(PURPOSE, &pool.id, key, VERIFIER, verifier.expose());
        let Done::Powers(powers) = cx.work(Work::MakePowers { verifier })? else {
            return Err(Fault::new("a worker's answer").into());
        };
        let powers = cx.seal(PURPOSE, &pool.id, key, POWERS, powers.expose());
        Ok((sealed, Some(powers)))
    })
}

/// The verifier of a device, opened.
///
/// # Errors
/// A fault if it cannot be opened.
pub(crate) fn verifier(
    cx: &mut Cx<'_>,
    pool: &Pool,
    device: &Held<Device>,
) -> Run<Arc<SecretBytes>> {
    cx.open(PURPOSE, &pool.id, device.key(), VERIFIER, &device.verifier)
}

/// The stored powers of the verifier of a device, opened; `None` where there are none.
///
/// # Errors
/// A fault if they cannot be opened.
pub(crate) fn powers(
    cx: &mut Cx<'_>,
    pool: &Pool,
    device: &Held<Device>,
) -> Run<Option<Arc<SecretBytes>>> {
    let Some(sealed) = &device.powers else {
        return Ok(None);
    };
    let opened = cx.open(PURPOSE, &pool.id, device.key(), POWERS, sealed)?;
    Ok(Some(opened))
}
