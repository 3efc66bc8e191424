//! A pool's names for levels of authentication (`AcrConfiguration`), in requests and in tokens.

use alloc::{collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};

use super::pools;
use crate::{
    engine::{Cx, Run},
    model::pool::Pool,
};

/// The highest level.
pub(crate) const HIGHEST: u8 = 4;

/// The levels of these names, in the order of the names; a name that the pool does not have is left out, as a request
/// for it is a wish (OpenID Connect Core §3.1.2.1).
///
/// # Errors
/// A fault if the description of the pool is none.
pub(crate) fn named(cx: &mut Cx<'_>, pool: &Pool, names: &str) -> Run<Vec<u8>> {
    let own = own(cx, pool)?;
    let level = |name: &str| {
        (1..=HIGHEST).find(|level| own.get(&member(*level)).is_some_and(|it| it == name))
    };
    Ok(names.split_ascii_whitespace().filter_map(level).collect())
}

/// The pool's name of a level; none of what is no level.
///
/// # Errors
/// A fault if the description of the pool is none.
pub(crate) fn name(cx: &mut Cx<'_>, pool: &Pool, level: u8) -> Run<Option<String>> {
    Ok(own(cx, pool)?.get(&member(level)).cloned())
}

/// What a level is called in maps of names.
pub(crate) fn member(level: u8) -> String {
    format!("Level{level}")
}

fn own(cx: &mut Cx<'_>, pool: &Pool) -> Run<Arc<BTreeMap<String, String>>> {
    cx.once(|_| {
        let named = pools::level_names(pool)?;
        Ok(Arc::new(named))
    })
}
