//! ListUserPools.

use userpool_wire::{
    Timestamp,
    idp::{ListUserPoolsRequest, ListUserPoolsResponse, UserPoolDescriptionType},
};

use super::description;
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
        .map(|pool| item(pool))
        .collect::<Run<_>>()?;
    Ok(ListUserPoolsResponse {
        user_pools: Some(told),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}

fn item(pool: &Pool) -> Run<UserPoolDescriptionType> {
    let settings = description::settings(pool)?;
    Ok(UserPoolDescriptionType {
        id: settings.id,
        name: settings.name,
        lambda_config: settings.lambda_config,
        last_modified_date: Some(Timestamp::from_millis(pool.modified.millis())),
        creation_date: Some(Timestamp::from_millis(pool.created.millis())),
        ..UserPoolDescriptionType::default()
    })
}
