//! Levels of authentication at identity providers: what they are asked for (`acr_values`), and what they say of a sign-in
//! (OpenID Connect Core §2, §3.1.2.1).
//!
//! A pool names four levels (`AcrConfiguration`), and each provider of OpenID Connect may have names of its own for
//! them (`AcrMapping`). Sign-ins at providers without such names have no level.

use alloc::{string::String, vec::Vec};

use serde_json::Value;

use crate::{
    model::identity_provider::IdentityProvider,
    ops::levels::{HIGHEST, member},
};

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
