//! The jobs that clear up behind a deleted group, and behind a deleted user of many groups.

use alloc::vec::Vec;

use minicbor::bytes::ByteArray;
use userpool_ports::{Key, storage::MAX_WRITES};

use crate::{
    engine::{Cx, Held, Run},
    model::{
        group::{GroupId, Member, Memberships},
        job::{Job, Task},
        keys,
        sub::Sub,
    },
    ops::groups::memberships,
};

/// Takes the next members from a group: two records each, the entry in its list and the user's own record.
///
/// # Errors
/// Stops the run until the records are there.
pub(super) fn empty(cx: &mut Cx<'_>, job: &Held<Job>, pool: &str, group: &GroupId) -> Run<()> {
    let limit = (MAX_WRITES - 1) / 2;
    let prefix = keys::members(pool, group);
    let (members, more) = cx.page::<Member>(&prefix, None, limit)?;
    let subs: Vec<Sub> = members
        .iter()
        .filter_map(|member| keys::indexed(member.key()))
        .collect();
    let own: Vec<Key> = subs
        .iter()
        .map(|sub| keys::memberships(pool, sub))
        .collect();
    cx.want(&own)?;
    for (sub, key) in subs.iter().zip(&own) {
        // A member who was deleted meanwhile has no such record.
        let held = cx.get::<Memberships>(key)?;
        if let Some(held) = held.filter(|held| held.include(group)) {
            memberships::write(cx, pool, sub, Some(&held), held.without(group).as_ref());
        }
    }
    for member in &members {
        cx.remove(member);
    }
    if more.is_none() {
        cx.remove(job);
    } else {
        super::go_on(cx, job, job.task.clone());
    }
    Ok(())
}

/// Takes a deleted user from the next of its groups' lists.
///
/// # Errors
/// Stops the run until the records are there.
pub(super) fn leave(
    cx: &mut Cx<'_>,
    job: &Held<Job>,
    (pool, sub): (&str, &Sub),
    groups: &[ByteArray<16>],
) -> Run<()> {
    let (now, later) = groups.split_at(groups.len().min(MAX_WRITES - 1));
    let lists: Vec<Key> = now
        .iter()
        .map(|group| keys::member(pool, group, sub))
        .collect();
    cx.want(&lists)?;
    for key in &lists {
        if let Some(member) = cx.get::<Member>(key)? {
            cx.remove(&member);
        }
    }
    if later.is_empty() {
        cx.remove(job);
    } else {
        let task = Task::LeaveGroups {
            pool: pool.into(),
            sub: *sub,
            groups: later.to_vec(),
        };
        super::go_on(cx, job, task);
    }
    Ok(())
}
