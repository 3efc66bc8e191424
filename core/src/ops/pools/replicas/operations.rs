//! CreateUserPoolReplica, ListUserPoolReplicas, UpdateUserPoolReplica, DeleteUserPoolReplica.

use alloc::{format, string::String, vec::Vec};

use userpool_ports::Key;
use userpool_wire::idp::{
    CreateUserPoolReplicaRequest, CreateUserPoolReplicaResponse, DeleteUserPoolReplicaRequest,
    DeleteUserPoolReplicaResponse, ListUserPoolReplicasRequest, ListUserPoolReplicasResponse,
    ReplicaRoleType, ReplicaStatusType, UpdateReplicaStatusType, UpdateUserPoolReplicaRequest,
    UpdateUserPoolReplicaResponse, UserPoolReplicaType,
};

use super::is_in_other_regions;
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{domain::Domain, keys, pool::Pool, replica::Replica},
    ops::{
        paging::Listing,
        parties,
        pools::{
            description::{self, Apart},
            invalid, tags,
            tiers::{self, Feature},
        },
    },
};

/// The most replicas of a pool.
const MAX_REPLICAS: usize = 5;

/// Gives a pool a replica in another region, which serves from the next request on.
///
/// Refusals, in this order: unknown pool, a replica (which makes none), the lowest tier, a key that other regions do not
/// have, tags that do not fit, a region that is none, or has the pool already, too many replicas, settings too large to
/// be kept.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_user_pool_replica(
    cx: &mut Cx<'_>,
    req: &CreateUserPoolReplicaRequest,
) -> Run<CreateUserPoolReplicaResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    tiers::check(&pool, &[Feature::Replicas])?;
    if !is_in_other_regions(description::settings(&pool)?.key_configuration.as_ref()) {
        return Err(invalid(
            "A replica needs KeyConfiguration with KeyType CUSTOMER_MANAGED_KEY and a multi-Region key.",
        )
        .into());
    }
    let tags = req.user_pool_tags.clone().unwrap_or_default();
    tags::check(&tags, RefusalKind::UserPoolTagging)?;
    let region = &req.region_name;
    if !is_region(region) {
        return Err(invalid("RegionName is not the name of a region.").into());
    }
    if region == pool.region() || pool.replica(region).is_some() {
        return Err(invalid(format!("The user pool is in {region} already.")).into());
    }
    let mut replicas = pool.rules.replicas.clone();
    if replicas.len() >= MAX_REPLICAS {
        let text = format!("A user pool can have at most {MAX_REPLICAS} replicas.");
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    replicas.push(Replica {
        region: region.clone(),
        active: true,
        tags,
    });
    keep(cx, &pool, replicas)?;
    Ok(CreateUserPoolReplicaResponse {
        user_pool_replica: Some(secondary(&pool, region, ReplicaStatusType::Creating)?),
    })
}

/// Lists the primary and the replicas of a pool, in one page.
///
/// Refusals, in this order: unknown pool, a token, since no page has one.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_user_pool_replicas(
    cx: &mut Cx<'_>,
    req: &ListUserPoolReplicasRequest,
) -> Run<ListUserPoolReplicasResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let listing = Listing {
        operation: "ListUserPoolReplicas",
        arguments: &[&pool.id],
    };
    let _: Option<Key> = listing.after(cx, req.next_token.as_deref())?;
    let primary = UserPoolReplicaType {
        region_name: Some(pool.region().into()),
        status: Some(ReplicaStatusType::Active),
        role: Some(ReplicaRoleType::Primary),
        user_pool_arn: description::settings(&pool)?.arn,
    };
    let others = pool.rules.replicas.iter();
    let others = others.map(|replica| secondary(&pool, &replica.region, status(replica)));
    let replicas: Run<Vec<_>> = core::iter::once(Ok(primary)).chain(others).collect();
    Ok(ListUserPoolReplicasResponse {
        user_pool_replicas: Some(replicas?),
        next_token: None,
    })
}

