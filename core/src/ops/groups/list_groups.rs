//! ListGroups.

use userpool_wire::idp::{ListGroupsRequest, ListGroupsResponse};

use super::group_type;
use crate::{
    engine::{Cx, Run},
    model::{group::Group, keys},
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// Lists the groups of a pool in the order of their names, at most sixty a page.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_groups(cx: &mut Cx<'_>, req: &ListGroupsRequest) -> Run<ListGroupsResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let listing = Listing {
        operation: "ListGroups",
        arguments: &[&pool.id],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(req.limit);
    let page = paging::page::<Group>(cx, &keys::groups(&pool.id), after, limit, |_| true)?;
    let groups = page.records.iter().map(|group| group_type(&pool, group));
    Ok(ListGroupsResponse {
        groups: Some(groups.collect()),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}
