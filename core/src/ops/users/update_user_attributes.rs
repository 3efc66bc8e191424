//! UpdateUserAttributes.

use userpool_wire::idp::{UpdateUserAttributesRequest, UpdateUserAttributesResponse};

use super::records;
use crate::{
    engine::{Cx, Run},
    ops::{
        access,
        attributes::{self, Writer},
        profile_change,
        triggers::About,
    },
};

/// Changes attributes of the user; a new address is unverified until its code comes back, and where the pool
/// says so it counts only from then on. An empty value removes.
///
/// Refusals, in this order: those of the access token, an attribute outside the schema, one that the client
/// may not write or that may not change, a bad value, removing the last address that is the user's name, a
/// preferred user name in the form of an address that is an alias, a name or alias that somebody else has, a
/// message trigger.
///
/// # Errors
/// The refusals above.
pub fn update_user_attributes(
    cx: &mut Cx<'_>,
    req: &UpdateUserAttributesRequest,
) -> Run<UpdateUserAttributesResponse> {
    let access = access::authorize(cx, &req.access_token)?;
    let (pool, head) = (&access.party.pool, &access.head);
    let writer = Writer::Client(&access.party.client);
    let change = attributes::of_update(pool, writer, &req.user_attributes)?;
    let profile = records::profile(cx, pool, head)?;

    access.hold(cx);
    let about = About::of(&access.party, &head.username).saying(req.client_metadata.as_deref());
    let sent = profile_change::apply(cx, about, head, &profile, &change)?;
    Ok(UpdateUserAttributesResponse {
        code_delivery_details_list: Some(sent),
    })
}
