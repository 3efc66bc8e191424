//! What users sign in with besides their user names: taken, moved and given up as profiles change.
//!
//! | pool | an alias is |
//! |---|---|
//! | names of their own | nothing |
//! | names and aliases | a verified address, a preferred user name |
//! | addresses as names | an address, verified or not |

use alloc::{format, sync::Arc, vec::Vec};

use userpool_ports::Key;

use super::{attributes::Change, directory};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        pool::{NameRule, Pool},
        user::{Alias, AliasKind, Head, Profile},
    },
};

/// Where the aliases lie with which a new user of this profile would sign in.
pub(crate) fn of_newcomer(pool: &Pool, profile: &Profile) -> Arc<[Key]> {
    let claims = claims(pool, profile, &AliasKind::ALL);
    claims.iter().map(|(_, key)| key.clone()).collect()
}

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
    let refusal = match pool.rules.names {
        NameRule::Attribute { .. } => Some(RefusalKind::UsernameExists),
        NameRule::Alias { .. } if !force => Some(RefusalKind::AliasExists),
        NameRule::Username | NameRule::Alias { .. } => None,
    };
    take(cx, pool, head, profile, &AliasKind::ALL, refusal)
}

/// Takes the addresses of a new user, who signed up: none that somebody else has. A preferred user name becomes an
/// alias later, when it is set.
///
/// # Errors
/// `UsernameExistsException` where an address is taken.
pub(crate) fn take_signed_up(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    profile: &Profile,
) -> Run<()> {
    let kinds = [AliasKind::Email, AliasKind::Phone];
    let refusal = Some(RefusalKind::UsernameExists);
    take(cx, pool, head, profile, &kinds, refusal)
}

/// Takes aliases of a new user; where one is taken it gives the refusal, if there is any.
fn take(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    profile: &Profile,
    kinds: &[AliasKind],
    refusal: Option<RefusalKind>,
) -> Run<()> {
    cx.once(|cx| {
        let claims = cx.once(|_| Ok(claims(pool, profile, kinds)))?;
        cx.want(claims.iter().map(|(_, key)| key))?;
        for (kind, key) in claims.iter() {
            if let Some(refusal) = refusal
                && cx.get::<Alias>(key)?.is_some()
            {
                return Err(taken(refusal, *kind).into());
            }
            directory::take_alias(cx, key, head.sub)?;
        }
        Ok(())
    })
}

/// The aliases that a change of a profile gives up and takes.
pub(crate) struct Moves(Vec<Moved>);

impl Moves {
    /// What [`Moves::write`] reads.
    pub fn reads(&self) -> impl Iterator<Item = &Key> {
        self.0
            .iter()
            .flat_map(|moved| moved.old.iter().chain(&moved.new))
    }

    /// Writes the change.
    ///
    /// # Errors
    /// `AliasExistsException` where somebody else has a new one.
    pub fn write(&self, cx: &mut Cx<'_>, head: &Head) -> Run<()> {
        cx.want(self.reads())?;
        for moved in &self.0 {
            let gone = moved
                .old
                .as_ref()
                .filter(|old| moved.new.as_ref() != Some(old));
            if let Some(old) = gone {
                directory::drop_alias(cx, old, head.sub)?;
            }
            if let Some(new) = &moved.new {
                let owner = cx.get::<Alias>(new)?;
                if owner.is_some_and(|alias| alias.sub != head.sub) {
                    return Err(taken(RefusalKind::AliasExists, moved.kind).into());
                }
                directory::take_alias(cx, new, head.sub)?;
            }
        }
        Ok(())
    }

    /// What a change of a profile, and what was said with it, does to the aliases.
    pub fn of(pool: &Pool, (was, becomes): (&Profile, &Profile), change: &Change) -> Self {
        let mut moves = Vec::new();
        for kind in AliasKind::ALL {
            let key = |profile| {
                claimed(pool, profile, kind).map(|alias| directory::alias_key(pool, kind, alias))
            };
            let (old, new) = (key(was), key(becomes));
            // Who says that an address is verified is held to it, even if nothing changes: the alias may have
            // moved elsewhere. A preferred user name given at sign-up becomes an alias only now.
            let said = match kind {
                AliasKind::Email | AliasKind::Phone => directory::flag(kind),
                AliasKind::PreferredUsername => kind.attribute(),
            };
            if old != new || change.set.contains_key(said) {
                moves.push(Moved { kind, old, new });
            }
        }
        Self(moves)
    }
}

/// An alias that a user gives up, takes, or is held to.
struct Moved {
    kind: AliasKind,
    old: Option<Key>,
    new: Option<Key>,
}

/// The aliases of these kinds with which a user of this profile signs in, and where they lie.
fn claims(pool: &Pool, profile: &Profile, kinds: &[AliasKind]) -> Arc<[(AliasKind, Key)]> {
    let claim = |kind: &AliasKind| {
        let value = claimed(pool, profile, *kind)?;
        Some((*kind, directory::alias_key(pool, *kind, value)))
    };
    kinds.iter().filter_map(claim).collect()
}

/// The value with which a user of this profile signs in, by kind: in alias pools an address must be verified.
fn claimed<'p>(pool: &Pool, profile: &'p Profile, kind: AliasKind) -> Option<&'p str> {
    // What a provider says of its user is nobody's name here.
    if profile.is_federated() || !directory::is_alias(pool, kind) {
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
