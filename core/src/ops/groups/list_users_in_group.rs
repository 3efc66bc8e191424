//! ListUsersInGroup.

use userpool_wire::idp::{ListUsersInGroupRequest, ListUsersInGroupResponse};

use super::find;
use crate::{
    engine::{Cx, Run},
    model::{group::Member, keys, sub::uuid_text},
    ops::{
        list_users::listed::{self, Candidate},
        paging::{self, Listing},
    },
};

/// Lists the users in a group with all their attributes, at most sixty a page.
///
/// Refusals, in this order: unknown pool, unknown group, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_users_in_group(
    cx: &mut Cx<'_>,
    req: &ListUsersInGroupRequest,
) -> Run<ListUsersInGroupResponse> {
    let (pool, group) = find(cx, &req.user_pool_id, &req.group_name, &[])?;
    let id = uuid_text(&group.id);
    let listing = Listing {
        operation: "ListUsersInGroup",
        arguments: &[&pool.id, &id],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(req.limit);
    let prefix = keys::members(&pool.id, &group.id);
    let page = paging::page::<Member>(cx, &prefix, after, limit, |_| true)?;
    let members = page.records.iter();
    let members = members.filter_map(|member| keys::indexed(member.key()));
    let found = listed::load(cx, &pool, members.map(Candidate::by_sub).collect())?;
    let users = listed::shown(cx, &pool, &found, |_| true)?;
    Ok(ListUsersInGroupResponse {
        users: Some(users),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}
