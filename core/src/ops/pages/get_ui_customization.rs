//! GetUICustomization.

use userpool_wire::idp::{GetUICustomizationRequest, GetUICustomizationResponse};

use super::{ALL, shown};
use crate::{
    engine::{Cx, Run},
    model::{keys, pages::Customization},
    ops::parties,
};

/// Tells how the classic pages look, for all clients or for one; one that has no setting of its own shows that for all.
///
/// Refusals, in this order: unknown pool, unknown client.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_ui_customization(
    cx: &mut Cx<'_>,
    req: &GetUICustomizationRequest,
) -> Run<GetUICustomizationResponse> {
    let named = req.client_id.as_ref().map_or(ALL, |client| client.as_str());
    let pool_id = &req.user_pool_id;
    let all_key = keys::customization(pool_id, "");
    let own_key = keys::customization(pool_id, named);
    cx.want([&keys::pool(pool_id), &all_key, &own_key])?;
    let pool = if named == ALL {
        parties::pool(cx, pool_id)?
    } else {
        parties::client_in_pool(cx, pool_id, named)?.pool
    };
    let own = cx.get::<Customization>(&own_key)?;
    let told = match own {
        Some(own) => shown(cx, &pool, named, Some(&own)),
        None => {
            let all = cx.get::<Customization>(&all_key)?;
            let client = if all.is_some() { ALL } else { named };
            shown(cx, &pool, client, all.as_deref())
        }
    };
    Ok(GetUICustomizationResponse {
        ui_customization: told,
    })
}
