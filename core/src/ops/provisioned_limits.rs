//! GetProvisionedLimit and UpdateProvisionedLimit: how many requests of a category the account may make a second.
//!
//! The limits are kept and told. The engine holds nobody to them: a host that bounds rates by these categories reads what
//! everybody has from [`FREE`], and what was raised by GetProvisionedLimit.

use alloc::borrow::ToOwned;

use userpool_wire::idp::{
    GetProvisionedLimitRequest, GetProvisionedLimitResponse, LimitClass, LimitDefinitionType,
    LimitType, UpdateProvisionedLimitRequest, UpdateProvisionedLimitResponse,
};

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{keys, provisioned_limits::ProvisionedLimits},
};

/// The attribute that names a category.
const CATEGORY: &str = "Category";
/// By how much a limit may be raised at most.
const MOST: u32 = 100;
/// The categories, and how many requests a second everybody has.
pub const FREE: [(&str, u32); 17] = [
    ("ClientAuthentication", 150),
    ("UserAccountRecovery", 30),
    ("UserAuthentication", 120),
    ("UserCreation", 50),
    ("UserFederation", 25),
    ("UserList", 30),
    ("UserPoolClientRead", 15),
    ("UserPoolClientUpdate", 15),
    ("UserPoolRead", 15),
    ("UserPoolResourceRead", 20),
    ("UserPoolResourceUpdate", 15),
    ("UserPoolUpdate", 15),
    ("UserRead", 120),
    ("UserResourceRead", 50),
    ("UserResourceUpdate", 25),
    ("UserToken", 120),
    ("UserUpdate", 25),
];

/// Tells the limit of a category.
///
/// Refusals: no category, or an unknown one.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_provisioned_limit(
    cx: &mut Cx<'_>,
    req: &GetProvisionedLimitRequest,
) -> Run<GetProvisionedLimitResponse> {
    let (category, free) = category(&req.limit_definition)?;
    let held = cx.get::<ProvisionedLimits>(&keys::provisioned_limits())?;
    let raised = held.and_then(|held| held.raised.get(category).copied());
    Ok(GetProvisionedLimitResponse {
        limit: shown(&req.limit_definition, raised.unwrap_or(free), free),
    })
}

/// Sets the limit of a category.
///
/// Refusals, in this order: no category, or an unknown one, less than everybody has, more than can be had.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_provisioned_limit(
    cx: &mut Cx<'_>,
    req: &UpdateProvisionedLimitRequest,
) -> Run<UpdateProvisionedLimitResponse> {
    let (category, free) = category(&req.limit_definition)?;
    let asked = u32::try_from(req.requested_limit_value).unwrap_or(0);
    if asked < free {
        let text = alloc::format!("The limit of {category} cannot be less than {free}.");
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    if asked > free * MOST {
        let text = alloc::format!(
            "The limit of {category} cannot be more than {}.",
            free * MOST
        );
        return Err(Refusal::new(RefusalKind::ServiceQuotaExceeded, text).into());
    }
    let key = keys::provisioned_limits();
    let held: Option<Held<ProvisionedLimits>> = cx.get(&key)?;
    let mut limits = held.as_deref().cloned().unwrap_or_default();
    limits.raised.insert(category.to_owned(), asked);
    cx.upsert_until(&key, held.as_ref(), &limits, None);
    Ok(UpdateProvisionedLimitResponse {
        limit: shown(&req.limit_definition, asked, free),
    })
}

/// The category of a definition, and what everybody has of it.
fn category(given: &LimitDefinitionType) -> Result<(&'static str, u32), Refusal> {
    // There is no other class.
    let LimitClass::ApiCategory = given.limit_class;
    let named = given.attributes.get(CATEGORY);
    let known = FREE
        .iter()
        .find(|(name, _)| named.is_some_and(|named| named == name));
    known.copied().ok_or_else(|| {
        let text = "LimitDefinition: Attributes must name a Category of requests that there is.";
        Refusal::new(RefusalKind::InvalidParameter, text)
    })
}

fn shown(definition: &LimitDefinitionType, limit: u32, free: u32) -> LimitType {
    LimitType {
        limit_definition: definition.clone(),
        provisioned_limit_value: limit as i32,
        free_limit_value: free as i32,
    }
}
