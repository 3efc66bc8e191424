//! UpdateUserPoolDomain.

use userpool_wire::idp::{UpdateUserPoolDomainRequest, UpdateUserPoolDomainResponse};

use super::{answering_host, certificate, check_tier, failover, find, invalid, pages, routing};
use crate::{
    engine::{Cx, Run},
    model::domain::Domain,
};

/// Changes the certificate of a domain, which pages it has, and where it fails over to (`Routing` without `Failover` is
/// nowhere); its name stays.
///
/// Refusals, in this order: unknown pool, unknown domain, a failover to no replica, an unknown version of the pages, managed
/// login in the lowest tier, a certificate for a prefix.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_user_pool_domain(
    cx: &mut Cx<'_>,
    req: &UpdateUserPoolDomainRequest,
) -> Run<UpdateUserPoolDomainResponse> {
    let (pool, domain) = find(cx, &req.user_pool_id, &req.domain)?;
    let failover = match &req.routing {
        Some(asked) => failover(&pool, Some(asked))?,
        None => domain.failover.clone(),
    };
    let pages = pages(req.managed_login_version, domain.pages)?;
    check_tier(&pool, pages)?;
    let custom = match (&domain.custom, &req.custom_domain_config) {
        (None, Some(_)) => {
            return Err(invalid("CustomDomainConfig cannot be set for a prefix domain.").into());
        }
        (Some(_), Some(config)) => Some(certificate(config)),
        (before, None) => before.clone(),
    };
    let changed = Domain {
        modified: cx.now(),
        pages,
        custom,
        failover,
        ..Domain::clone(&domain)
    };
    cx.check(&pool);
    cx.update(&domain, &changed);
    Ok(UpdateUserPoolDomainResponse {
        managed_login_version: Some(pages.into()),
        cloud_front_domain: changed.custom.is_some().then(|| answering_host(cx)),
        routing: routing(&changed),
    })
}
