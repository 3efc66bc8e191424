//! DeleteUserPoolDomain.

use userpool_wire::idp::{DeleteUserPoolDomainRequest, DeleteUserPoolDomainResponse};

use super::{find, with_domains};
use crate::{
    engine::{Cx, Run},
    model::pool::Domains,
};

/// Takes a domain from a pool: its pages and endpoints are gone, and another pool may have the name.
///
/// Refusals, in this order: unknown pool, unknown domain.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_user_pool_domain(
    cx: &mut Cx<'_>,
    req: &DeleteUserPoolDomainRequest,
) -> Run<DeleteUserPoolDomainResponse> {
    let (pool, domain) = find(cx, &req.user_pool_id, &req.domain)?;
    let Domains { prefix, custom } = pool.rules.domains.clone();
    let other = |name: &alloc::string::String| *name != req.domain;
    let left = Domains {
        prefix: prefix.filter(other),
        custom: custom.filter(other),
    };
    cx.remove(&domain);
    cx.update(&pool, &with_domains(&pool, left));
    Ok(DeleteUserPoolDomainResponse {})
}
