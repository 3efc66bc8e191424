//! AdminUpdateUserAttributes.

use userpool_wire::idp::{AdminUpdateUserAttributesRequest, AdminUpdateUserAttributesResponse};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    ops::{
        attributes::{self, Writer},
        profile_change,
        triggers::About,
    },
};

/// Changes attributes of a user, the verified flags too; an empty value removes one.
///
/// A changed address whose flag is not set in the same request is not verified any more, and gets a code where
/// the pool verifies such addresses by itself; it waits for its code where the pool verifies before it updates.
///
/// Refusals, in this order: unknown pool, unknown user, an attribute outside the schema or that may not change
/// or of the wrong form, removing the last address that is the user's name, a preferred user name in the form of
/// an address that is an alias, a flag without its address, an address or name that somebody else signs in with,
/// a message trigger.
///
/// # Errors
/// The refusals above.
pub fn admin_update_user_attributes(
    cx: &mut Cx<'_>,
    req: &AdminUpdateUserAttributesRequest,
) -> Run<AdminUpdateUserAttributesResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[])?;
    let change = attributes::of_update(&user.pool, Writer::Administrator, &req.user_attributes)?;
    let metadata = req.client_metadata.as_deref();
    let about = About::administrators(&user.pool, &user.head.username, metadata);
    profile_change::apply(cx, about, &user.head, &user.profile, &change)?;
    Ok(AdminUpdateUserAttributesResponse::default())
}
