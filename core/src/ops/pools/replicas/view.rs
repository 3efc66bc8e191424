//! In which region a request sees a pool, and what may be done there.

use alloc::{format, string::String};

use crate::{
    engine::{Cx, Refusal, RefusalKind},
    model::{pool::Pool, replica::Replica},
};

/// What an active replica serves, in the order of the names. All else is for the primary.
const SERVED: [&str; 57] = [
    "AdminGetDevice",
    "AdminGetUser",
    "AdminGetUserAuthFactors",
    "AdminInitiateAuth",
    "AdminListDevices",
    "AdminListGroupsForUser",
    "AdminListUserAuthEvents",
    "AdminListUserSessions",
    "AdminRespondToAuthChallenge",
    "AdminRevokeUserSession",
    "DescribeIdentityProvider",
    "DescribeManagedLoginBranding",
    "DescribeManagedLoginBrandingByClient",
    "DescribeResourceServer",
    "DescribeRiskConfiguration",
    "DescribeTerms",
    "DescribeTermsByClient",
    "DescribeUserImportJob",
    "DescribeUserPool",
    "DescribeUserPoolClient",
    "DescribeUserPoolDomain",
    "GetCSVHeader",
    "GetClientToken",
    "GetDerivedToken",
    "GetDevice",
    "GetGroup",
    "GetIdentityProviderByIdentifier",
    "GetLogDeliveryConfiguration",
    "GetSigningCertificate",
    "GetTokensFromRefreshToken",
    "GetUICustomization",
    "GetUser",
    "GetUserAuthFactors",
    "GetUserPoolClientSessionConfiguration",
    "GetUserPoolMfaConfig",
    "GetUserPoolSessionConfiguration",
    "InitiateAuth",
    "ListDevices",
    "ListGroups",
    "ListIdentityProviders",
    "ListResourceServers",
    "ListTagsForResource",
    "ListTerms",
    "ListUserImportJobs",
    "ListUserPoolClientSecrets",
    "ListUserPoolClients",
    "ListUserPoolReplicas",
    "ListUserSessions",
    "ListUsers",
    "ListUsersInGroup",
    "ListWebAuthnCredentials",
    "RespondToAuthChallenge",
    "RevokeToken",
    "RevokeUserSession",
    "TagResource",
    "UntagResource",
    "UpdateUserPoolReplica",
];

/// What a replica serves in any state.
const ALWAYS: [&str; 2] = ["ListUserPoolReplicas", "UpdateUserPoolReplica"];

/// Refuses what cannot be done with a pool in the region of the request.
///
/// # Errors
/// `missing` where the pool is in other regions alone; `OperationNotEnabledException` where its replica there is
/// inactive, or does not serve the operation.
pub(crate) fn admit(
    cx: &Cx<'_>,
    pool: &Pool,
    missing: impl FnOnce() -> Refusal,
) -> Result<(), Refusal> {
    if pool.rules.replicas.is_empty() {
        return Ok(());
    }
    let Some(region) = cx.caller().region.as_deref() else {
        return Ok(());
    };
    if region == pool.region() {
        return Ok(());
    }
    let replica = pool.replica(region).ok_or_else(missing)?;
    let Some(operation) = cx.serving() else {
        return Ok(());
    };
    if !replica.active && !ALWAYS.contains(&operation) {
        let text = format!(
            "The replica of user pool {} in {region} is inactive.",
            pool.id
        );
        return Err(not_enabled(text));
    }
    if SERVED.binary_search(&operation).is_err() {
        return Err(for_primary(pool, region, operation));
    }
    Ok(())
}

/// The replica of a pool that the request came to; none at the primary.
pub(crate) fn here<'p>(cx: &Cx<'_>, pool: &'p Pool) -> Option<&'p Replica> {
    cx.caller()
        .region
        .as_deref()
        .and_then(|region| pool.replica(region))
}

/// Whether a request came to the primary of a pool.
pub(crate) fn is_primary(cx: &Cx<'_>, pool: &Pool) -> bool {
    here(cx, pool).is_none()
}

/// The region in which a request sees a pool.
pub(crate) fn seen_from<'p>(cx: &Cx<'_>, pool: &'p Pool) -> &'p str {
    here(cx, pool).map_or_else(|| pool.region(), |replica| replica.region.as_str())
}

/// Refuses a step of a sign-in that would change the user, in a replica.
///
/// # Errors
/// `OperationNotEnabledException`.
pub(crate) fn only_at_primary(cx: &Cx<'_>, pool: &Pool, step: &str) -> Result<(), Refusal> {
    match here(cx, pool) {
        Some(replica) => Err(for_primary(pool, &replica.region, step)),
        None => Ok(()),
    }
}

fn for_primary(pool: &Pool, region: &str, what: &str) -> Refusal {
    not_enabled(format!(
        "{what} is not possible in the replica in {region}. The primary of the user pool is in {}.",
        pool.region()
    ))
}

fn not_enabled(text: String) -> Refusal {
    Refusal::new(RefusalKind::OperationNotEnabled, text)
}

#[cfg(test)]
mod tests {
    use userpool_wire::Service;

    use super::*;
    use crate::ops::table::SUPPORTED;

    #[test]
    fn the_served_operations_are_in_order_and_exist() {
        assert!(SERVED.is_sorted());
        let exists = |name: &&str| SUPPORTED.contains(&(Service::UserPools, *name));
        let gone: alloc::vec::Vec<&&str> = SERVED
            .iter()
            .chain(&ALWAYS)
            .filter(|it| !exists(it))
            .collect();
        assert!(gone.is_empty(), "{gone:?}");
    }
}
