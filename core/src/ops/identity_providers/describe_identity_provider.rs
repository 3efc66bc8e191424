//! DescribeIdentityProvider and GetIdentityProviderByIdentifier.

use userpool_wire::idp::{
    DescribeIdentityProviderRequest, DescribeIdentityProviderResponse,
    GetIdentityProviderByIdentifierRequest, GetIdentityProviderByIdentifierResponse,
};

use super::{find, identified, missing, shown};
use crate::{
    engine::{Cx, Run},
    ops::parties,
};

/// An identity provider.
///
/// Refusals, in this order: unknown pool, unknown provider.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_identity_provider(
    cx: &mut Cx<'_>,
    req: &DescribeIdentityProviderRequest,
) -> Run<DescribeIdentityProviderResponse> {
    let (pool, provider) = find(cx, &req.user_pool_id, &req.provider_name)?;
    Ok(DescribeIdentityProviderResponse {
        identity_provider: shown(cx, &pool, &provider)?,
    })
}

/// The identity provider that an identifier leads to.
///
/// Refusals, in this order: unknown pool, an identifier that leads to none.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_identity_provider_by_identifier(
    cx: &mut Cx<'_>,
    req: &GetIdentityProviderByIdentifierRequest,
) -> Run<GetIdentityProviderByIdentifierResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let provider = identified(cx, &pool.id, &req.idp_identifier)?;
    let provider = provider.ok_or_else(|| missing(&req.idp_identifier))?;
    Ok(GetIdentityProviderByIdentifierResponse {
        identity_provider: shown(cx, &pool, &provider)?,
    })
}
