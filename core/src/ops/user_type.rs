//! A user as the API shows it: attributes as they count, `sub` first, with dates and status.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_ports::Key;
use userpool_wire::{
    Timestamp,
    idp::{AttributeType, UserStatusType, UserType},
};

use super::{directory, parties};
use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        names::canonical_alias,
        pool::{NameRule, Pool},
        sub::Sub,
        user::{Alias, AliasKind, Head, Profile, Status},
    },
};

/// The attribute that tells what identity providers know a user as.
pub(crate) const IDENTITIES: &str = "identities";

/// A user in a list or in the reply of its creation.
pub(crate) fn user_type(head: &Head, attributes: Vec<AttributeType>) -> UserType {
    UserType {
        username: Some(head.username.as_str().into()),
        attributes: Some(attributes),
        user_create_date: Some(Timestamp::from_millis(head.created.millis())),
        user_last_modified_date: Some(Timestamp::from_millis(head.modified.millis())),
        enabled: Some(head.enabled),
        user_status: Some(status(head.status)),
        mfa_options: None,
    }
}

/// Attributes on the wire: `sub`, then the others in the order of their names.
pub(crate) fn listed<'a>(
    sub: &Sub,
    attributes: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Vec<AttributeType> {
    let sub = attribute("sub", &sub.to_string());
    let others = attributes.into_iter();
    core::iter::once(sub)
        .chain(others.map(|(name, value)| attribute(name, value)))
        .collect()
}

/// The attributes of a user as they count: a verified flag of an alias that moved elsewhere is `false`, and what
/// identity providers know the user as is among them.
///
/// # Errors
/// Stops the run until the aliases are there.
pub(crate) fn effective(
    cx: &mut Cx<'_>,
    pool: &Pool,
    sub: &Sub,
    profile: &Profile,
) -> Run<BTreeMap<String, String>> {
    cx.once(|cx| {
        let aliases: Arc<[(AliasKind, Key)]> =
            cx.once(|_| Ok(verified_aliases(pool, profile).collect()))?;
        cx.want(aliases.iter().map(|(_, key)| key))?;
        let mut attributes = profile.attributes.clone();
        if let Some(identities) = &profile.identities {
            attributes.insert(IDENTITIES.into(), identities.to_json());
        }
        for (kind, key) in &*aliases {
            let owner = cx.get::<Alias>(key)?;
            if owner.is_none_or(|alias| alias.sub != *sub) {
                attributes.insert(directory::flag(*kind).into(), "false".into());
            }
        }
        Ok(attributes)
    })
}

/// The aliases that the verified flags of a profile hang on.
pub(crate) fn verified_aliases(
    pool: &Pool,
    profile: &Profile,
) -> impl Iterator<Item = (AliasKind, Key)> {
    let hangs = |kind: &AliasKind| !profile.is_federated() && hangs_on_alias(pool, *kind);
    let kinds = parties::alias_kinds(pool).filter(hangs);
    kinds.filter_map(|kind| {
        let value = profile.attributes.get(kind.attribute())?;
        let flag = profile.attributes.get(directory::flag(kind))?;
        let canonical = canonical_alias(kind, value, pool.rules.case_sensitive);
        (flag == "true").then(|| (kind, keys::alias(&pool.id, kind, &canonical)))
    })
}

/// Whether the verified flag of an address counts only while the alias points back.
pub(crate) fn hangs_on_alias(pool: &Pool, kind: AliasKind) -> bool {
    let in_question = matches!(pool.rules.names, NameRule::Alias { .. });
    in_question && directory::is_alias(pool, kind)
}

/// The protocol's word for a status.
pub(crate) fn status(status: Status) -> UserStatusType {
    match status {
        Status::Unconfirmed => UserStatusType::Unconfirmed,
        Status::Confirmed => UserStatusType::Confirmed,
        Status::ForceChangePassword => UserStatusType::ForceChangePassword,
        Status::ResetRequired => UserStatusType::ResetRequired,
        Status::ExternalProvider => UserStatusType::ExternalProvider,
    }
}

fn attribute(name: &str, value: &str) -> AttributeType {
    AttributeType {
        name: name.into(),
        value: Some(value.into()),
    }
}
