//! DeleteTerms.

use userpool_wire::{Empty, idp::DeleteTermsRequest};

use super::{NAMES, find};
use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        terms::{Terms, TermsName},
    },
};

/// Deletes a terms document.
///
/// Refusals, in this order: unknown pool, unknown document.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_terms(cx: &mut Cx<'_>, req: &DeleteTermsRequest) -> Run<Empty> {
    let (pool, terms) = find(cx, &req.user_pool_id, &req.terms_id)?;
    let name = keys::terms_name(&pool.id, &terms.client, &terms.name);
    if let Some(name) = cx.get::<TermsName>(&name)? {
        cx.remove(&name);
    }
    cx.remove(&terms);
    Ok(Empty {})
}

/// Removes the terms documents of an app client that is being deleted.
///
/// # Errors
/// Stops the run until they are there.
pub(crate) fn forget(cx: &mut Cx<'_>, pool: &str, client: &str) -> Run<()> {
    let keys = NAMES.map(|name| keys::terms_name(pool, client, name));
    cx.want(&keys)?;
    for key in &keys {
        let Some(name) = cx.get::<TermsName>(key)? else {
            continue;
        };
        if let Some(terms) = cx.get::<Terms>(&keys::terms(pool, &name.id))? {
            cx.remove(&terms);
        }
        cx.remove(&name);
    }
    Ok(())
}
