//! AddCustomAttributes.

use userpool_wire::idp::{AddCustomAttributesRequest, AddCustomAttributesResponse};

use super::{
    description::{self, Apart},
    schema,
};
use crate::{
    engine::{Cx, Run},
    ops::{imports, parties},
};

/// Adds attributes to the schema of a user pool; they are never changed or removed again.
///
/// Refusals, in this order: an import that makes users in it, unknown pool; entry by entry, what the schema does not take; a record that
/// would be too large.
pub(crate) fn add_custom_attributes(
    cx: &mut Cx<'_>,
    request: &AddCustomAttributesRequest,
) -> Run<AddCustomAttributesResponse> {
    imports::refuse_while_importing(cx, &request.user_pool_id)?;
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let mut attributes = pool.rules.schema.clone();
    for entry in &request.custom_attributes {
        schema::add(&mut attributes, entry)?;
    }
    let settings = description::settings(&pool)?;
    let changed = description::keep(
        &pool.id,
        pool.created,
        cx.now(),
        attributes,
        Apart::of(&pool),
        settings,
    )?;

    cx.update(&pool, &changed);
    Ok(AddCustomAttributesResponse {})
}
