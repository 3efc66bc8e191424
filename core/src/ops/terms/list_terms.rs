//! ListTerms.

use userpool_wire::{
    Timestamp,
    idp::{ListTermsRequest, ListTermsResponse, TermsDescriptionType, TermsEnforcementType},
};

use crate::{
    engine::{Cx, Run},
    model::{keys, sub::uuid_text, terms::Terms},
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// Lists the terms documents of a pool in the order of their ids, at most sixty a page.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_terms(cx: &mut Cx<'_>, req: &ListTermsRequest) -> Run<ListTermsResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let listing = Listing {
        operation: "ListTerms",
        arguments: &[&pool.id],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(req.max_results);
    let page = paging::page::<Terms>(cx, &keys::all_terms(&pool.id), after, limit, |_| true)?;
    let told = page.records.iter().map(|terms| TermsDescriptionType {
        terms_id: uuid_text(&terms.id),
        terms_name: terms.name.clone(),
        enforcement: TermsEnforcementType::None,
        creation_date: Timestamp::from_millis(terms.created.millis()),
        last_modified_date: Timestamp::from_millis(terms.modified.millis()),
    });
    Ok(ListTermsResponse {
        terms: told.collect(),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}
