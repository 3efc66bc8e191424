//! CreateManagedLoginBranding.

use userpool_wire::idp::{CreateManagedLoginBrandingRequest, CreateManagedLoginBrandingResponse};

use super::{Content, shown};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        branding::{Branding, BrandingOf},
        keys,
        sub::uuid_v4,
    },
    ops::parties::{self, Party},
};

/// Gives the pages of an app client a style.
///
/// Refusals, in this order: unknown pool, unknown client, settings or assets that do not fit, a style that the client
/// has already, settings and assets that are too large.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_managed_login_branding(
    cx: &mut Cx<'_>,
    req: &CreateManagedLoginBrandingRequest,
) -> Run<CreateManagedLoginBrandingResponse> {
    let (pool_id, client_id) = (&req.user_pool_id, req.client_id.as_str());
    let of_key = keys::branding_of(pool_id, client_id);
    cx.want([&keys::pool(pool_id), &keys::client(client_id), &of_key])?;
    let Party { pool, client, .. } = parties::client_in_pool(cx, pool_id, client_id)?;
    let (settings, assets) = (req.settings.as_ref(), req.assets.as_deref());
    let content = Content::given(req.use_cognito_provided_values, settings, assets)?;
    if cx.get::<BrandingOf>(&of_key)?.is_some() {
        let text = "Managed login branding style already exists for this app client.";
        return Err(Refusal::new(RefusalKind::ManagedLoginBrandingExists, text).into());
    }
    let branding = Branding {
        id: uuid_v4(cx.random("branding id")),
        client: client_id.into(),
        provided: req.use_cognito_provided_values.unwrap_or(false),
        content: content.clone().keep(cx, &pool.id)?,
        created: cx.now(),
        modified: cx.now(),
    };
    cx.check(&pool);
    cx.check(&client);
    cx.insert(&of_key, &BrandingOf { id: branding.id });
    cx.insert(&keys::branding(pool_id, &branding.id), &branding);
    Ok(CreateManagedLoginBrandingResponse {
        managed_login_branding: Some(shown(&pool, &branding, content)),
    })
}
