//! UpdateTerms.

use userpool_wire::idp::{UpdateTermsRequest, UpdateTermsResponse};

use super::{check_links, exists, find, shown};
use crate::{
    engine::{Cx, Run, Stop},
    model::{
        keys,
        terms::{Terms, TermsName},
    },
};

/// Changes what is given of a terms document; what is omitted stays.
///
/// Refusals, in this order: unknown pool, unknown document, addresses that do not fit, another document of the
/// new name.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_terms(cx: &mut Cx<'_>, req: &UpdateTermsRequest) -> Run<UpdateTermsResponse> {
    let (pool, terms) = find(cx, &req.user_pool_id, &req.terms_id)?;
    if let Some(links) = &req.links {
        check_links(links)?;
    }
    let becomes = Terms {
        name: req.terms_name.clone().unwrap_or_else(|| terms.name.clone()),
        links: req.links.clone().unwrap_or_else(|| terms.links.clone()),
        modified: cx.now(),
        ..Terms::clone(&terms)
    };
    if becomes.name != terms.name {
        let key = |name: &str| keys::terms_name(&pool.id, &terms.client, name);
        let (old, new) = (key(&terms.name), key(&becomes.name));
        cx.want([&old, &new])?;
        match cx.get::<TermsName>(&new)? {
            // The document has the name by now: it was read before it got it.
            Some(name) if name.id == terms.id => {
                return Err(Stop::torn("the name of a terms document"));
            }
            Some(_) => return Err(exists().into()),
            None => {}
        }
        if let Some(old) = cx.get::<TermsName>(&old)? {
            cx.remove(&old);
        }
        cx.insert(&new, &TermsName { id: terms.id });
    }
    cx.update(&terms, &becomes);
    Ok(UpdateTermsResponse {
        terms: Some(shown(&pool, &becomes)),
    })
}
