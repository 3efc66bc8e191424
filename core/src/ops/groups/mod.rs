//! Groups of a user pool: making, changing and deleting them, who is in them, and what they say in tokens.
//!
//! Whatever changes who is in a group writes the user's head, so that a sign-in meanwhile is judged again, and
//! makes sure that the group is there. How a group is described may change beside a sign-in.

mod admin_add_user_to_group;
mod admin_list_groups_for_user;
mod admin_remove_user_from_group;
mod create_group;
mod delete_group;
mod get_group;
mod list_groups;
mod list_users_in_group;
pub(crate) mod memberships;
mod update_group;

pub(crate) use admin_add_user_to_group::admin_add_user_to_group;
pub(crate) use admin_list_groups_for_user::admin_list_groups_for_user;
pub(crate) use admin_remove_user_from_group::admin_remove_user_from_group;
pub(crate) use create_group::create_group;
pub(crate) use delete_group::delete_group;
pub(crate) use get_group::get_group;
pub(crate) use list_groups::list_groups;
pub(crate) use list_users_in_group::list_users_in_group;
pub(crate) use update_group::update_group;

use userpool_ports::Key;
use userpool_wire::{Timestamp, idp::GroupType};

use super::parties;
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{group::Group, keys, pool::Pool},
};

/// A group with its pool. `also` are the keys of further records that the operation will read.
///
/// # Errors
/// Refuses, in this order: unknown pool, unknown group.
fn find(
    cx: &mut Cx<'_>,
    pool_id: &str,
    name: &str,
    also: &[Key],
) -> Run<(Held<Pool>, Held<Group>)> {
    let key = keys::group(pool_id, name);
    cx.want([&keys::pool(pool_id), &key].into_iter().chain(also))?;
    let pool = parties::pool(cx, pool_id)?;
    match cx.get::<Group>(&key)? {
        Some(group) => Ok((pool, group)),
        None => Err(Refusal::new(RefusalKind::ResourceNotFound, "Group not found.").into()),
    }
}

/// A group as the API shows it.
fn group_type(pool: &Pool, group: &Group) -> GroupType {
    GroupType {
        group_name: Some(group.name.clone()),
        user_pool_id: Some(pool.id.clone()),
        description: group.description.clone(),
        role_arn: group.role.clone(),
        precedence: group.precedence,
        last_modified_date: Some(Timestamp::from_millis(group.modified.millis())),
        creation_date: Some(Timestamp::from_millis(group.created.millis())),
    }
}
