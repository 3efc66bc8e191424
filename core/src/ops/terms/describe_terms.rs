//! DescribeTerms and DescribeTermsByClient.

use userpool_wire::idp::{
    DescribeTermsByClientRequest, DescribeTermsByClientResponse, DescribeTermsRequest,
    DescribeTermsResponse,
};

use super::{find, missing, shown};
use crate::{
    engine::{Cx, Run},
    model::{
        keys,
        terms::{Terms, TermsName},
    },
    ops::parties::{self, Party},
};

/// A terms document by its id.
///
/// Refusals, in this order: unknown pool, unknown document.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_terms(
    cx: &mut Cx<'_>,
    req: &DescribeTermsRequest,
) -> Run<DescribeTermsResponse> {
    let (pool, terms) = find(cx, &req.user_pool_id, &req.terms_id)?;
    Ok(DescribeTermsResponse {
        terms: Some(shown(&pool, &terms)),
    })
}

/// A terms document by its app client and name.
///
/// Refusals, in this order: unknown pool, unknown client, no document of this name.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_terms_by_client(
    cx: &mut Cx<'_>,
    req: &DescribeTermsByClientRequest,
) -> Run<DescribeTermsByClientResponse> {
    let (pool_id, client_id) = (&req.user_pool_id, req.client_id.as_str());
    let Party { pool, .. } = parties::client_in_pool(cx, pool_id, client_id)?;
    let key = keys::terms_name(pool_id, client_id, &req.terms_name);
    let name = cx.get::<TermsName>(&key)?.ok_or_else(missing)?;
    let terms = cx.get::<Terms>(&keys::terms(pool_id, &name.id))?;
    let terms = terms.ok_or_else(missing)?;
    Ok(DescribeTermsByClientResponse {
        terms: Some(shown(&pool, &terms)),
    })
}
