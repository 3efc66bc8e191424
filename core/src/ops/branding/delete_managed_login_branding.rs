//! DeleteManagedLoginBranding.

use userpool_wire::{Empty, idp::DeleteManagedLoginBrandingRequest};

use super::find;
use crate::{
    engine::{Cx, Held, Run},
    model::{
        branding::{Branding, BrandingOf},
        keys,
    },
    ops::blobs,
};

/// Deletes a style.
///
/// Refusals, in this order: unknown pool, unknown style.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_managed_login_branding(
    cx: &mut Cx<'_>,
    req: &DeleteManagedLoginBrandingRequest,
) -> Run<Empty> {
    let (pool, branding) = find(cx, &req.user_pool_id, &req.managed_login_branding_id)?;
    let of = cx.get::<BrandingOf>(&keys::branding_of(&pool.id, &branding.client))?;
    if let Some(of) = of {
        cx.remove(&of);
    }
    remove(cx, &pool.id, &branding)?;
    Ok(Empty {})
}

/// Removes the style of an app client that is being deleted.
///
/// # Errors
/// Stops the run until it is there.
pub(crate) fn forget(cx: &mut Cx<'_>, pool: &str, client: &str) -> Run<()> {
    let Some(of) = cx.get::<BrandingOf>(&keys::branding_of(pool, client))? else {
        return Ok(());
    };
    if let Some(branding) = cx.get::<Branding>(&keys::branding(pool, &of.id))? {
        remove(cx, pool, &branding)?;
    }
    cx.remove(&of);
    Ok(())
}

fn remove(cx: &mut Cx<'_>, pool: &str, branding: &Held<Branding>) -> Run<()> {
    if let Some(content) = branding.content {
        blobs::remove(cx, pool, content)?;
    }
    cx.remove(branding);
    Ok(())
}
