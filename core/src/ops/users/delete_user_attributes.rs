//! DeleteUserAttributes.

use userpool_wire::idp::{DeleteUserAttributesRequest, DeleteUserAttributesResponse};

use super::records;
use crate::{
    engine::{Cx, Run},
    ops::{
        access,
        attributes::{self, Change, Writer},
        profile_change,
        triggers::About,
    },
};

/// Removes attributes of the user, with what hangs on them: flags, aliases, codes on their way.
///
/// Refusals, in this order: those of the access token, attributes outside the schema, one that the client may
/// not write, one that may not change or must be there, the
/// last address that is the user's name.
///
/// # Errors
/// The refusals above.
pub fn delete_user_attributes(
    cx: &mut Cx<'_>,
    req: &DeleteUserAttributesRequest,
) -> Run<DeleteUserAttributesResponse> {
    let access = access::authorize(cx, &req.access_token)?;
    let (pool, head) = (&access.party.pool, &access.head);
    let writer = Writer::Client(&access.party.client);
    attributes::of_deletion(pool, writer, &req.user_attribute_names)?;
    let profile = records::profile(cx, pool, head)?;

    let change = Change {
        remove: req.user_attribute_names.clone(),
        ..Change::default()
    };
    access.hold(cx);
    let about = About::of(&access.party, &head.username);
    profile_change::apply(cx, about, head, &profile, &change)?;
    Ok(DeleteUserAttributesResponse {})
}
