//! Levels of authentication: what a request asks for (`acr_values`), what an identity provider is asked for and says of
//! a sign-in, and what an ID token tells (OpenID Connect Core §2, §3.1.2.1).
//!
//! A pool names four levels (`AcrConfiguration`), and each provider of OpenID Connect may have names of its own for
//! them (`AcrMapping`). Sign-ins at the pool itself, and at providers without such names, have no level: what a password
//! or a second factor is worth is nowhere said.

use alloc::{collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};

use serde_json::Value;

use crate::{
    engine::{Cx, Run},
    model::{identity_provider::IdentityProvider, pool::Pool},
    ops::pools,
};

/// The highest level.
const HIGHEST: u8 = 4;

/// The levels of these names, in the order of the names; a name that the pool does not have is left out, as a request
/// for it is a wish (OpenID Connect Core §3.1.2.1).
///
/// # Errors
/// A fault if the description of the pool is none.
pub(super) fn named(cx: &mut Cx<'_>, pool: &Pool, names: &str) -> Run<Vec<u8>> {
    let own = own(cx, pool)?;
    let level = |name: &str| {
        (1..=HIGHEST).find(|level| own.get(&member(*level)).is_some_and(|it| it == name))
    };
    Ok(names.split_ascii_whitespace().filter_map(level).collect())
}

/// The pool's name of a level.
///
/// # Errors
/// A fault if the description of the pool is none.
pub(super) fn name(cx: &mut Cx<'_>, pool: &Pool, level: u8) -> Run<Option<String>> {
    Ok(own(cx, pool)?.get(&member(level)).cloned())
}

/// The names that a provider has for these levels, as it is asked for them.
pub(super) fn asked(provider: &IdentityProvider, levels: &[u8]) -> Option<String> {
    let names = levels
        .iter()
        .filter_map(|level| provider.levels.get(&member(*level)));
    let names: Vec<&str> = names.map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The level that a provider says a sign-in has: the lowest where it says something else or nothing, and none where
/// levels are nothing to it.
pub(super) fn told(provider: &IdentityProvider, acr: Option<&Value>) -> Option<u8> {
    if provider.levels.is_empty() {
        return None;
    }
    let acr = acr.and_then(Value::as_str);
    let found = (1..=HIGHEST).find(|level| {
        provider.levels.get(&member(*level)).map(String::as_str) == acr && acr.is_some()
    });
    Some(found.unwrap_or(1))
}

fn own(cx: &mut Cx<'_>, pool: &Pool) -> Run<Arc<BTreeMap<String, String>>> {
    cx.once(|_| {
        let named = pools::level_names(pool)?;
        Ok(Arc::new(named))
    })
}

fn member(level: u8) -> String {
    format!("Level{level}")
}
