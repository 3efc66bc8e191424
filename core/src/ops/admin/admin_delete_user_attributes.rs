//! AdminDeleteUserAttributes.

use userpool_wire::idp::{AdminDeleteUserAttributesRequest, AdminDeleteUserAttributesResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    ops::{
        attributes::{self, Change, Writer},
        profile_change,
        triggers::About,
    },
};

/// Removes attributes of a user; those that the user does not have are no error. The verified flag of an
/// address goes with it.
///
/// Refusals, in this order: unknown pool, unknown user, names outside the schema (all told), an attribute that
/// may not change or must be there, the last address that is the user's name.
///
/// # Errors
/// The refusals above.
pub fn admin_delete_user_attributes(
    cx: &mut Cx<'_>,
    req: &AdminDeleteUserAttributesRequest,
) -> Run<AdminDeleteUserAttributesResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[])?;
    let names = &req.user_attribute_names;
    attributes::of_deletion(&user.pool, Writer::Administrator, names)?;
    let change = Change {
        remove: names.clone(),
        ..Change::default()
    };
    let about = About::administrators(&user.pool, &user.head.username, None);
    profile_change::apply(cx, about, &user.head, &user.profile, &change)?;
    Ok(AdminDeleteUserAttributesResponse::default())
}
