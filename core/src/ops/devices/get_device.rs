//! GetDevice and AdminGetDevice.

use userpool_wire::idp::{
    AdminGetDeviceRequest, AdminGetDeviceResponse, GetDeviceRequest, GetDeviceResponse,
};

use super::{find, rules, shown};
use crate::{
    engine::{Cx, Run},
    ops::{access, parties},
};

/// A device of the user that an access token speaks for.
///
/// Refusals, in this order: no access token, those of the access token, a pool that tracks no devices, an unknown
/// device key.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_device(cx: &mut Cx<'_>, req: &GetDeviceRequest) -> Run<GetDeviceResponse> {
    let access = access::authorize_optional(cx, req.access_token.as_ref())?;
    let pool = &access.party.pool;
    rules(pool)?;
    let (id, device) = find(cx, pool, &access.head.sub, &req.device_key)?;
    Ok(GetDeviceResponse {
        device: shown::to_user(pool, id, &device),
    })
}

/// A device of any user, with what only administrators see.
///
/// Refusals, in this order: unknown pool, unknown user, a pool that tracks no devices, an unknown device key.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_get_device(
    cx: &mut Cx<'_>,
    req: &AdminGetDeviceRequest,
) -> Run<AdminGetDeviceResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    rules(&pool)?;
    let (id, device) = find(cx, &pool, &head.sub, &req.device_key)?;
    Ok(AdminGetDeviceResponse {
        device: shown::to_administrators(cx, &pool, &head, id, &device),
    })
}
