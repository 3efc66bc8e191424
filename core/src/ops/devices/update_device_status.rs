//! UpdateDeviceStatus and AdminUpdateDeviceStatus.

use userpool_wire::idp::{
    AdminUpdateDeviceStatusRequest, AdminUpdateDeviceStatusResponse, DeviceRememberedStatusType,
    UpdateDeviceStatusRequest, UpdateDeviceStatusResponse,
};

use super::{find, rules};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{
        device::{Device, Standing, State, Tracked},
        pool::Pool,
        user::Head,
    },
    ops::{access, parties},
};

/// Says whether a device of the user that an access token speaks for is remembered; nothing said changes nothing.
///
/// Refusals, in this order: those of the access token, a pool that tracks no devices, an unknown device key.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_device_status(
    cx: &mut Cx<'_>,
    req: &UpdateDeviceStatusRequest,
) -> Run<UpdateDeviceStatusResponse> {
    let access = access::authorize(cx, &req.access_token)?;
    let (pool, head) = (&access.party.pool, &access.head);
    access.hold(cx);
    tell(
        cx,
        pool,
        head,
        &req.device_key,
        req.device_remembered_status,
    )?;
    Ok(UpdateDeviceStatusResponse {})
}

/// As UpdateDeviceStatus, for any user.
///
/// Refusals, in this order: unknown pool, unknown user, a pool that tracks no devices, an unknown device key.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_update_device_status(
    cx: &mut Cx<'_>,
    req: &AdminUpdateDeviceStatusRequest,
) -> Run<AdminUpdateDeviceStatusResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    cx.check(&head);
    tell(
        cx,
        &pool,
        &head,
        &req.device_key,
        req.device_remembered_status,
    )?;
    Ok(AdminUpdateDeviceStatusResponse {})
}

fn tell(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    key: &str,
    word: Option<DeviceRememberedStatusType>,
) -> Run<()> {
    rules(pool)?;
    let (_, device) = find(cx, pool, &head.sub, key)?;
    let word = match word {
        Some(DeviceRememberedStatusType::Remembered) => Standing::Remembered,
        Some(DeviceRememberedStatusType::NotRemembered) => Standing::NotRemembered,
        None => device.standing,
    };
    let state = State::of(Some(&device), Tracked::Elsewhere);
    let standing = state.told(word).map_err(Refusal::from)?;
    if standing != device.standing {
        let becomes = Device {
            standing,
            modified: cx.now(),
            ..Device::clone(&device)
        };
        cx.update(&device, &becomes);
    }
    Ok(())
}
