//! DescribeUserPoolDomain.

use alloc::string::ToString;
use userpool_wire::idp::{
    CustomDomainConfigType, DescribeUserPoolDomainRequest, DescribeUserPoolDomainResponse,
    DomainDescriptionType, DomainStatusType, SecurityPolicyType,
};

use super::{answering_host, routing};
use crate::{
    engine::{Cx, Run},
    model::{domain::Domain, keys},
};

/// Tells everything about a domain; of one that no pool has, nothing.
///
/// # Errors
/// Stops the run until the domain is there.
pub(crate) fn describe_user_pool_domain(
    cx: &mut Cx<'_>,
    req: &DescribeUserPoolDomainRequest,
) -> Run<DescribeUserPoolDomainResponse> {
    let Some(domain) = cx.get::<Domain>(&keys::domain(&req.domain))? else {
        return Ok(DescribeUserPoolDomainResponse {
            domain_description: Some(DomainDescriptionType::default()),
        });
    };
    let config = domain.custom.as_ref().map(|own| CustomDomainConfigType {
        certificate_arn: own.arn.clone(),
        security_policy: own
            .security_policy
            .as_deref()
            .and_then(SecurityPolicyType::from_wire),
    });
    Ok(DescribeUserPoolDomainResponse {
        domain_description: Some(DomainDescriptionType {
            user_pool_id: Some(domain.pool.clone()),
            aws_account_id: Some(cx.environment().account_id.clone()),
            domain: Some(req.domain.clone()),
            cloud_front_distribution: Some(answering_host(cx)),
            version: Some(domain.modified.secs().to_string()),
            status: Some(DomainStatusType::Active),
            custom_domain_config: config,
            managed_login_version: Some(domain.pages.into()),
            routing: routing(&domain),
            ..DomainDescriptionType::default()
        }),
    })
}
