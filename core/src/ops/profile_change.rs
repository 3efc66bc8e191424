//! A change of a user's attributes together with what hangs on them: flags, aliases, indexes, codes.
//!
//! What becomes of an address that changes:
//!
//! | who, and what is said of the flag | pool | stored | flag | code |
//! |---|---|---|---|---|
//! | administrator, verified | any | new | `true` | none |
//! | administrator, not verified | any | new | `false` | where auto-verified |
//! | nothing is said | plain | new | `false` | where auto-verified |
//! | nothing is said | verifies before it updates | old, new waits | as it was | to the new address |

use alloc::{collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};

use userpool_ports::{Key, Purpose, Timestamp};
use userpool_wire::idp::CodeDeliveryDetailsType;

use super::{
    aliases::Moves,
    attributes::Change,
    codes,
    directory::{self, Reindex},
    parties::alias_kinds,
    sign_up::sign_up::name_form,
    triggers::{About, custom_message},
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        code::CodePurpose,
        pool::{NameRule, Pool},
        user::{AliasKind, Head, Profile},
    },
};

/// Writes a change of attributes that the schema and the writer's rights allow: profile, head, aliases and
/// indexes. Sends codes to new addresses that want one, and gives their deliveries.
///
/// Refusals, in this order: removing the last address that is the user's name, a preferred user name in the form
/// of an address that is an alias, a flag without its address, an address or name that somebody else signs in with, a
/// message trigger.
///
/// # Errors
/// The refusals above; stops the run until the records are there.
pub(crate) fn apply(
    cx: &mut Cx<'_>,
    about: About<'_>,
    head: &Held<Head>,
    profile: &Held<Profile>,
    change: &Change,
) -> Run<Vec<CodeDeliveryDetailsType>> {
    cx.once(|cx| write(cx, about, head, profile, change))
}

fn write(
    cx: &mut Cx<'_>,
    about: About<'_>,
    head: &Held<Head>,
    profile: &Held<Profile>,
    change: &Change,
) -> Run<Vec<CodeDeliveryDetailsType>> {
    let pool = about.pool;
    let plan = cx.once(|cx| Ok(Arc::new(Plan::of(cx.now(), pool, (head, profile), change)?)))?;
    cx.want(&plan.reads)?;
    plan.aliases.write(cx, head)?;
    plan.index.write(cx)?;
    cx.update(head, &plan.head);
    cx.update(profile, &plan.profile);
    let mut deliveries = Vec::with_capacity(plan.unproven.len());
    for (kind, address) in &plan.unproven {
        let sent = (Purpose::UpdateUserAttribute, *kind);
        let told = &plan.profile.attributes;
        let words = custom_message::words(cx, about, &plan.head, told, sent)??;
        let (purpose, why) = (CodePurpose::verifying(*kind), (sent.0, &words));
        let delivery = codes::issue(cx, pool, &plan.head, purpose, *kind, address, why)?;
        deliveries.push(delivery);
    }
    Ok(deliveries)
}

/// What a change does, and what it has to read for it.
struct Plan {
    head: Head,
    profile: Profile,
    aliases: Moves,
    index: Reindex,
    /// The addresses that get a code.
    unproven: Vec<(AliasKind, String)>,
    reads: Vec<Key>,
}

impl Plan {
    fn of(
        now: Timestamp,
        pool: &Pool,
        (head, profile): (&Head, &Profile),
        change: &Change,
    ) -> Result<Self, Refusal> {
        let (becomes, unproven) = changed(pool, profile, change)?;
        let changed = Head {
            modified: now,
            ..head.clone()
        };
        let aliases = Moves::of(pool, (profile, &becomes), change);
        let index = Reindex::of(pool, (head, profile), (&changed, &becomes));
        let mut reads: Vec<Key> = aliases.reads().chain(index.reads()).cloned().collect();
        for (kind, _) in &unproven {
            reads.extend(codes::reads(pool, head, CodePurpose::verifying(*kind)));
        }
        Ok(Self {
            head: changed,
            profile: becomes,
            aliases,
            index,
            unproven,
            reads,
        })
    }
}

