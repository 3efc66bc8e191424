//! The devices of users: confirmed, shown, remembered or not, forgotten.

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        device::{Device, DeviceId, Devices, Unfit},
        keys,
        pool::{DeviceRules, Pool},
        sub::Sub,
        user::Head,
    },
};

mod confirm_device;
mod forget_device;
mod get_device;
mod list_devices;
pub(crate) mod secret;
mod shown;
mod update_device_status;

pub(crate) use confirm_device::confirm_device;
pub(crate) use forget_device::{admin_forget_device, forget_device};
pub(crate) use get_device::{admin_get_device, get_device};
pub(crate) use list_devices::{admin_list_devices, list_devices};
pub(crate) use update_device_status::{admin_update_device_status, update_device_status};

/// The refusal of a device key that no device of the user has. Clients compare this text.
pub(crate) fn unknown() -> Refusal {
    Refusal::new(RefusalKind::ResourceNotFound, "Device does not exist.")
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Confirmed => Self::new(
                RefusalKind::DeviceKeyExists,
                "A device with this key exists already.",
            ),
            Unfit::Unknown => unknown(),
        }
    }
}

/// What a pool keeps of devices.
///
/// # Errors
/// `InvalidUserPoolConfigurationException` where it keeps nothing.
fn rules(pool: &Pool) -> Result<DeviceRules, Refusal> {
    pool.rules.devices.ok_or_else(|| {
        let text = "Device tracking is not enabled for the user pool.";
        Refusal::new(RefusalKind::InvalidUserPoolConfiguration, text)
    })
}

/// The device of a key, and the list of the user's devices, read together; the list is there where a device is.
///
/// # Errors
/// Refuses a key that no device of the user has; stops the run until the records are there.
fn find(cx: &mut Cx<'_>, pool: &Pool, sub: &Sub, key: &str) -> Run<(DeviceId, Held<Device>)> {
    let id = DeviceId::parse(pool, key).ok_or_else(unknown)?;
    let place = keys::device(&pool.id, sub, &id);
    cx.want([&place, &keys::device_list(&pool.id, sub)])?;
    let device = cx.get::<Device>(&place)?.ok_or_else(unknown)?;
    Ok((id, device))
}

/// Writes the list of a user's devices. The head is written too, so that a deletion of the user that saw no list does
/// not land after this.
fn keep_list(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Held<Head>,
    held: Option<&Held<Devices>>,
    becomes: &Devices,
) {
    cx.update(head, &Head::clone(head));
    let key = keys::device_list(&pool.id, &head.sub);
    cx.upsert_until(&key, held, becomes, None);
}
