//! ListUserPools.

use alloc::{string::String, vec::Vec};

use userpool_wire::{
    Timestamp,
    idp::{ListUserPoolsRequest, ListUserPoolsResponse, StatusType, UserPoolDescriptionType},
};

use super::{description, replicas};
use crate::{
    engine::{Cx, Run},
    model::{keys, pool::Pool},
    ops::paging::{self, Listing},
};

/// Lists the user pools in the order of their ids.
///
/// Refusals: a token that this list did not give.
pub(crate) fn list_user_pools(
    cx: &mut Cx<'_>,
    request: &ListUserPoolsRequest,
) -> Run<ListUserPoolsResponse> {
    let listing = Listing {
        operation: "ListUserPools",
        arguments: &[],
    };
    let after = listing.after(cx, request.next_token.as_deref())?;
    let limit = usize::try_from(request.max_results)
        .unwrap_or(0)
        .clamp(1, 60);
    let page = paging::page::<Pool>(cx, &keys::pools(), after, limit, |pool| !pool.deleting)?;
    let told = page
        .records
        .iter()
        .map(|pool| item(cx, pool))
        .collect::<Run<_>>()?;
    Ok(ListUserPoolsResponse {
        user_pools: Some(told),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}

/// A pool as the list tells it. Of one that has replicas also in which regions it is, the primary's first, and whether
/// that of the request serves it.
fn item(cx: &Cx<'_>, pool: &Pool) -> Run<UserPoolDescriptionType> {
    let settings = description::settings(pool)?;
    let replicas = pool.rules.replicas.iter();
    let regions = replicas.map(|replica| replica.region.as_str());
    let regions: Vec<String> = core::iter::once(pool.region())
        .chain(regions)
        .map(String::from)
        .collect();
    let is_replicated = regions.len() > 1;
    let status = match replicas::here(cx, pool) {
        Some(replica) if !replica.active => StatusType::Disabled,
        Some(_) | None => StatusType::Enabled,
    };
    Ok(UserPoolDescriptionType {
        id: settings.id,
        name: settings.name,
        lambda_config: settings.lambda_config,
        last_modified_date: Some(Timestamp::from_millis(pool.modified.millis())),
        creation_date: Some(Timestamp::from_millis(pool.created.millis())),
        status: is_replicated.then_some(status),
        replica_regions: is_replicated.then_some(regions),
    })
}
