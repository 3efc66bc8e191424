//! GetId, and describing, listing and deleting identities.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use userpool_ports::Key;
use userpool_wire::identity::{
    DeleteIdentitiesInput, DeleteIdentitiesResponse, DescribeIdentityInput, GetIdInput,
    GetIdResponse, IdentityDescription, ListIdentitiesInput, ListIdentitiesResponse,
};

use super::{
    arrival::{check_guests, elsewhere, link, make, owned},
    find, identity, identity_id,
    logins::{self, Purpose},
    told,
};
use crate::{
    engine::{Cx, Run, Stop},
    few,
    model::{
        keys,
        pooled_identity::{ListedIdentity, LoginOwner, PooledIdentity},
        sub::uuid_v4,
    },
    ops::paging::{self, Listing},
};

/// The identity of these logins, or a new one; without logins a new one each time.
///
/// Refusals, in this order: unknown pool, those of the logins, guests where there are none, logins of two identities, too
/// many logins.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_id(cx: &mut Cx<'_>, req: &GetIdInput) -> Run<GetIdResponse> {
    let pool = find(cx, &req.identity_pool_id)?;
    let shown = logins::prove(cx, &pool, req.logins.as_deref(), Purpose::Id)?;
    // Keys of a provider may have landed since.
    let pool = find(cx, &req.identity_pool_id)?;
    if shown.is_nothing() {
        check_guests(&pool)?;
    }
    let given = shown.proven.iter().map(|proven| proven.login());
    let mut owned = owned(cx, &pool.id, given.collect())?;
    if let Some((vouched, _)) = &shown.vouched
        && !owned.owners.contains(vouched)
    {
        owned.owners.push(*vouched);
    }
    let found = match owned.owners.as_slice() {
        [] => {
            let id = uuid_v4(cx.random("identity id"));
            make(cx, &pool, id, owned.free).text()
        }
        [id] => {
            let held = cx.get::<PooledIdentity>(&keys::pooled_identity(id))?;
            let held = held.ok_or_else(|| Stop::torn("the identity of a login"))?;
            link(cx, &pool, &held, owned.free)?.text()
        }
        _ => return Err(elsewhere().into()),
    };
    Ok(GetIdResponse {
        identity_id: Some(found),
    })
}

/// An identity by its id.
///
/// Refusals: unknown identity.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_identity(
    cx: &mut Cx<'_>,
    req: &DescribeIdentityInput,
) -> Run<IdentityDescription> {
    let (held, _) = identity(cx, &req.identity_id)?;
    Ok(described(&held))
}

/// Lists the identities of a pool in the order of their ids.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_identities(
    cx: &mut Cx<'_>,
    req: &ListIdentitiesInput,
) -> Run<ListIdentitiesResponse> {
    let pool = find(cx, &req.identity_pool_id)?;
    let hides = req.hide_disabled == Some(true);
    let listing = Listing {
        operation: "ListIdentities",
        arguments: &[&pool.id, &hides.to_string()],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(Some(req.max_results));
    let prefix = keys::listed_identities(&pool.id);
    let page = paging::page::<ListedIdentity>(cx, &prefix, after, limit, |listed| {
        !(hides && listed.disabled)
    })?;
    let ids = page
        .records
        .iter()
        .filter_map(|held| keys::identity_in(held.key()));
    let places: Vec<Key> = ids.map(|id| keys::pooled_identity(&id)).collect();
    cx.want(&places)?;
    let mut identities = Vec::with_capacity(places.len());
    for place in &places {
        if let Some(held) = cx.get::<PooledIdentity>(place)? {
            identities.push(described(&held));
        }
    }
    Ok(ListIdentitiesResponse {
        identity_pool_id: Some(pool.id.clone()),
        identities: Some(identities),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}

/// Deletes identities; one that does not exist is deleted already.
///
/// # Errors
/// Stops the run until they are there.
pub(crate) fn delete_identities(
    cx: &mut Cx<'_>,
    req: &DeleteIdentitiesInput,
) -> Run<DeleteIdentitiesResponse> {
    let mut given = req.identity_ids_to_delete.clone();
    few::sort_by(&mut given, Ord::cmp);
    given.dedup();
    // Each in a commit of its own: one has up to 22 records, and sixty of them fit into no batch.
    for text in given {
        if forget(cx, &text)? {
            cx.land()?;
        }
    }
    Ok(DeleteIdentitiesResponse {
        unprocessed_identity_ids: Some(Vec::new()),
    })
}

/// Removes an identity with its logins; answers whether there was one.
fn forget(cx: &mut Cx<'_>, text: &str) -> Run<bool> {
    cx.once(|cx| {
        let Some(id) = identity_id(text) else {
            return Ok(false);
        };
        let held = cx.get::<PooledIdentity>(&keys::pooled_identity(&id))?;
        let Some(held) = held.filter(|held| held.text() == text) else {
            return Ok(false);
        };
        let logins = held.logins.iter();
        let logins: Vec<Key> = logins.map(|login| keys::login(&held.pool, login)).collect();
        let listed = keys::listed_identity(&held.pool, &id);
        cx.want(logins.iter().chain([&listed]))?;
        for place in &logins {
            if let Some(owner) = cx.get::<LoginOwner>(place)? {
                cx.remove(&owner);
            }
        }
        if let Some(listed) = cx.any(&listed)? {
            cx.remove(&listed);
        }
        cx.remove(&held);
        Ok(true)
    })
}

/// An identity as the API shows it.
fn described(identity: &PooledIdentity) -> IdentityDescription {
    let mut logins: Vec<String> = Vec::new();
    for login in &identity.logins {
        if !logins.contains(&login.provider) {
            logins.push(login.provider.clone());
        }
    }
    IdentityDescription {
        identity_id: Some(identity.text()),
        logins: (!logins.is_empty()).then_some(logins),
        creation_date: Some(told(identity.created)),
        last_modified_date: Some(told(identity.modified)),
    }
}
