//! Which attributes of a user a client sees, and whether an address counts as verified.

use alloc::{string::String, vec::Vec};

use crate::{
    engine::{Cx, Run},
    model::{
        client::Client,
        keys,
        names::canonical_alias,
        pool::Pool,
        sub::Sub,
        user::{Alias, Profile},
    },
    ops::parties,
};

/// The attributes of a user in the order of their names, as the pool shows them. A verified flag counts only
/// while the alias points back to the user; a value that is empty is no value.
///
/// # Errors
/// Stops the run until the aliases were read.
pub(crate) fn attributes(
    cx: &mut Cx<'_>,
    pool: &Pool,
    sub: &Sub,
    profile: &Profile,
) -> Run<Vec<(String, String)>> {
    let mut claimed = Vec::new();
    for kind in parties::alias_kinds(pool) {
        let flag = match kind.attribute() {
            "email" => "email_verified",
            "phone_number" => "phone_number_verified",
            _ => continue,
        };
        let Some(value) = profile.attributes.get(kind.attribute()) else {
            continue;
        };
        if profile
            .attributes
            .get(flag)
            .is_some_and(|flag| flag == "true")
        {
            let canonical = canonical_alias(kind, value, pool.rules.case_sensitive);
            claimed.push((flag, keys::alias(&pool.id, kind, &canonical)));
        }
    }
    cx.want(claimed.iter().map(|(_, key)| key))?;
    let mut lost = Vec::new();
    for (flag, key) in claimed {
        if cx.get::<Alias>(&key)?.is_none_or(|alias| alias.sub != *sub) {
            lost.push(flag);
        }
    }
    Ok(profile
        .attributes
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| {
            let value = if lost.contains(&name.as_str()) {
                "false"
            } else {
                value
            };
            (name.clone(), value.into())
        })
        .collect())
}

/// Whether a client may read an attribute. Without a list it reads all standard ones; never developers' own.
pub(crate) fn may_read(client: &Client, attribute: &str) -> bool {
    if attribute.starts_with("dev:") {
        return false;
    }
    match &client.read {
        Some(list) => list.iter().any(|name| name == attribute),
        None => !attribute.starts_with("custom:"),
    }
}
