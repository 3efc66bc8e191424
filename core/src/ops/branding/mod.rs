//! Managed login branding: the style of an app client's pages, kept as the designer of the service writes it.
//!
//! Settings and assets are checked for their form, merged, and told back; there are no defaults to merge into an answer.
//! What the pages follow of them stands in `oauth::brand`.

mod create_managed_login_branding;
mod delete_managed_login_branding;
mod describe_managed_login_branding;
mod update_managed_login_branding;

pub(crate) use create_managed_login_branding::create_managed_login_branding;
pub(crate) use delete_managed_login_branding::{delete_managed_login_branding, forget};
pub(crate) use describe_managed_login_branding::{
    describe_managed_login_branding, describe_managed_login_branding_by_client,
};
pub(crate) use update_managed_login_branding::update_managed_login_branding;

use alloc::{borrow::Cow, vec::Vec};

use userpool_wire::{
    Document, Encode, Timestamp,
    idp::{
        AssetType, CreateManagedLoginBrandingRequest, CreateManagedLoginBrandingResponse,
        ManagedLoginBrandingType,
    },
    parse_reply,
};

use crate::{
    engine::{Cx, Fault, Held, Refusal, RefusalKind, Run},
    model::{
        branding::Branding,
        keys,
        pages::BlobName,
        pool::Pool,
        sub::{parse_uuid, uuid_text},
    },
    ops::{blobs, parties},
};

/// The most bytes of settings and assets together, as JSON text.
const MAX: usize = 900 * 1_024;

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// The refusal of an unknown style.
fn missing() -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        "Managed login branding style does not exist.",
    )
}

/// Settings and assets.
#[derive(Clone, Default)]
pub(crate) struct Content {
    pub settings: Option<Document>,
    pub assets: Option<Vec<AssetType>>,
}

impl Content {
    /// What a request gives.
    ///
    /// # Errors
    /// Refuses settings or assets beside the service's own look, and settings that are no object.
    fn given(
        provided: Option<bool>,
        settings: Option<&Document>,
        assets: Option<&[AssetType]>,
    ) -> Result<Self, Refusal> {
        if provided == Some(true) && (settings.is_some() || assets.is_some()) {
            return Err(invalid(
                "Settings and Assets cannot be set when UseCognitoProvidedValues is true.",
            ));
        }
        if settings.is_some_and(|settings| !settings.to_text().starts_with('{')) {
            return Err(invalid("Settings must be a JSON object."));
        }
        Ok(Self {
            settings: settings.cloned(),
            assets: assets.map(Into::into),
        })
    }

    fn is_empty(&self) -> bool {
        self.settings.is_none() && self.assets.is_none()
    }

    /// Writes the content.
    ///
    /// # Errors
    /// Refuses one that is too large.
    fn keep(self, cx: &mut Cx<'_>, pool: &str) -> Run<Option<BlobName>> {
        if self.is_empty() {
            return Ok(None);
        }
        let text = CreateManagedLoginBrandingResponse {
            managed_login_branding: Some(ManagedLoginBrandingType {
                settings: self.settings,
                assets: self.assets,
                ..ManagedLoginBrandingType::default()
            }),
        }
        .to_json();
        if text.len() > MAX {
            return Err(invalid(
                "Settings and Assets are too large: together they may take 900 KB.",
            )
            .into());
        }
        Ok(Some(blobs::write(cx, pool, "branding", text.as_bytes())))
    }

    /// Reads the content of a style.
    ///
    /// # Errors
    /// A fault if it cannot be read; stops the run until it is there.
    pub(crate) fn of(cx: &mut Cx<'_>, pool: &str, branding: &Branding) -> Run<Self> {
        let Some(blob) = branding.content else {
            return Ok(Self::default());
        };
        let bytes = blobs::read(cx, pool, blob)?;
        let answer = parse_reply::<CreateManagedLoginBrandingRequest>(&bytes)
            .map_err(|cause| Fault::caused("the style of login pages", cause))?;
        let kept = answer.managed_login_branding.unwrap_or_default();
        Ok(Self {
            settings: kept.settings,
            assets: kept.assets,
        })
    }
}

/// A style with its pool.
///
/// # Errors
/// Refuses, in this order: unknown pool, unknown style.
fn find(cx: &mut Cx<'_>, pool_id: &str, id: &str) -> Run<(Held<Pool>, Held<Branding>)> {
    let key = parse_uuid(id).map(|id| keys::branding(pool_id, &id));
    cx.want([&keys::pool(pool_id)].into_iter().chain(&key))?;
    let pool = parties::pool(cx, pool_id)?;
    let branding = match &key {
        Some(key) => cx.get::<Branding>(key)?,
        None => None,
    };
    Ok((pool, branding.ok_or_else(missing)?))
}

/// A style as the API shows it.
fn shown(pool: &Pool, branding: &Branding, content: Content) -> ManagedLoginBrandingType {
    ManagedLoginBrandingType {
        managed_login_branding_id: Some(uuid_text(&branding.id)),
        user_pool_id: Some(pool.id.clone()),
        use_cognito_provided_values: Some(branding.provided),
        settings: content.settings,
        assets: content.assets,
        creation_date: Some(Timestamp::from_millis(branding.created.millis())),
        last_modified_date: Some(Timestamp::from_millis(branding.modified.millis())),
    }
}
