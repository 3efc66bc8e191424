//! The directory of a pool: users made, changed and removed together with their names, aliases and indexes.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_ports::Key;

use super::{groups::memberships, parties::alias_kinds, user_count};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        attempts::Attempts,
        device::Devices,
        group::Memberships,
        identity::Link,
        job::Job,
        keys,
        names::{canonical, canonical_alias, lower},
        passkeys::{CredentialOwner, Passkeys},
        pool::Pool,
        sub::Sub,
        user::{Alias, AliasKind, Head, Indexed, Name, Password, Profile, Status},
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

/// Where the index holds a user.
fn index_keys(pool: &Pool, head: &Head, profile: &Profile) -> Vec<Key> {
    INDEXED
        .iter()
        .filter_map(|(attribute, byte)| {
            let value = searchable(head, profile, attribute)?;
            Some(keys::index(&pool.id, *byte, &lower(value), &head.sub))
        })
        .collect()
}

/// A user about to be written.
pub(crate) struct NewUser<'u> {
    pub head: &'u Head,
    pub profile: &'u Profile,
    pub password: &'u Password,
}

/// Writes a new user with its name and indexes; its aliases are taken apart.
///
/// # Errors
/// Stops the run until the count of users is there.
pub(crate) fn create(cx: &mut Cx<'_>, pool: &Pool, user: &NewUser<'_>) -> Run<()> {
    cx.once(|cx| {
        user_count::joined(cx, &pool.id, &user.head.sub)?;
        let (id, sub) = (&pool.id, user.head.sub);
        cx.insert(&keys::head(id, &sub), user.head);
        cx.insert(&keys::profile(id, &sub), user.profile);
        cx.insert(&keys::password(id, &sub), user.password);
        cx.insert(&keys::attempts(id, &sub), &Attempts::default());
        let case = pool.rules.case_sensitive;
        cx.insert(
            &keys::name(id, &canonical(&user.head.username, case)),
            &Name { sub },
        );
        for key in index_keys(pool, user.head, user.profile) {
            cx.insert(&key, &Indexed {});
        }
        Ok(())
    })
}

/// Where the index holds a user by status.
pub(crate) fn status_key(pool: &Pool, sub: &Sub, status: Status) -> Key {
    let byte = INDEXED
        .iter()
        .find(|(name, _)| *name == "cognito:user_status");
    let byte = byte.map_or(0, |(_, byte)| *byte);
    keys::index(&pool.id, byte, &lower(status.as_str()), sub)
}

/// The entries of the index that a change of a user removes and makes.
pub(crate) struct Reindex {
    gone: Vec<Key>,
    new: Vec<Key>,
}

impl Reindex {
    /// What brings the index from what a user was to what the user becomes.
    pub fn of(pool: &Pool, was: (&Head, &Profile), becomes: (&Head, &Profile)) -> Self {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for (attribute, byte) in INDEXED {
            let before = searchable(was.0, was.1, attribute);
            let after = searchable(becomes.0, becomes.1, attribute);
            if before == after {
                continue;
            }
            let key = |value: &str| keys::index(&pool.id, *byte, &lower(value), &was.0.sub);
            let (before, after) = (before.map(key), after.map(key));
            if before != after {
                gone.extend(before);
                new.extend(after);
            }
        }
        Self { gone, new }
    }

    /// What [`Reindex::write`] reads.
    pub fn reads(&self) -> &[Key] {
        &self.gone
    }

    /// Writes the change.
    ///
    /// # Errors
    /// Stops the run until the entries to remove are there.
    pub fn write(&self, cx: &mut Cx<'_>) -> Run<()> {
        cx.want(&self.gone)?;
        for key in &self.gone {
            if let Some(entry) = cx.get::<Indexed>(key)? {
                cx.remove(&entry);
            }
        }
        for key in &self.new {
            cx.insert(key, &Indexed {});
        }
        Ok(())
    }
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
    cx.once(|cx| {
        let change = cx.once(|_| Ok(Arc::new(Reindex::of(pool, was, becomes))))?;
        change.write(cx)
    })
}

/// Where the alias lies that a value is.
pub(crate) fn alias_key(pool: &Pool, kind: AliasKind, value: &str) -> Key {
    let canonical = canonical_alias(kind, value, pool.rules.case_sensitive);
    keys::alias(&pool.id, kind, &canonical)
}

/// Makes an alias a user's, whoever had it; a former owner's flag counts no longer.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn take_alias(cx: &mut Cx<'_>, key: &Key, sub: Sub) -> Run<()> {
    match cx.get::<Alias>(key)? {
        Some(alias) if alias.sub == sub => cx.check(&alias),
        Some(alias) => cx.update(&alias, &Alias { sub }),
        None => cx.insert(key, &Alias { sub }),
    }
    Ok(())
}

