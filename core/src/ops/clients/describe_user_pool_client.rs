//! DescribeUserPoolClient.

use userpool_wire::idp::{DescribeUserPoolClientRequest, DescribeUserPoolClientResponse};

use super::{description, providers};
use crate::{
    engine::{Cx, Run},
    ops::parties::{self, Party},
};

/// Tells everything about an app client, its secret in clear.
///
/// Refusals, in this order: unknown pool, unknown client.
pub(crate) fn describe_user_pool_client(
    cx: &mut Cx<'_>,
    request: &DescribeUserPoolClientRequest,
) -> Run<DescribeUserPoolClientResponse> {
    let Party { client, .. } =
        parties::client_in_pool(cx, &request.user_pool_id, &request.client_id)?;
    let mut shown = description::shown(cx, &client)?;
    if let Some(names) = &shown.supported_identity_providers {
        let existing = providers::existing(cx, &client.pool, names)?;
        shown.supported_identity_providers = (!existing.is_empty()).then_some(existing);
    }
    Ok(DescribeUserPoolClientResponse {
        user_pool_client: Some(shown),
    })
}
