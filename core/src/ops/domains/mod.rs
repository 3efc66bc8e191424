//! Domains of the login pages: making, describing, changing and deleting them.
//!
//! A pool has at most one prefix, a label below the host that the server is configured with, and one custom
//! domain, which is a name of the owner's own. A name belongs to one pool of the whole store.

mod create_user_pool_domain;
mod delete_user_pool_domain;
mod describe_user_pool_domain;
mod update_user_pool_domain;

pub(crate) use create_user_pool_domain::create_user_pool_domain;
pub(crate) use delete_user_pool_domain::delete_user_pool_domain;
pub(crate) use describe_user_pool_domain::describe_user_pool_domain;
pub(crate) use update_user_pool_domain::update_user_pool_domain;

use alloc::{borrow::Cow, format, string::String};

use userpool_wire::idp::{CustomDomainConfigType, FailoverType, RoutingType};

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        domain::{Certificate, Domain, Failover},
        keys,
        pool::{Domains, Pool, PoolRules},
    },
    ops::{parties, pools},
};

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// A pool and a domain of it.
///
/// # Errors
/// Refuses, in this order: unknown pool, no such domain of it.
fn find(cx: &mut Cx<'_>, pool_id: &str, name: &str) -> Run<(Held<Pool>, Held<Domain>)> {
    let key = keys::domain(name);
    cx.want([&keys::pool(pool_id), &key])?;
    let pool = parties::pool(cx, pool_id)?;
    match cx.get::<Domain>(&key)? {
        Some(domain) if domain.pool == pool.id => Ok((pool, domain)),
        _ => Err(invalid(format!("No such domain or user pool exists: {name}.")).into()),
    }
}

/// The version of the pages that a request asks for.
///
/// # Errors
/// Refuses one that there is not.
fn pages(asked: Option<i32>, before: u8) -> Result<u8, Refusal> {
    match asked {
        None => Ok(before),
        Some(1) => Ok(1),
        Some(2) => Ok(2),
        Some(_) => Err(invalid("ManagedLoginVersion must be 1 or 2.")),
    }
}

/// Managed login is not in the lowest tier.
fn check_tier(pool: &Pool, pages: u8) -> Run<()> {
    match pages {
        2 => pools::check_tier(pool, &[pools::Feature::ManagedLogin]),
        _ => Ok(()),
    }
}

/// Where a domain fails over to.
///
/// # Errors
/// Refuses a region where the pool has no replica.
fn failover(pool: &Pool, routing: Option<&RoutingType>) -> Result<Option<Failover>, Refusal> {
    let Some(asked) = routing.and_then(|routing| routing.failover.as_ref()) else {
        return Ok(None);
    };
    if pool.replica(&asked.secondary_region).is_none() {
        return Err(invalid(
            "Routing.Failover needs a replica of the user pool in SecondaryRegion.",
        ));
    }
    Ok(Some(Failover {
        region: asked.secondary_region.clone(),
        health_check: asked.primary_route53_health_check_id.clone(),
    }))
}

/// The routing of a domain as the API shows it.
fn routing(domain: &Domain) -> Option<RoutingType> {
    let failover = domain.failover.as_ref()?;
    Some(RoutingType {
        failover: Some(FailoverType {
            secondary_region: failover.region.clone(),
            primary_route53_health_check_id: failover.health_check.clone(),
        }),
    })
}

fn certificate(config: &CustomDomainConfigType) -> Certificate {
    Certificate {
        arn: config.certificate_arn.clone(),
        security_policy: config.security_policy.map(|policy| policy.as_str().into()),
    }
}

/// The pool with other domains.
fn with_domains(pool: &Pool, domains: Domains) -> Pool {
    Pool {
        rules: PoolRules {
            domains,
            ..pool.rules.clone()
        },
        ..pool.clone()
    }
}

/// The host that answers for a custom domain, told where the service tells that of its distribution.
fn answering_host(cx: &Cx<'_>) -> String {
    let base = &cx.environment().base_url;
    let host = base
        .split_once("://")
        .map_or(base.as_str(), |(_, host)| host);
    host.split([':', '/']).next().unwrap_or_default().into()
}
