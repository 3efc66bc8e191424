//! DeleteGroup.

use userpool_wire::{Empty, idp::DeleteGroupRequest};

use super::find;
use crate::{
    engine::{Cx, Run},
    model::{group::GroupCount, job::Job, keys},
};

/// Deletes a group, with or without members: from now on nobody is in it. A job clears up behind it.
///
/// Refusals, in this order: unknown pool, unknown group.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_group(cx: &mut Cx<'_>, req: &DeleteGroupRequest) -> Run<Empty> {
    let count_key = keys::group_count(&req.user_pool_id);
    let also = [count_key.clone()];
    let (pool, group) = find(cx, &req.user_pool_id, &req.group_name, &also)?;
    if let Some(count) = cx.get::<GroupCount>(&count_key)? {
        let groups = count.groups.saturating_sub(1);
        cx.update(&count, &GroupCount { groups });
    }
    cx.remove(&group);
    let job = Job::empty_group(&pool.id, group.id, cx.now());
    let key = keys::job(&cx.random("job"));
    cx.insert(&key, &job);
    Ok(Empty {})
}
