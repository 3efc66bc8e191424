//! The identity providers that the users of a client may come from.

use alloc::{format, string::String, vec::Vec};

use userpool_wire::idp::UserPoolClientType;

use super::invalid;
use crate::{
    engine::{Cx, Run},
    ops::identity_providers::{self, OWN},
};

/// Checks that the identity providers of a client exist.
///
/// # Errors
/// Refuses the first that does not; stops the run until they are there.
pub(super) fn check(cx: &mut Cx<'_>, pool: &str, settings: &UserPoolClientType) -> Run<()> {
    let names = settings.supported_identity_providers.as_deref();
    let names = names.unwrap_or_default();
    let known = existing(cx, pool, names)?;
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(invalid(format!(
            "The provider {unknown} does not exist for User Pool {pool}."
        ))
        .into()),
        None => Ok(()),
    }
}

/// Those of these names that there are, and the one of the pool itself.
///
/// # Errors
/// Stops the run until the providers are there.
pub(super) fn existing(cx: &mut Cx<'_>, pool: &str, names: &[String]) -> Run<Vec<String>> {
    if names.iter().all(|name| name == OWN) {
        return Ok(names.to_vec());
    }
    let found = identity_providers::existing(cx, pool, names)?;
    let is_there = |name: &String| *name == OWN || found.iter().any(|it| it.name == *name);
    Ok(names
        .iter()
        .filter(|name| is_there(name))
        .cloned()
        .collect())
}
