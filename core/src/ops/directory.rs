//! The directory of a pool: users made, changed and removed together with their names, aliases and indexes.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use userpool_ports::Key;

use super::{groups::memberships, parties::alias_kinds, user_count};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        attempts::Attempts,
        group::Memberships,
        keys,
        names::{canonical, canonical_alias, lower},
        pool::Pool,
        sub::Sub,
        user::{Alias, AliasKind, Head, Indexed, Name, Password, Profile},
    },
};

/// The searchable attributes with their byte in index keys.
pub(crate) const INDEXED: &[(&str, u8)] = &[
    ("username", b'u'),
    ("email", b'e'),
    ("phone_number", b'p'),
    ("name", b'n'),
    ("given_name", b'g'),
    ("family_name", b'f'),
    ("preferred_username", b'q'),
    ("cognito:user_status", b's'),
    ("status", b'x'),
];

/// The value under which a user is found by a searchable attribute.
pub(crate) fn searchable<'u>(
    head: &'u Head,
    profile: &'u Profile,
    attribute: &str,
) -> Option<&'u str> {
    match attribute {
        "username" => Some(&head.username),
        "cognito:user_status" => Some(head.status.as_str()),
        "status" => Some(if head.enabled { "Enabled" } else { "Disabled" }),
        other => profile.attributes.get(other).map(String::as_str),
    }
}

fn index_keys(pool: &Pool, head: &Head, profile: &Profile) -> BTreeSet<Key> {
    INDEXED
        .iter()
        .filter_map(|(attribute, byte)| {
            let value = searchable(head, profile, attribute)?;
            Some(keys::index(&pool.id, *byte, &lower(value), &head.sub))
        })
        .collect()
}

/// A user about to be written.
pub(crate) struct NewUser {
    pub head: Head,
    pub profile: Profile,
    pub password: Password,
    pub attempts: Attempts,
}

/// Writes a new user with its name and indexes; its aliases are taken apart.
///
/// # Errors
/// Stops the run until the count of users is there.
pub(crate) fn create(cx: &mut Cx<'_>, pool: &Pool, user: &NewUser) -> Run<()> {
    user_count::joined(cx, &pool.id, &user.head.sub)?;
    let (id, sub) = (&pool.id, user.head.sub);
    cx.insert(&keys::head(id, &sub), &user.head);
    cx.insert(&keys::profile(id, &sub), &user.profile);
    cx.insert(&keys::password(id, &sub), &user.password);
    cx.insert(&keys::attempts(id, &sub), &user.attempts);
    let case = pool.rules.case_sensitive;
    cx.insert(
        &keys::name(id, &canonical(&user.head.username, case)),
        &Name { sub },
    );
    for key in index_keys(pool, &user.head, &user.profile) {
        cx.insert(&key, &Indexed {});
    }
    Ok(())
}

/// Brings the indexes from what a user was to what the user becomes.
///
/// # Errors
/// Stops the run until the entries to remove are there.
pub(crate) fn reindex(
    cx: &mut Cx<'_>,
    pool: &Pool,
    was: (&Head, &Profile),
    becomes: (&Head, &Profile),
) -> Run<()> {
    let before = index_keys(pool, was.0, was.1);
    let after = index_keys(pool, becomes.0, becomes.1);
    let gone: Vec<&Key> = before.difference(&after).collect();
    cx.want(gone.iter().copied())?;
    for key in gone {
        if let Some(entry) = cx.get::<Indexed>(key)? {
            cx.remove(&entry);
        }
    }
    for key in after.difference(&before) {
        cx.insert(key, &Indexed {});
    }
    Ok(())
}

/// The alias of a user: whose it is now.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn alias_owner(
    cx: &mut Cx<'_>,
    pool: &Pool,
    kind: AliasKind,
    value: &str,
) -> Run<Option<Held<Alias>>> {
    let canonical = canonical_alias(kind, value, pool.rules.case_sensitive);
    cx.get::<Alias>(&keys::alias(&pool.id, kind, &canonical))
}