/// Has a replica serve, or not.
///
/// Refusals, in this order: unknown pool, no such replica.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_user_pool_replica(
    cx: &mut Cx<'_>,
    req: &UpdateUserPoolReplicaRequest,
) -> Run<UpdateUserPoolReplicaResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let mut replicas = pool.rules.replicas.clone();
    let mut changed = replicas.iter_mut();
    let changed = changed.find(|replica| replica.region == req.region_name);
    let changed = changed.ok_or_else(|| no_replica(&req.region_name))?;
    changed.active = match req.status {
        UpdateReplicaStatusType::Active => true,
        UpdateReplicaStatusType::Inactive => false,
    };
    let shown = secondary(&pool, &changed.region, status(changed))?;
    keep(cx, &pool, replicas)?;
    Ok(UpdateUserPoolReplicaResponse {
        user_pool_replica: Some(shown),
    })
}

/// Takes a replica from a pool; its region has the pool no more.
///
/// Refusals, in this order: unknown pool, a replica (which deletes none), no such replica, one that is active, one that a
/// domain fails over to.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_user_pool_replica(
    cx: &mut Cx<'_>,
    req: &DeleteUserPoolReplicaRequest,
) -> Run<DeleteUserPoolReplicaResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let region = &req.region_name;
    let replica = pool.replica(region).ok_or_else(|| no_replica(region))?;
    if replica.active {
        return Err(invalid("A replica must be INACTIVE before it is deleted.").into());
    }
    let domains = &pool.rules.domains;
    let domains = domains.prefix.iter().chain(&domains.custom);
    let domains: Vec<Key> = domains.map(|name| keys::domain(name)).collect();
    cx.want(&domains)?;
    for key in &domains {
        let Some(domain) = cx.get::<Domain>(key)? else {
            continue;
        };
        if domain
            .failover
            .as_ref()
            .is_some_and(|to| to.region == *region)
        {
            return Err(invalid("A domain of the user pool fails over to the replica.").into());
        }
        cx.check(&domain);
    }
    let mut replicas = pool.rules.replicas.clone();
    replicas.retain(|replica| replica.region != *region);
    keep(cx, &pool, replicas)?;
    Ok(DeleteUserPoolReplicaResponse {
        user_pool_replica: Some(secondary(&pool, region, ReplicaStatusType::Deleting)?),
    })
}

/// Keeps a pool with other replicas.
pub(in crate::ops::pools) fn keep(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    replicas: Vec<Replica>,
) -> Run<()> {
    let apart = Apart {
        replicas,
        ..Apart::of(pool)
    };
    let settings = description::settings(pool)?;
    description::keep_undated(cx, pool, apart, settings)
}

/// The ARN of a pool as it is in a region.
///
/// # Errors
/// A fault if the description of the pool cannot be read.
pub(in crate::ops::pools) fn arn(pool: &Pool, region: &str) -> Run<Option<String>> {
    let arn = description::settings(pool)?.arn;
    let [own, there] = [pool.region(), region].map(|region| format!(":{region}:"));
    Ok(arn.map(|arn| arn.replacen(&own, &there, 1)))
}

fn secondary(pool: &Pool, region: &str, status: ReplicaStatusType) -> Run<UserPoolReplicaType> {
    Ok(UserPoolReplicaType {
        region_name: Some(region.into()),
        status: Some(status),
        role: Some(ReplicaRoleType::Secondary),
        user_pool_arn: arn(pool, region)?,
    })
}

fn status(replica: &Replica) -> ReplicaStatusType {
    match replica.active {
        true => ReplicaStatusType::Active,
        false => ReplicaStatusType::Inactive,
    }
}

fn no_replica(region: &str) -> Refusal {
    let text = format!("The user pool has no replica in {region}.");
    Refusal::new(RefusalKind::ResourceNotFound, text)
}

/// Whether a text has the form of a region's name: at least three words, the last of them a number.
fn is_region(name: &str) -> bool {
    let words: Vec<&str> = name.split('-').collect();
    let Some((number, places)) = words.split_last() else {
        return false;
    };
    let all =
        |word: &&str, fits: fn(&u8) -> bool| !word.is_empty() && word.bytes().all(|it| fits(&it));
    places.len() >= 2
        && places.iter().all(|word| all(word, u8::is_ascii_lowercase))
        && all(number, u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::is_region;

    #[test]
    fn a_region_has_words_and_a_number() {
        for name in ["eu-west-1", "us-gov-east-1", "ap-southeast-2"] {
            assert!(is_region(name), "{name}");
        }
        for name in [
            "",
            "eu-1",
            "eu-west",
            "EU-west-1",
            "eu--1",
            "eu-west-1a",
            "eu-west_1-1",
        ] {
            assert!(!is_region(name), "{name}");
        }
    }
}
