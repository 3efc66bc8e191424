//! ListResourceServers.

use userpool_wire::idp::{ListResourceServersRequest, ListResourceServersResponse};

use super::shown;
use crate::{
    engine::{Cx, Run},
    model::{keys, resource_server::ResourceServer},
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// The greatest size of a page.
const MAX_PAGE: usize = 50;

/// Lists the resource servers of a pool in the order of their identifiers, at most fifty a page.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_resource_servers(
    cx: &mut Cx<'_>,
    req: &ListResourceServersRequest,
) -> Run<ListResourceServersResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let listing = Listing {
        operation: "ListResourceServers",
        arguments: &[&pool.id],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(req.max_results).min(MAX_PAGE);
    let prefix = keys::resource_servers(&pool.id);
    let page = paging::page::<ResourceServer>(cx, &prefix, after, limit, |_| true)?;
    let servers = page.records.iter().map(|server| shown(&pool, server));
    Ok(ListResourceServersResponse {
        resource_servers: servers.collect(),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}
