//! ListUserPoolClients.

use userpool_wire::idp::{
    ClientTypeType, ListUserPoolClientsRequest, ListUserPoolClientsResponse,
    UserPoolClientDescription,
};

use crate::{
    engine::{Cx, Run},
    model::{client::ListedClient, keys},
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// Lists the app clients of a user pool in the order of their ids, at most sixty a page.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
pub(crate) fn list_user_pool_clients(
    cx: &mut Cx<'_>,
    request: &ListUserPoolClientsRequest,
) -> Run<ListUserPoolClientsResponse> {
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let client_type = request.client_type.map_or("", ClientTypeType::as_str);
    let listing = Listing {
        operation: "ListUserPoolClients",
        arguments: &[&pool.id, client_type],
    };
    let after = listing.after(cx, request.next_token.as_deref())?;
    let is_asked = |client: &ListedClient| {
        let kind = match client.registered {
            true => ClientTypeType::Dcr,
            false => ClientTypeType::Regular,
        };
        request.client_type.is_none_or(|asked| asked == kind)
    };
    let limit = usize::try_from(request.max_results.unwrap_or(60)).unwrap_or(0);
    let prefix = keys::clients_of_pool(&pool.id);
    let page = paging::page::<ListedClient>(cx, &prefix, after, limit.clamp(1, 60), is_asked)?;
    let told = page.records.iter().map(|client| UserPoolClientDescription {
        client_id: Some(client.id.clone().into()),
        user_pool_id: Some(pool.id.clone()),
        client_name: Some(client.name.clone()),
    });
    Ok(ListUserPoolClientsResponse {
        user_pool_clients: Some(told.collect()),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}
