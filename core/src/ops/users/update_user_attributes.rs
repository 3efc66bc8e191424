//! UpdateUserAttributes.

use alloc::format;

use userpool_wire::idp::{UpdateUserAttributesRequest, UpdateUserAttributesResponse};

use super::records;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        pool::{NameRule, Pool},
        user::{AliasKind, Profile},
    },
    ops::{
        access,
        attributes::{self, Change, Writer},
        directory,
        parties::alias_kinds,
        profile_change,
        sign_up::sign_up::name_form,
        triggers::{self, Trigger},
    },
};

/// Changes attributes of the user; a new address is unverified until its code comes back, and where the pool
/// says so it counts only from then on. An empty value removes.
///
/// Refusals, in this order: those of the access token, an attribute outside the schema, one that the client
/// may not write or that may not change, a bad value, removing the last address that is the user's name, a
/// preferred user name in the form of an address that is an alias, a name or alias that somebody else has, a
/// message trigger that this version cannot ask.
///
/// # Errors
/// The refusals above.
pub fn update_user_attributes(
    cx: &mut Cx<'_>,
    req: &UpdateUserAttributesRequest,
) -> Run<UpdateUserAttributesResponse> {
    let access = access::authorize(cx, &req.access_token)?;
    let (pool, head) = (&access.party.pool, &access.head);
    let writer = Writer::Client(&access.party.client);
    let change = attributes::of_update(pool, writer, &req.user_attributes)?;
    let profile = records::profile(cx, pool, head)?;

    check_keeps_name(pool, &profile, &change)?;
    check_preferred(pool, &change)?;
    access.hold(cx);
    let sent = profile_change::apply(cx, pool, head, &profile, &change)?;
    if !sent.is_empty() {
        triggers::pass(pool, Trigger::CustomMessage)?;
    }
    Ok(UpdateUserAttributesResponse {
        code_delivery_details_list: Some(sent),
    })
}

/// Refuses to take from a user the last address that is the user's name.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn check_keeps_name(
    pool: &Pool,
    profile: &Profile,
    change: &Change,
) -> Result<(), Refusal> {
    if !matches!(pool.rules.names, NameRule::Attribute { .. }) {
        return Ok(());
    }
    let has = |kind: AliasKind| profile.attributes.contains_key(kind.attribute());
    let goes = |kind: AliasKind| change.remove.iter().any(|name| name == kind.attribute());
    if alias_kinds(pool).any(|kind| has(kind) && !goes(kind)) {
        return Ok(());
    }
    match alias_kinds(pool).find(|kind| goes(*kind)) {
        Some(kind) => {
            let text = format!(
                "user.{}: Attribute cannot be deleted, the user signs in with it.\n",
                kind.attribute()
            );
            Err(Refusal::new(RefusalKind::InvalidParameter, text))
        }
        None => Ok(()),
    }
}

/// Refuses a preferred user name that looks like somebody's address, where both are aliases.
fn check_preferred(pool: &Pool, change: &Change) -> Result<(), Refusal> {
    let kind = AliasKind::PreferredUsername;
    match change.set.get(kind.attribute()) {
        Some(name) if directory::is_alias(pool, kind) => name_form(pool, name).map(drop),
        _ => Ok(()),
    }
}
