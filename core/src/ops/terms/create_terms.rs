//! CreateTerms.

use userpool_wire::idp::{CreateTermsRequest, CreateTermsResponse};

use super::{check_links, exists, shown};
use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        sub::uuid_v4,
        terms::{Terms, TermsName},
    },
    ops::parties::{self, Party},
};

/// Gives an app client a terms document.
///
/// Refusals, in this order: unknown pool, unknown client, addresses that do not fit, a document of this name.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_terms(cx: &mut Cx<'_>, req: &CreateTermsRequest) -> Run<CreateTermsResponse> {
    let (pool_id, client_id) = (&req.user_pool_id, req.client_id.as_str());
    let name_key = keys::terms_name(pool_id, client_id, &req.terms_name);
    cx.want([&keys::pool(pool_id), &keys::client(client_id), &name_key])?;
    let Party { pool, client, .. } = parties::client_in_pool(cx, pool_id, client_id)?;
    let links = req.links.clone().unwrap_or_default();
    check_links(&links)?;
    if cx.get::<TermsName>(&name_key)?.is_some() {
        return Err(exists().into());
    }
    let terms = Terms {
        id: uuid_v4(cx.random("terms id")),
        client: client_id.into(),
        name: req.terms_name.clone(),
        links,
        created: cx.now(),
        modified: cx.now(),
    };
    cx.check(&pool);
    cx.check(&client);
    cx.insert(&name_key, &TermsName { id: terms.id });
    cx.insert(&keys::terms(pool_id, &terms.id), &terms);
    Ok(CreateTermsResponse {
        terms: Some(shown(&pool, &terms)),
    })
}
