//! AdminListGroupsForUser.

use alloc::{string::ToString, vec::Vec};

use userpool_ports::Key;
use userpool_wire::idp::{AdminListGroupsForUserRequest, AdminListGroupsForUserResponse};

use super::{group_type, memberships};
use crate::{
    engine::{Cx, Run},
    model::{group::Memberships, keys},
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// Lists the groups of a user in the order of their names, at most sixty a page.
///
/// Refusals, in this order: unknown pool, unknown user, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_list_groups_for_user(
    cx: &mut Cx<'_>,
    req: &AdminListGroupsForUserRequest,
) -> Run<AdminListGroupsForUserResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::user_and(cx, &pool, &req.username, |sub| {
        [keys::memberships(&pool.id, sub)]
    })?;
    let head = head.ok_or_else(parties::no_user)?;
    let sub = head.sub.to_string();
    let listing = Listing {
        operation: "AdminListGroupsForUser",
        arguments: &[&pool.id, &sub],
    };
    // The names are what this list goes on after; its records lie in one.
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(req.limit);

    let held = cx.get::<Memberships>(&keys::memberships(&pool.id, &head.sub))?;
    let all = held.as_ref().map_or(&[][..], |held| held.all());
    let told = after.as_ref().map_or(0, |after| {
        all.partition_point(|held| held.name.as_bytes() <= after.as_bytes())
    });
    let mut groups = memberships::groups(cx, &pool.id, &all[told..])?;
    let is_last = groups.len() <= limit;
    groups.truncate(limit);
    let after = groups.last().filter(|_| !is_last);
    let after = after.map(|group| Key::new(group.name.as_bytes()));
    let groups: Vec<_> = groups
        .iter()
        .map(|group| group_type(&pool, group))
        .collect();
    Ok(AdminListGroupsForUserResponse {
        groups: Some(groups),
        next_token: listing.token(cx, after.as_ref()),
    })
}
