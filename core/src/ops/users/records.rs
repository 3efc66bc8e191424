//! The records of a user that self-service reads besides the head.

use crate::{
    engine::{Cx, Held, Run, Stop},
    model::{
        attempts::Attempts,
        keys,
        pool::Pool,
        user::{Head, Password, Profile},
    },
};

/// The profile of a user.
///
/// # Errors
/// Stops the run until it is there.
pub(crate) fn profile(cx: &mut Cx<'_>, pool: &Pool, head: &Head) -> Run<Held<Profile>> {
    let held = cx.get(&keys::profile(&pool.id, &head.sub))?;
    held.ok_or_else(|| Stop::torn("the profile of a user"))
}

/// The password of a user.
///
/// # Errors
/// Stops the run until it is there.
pub(crate) fn password(cx: &mut Cx<'_>, pool: &Pool, head: &Head) -> Run<Held<Password>> {
    let held = cx.get(&keys::password(&pool.id, &head.sub))?;
    held.ok_or_else(|| Stop::torn("the password of a user"))
}

/// The attempts of a user.
///
/// # Errors
/// Stops the run until they are there.
pub(crate) fn attempts(cx: &mut Cx<'_>, pool: &Pool, head: &Head) -> Run<Held<Attempts>> {
    let held = cx.get(&keys::attempts(&pool.id, &head.sub))?;
    held.ok_or_else(|| Stop::torn("the attempts of a user"))
}
