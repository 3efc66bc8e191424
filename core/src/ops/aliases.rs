//! What users sign in with besides their user names: taken, moved and given up as profiles change.
//!
//! | pool | an alias is |
//! |---|---|
//! | names of their own | nothing |
//! | names and aliases | a verified address, a preferred user name |
//! | addresses as names | an address, verified or not |

use alloc::{format, vec::Vec};

use userpool_ports::Key;

use super::{attributes::Change, directory};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        keys,
        names::canonical_alias,
        pool::{NameRule, Pool},
        user::{AliasKind, Head, Profile},
    },
};

/// Takes the aliases of a new user, whom an administrator makes. `force` takes those that somebody else has,
/// but no address where addresses are names.
///
/// # Errors
/// `UsernameExistsException` where an address that is a name is taken, `AliasExistsException` where an alias is.
pub(crate) fn take_first(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    profile: &Profile,
    force: bool,
) -> Run<()> {
    for kind in AliasKind::ALL {
        let Some(value) = claimed(pool, profile, kind) else {
            continue;
        };
        let is_taken = directory::alias_owner(cx, pool, kind, value)?.is_some();
        match pool.rules.names {
            NameRule::Attribute { .. } if is_taken => {
                return Err(taken(RefusalKind::UsernameExists, kind).into());
            }
            NameRule::Alias { .. } if is_taken && !force => {
                return Err(taken(RefusalKind::AliasExists, kind).into());
            }
            NameRule::Username | NameRule::Alias { .. } | NameRule::Attribute { .. } => {}
        }
        directory::take_alias(cx, pool, kind, value, head.sub)?;
    }
    Ok(())
}

/// Gives up the aliases that a user has no more and takes those that are new.
///
/// # Errors
/// `AliasExistsException` where somebody else has a new one.
pub(crate) fn follow(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    (was, becomes): (&Profile, &Profile),
    change: &Change,
) -> Run<()> {
    let case = pool.rules.case_sensitive;
    let mut moves = Vec::new();
    for kind in AliasKind::ALL {
        let canonical =
            |profile| claimed(pool, profile, kind).map(|alias| canonical_alias(kind, alias, case));
        let (old, new) = (canonical(was), canonical(becomes));
        // Who says that an address is verified is held to it, even if nothing changes: the alias may have
        // moved elsewhere. A preferred user name given at sign-up becomes an alias only now.
        let said = match kind {
            AliasKind::Email | AliasKind::Phone => directory::flag(kind),
            AliasKind::PreferredUsername => kind.attribute(),
        };
        if old != new || change.set.contains_key(said) {
            moves.push((kind, old, new));
        }
    }
    let wanted: Vec<Key> = moves
        .iter()
        .flat_map(|(kind, old, new)| {
            let values = old.iter().chain(new);
            values.map(|value| keys::alias(&pool.id, *kind, value))
        })
        .collect();
    cx.want(&wanted)?;
    for (kind, old, new) in moves {
        if let Some(old) = old.filter(|old| new.as_ref() != Some(old)) {
            directory::drop_alias(cx, pool, kind, &old, head.sub)?;
        }
        if let Some(new) = new {
            let owner = directory::alias_owner(cx, pool, kind, &new)?;
            if owner.is_some_and(|alias| alias.sub != head.sub) {
                return Err(taken(RefusalKind::AliasExists, kind).into());
            }
            directory::take_alias(cx, pool, kind, &new, head.sub)?;
        }
    }
    Ok(())
}

/// The value with which a user of this profile signs in, by kind: in alias pools an address must be verified.
fn claimed<'p>(pool: &Pool, profile: &'p Profile, kind: AliasKind) -> Option<&'p str> {
    if !directory::is_alias(pool, kind) {
        return None;
    }
    let value = profile.attributes.get(kind.attribute())?;
    let verified = || {
        let flag = profile.attributes.get(directory::flag(kind));
        flag.is_some_and(|flag| flag == "true")
    };
    let counts = match (pool.rules.names, kind) {
        (NameRule::Username, _) => false,
        (NameRule::Attribute { .. }, _) => true,
        (NameRule::Alias { .. }, AliasKind::PreferredUsername) => true,
        (NameRule::Alias { .. }, AliasKind::Email | AliasKind::Phone) => verified(),
    };
    counts.then_some(value.as_str())
}

/// The refusal of an address or name that somebody else signs in with.
fn taken(refusal: RefusalKind, kind: AliasKind) -> Refusal {
    let text = format!(
        "An account with the given {} already exists.",
        kind.attribute()
    );
    Refusal::new(refusal, text)
}
