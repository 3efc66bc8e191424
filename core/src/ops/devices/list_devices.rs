//! ListDevices and AdminListDevices.

use alloc::{string::ToString, vec::Vec};

use userpool_wire::idp::{
    AdminListDevicesRequest, AdminListDevicesResponse, DeviceType, ListDevicesRequest,
    ListDevicesResponse,
};

use super::shown;
use crate::{
    engine::{Cx, Run},
    model::{
        device::{Device, DeviceId},
        keys,
        pool::Pool,
        user::Head,
    },
    ops::{
        access,
        paging::{self, Listing},
        parties,
    },
};

/// Lists the devices of the user that an access token speaks for, at most sixty a page; a pool that tracks none has
/// none.
///
/// Refusals, in this order: those of the access token, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_devices(cx: &mut Cx<'_>, req: &ListDevicesRequest) -> Run<ListDevicesResponse> {
    let access = access::authorize(cx, &req.access_token)?;
    let (pool, head) = (&access.party.pool, &access.head);
    let page = Asked {
        operation: "ListDevices",
        limit: req.limit,
        token: req.pagination_token.as_deref(),
    };
    let (devices, pagination_token) = page.read(cx, pool, head, |_, id, device| {
        shown::to_user(pool, id, device)
    })?;
    Ok(ListDevicesResponse {
        devices: Some(devices),
        pagination_token,
    })
}

/// Lists the devices of any user, with what only administrators see, at most sixty a page.
///
/// Refusals, in this order: unknown pool, unknown user, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_list_devices(
    cx: &mut Cx<'_>,
    req: &AdminListDevicesRequest,
) -> Run<AdminListDevicesResponse> {
    let pool = &parties::pool(cx, &req.user_pool_id)?;
    let head = &parties::known_user(cx, pool, &req.username)?;
    let page = Asked {
        operation: "AdminListDevices",
        limit: req.limit,
        token: req.pagination_token.as_deref(),
    };
    let (devices, pagination_token) = page.read(cx, pool, head, |cx, id, device| {
        shown::to_administrators(cx, pool, head, id, device)
    })?;
    Ok(AdminListDevicesResponse {
        devices: Some(devices),
        pagination_token,
    })
}

/// A page that is asked for.
struct Asked<'r> {
    operation: &'static str,
    limit: Option<i32>,
    token: Option<&'r str>,
}

impl Asked<'_> {
    /// The devices of the page, and the token of the one that follows.
    fn read(
        &self,
        cx: &mut Cx<'_>,
        pool: &Pool,
        head: &Head,
        shown: impl Fn(&Cx<'_>, DeviceId, &Device) -> DeviceType,
    ) -> Run<(Vec<DeviceType>, Option<alloc::string::String>)> {
        let sub = head.sub.to_string();
        let listing = Listing {
            operation: self.operation,
            arguments: &[&pool.id, &sub],
        };
        let after = listing.after(cx, self.token)?;
        if pool.rules.devices.is_none() {
            return Ok((Vec::new(), None));
        }
        let prefix = keys::devices(&pool.id, &head.sub);
        let limit = paging::limit(self.limit);
        let page = paging::page::<Device>(cx, &prefix, after, limit, |_| true)?;
        let devices = page.records.iter().filter_map(|held| {
            let id = keys::device_in(held.key())?;
            Some(shown(cx, id, held))
        });
        let devices = devices.collect();
        Ok((devices, listing.token(cx, page.after.as_ref())))
    }
}
