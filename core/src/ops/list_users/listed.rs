//! Users of a list: found by their ids, read together, and shown.

use alloc::vec::Vec;

use userpool_ports::Key;
use userpool_wire::idp::UserType;

use crate::{
    engine::{Cx, Held, Run},
    model::{
        keys,
        pool::Pool,
        sub::Sub,
        user::{Head, Profile},
    },
    ops::user_type,
};

/// A user of a page, before it is read; the head is there where the page was one of heads.
pub(crate) struct Candidate {
    sub: Sub,
    head: Option<Held<Head>>,
}

impl Candidate {
    /// Somebody of whom the id is known.
    pub fn by_sub(sub: Sub) -> Self {
        Self { sub, head: None }
    }

    /// Somebody of whom the head is known.
    pub fn by_head(head: Held<Head>) -> Self {
        Self {
            sub: head.sub,
            head: Some(head),
        }
    }
}

/// The heads and profiles of users, read together. Who was deleted since the page was read is left out.
///
/// # Errors
/// Stops the run until they are there.
pub(crate) fn load(
    cx: &mut Cx<'_>,
    pool: &Pool,
    candidates: Vec<Candidate>,
) -> Run<Vec<(Held<Head>, Held<Profile>)>> {
    let heads = candidates
        .iter()
        .filter(|candidate| candidate.head.is_none());
    let heads = heads.map(|candidate| keys::head(&pool.id, &candidate.sub));
    let profiles = candidates
        .iter()
        .map(|candidate| keys::profile(&pool.id, &candidate.sub));
    let wanted: Vec<Key> = heads.chain(profiles).collect();
    cx.want(&wanted)?;
    let mut users = Vec::with_capacity(candidates.len());
    for Candidate { sub, head } in candidates {
        let head = match head {
            Some(head) => Some(head),
            None => cx.get::<Head>(&keys::head(&pool.id, &sub))?,
        };
        let profile = cx.get::<Profile>(&keys::profile(&pool.id, &sub))?;
        users.extend(head.zip(profile));
    }
    Ok(users)
}

/// Users as a list shows them, with the attributes that are to be `shown`.
///
/// # Errors
/// Stops the run until their aliases are there.
pub(crate) fn shown<'u>(
    cx: &mut Cx<'_>,
    pool: &Pool,
    users: impl IntoIterator<Item = &'u (Held<Head>, Held<Profile>)>,
    shown: impl Fn(&str) -> bool,
) -> Run<Vec<UserType>> {
    let users: Vec<_> = users.into_iter().collect();
    let aliases: Vec<Key> = users
        .iter()
        .flat_map(|(_, profile)| user_type::verified_aliases(pool, profile))
        .map(|(_, key)| key)
        .collect();
    cx.want(&aliases)?;
    let mut told = Vec::with_capacity(users.len());
    for (head, profile) in users {
        let mut attributes = user_type::effective(cx, pool, &head.sub, profile)?;
        attributes.retain(|name, _| shown(name));
        let mut listed = user_type::listed(&head.sub, &attributes);
        if !shown("sub") {
            listed.remove(0);
        }
        told.push(user_type::user_type(head, listed));
    }
    Ok(told)
}
