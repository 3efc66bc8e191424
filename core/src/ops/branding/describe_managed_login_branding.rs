//! DescribeManagedLoginBranding and DescribeManagedLoginBrandingByClient.

use userpool_wire::idp::{
    DescribeManagedLoginBrandingByClientRequest, DescribeManagedLoginBrandingByClientResponse,
    DescribeManagedLoginBrandingRequest, DescribeManagedLoginBrandingResponse,
};

use super::{Content, find, missing, shown};
use crate::{
    engine::{Cx, Run},
    model::{
        branding::{Branding, BrandingOf},
        keys,
    },
    ops::parties::{self, Party},
};

/// A style by its id.
///
/// Refusals, in this order: unknown pool, unknown style.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_managed_login_branding(
    cx: &mut Cx<'_>,
    req: &DescribeManagedLoginBrandingRequest,
) -> Run<DescribeManagedLoginBrandingResponse> {
    let (pool, branding) = find(cx, &req.user_pool_id, &req.managed_login_branding_id)?;
    let content = Content::of(cx, &pool.id, &branding)?;
    Ok(DescribeManagedLoginBrandingResponse {
        managed_login_branding: Some(shown(&pool, &branding, content)),
    })
}

/// The style of an app client.
///
/// Refusals, in this order: unknown pool, unknown client, a client without a style.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_managed_login_branding_by_client(
    cx: &mut Cx<'_>,
    req: &DescribeManagedLoginBrandingByClientRequest,
) -> Run<DescribeManagedLoginBrandingByClientResponse> {
    let (pool_id, client_id) = (&req.user_pool_id, req.client_id.as_str());
    let Party { pool, .. } = parties::client_in_pool(cx, pool_id, client_id)?;
    let of = cx.get::<BrandingOf>(&keys::branding_of(pool_id, client_id))?;
    let of = of.ok_or_else(missing)?;
    let branding = cx.get::<Branding>(&keys::branding(pool_id, &of.id))?;
    let branding = branding.ok_or_else(missing)?;
    let content = Content::of(cx, &pool.id, &branding)?;
    Ok(DescribeManagedLoginBrandingByClientResponse {
        managed_login_branding: Some(shown(&pool, &branding, content)),
    })
}
