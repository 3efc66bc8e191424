//! CreateUserPoolDomain.

use userpool_wire::idp::{CreateUserPoolDomainRequest, CreateUserPoolDomainResponse};

use super::{
    answering_host, certificate, check_tier, failover, invalid, pages, routing, with_domains,
};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{domain::Domain, keys, pool::Domains},
    ops::parties,
};

/// Words that no prefix holds.
const RESERVED: [&str; 3] = ["aws", "amazon", "cognito"];

/// Gives a pool a domain: a prefix, or with a certificate a name of the owner's own.
///
/// Refusals, in this order: unknown pool, a failover to no replica, an unknown version of the pages, managed
/// login in the lowest tier, a name of a wrong form, a second domain of the kind, a name that a pool has.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_user_pool_domain(
    cx: &mut Cx<'_>,
    req: &CreateUserPoolDomainRequest,
) -> Run<CreateUserPoolDomainResponse> {
    let key = keys::domain(&req.domain);
    cx.want([&keys::pool(&req.user_pool_id), &key])?;
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let failover = failover(&pool, req.routing.as_ref())?;
    let pages = pages(req.managed_login_version, 1)?;
    check_tier(&pool, pages)?;
    let before = &pool.rules.domains;
    let domains = match &req.custom_domain_config {
        Some(_) => {
            check_custom(&req.domain)?;
            Domains {
                custom: Some(req.domain.clone()),
                ..before.clone()
            }
        }
        None => {
            check_prefix(&req.domain)?;
            Domains {
                prefix: Some(req.domain.clone()),
                ..before.clone()
            }
        }
    };
    let has_one = match &req.custom_domain_config {
        Some(_) => before.custom.is_some(),
        None => before.prefix.is_some(),
    };
    if has_one {
        return Err(invalid("User pool already has a domain configured.").into());
    }
    if cx.get::<Domain>(&key)?.is_some() {
        return Err(invalid("Domain already associated with another user pool.").into());
    }

    let domain = Domain {
        pool: pool.id.clone(),
        modified: cx.now(),
        pages,
        custom: req.custom_domain_config.as_ref().map(certificate),
        failover,
    };
    cx.insert(&key, &domain);
    cx.update(&pool, &with_domains(&pool, domains));
    Ok(CreateUserPoolDomainResponse {
        managed_login_version: Some(pages.into()),
        cloud_front_domain: domain.custom.is_some().then(|| answering_host(cx)),
        routing: routing(&domain),
    })
}

fn check_prefix(prefix: &str) -> Result<(), Refusal> {
    if prefix.contains('.') {
        return Err(invalid(
            "A prefix has no dots; a custom domain needs CustomDomainConfig.",
        ));
    }
    if RESERVED.iter().any(|word| prefix.contains(word)) {
        return Err(invalid("Domain cannot contain reserved word: cognito"));
    }
    Ok(())
}

/// A name of at least two labels, none of them empty or with a hyphen at an end (RFC 1123 §2.1).
fn check_custom(name: &str) -> Result<(), Refusal> {
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    if name.contains('.') && name.split('.').all(is_label) {
        Ok(())
    } else {
        Err(invalid("Custom domain is not a valid subdomain"))
    }
}