/// Gives up an alias of a user, if it is still the user's.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn drop_alias(cx: &mut Cx<'_>, key: &Key, sub: Sub) -> Run<()> {
    match cx.get::<Alias>(key)? {
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
pub(crate) fn records(pool: &str, sub: &Sub) -> [Key; 10] {
    [
        keys::profile(pool, sub),
        keys::password(pool, sub),
        keys::attempts(pool, sub),
        keys::factors(pool, sub),
        keys::sessions(pool, sub),
        keys::activity(pool, sub),
        keys::memberships(pool, sub),
        keys::device_list(pool, sub),
        keys::passkeys(pool, sub),
        user_count::key(pool, sub),
    ]
}

/// Removes a user with its names, indexes and memberships. Grants, chains, codes and marks of the user die with the
/// head and are swept when they end.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn remove(cx: &mut Cx<'_>, pool: &Pool, head: &Held<Head>) -> Run<()> {
    cx.once(|cx| {
        let (id, sub) = (&pool.id, head.sub);
        let records = cx.once(|_| Ok(records(id, &sub)))?;
        cx.want(&records)?;
        let [
            profile,
            password,
            attempts,
            factors,
            sessions,
            activity,
            groups,
            devices,
            passkeys,
            _,
        ] = &records;
        let profile = cx.get::<Profile>(profile)?;
        let groups = cx.get::<Memberships>(groups)?;
        let passkeys = cx.get::<Passkeys>(passkeys)?;

        // What these lead to is read together.
        let leads = cx.once(|_| {
            Ok(Arc::new(Leads::of(
                pool,
                head,
                profile.as_deref(),
                groups.as_deref(),
                passkeys.as_deref(),
            )))
        })?;
        cx.want(leads.all())?;
        for key in &leads.indexes {
            if let Some(entry) = cx.get::<Indexed>(key)? {
                cx.remove(&entry);
            }
        }
        for key in &leads.aliases {
            drop_alias(cx, key, sub)?;
        }
        if let Some(groups) = &groups {
            memberships::leave_all(cx, id, sub, groups)?;
        }
        for key in &leads.credentials {
            if let Some(owner) = cx.get::<CredentialOwner>(key)? {
                cx.remove(&owner);
            }
        }
        for key in &leads.identities {
            if let Some(link) = cx.get::<Link>(key)?.filter(|link| link.sub == sub) {
                cx.remove(&link);
            }
        }
        if let Some(passkeys) = &passkeys {
            cx.remove(passkeys);
        }
        if let Some(profile) = &profile {
            cx.remove(profile);
        }
        if let Some(devices) = cx.get::<Devices>(devices)? {
            let key = keys::job(&cx.random("job of devices"));
            cx.insert(&key, &Job::forget_devices(id, sub, cx.now()));
            cx.remove(&devices);
        }
        for key in [password, attempts, factors, sessions, activity] {
            if let Some(record) = cx.any(key)? {
                cx.remove(&record);
            }
        }
        if let Some(name) = cx.get::<Name>(&leads.name)?.filter(|name| name.sub == sub) {
            cx.remove(&name);
        }
        cx.remove(head);
        user_count::left(cx, id, &sub)
    })
}

/// Where the records lie to which a user's own records lead.
struct Leads {
    name: Key,
    indexes: Vec<Key>,
    aliases: Vec<Key>,
    lists: Vec<Key>,
    credentials: Vec<Key>,
    identities: Vec<Key>,
}

impl Leads {
    fn of(
        pool: &Pool,
        head: &Head,
        profile: Option<&Profile>,
        groups: Option<&Memberships>,
        passkeys: Option<&Passkeys>,
    ) -> Self {
        let case = pool.rules.case_sensitive;
        let name = keys::name(&pool.id, &canonical(&head.username, case));
        let alias = |kind: AliasKind| {
            let value = profile?.attributes.get(kind.attribute())?;
            Some(alias_key(pool, kind, value))
        };
        Self {
            name,
            indexes: profile.map_or_else(Vec::new, |profile| index_keys(pool, head, profile)),
            aliases: alias_kinds(pool).filter_map(alias).collect(),
            lists: groups.map_or_else(Vec::new, |groups| {
                memberships::left_at_once(&pool.id, &head.sub, groups)
            }),
            identities: profile
                .and_then(|profile| profile.identities.as_ref())
                .iter()
                .flat_map(|identities| &identities.all)
                .map(|it| keys::link(&pool.id, &it.provider, &it.attribute, &it.value))
                .collect(),
            credentials: passkeys
                .iter()
                .flat_map(|passkeys| &passkeys.all)
                .map(|passkey| keys::credential(&pool.id, &passkey.id))
                .collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        let leads = self.indexes.iter().chain(&self.aliases);
        let leads = leads.chain(&self.lists).chain(&self.credentials);
        let leads = leads.chain(&self.identities);
        leads.chain([&self.name])
    }
}
