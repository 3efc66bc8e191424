//! How the login pages of a pool look: what its owner sets by the API.

mod css;
mod get_ui_customization;
mod set_ui_customization;

pub(crate) use get_ui_customization::get_ui_customization;
pub(crate) use set_ui_customization::set_ui_customization;

use alloc::{borrow::Cow, format, string::String};

use userpool_wire::{Timestamp, idp::UICustomizationType};

use crate::{
    engine::{Cx, Refusal, RefusalKind},
    model::{pages::Customization, pool::Pool},
};

/// The client of a setting that is for all.
pub(crate) const ALL: &str = "ALL";

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// A customization as the API shows it; of none, the ids alone.
fn shown(
    cx: &Cx<'_>,
    pool: &Pool,
    client: &str,
    customization: Option<&Customization>,
) -> UICustomizationType {
    let ids = UICustomizationType {
        user_pool_id: Some(pool.id.clone()),
        client_id: Some(String::from(client).into()),
        ..UICustomizationType::default()
    };
    let Some(customization) = customization else {
        return ids;
    };
    let version = version(customization);
    let image_url = customization.image.map(|_| {
        let base = &cx.environment().base_url;
        format!("{base}/{}/assets/custom/{client}/{version}/logo", pool.id)
    });
    UICustomizationType {
        image_url,
        css: customization.css.clone(),
        css_version: Some(version),
        last_modified_date: Some(Timestamp::from_millis(customization.modified.millis())),
        creation_date: Some(Timestamp::from_millis(customization.created.millis())),
        ..ids
    }
}

/// When a customization was set, as `yyyymmddhhmmss`: part of the address of what it serves, so that browsers may keep it.
pub(crate) fn version(customization: &Customization) -> String {
    let time = userpool_crypto::calendar::Civil::from_unix(customization.modified.secs());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        time.year, time.month, time.day, time.hour, time.minute, time.second
    )
}

/// Whether a pool has pages that can look like anything.
fn has_pages(pool: &Pool) -> Result<(), Refusal> {
    if pool.rules.domains.is_empty() {
        return Err(invalid(
            "There has to be an existing domain associated with this user pool",
        ));
    }
    Ok(())
}
