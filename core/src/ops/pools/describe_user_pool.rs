//! DescribeUserPool.

use alloc::vec::Vec;

use userpool_ports::Key;
use userpool_wire::idp::{DescribeUserPoolRequest, DescribeUserPoolResponse};

use super::description;
use crate::{
    engine::{Cx, Run},
    model::keys,
    ops::{parties, user_count},
};

/// Tells everything about a user pool.
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
    Ok(DescribeUserPoolResponse {
        user_pool: Some(description::shown(&pool, users)?),
    })
}
