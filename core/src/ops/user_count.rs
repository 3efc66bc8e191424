//! Counting the users of a pool as they come and go.

use alloc::vec::Vec;

use userpool_ports::Key;

use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        sub::Sub,
        user_count::{STRIPES, UserCount, stripe},
    },
};

/// The key of the record that counts a user; worth asking for early, with the other records.
pub(crate) fn key(pool: &str, sub: &Sub) -> Key {
    keys::user_count(pool, stripe(sub))
}

/// Counts a user who is being made in this commit.
///
/// # Errors
/// Stops the run until the count was read.
pub(crate) fn joined(cx: &mut Cx<'_>, pool: &str, sub: &Sub) -> Run<()> {
    let key = key(pool, sub);
    let held = cx.get::<UserCount>(&key)?;
    let users = held.as_ref().map_or(0, |held| held.users) + 1;
    cx.upsert_until(&key, held.as_ref(), &UserCount { users }, None);
    Ok(())
}

/// Stops counting a user who is being deleted in this commit.
///
/// # Errors
/// Stops the run until the count was read.
pub(crate) fn left(cx: &mut Cx<'_>, pool: &str, sub: &Sub) -> Run<()> {
    if let Some(held) = cx.get::<UserCount>(&key(pool, sub))? {
        let users = held.users.saturating_sub(1);
        cx.update(&held, &UserCount { users });
    }
    Ok(())
}

/// The keys of all stripes.
pub(crate) fn keys_of(pool: &str) -> impl Iterator<Item = Key> {
    (0..STRIPES).map(move |stripe| keys::user_count(pool, stripe))
}

/// How many users the pool has.
///
/// # Errors
/// Stops the run until every stripe was read.
pub(crate) fn total(cx: &mut Cx<'_>, pool: &str) -> Run<u64> {
    let stripes: Vec<Key> = keys_of(pool).collect();
    cx.want(&stripes)?;
    let mut users = 0;
    for key in &stripes {
        users += cx.get::<UserCount>(key)?.map_or(0, |held| held.users);
    }
    Ok(users)
}
