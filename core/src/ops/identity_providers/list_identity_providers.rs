//! ListIdentityProviders.

use userpool_wire::{
    Timestamp,
    idp::{ListIdentityProvidersRequest, ListIdentityProvidersResponse, ProviderDescription},
};

use super::kinds;
use crate::{
    engine::{Cx, Run},
    model::{identity_provider::IdentityProvider, keys},
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// Lists the identity providers of a pool in the order of their names, at most sixty a page.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_identity_providers(
    cx: &mut Cx<'_>,
    req: &ListIdentityProvidersRequest,
) -> Run<ListIdentityProvidersResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let listing = Listing {
        operation: "ListIdentityProviders",
        arguments: &[&pool.id],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let prefix = keys::identity_providers(&pool.id);
    let limit = paging::limit(req.max_results);
    let page = paging::page::<IdentityProvider>(cx, &prefix, after, limit, |_| true)?;
    let told = page.records.iter().map(|provider| ProviderDescription {
        provider_name: Some(provider.name.clone()),
        provider_type: Some(kinds::shown(provider.kind)),
        last_modified_date: Some(Timestamp::from_millis(provider.modified.millis())),
        creation_date: Some(Timestamp::from_millis(provider.created.millis())),
    });
    Ok(ListIdentityProvidersResponse {
        providers: told.collect(),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}
