//! UpdateManagedLoginBranding.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use serde_json::{Map, Value};
use userpool_wire::{
    Document,
    idp::{AssetType, UpdateManagedLoginBrandingRequest, UpdateManagedLoginBrandingResponse},
};

use super::{Content, find, invalid, shown};
use crate::{
    engine::{Cx, Fault, Run},
    model::branding::Branding,
    ops::blobs,
};

/// The most assets of a style.
const MAX_ASSETS: usize = 40;

/// Changes what is given of a style: settings are merged member by member, an asset takes the place of the one for the
/// same use. The service's own look takes both away.
///
/// Refusals, in this order: no pool or no style named, unknown pool, unknown style, settings or assets that do not
/// fit, too many assets, settings and assets that are too large.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_managed_login_branding(
    cx: &mut Cx<'_>,
    req: &UpdateManagedLoginBrandingRequest,
) -> Run<UpdateManagedLoginBrandingResponse> {
    let (Some(pool_id), Some(id)) = (&req.user_pool_id, &req.managed_login_branding_id) else {
        return Err(invalid("UserPoolId and ManagedLoginBrandingId must be given.").into());
    };
    let (pool, branding) = find(cx, pool_id, id)?;
    let (settings, assets) = (req.settings.as_ref(), req.assets.as_deref());
    let provided = req.use_cognito_provided_values;
    let given = Content::given(provided, settings, assets)?;
    let content = if provided == Some(true) {
        Content::default()
    } else {
        let before = Content::of(cx, &pool.id, &branding)?;
        merged(before, given)?
    };
    if content
        .assets
        .as_ref()
        .is_some_and(|all| all.len() > MAX_ASSETS)
    {
        return Err(invalid("A style has at most 40 assets.").into());
    }
    if let Some(old) = branding.content {
        blobs::remove(cx, &pool.id, old)?;
    }
    let provided = match provided {
        Some(provided) => provided,
        None => branding.provided && content.is_empty(),
    };
    let becomes = Branding {
        provided,
        content: content.clone().keep(cx, &pool.id)?,
        modified: cx.now(),
        ..Branding::clone(&branding)
    };
    cx.update(&branding, &becomes);
    Ok(UpdateManagedLoginBrandingResponse {
        managed_login_branding: Some(shown(&pool, &becomes, content)),
    })
}

fn merged(before: Content, given: Content) -> Run<Content> {
    let settings = match (before.settings, given.settings) {
        (Some(before), Some(given)) => {
            let mut all = object(&before)?;
            merge(&mut all, object(&given)?);
            let text = Value::Object(all).to_string();
            Some(Document::from_json(&text).map_err(|_| Fault::new("merged settings"))?)
        }
        (before, given) => given.or(before),
    };
    let assets = match (before.assets, given.assets) {
        (Some(before), Some(given)) => {
            let is_new = |old: &AssetType| !given.iter().any(|new| same_use(old, new));
            let mut all: Vec<AssetType> = before.into_iter().filter(is_new).collect();
            all.extend(given.iter().cloned());
            Some(all)
        }
        (before, given) => given.or(before),
    };
    Ok(Content { settings, assets })
}

fn same_use(one: &AssetType, other: &AssetType) -> bool {
    one.category == other.category
        && one.color_mode == other.color_mode
        && one.resource_id == other.resource_id
}

fn object(document: &Document) -> Run<Map<String, Value>> {
    let object = serde_json::from_str(&document.to_text());
    object.map_err(|_| Fault::new("the settings of login pages").into())
}

/// Merges objects member by member; anything else takes the place of what was there.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}