/// Makes a value the alias of a user, whoever had it; a former owner's flag counts no longer.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn take_alias(
    cx: &mut Cx<'_>,
    pool: &Pool,
    kind: AliasKind,
    value: &str,
    sub: Sub,
) -> Run<()> {
    match alias_owner(cx, pool, kind, value)? {
        Some(alias) if alias.sub == sub => cx.check(&alias),
        Some(alias) => cx.update(&alias, &Alias { sub }),
        None => {
            let canonical = canonical_alias(kind, value, pool.rules.case_sensitive);
            cx.insert(&keys::alias(&pool.id, kind, &canonical), &Alias { sub });
        }
    }
    Ok(())
}

/// Gives up an alias of a user, if it is still the user's.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn drop_alias(
    cx: &mut Cx<'_>,
    pool: &Pool,
    kind: AliasKind,
    value: &str,
    sub: Sub,
) -> Run<()> {
    match alias_owner(cx, pool, kind, value)? {
        Some(alias) if alias.sub == sub => cx.remove(&alias),
        _ => {}
    }
    Ok(())
}

/// Whether an address of this kind is something that the pool's users sign in with.
pub(crate) fn is_alias(pool: &Pool, kind: AliasKind) -> bool {
    alias_kinds(pool).any(|alias| alias == kind)
}

/// The flag that tells whether an address is verified.
pub(crate) const fn flag(kind: AliasKind) -> &'static str {
    match kind {
        AliasKind::Email => "email_verified",
        AliasKind::Phone => "phone_number_verified",
        AliasKind::PreferredUsername => "",
    }
}

/// The records that deleting a user reads besides the head; worth asking for together with it.
pub(crate) fn records(pool: &str, sub: &Sub) -> [Key; 5] {
    [
        keys::profile(pool, sub),
        keys::password(pool, sub),
        keys::attempts(pool, sub),
        keys::memberships(pool, sub),
        user_count::key(pool, sub),
    ]
}

/// Removes a user with its names, indexes and memberships. Grants, chains, codes and marks of the user die with the
/// head and are swept when they end.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn remove(cx: &mut Cx<'_>, pool: &Pool, head: &Held<Head>) -> Run<()> {
    let (id, sub) = (&pool.id, head.sub);
    let records = records(id, &sub);
    cx.want(&records)?;
    let [profile, password, attempts, groups, _] = &records;
    let profile = cx.get::<Profile>(profile)?;
    let groups = cx.get::<Memberships>(groups)?;

    // What these lead to is read together.
    let case = pool.rules.case_sensitive;
    let name_key = keys::name(id, &canonical(&head.username, case));
    let mut indexes = BTreeSet::new();
    let mut aliases = Vec::new();
    if let Some(profile) = &profile {
        indexes = index_keys(pool, head, profile);
        aliases.extend(alias_kinds(pool).filter_map(|kind| {
            let value = profile.attributes.get(kind.attribute())?;
            Some(keys::alias(id, kind, &canonical_alias(kind, value, case)))
        }));
    }
    let lists = groups
        .as_ref()
        .map_or_else(Vec::new, |held| memberships::left_at_once(id, &sub, held));
    let found = indexes.iter().chain(&aliases).chain(&lists);
    cx.want(found.chain([&name_key]))?;

    for key in &indexes {
        if let Some(entry) = cx.get::<Indexed>(key)? {
            cx.remove(&entry);
        }
    }
    for key in &aliases {
        if let Some(alias) = cx.get::<Alias>(key)?.filter(|alias| alias.sub == sub) {
            cx.remove(&alias);
        }
    }
    if let Some(groups) = &groups {
        memberships::leave_all(cx, id, sub, groups)?;
    }
    if let Some(profile) = &profile {
        cx.remove(profile);
    }
    if let Some(password) = cx.get::<Password>(password)? {
        cx.remove(&password);
    }
    if let Some(attempts) = cx.get::<Attempts>(attempts)? {
        cx.remove(&attempts);
    }
    if let Some(name) = cx.get::<Name>(&name_key)?.filter(|name| name.sub == sub) {
        cx.remove(&name);
    }
    cx.remove(head);
    user_count::left(cx, id, &sub)
}
