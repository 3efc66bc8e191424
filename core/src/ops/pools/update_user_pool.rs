//! UpdateUserPool.

use alloc::vec::Vec;

use userpool_wire::idp::{
    UpdateUserPoolRequest, UpdateUserPoolResponse, UserPoolTierType, UserPoolType,
};

use super::{
    description::{self, Apart},
    invalid, mfa_config, replicas,
    settings::{complete, given},
    tiers::{self, Feature},
};
use crate::{
    engine::{Cx, Run},
    model::{domain::Domain, keys, pool::Domains},
    ops::{imports, parties},
};

/// Replaces all settings of a user pool that may change: what is omitted gets its default.
///
/// The name, which has no default, and `DcrConfiguration` stay when they are omitted; the schema, aliases,
/// user name attributes and case sensitivity always do, and so do the second factors that only SetUserPoolMfaConfig sets.
///
/// Refusals, in this order: an import that makes users in it, unknown pool, settings that do not fit, a key that the regions
/// of its replicas do not have, a lower tier than what other operations gave the pool needs, settings too large to be
/// kept.
pub(crate) fn update_user_pool(
    cx: &mut Cx<'_>,
    request: &UpdateUserPoolRequest,
) -> Run<UpdateUserPoolResponse> {
    imports::refuse_while_importing(cx, &request.user_pool_id)?;
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let before = description::settings(&pool)?;
    let tier = before.user_pool_tier;

    let mut given = given!(request);
    given.dcr_configuration = given.dcr_configuration.or(before.dcr_configuration);
    let settings = UserPoolType {
        id: before.id,
        arn: before.arn,
        name: request.pool_name.clone().or(before.name),
        alias_attributes: before.alias_attributes,
        username_attributes: before.username_attributes,
        username_configuration: before.username_configuration,
        ..complete(given)?
    };
    let key = settings.key_configuration.as_ref();
    if !pool.rules.replicas.is_empty() && !replicas::is_in_other_regions(key) {
        return Err(invalid("A user pool with replicas needs a multi-Region key.").into());
    }
    let schema = pool.rules.schema.clone();
    let apart = Apart {
        factors: mfa_config::following(&settings, pool.rules.factors.clone()),
        ..Apart::of(&pool)
    };
    if settings.user_pool_tier != tier {
        check_tier(cx, &settings, &apart)?;
    }
    let changed = description::keep(&pool.id, pool.created, cx.now(), schema, apart, settings)?;

    cx.update(&pool, &changed);
    Ok(UpdateUserPoolResponse {})
}

/// Refuses a tier without what other operations gave the pool.
fn check_tier(cx: &mut Cx<'_>, settings: &UserPoolType, apart: &Apart) -> Run<()> {
    let tier = settings.user_pool_tier;
    let mut used = tiers::of_apart(apart);
    let Domains { prefix, custom } = &apart.domains;
    let domains = [prefix, custom].into_iter().flatten();
    let domains: Vec<_> = domains.map(|name| keys::domain(name)).collect();
    cx.want(&domains)?;
    for domain in &domains {
        if cx
            .get::<Domain>(domain)?
            .is_some_and(|domain| domain.pages == 2)
        {
            used.push(Feature::ManagedLogin);
        }
    }
    used.dedup();
    Ok(tiers::check_change(
        tier.unwrap_or(UserPoolTierType::Essentials),
        &used,
    )?)
}
