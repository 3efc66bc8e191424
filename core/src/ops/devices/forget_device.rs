//! ForgetDevice and AdminForgetDevice.

use userpool_wire::{
    Empty,
    idp::{AdminForgetDeviceRequest, ForgetDeviceRequest},
};

use super::{find, keep_list, rules};
use crate::{
    engine::{Cx, Held, Refusal, Run},
    model::{
        device::{Devices, State, Tracked},
        keys,
        pool::Pool,
        user::Head,
    },
    ops::{access, parties},
};

/// Forgets a device of the user that an access token speaks for: it stands in for nothing any more, and its refresh
/// tokens are good for nothing.
///
/// Access tokens from it are good until they end: forgetting a device says who need not be asked for a second factor,
/// not who is signed in, and the service's tokens outlive their device too. A user who has lost one signs out, or ends
/// its session.
///
/// Refusals, in this order: no access token, those of the access token, a pool that tracks no devices, an unknown
/// device key.
///
/// # Errors
/// The refusals above.
pub(crate) fn forget_device(cx: &mut Cx<'_>, req: &ForgetDeviceRequest) -> Run<Empty> {
    let access = access::authorize_optional(cx, req.access_token.as_ref())?;
    access.hold(cx);
    forget(cx, &access.party.pool, &access.head, &req.device_key)?;
    Ok(Empty {})
}

/// As ForgetDevice, for any user.
///
/// Refusals, in this order: unknown pool, unknown user, a pool that tracks no devices, an unknown device key.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_forget_device(cx: &mut Cx<'_>, req: &AdminForgetDeviceRequest) -> Run<Empty> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    forget(cx, &pool, &head, &req.device_key)?;
    Ok(Empty {})
}

fn forget(cx: &mut Cx<'_>, pool: &Pool, head: &Held<Head>, key: &str) -> Run<()> {
    rules(pool)?;
    let (id, device) = find(cx, pool, &head.sub, key)?;
    State::of(Some(&device), Tracked::Elsewhere)
        .forgotten()
        .map_err(Refusal::from)?;
    cx.remove(&device);
    let list = cx.get::<Devices>(&keys::device_list(&pool.id, &head.sub))?;
    let becomes = list.as_deref().map(|list| list.without(&id));
    keep_list(cx, pool, head, list.as_ref(), &becomes.unwrap_or_default());
    Ok(())
}
