//! DescribeTerms and DescribeTermsByClient; and what the pages show of both.

use alloc::{string::String, vec::Vec};

use userpool_wire::idp::{
    DescribeTermsByClientRequest, DescribeTermsByClientResponse, DescribeTermsRequest,
    DescribeTermsResponse,
};

use super::{DEFAULT, LANGUAGES, NAMES, find, missing, shown};
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

/// The addresses of the terms of use and the privacy policy of an app client, for a language by its tag; none unless it
/// has both.
///
/// # Errors
/// Stops the run until the documents are there.
pub(crate) fn links(
    cx: &mut Cx<'_>,
    pool: &str,
    client: &str,
    language: &str,
) -> Run<Option<[String; 2]>> {
    let own = LANGUAGES.iter().find(|(_, tag)| *tag == language);
    let own = own.map_or(DEFAULT, |(name, _)| name);
    let names = NAMES.map(|name| keys::terms_name(pool, client, name));
    cx.want(&names)?;
    let mut found = Vec::with_capacity(names.len());
    for key in &names {
        let Some(name) = cx.get::<TermsName>(key)? else {
            return Ok(None);
        };
        let terms = cx.get::<Terms>(&keys::terms(pool, &name.id))?;
        let address = terms.and_then(|terms| {
            let links = &terms.links;
            links.get(own).or_else(|| links.get(DEFAULT)).cloned()
        });
        found.extend(address);
    }
    Ok(found.try_into().ok())
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