/// The changed profile, and the addresses that get a code.
fn changed(
    pool: &Pool,
    profile: &Profile,
    change: &Change,
) -> Result<(Profile, Vec<(AliasKind, String)>), Refusal> {
    check_keeps_name(pool, profile, change)?;
    check_preferred(pool, &change.set)?;
    let mut becomes = profile.clone();
    for (name, value) in &change.set {
        becomes.attributes.insert(name.clone(), value.clone());
    }
    for name in &change.remove {
        becomes.attributes.remove(name);
    }
    let mut unproven = Vec::new();
    for kind in [AliasKind::Email, AliasKind::Phone] {
        if let Some(address) = settle(pool, profile, &mut becomes, change, kind)? {
            unproven.push((kind, address));
        }
    }
    Ok((becomes, unproven))
}

/// Refuses to take from a user the last address that is the user's name.
fn check_keeps_name(pool: &Pool, profile: &Profile, change: &Change) -> Result<(), Refusal> {
    if !matches!(pool.rules.names, NameRule::Attribute { .. }) {
        return Ok(());
    }
    let has = |kind: AliasKind| profile.attributes.contains_key(kind.attribute());
    let goes = |kind: AliasKind| change.remove.iter().any(|name| name == kind.attribute());
    if alias_kinds(pool).any(|kind| has(kind) && !goes(kind)) {
        return Ok(());
    }
    match alias_kinds(pool).find(|kind| goes(*kind)) {
        Some(kind) => {
            let text = format!(
                "user.{}: Attribute cannot be deleted, the user signs in with it.\n",
                kind.attribute()
            );
            Err(Refusal::new(RefusalKind::InvalidParameter, text))
        }
        None => Ok(()),
    }
}

/// Refuses a preferred user name that looks like somebody's address, where both are aliases.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn check_preferred(
    pool: &Pool,
    attributes: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let kind = AliasKind::PreferredUsername;
    match attributes.get(kind.attribute()) {
        Some(name) if directory::is_alias(pool, kind) => name_form(pool, name).map(drop),
        _ => Ok(()),
    }
}

/// Brings an address and its flag together by the table of this module; the address that gets a code.
fn settle(
    pool: &Pool,
    was: &Profile,
    becomes: &mut Profile,
    change: &Change,
    kind: AliasKind,
) -> Result<Option<String>, Refusal> {
    let (attribute, flag) = (kind.attribute(), directory::flag(kind));
    let said = change.set.get(flag);
    let Some(address) = becomes.attributes.get(attribute).cloned() else {
        if said.is_some() {
            return Err(no_address(kind));
        }
        becomes.attributes.remove(flag);
        becomes.pending.remove(attribute);
        return Ok(None);
    };
    if !change.set.contains_key(attribute) {
        return Ok(None);
    }
    becomes.pending.remove(attribute);
    let old = was.attributes.get(attribute);
    if old == Some(&address) || said.is_some_and(|said| said == "true") {
        return Ok(None);
    }
    if said.is_none() && waits_for_its_code(pool, kind) {
        match old {
            Some(old) => becomes.attributes.insert(attribute.into(), old.clone()),
            None => becomes.attributes.remove(attribute),
        };
        becomes.pending.insert(attribute.into(), address.clone());
        return Ok(Some(address));
    }
    becomes.attributes.insert(flag.into(), "false".into());
    Ok(gets_a_code(pool, kind).then_some(address))
}

/// Whether a changed address waits for its code before it counts.
fn waits_for_its_code(pool: &Pool, kind: AliasKind) -> bool {
    match kind {
        AliasKind::Email => pool.rules.verify_email_before_update,
        AliasKind::Phone => pool.rules.verify_phone_before_update,
        AliasKind::PreferredUsername => false,
    }
}

/// Whether a changed address gets a code by itself.
fn gets_a_code(pool: &Pool, kind: AliasKind) -> bool {
    match kind {
        AliasKind::Email => pool.rules.auto_verify_email,
        AliasKind::Phone => pool.rules.auto_verify_phone,
        AliasKind::PreferredUsername => false,
    }
}

/// Checks that each verified flag of a new user has its address.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn check_flags(attributes: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let lonely = [AliasKind::Email, AliasKind::Phone]
        .into_iter()
        .find(|kind| {
            attributes.contains_key(directory::flag(*kind))
                && !attributes.contains_key(kind.attribute())
        });
    lonely.map_or(Ok(()), |kind| Err(no_address(kind)))
}

/// The refusal of a flag whose address is missing.
fn no_address(kind: AliasKind) -> Refusal {
    let text = match kind {
        AliasKind::Phone => "Phone Number is required to verify/un-verify a phone number",
        AliasKind::Email | AliasKind::PreferredUsername => {
            "Email is required to verify/un-verify an email"
        }
    };
    Refusal::new(RefusalKind::InvalidParameter, text)
}
