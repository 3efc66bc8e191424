//! DeleteUserPool.

use userpool_wire::{Empty, idp::DeleteUserPoolRequest};

use super::invalid;
use crate::{
    engine::{Cx, Run},
    model::{job::Job, keys, pool::Pool},
    ops::{imports, parties},
};

/// Deletes a user pool: from this commit on it does not exist for anybody, and a job in the same commit
/// empties it afterwards.
///
/// Refusals, in this order: an import that makes users in it, unknown pool, deletion protection, a domain,
/// replicas.
pub(crate) fn delete_user_pool(cx: &mut Cx<'_>, request: &DeleteUserPoolRequest) -> Run<Empty> {
    imports::refuse_while_importing(cx, &request.user_pool_id)?;
    let pool = parties::pool(cx, &request.user_pool_id)?;
    if pool.rules.deletion_protection {
        return Err(invalid(
            "The user pool cannot be deleted because deletion protection is activated. \
             Deletion protection must be inactivated first.",
        )
        .into());
    }

    if !pool.rules.domains.is_empty() {
        return Err(invalid(
            "User pool cannot be deleted. It has a domain configured that should be deleted first.",
        )
        .into());
    }

    if !pool.rules.replicas.is_empty() {
        return Err(invalid(
            "User pool cannot be deleted. It has replicas that should be deleted first.",
        )
        .into());
    }

    let tombstone = Pool {
        deleting: true,
        ..Pool::clone(&pool)
    };
    cx.update(&pool, &tombstone);
    let id = cx.random("job id");
    cx.insert(&keys::job(&id), &Job::delete_pool(&pool.id, cx.now()));
    Ok(Empty {})
}
