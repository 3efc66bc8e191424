//! CreateGroup.

use userpool_wire::idp::{CreateGroupRequest, CreateGroupResponse};

use super::group_type;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        group::{Group, GroupCount, MAX_OF_POOL},
        keys,
    },
    ops::parties,
};

/// Makes a group without members.
///
/// Refusals, in this order: unknown pool, a group of this name, too many groups in the pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_group(cx: &mut Cx<'_>, req: &CreateGroupRequest) -> Run<CreateGroupResponse> {
    let key = keys::group(&req.user_pool_id, &req.group_name);
    let count_key = keys::group_count(&req.user_pool_id);
    cx.want([&keys::pool(&req.user_pool_id), &key, &count_key])?;
    let pool = parties::pool(cx, &req.user_pool_id)?;
    if cx.get::<Group>(&key)?.is_some() {
        let text = "A group with the name already exists";
        return Err(Refusal::new(RefusalKind::GroupExists, text).into());
    }
    let held = cx.get::<GroupCount>(&count_key)?;
    let groups = held.as_ref().map_or(0, |held| held.groups);
    if groups >= MAX_OF_POOL {
        let text = "The user pool has as many groups as it can have.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }

    let group = Group {
        name: req.group_name.clone(),
        id: cx.random("group id"),
        description: req.description.clone(),
        role: req.role_arn.clone(),
        precedence: req.precedence,
        created: cx.now(),
        modified: cx.now(),
    };
    cx.insert(&key, &group);
    let count = GroupCount { groups: groups + 1 };
    cx.upsert_until(&count_key, held.as_ref(), &count, None);
    Ok(CreateGroupResponse {
        group: Some(group_type(&pool, &group)),
    })
}
