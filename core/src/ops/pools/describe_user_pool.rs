//! DescribeUserPool.

use alloc::vec::Vec;

use userpool_ports::Key;
use userpool_wire::idp::{DescribeUserPoolRequest, DescribeUserPoolResponse};

use super::{description, replicas};
use crate::{
    engine::{Cx, Run},
    model::keys,
    ops::{parties, user_count},
};

/// Tells everything about a user pool; in a replica with its own ARN and tags.
///
/// Refusals: unknown pool.
pub(crate) fn describe_user_pool(
    cx: &mut Cx<'_>,
    request: &DescribeUserPoolRequest,
) -> Run<DescribeUserPoolResponse> {
    let id = &request.user_pool_id;
    let wanted: Vec<Key> = core::iter::once(keys::pool(id))
        .chain(user_count::keys_of(id))
        .collect();
    cx.want(&wanted)?;
    let pool = parties::pool(cx, id)?;
    let users = user_count::total(cx, id)?;
    let mut shown = description::shown(&pool, users)?;
    if let Some(replica) = replicas::here(cx, &pool) {
        shown.arn = replicas::arn(&pool, &replica.region)?;
        shown.user_pool_tags = Some(replica.tags.clone());
    }
    Ok(DescribeUserPoolResponse {
        user_pool: Some(shown),
    })
}
