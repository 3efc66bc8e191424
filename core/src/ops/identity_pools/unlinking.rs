//! UnlinkIdentity and UnlinkDeveloperIdentity.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_wire::{
    Empty,
    identity::{UnlinkDeveloperIdentityInput, UnlinkIdentityInput},
};

use super::{
    arrival::mismatch,
    developer::{check_name, in_pool, of},
    find, identity,
    logins::{self, Purpose, canonical},
    no_identity,
};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        keys,
        pooled_identity::{Login, LoginOwner, PooledIdentity, VouchedBy},
    },
};

/// Takes logins from an identity, for somebody who has one of them. Without its last login nobody can be it any more.
///
/// Refusals, in this order: unknown identity, those of the logins, logins of somebody else.
///
/// # Errors
/// The refusals above.
pub(crate) fn unlink_identity(cx: &mut Cx<'_>, req: &UnlinkIdentityInput) -> Run<Empty> {
    let (_, pool) = identity(cx, &req.identity_id)?;
    let shown = logins::prove(cx, &pool, Some(&req.logins), Purpose::Use)?;
    // Keys of a provider may have landed since.
    let (held, _) = identity(cx, &req.identity_id)?;
    let gone = cx.once(|cx| {
        let by_backend = shown.vouched.as_ref().is_some_and(|(id, _)| *id == held.id);
        let is_own = |login: &Login| held.logins.contains(login);
        if !by_backend && !shown.proven.iter().any(|proven| is_own(&proven.login())) {
            return Err(mismatch().into());
        }
        let removed = req.logins_to_remove.iter();
        let removed = removed.map(|name| canonical(cx.environment(), name));
        Ok(Arc::new(removed.collect::<Vec<String>>()))
    })?;
    remove(cx, &held, |login| {
        login.by == VouchedBy::Provider && gone.contains(&login.provider)
    })?;
    Ok(Empty {})
}

/// Takes one of a backend's users from an identity.
///
/// Refusals, in this order: unknown pool, another developer provider, unknown identity, a user of another identity.
///
/// # Errors
/// The refusals above.
pub(crate) fn unlink_developer_identity(
    cx: &mut Cx<'_>,
    req: &UnlinkDeveloperIdentityInput,
) -> Run<Empty> {
    let pool = find(cx, &req.identity_pool_id)?;
    check_name(&pool, &req.developer_provider_name)?;
    let held = in_pool(cx, &pool, &req.identity_id)?;
    let gone = of(&req.developer_provider_name, &req.developer_user_identifier);
    if !held.logins.contains(&gone) {
        return Err(no_identity(&req.identity_id).into());
    }
    remove(cx, &held, |login| *login == gone)?;
    Ok(Empty {})
}

fn remove(cx: &mut Cx<'_>, held: &Held<PooledIdentity>, gone: impl Fn(&Login) -> bool) -> Run<()> {
    let places = held.logins.iter().filter(|login| gone(login));
    let places: Vec<_> = places.map(|login| keys::login(&held.pool, login)).collect();
    cx.want(&places)?;
    for place in &places {
        if let Some(owner) = cx.get::<LoginOwner>(place)? {
            cx.remove(&owner);
        }
    }
    cx.update(held, &held.without(gone, cx.now()));
    Ok(())
}
