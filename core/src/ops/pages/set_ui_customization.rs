//! SetUICustomization.

use userpool_wire::idp::{SetUICustomizationRequest, SetUICustomizationResponse};

use super::{ALL, css, has_pages, invalid, shown};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{
        keys,
        pages::{Customization, Image, ImageKind},
    },
    ops::{blobs, parties},
};

/// The most bytes of a logo.
const MAX_IMAGE: usize = 100 * 1_024;

/// Replaces the style sheet and the logo of the classic pages, for all clients or for one; a request with neither takes
/// them away.
///
/// Refusals, in this order: unknown pool, unknown client, a pool without a domain, a style sheet that does not fit, an
/// image that is too large or none.
///
/// # Errors
/// The refusals above.
pub(crate) fn set_ui_customization(
    cx: &mut Cx<'_>,
    req: &SetUICustomizationRequest,
) -> Run<SetUICustomizationResponse> {
    let named = req.client_id.as_ref().map_or(ALL, |client| client.as_str());
    let pool_id = &req.user_pool_id;
    let key = keys::customization(pool_id, if named == ALL { "" } else { named });
    cx.want([&keys::pool(pool_id), &key])?;
    let pool = if named == ALL {
        parties::pool(cx, pool_id)?
    } else {
        parties::client_in_pool(cx, pool_id, named)?.pool
    };
    has_pages(&pool)?;
    let css = req.css.as_deref().filter(|css| !css.trim().is_empty());
    if let Some(css) = css {
        css::check(css)?;
    }
    let bytes = req.image_file.as_ref().map(|image| image.0.as_slice());
    let bytes = bytes.filter(|bytes| !bytes.is_empty());
    let kind = bytes.map(image_kind).transpose()?;

    let before = cx.get::<Customization>(&key)?;
    if let Some(image) = before.as_ref().and_then(|before| before.image) {
        blobs::remove(cx, &pool.id, image.blob)?;
    }
    cx.check(&pool);
    if css.is_none() && bytes.is_none() {
        if let Some(before) = &before {
            cx.remove(before);
        }
        return Ok(SetUICustomizationResponse {
            ui_customization: shown(cx, &pool, named, None),
        });
    }
    let image = bytes.zip(kind).map(|(bytes, kind)| Image {
        blob: blobs::write(cx, &pool.id, "image", bytes),
        kind,
    });
    let becomes = Customization {
        css: css.map(Into::into),
        image,
        created: before.as_ref().map_or(cx.now(), |before| before.created),
        modified: cx.now(),
    };
    cx.upsert_until(&key, before.as_ref(), &becomes, None);
    Ok(SetUICustomizationResponse {
        ui_customization: shown(cx, &pool, named, Some(&becomes)),
    })
}

fn image_kind(bytes: &[u8]) -> Result<ImageKind, Refusal> {
    if bytes.len() > MAX_IMAGE {
        return Err(invalid("The image file exceeds the limit of 100 KB."));
    }
    ImageKind::of(bytes).ok_or_else(|| invalid("The image file must be a PNG or JPEG."))
}
