//! Which identity somebody who shows logins is: linking logins, and turning guests into users.
//!
//! | the identity | its logins among those shown | identities of the others | end |
//! |---|---|---|---|
//! | guest | none | none | the logins become its own |
//! | guest | none | one | the guest is disabled, and becomes that one |
//! | any | one at least | none | the others become its own |
//! | any | one at least | one | refused: a conflict |
//! | user | none | any | refused: the logins do not match |
//! | any | | two different ones | refused: a conflict |

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use super::{
    conflict, denied, identity,
    logins::{self, Purpose, Shown},
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        identity_pool::IdentityPool,
        keys,
        pooled_identity::{
            IdentityId, ListedIdentity, Login, LoginOwner, MAX_LOGINS, PooledIdentity,
        },
    },
};

/// How many identities one may have become, each in turn.
const MAX_TURNS: usize = 8;

/// Who came.
#[derive(Clone)]
pub(super) struct Arrived {
    /// The identity that they are.
    pub identity: Arc<PooledIdentity>,
    /// Its pool.
    pub pool: Held<IdentityPool>,
    /// What they proved.
    pub shown: Arc<Shown>,
}

/// The identity that somebody is who comes as one and shows logins.
///
/// Refusals, in this order: unknown identity; without logins: an identity that has some, a pool without guests; those of
/// the logins; those of the table above; too many logins.
///
/// # Errors
/// The refusals above.
pub(super) fn arrive(
    cx: &mut Cx<'_>,
    id: &str,
    logins: Option<&BTreeMap<String, String>>,
    purpose: Purpose,
) -> Run<Arrived> {
    cx.once(|cx| {
        let (_, pool) = identity(cx, id)?;
        let shown = logins::prove(cx, &pool, logins, purpose)?;
        // Keys of a provider may have landed since: what is written has to be read now.
        let (held, pool) = identity(cx, id)?;
        let held = now_is(cx, held)?;
        if shown.is_nothing() {
            if !held.is_guest() {
                return Err(
                    denied(["Access to Identity '", id, "' is forbidden."].concat()).into(),
                );
            }
            check_guests(&pool)?;
        }
        let identity = linked(cx, &pool, &held, &shown)?;
        Ok(Arrived {
            identity,
            pool,
            shown,
        })
    })
}

/// Refuses guests where a pool has none.
pub(super) fn check_guests(pool: &IdentityPool) -> Result<(), Refusal> {
    if pool.guests {
        return Ok(());
    }
    Err(denied(
        "Unauthenticated access is not supported for this identity pool.",
    ))
}

/// The identity that one is by now.
fn now_is(cx: &mut Cx<'_>, held: Held<PooledIdentity>) -> Run<Held<PooledIdentity>> {
    let mut held = held;
    for _ in 0..MAX_TURNS {
        let Some(next) = held.became else { break };
        let key = keys::pooled_identity(&next);
        held = cx.get(&key)?.ok_or_else(mismatch)?;
    }
    Ok(held)
}

fn linked(
    cx: &mut Cx<'_>,
    pool: &Held<IdentityPool>,
    held: &Held<PooledIdentity>,
    shown: &Shown,
) -> Run<Arc<PooledIdentity>> {
    let owned = owned(
        cx,
        &pool.id,
        shown.proven.iter().map(|proven| proven.login()).collect(),
    )?;
    let vouched = shown.vouched.as_ref().map(|(id, _)| *id);
    if vouched.is_some_and(|id| id != held.id) {
        return Err(mismatch().into());
    }
    let is_own = vouched.is_some() || owned.owners.contains(&held.id);
    let other = owned.owners.iter().find(|id| **id != held.id).copied();
    match (is_own, other) {
        (true, Some(_)) => Err(elsewhere().into()),
        (true, None) => link(cx, pool, held, owned.free),
        (false, None) if held.is_guest() => link(cx, pool, held, owned.free),
        (false, Some(other)) if held.is_guest() => {
            if owned.owners.iter().any(|id| *id != other) {
                return Err(elsewhere().into());
            }
            let becomes = cx.get::<PooledIdentity>(&keys::pooled_identity(&other))?;
            let becomes = becomes.ok_or_else(|| Stop::torn("the identity of a login"))?;
            disable(cx, held, other)?;
            link(cx, pool, &becomes, owned.free)
        }
        (false, _) => Err(mismatch().into()),
    }
}

/// Logins by whether somebody has them.
pub(super) struct Owned {
    /// The identities of those that somebody has, each once.
    pub owners: Vec<IdentityId>,
    /// Those that nobody has.
    pub free: Vec<Login>,
}

/// Whose these logins are.
pub(super) fn owned(cx: &mut Cx<'_>, pool: &str, logins: Vec<Login>) -> Run<Owned> {
    let places: Vec<_> = logins
        .iter()
        .map(|login| keys::login(pool, login))
        .collect();
    cx.want(&places)?;
    let mut owned = Owned {
        owners: Vec::new(),
        free: Vec::new(),
    };
    for (login, place) in logins.into_iter().zip(&places) {
        match cx.get::<LoginOwner>(place)? {
            Some(owner) if owned.owners.contains(&owner.identity) => {}
            Some(owner) => owned.owners.push(owner.identity),
            None => owned.free.push(login),
        }
    }
    Ok(owned)
}

/// Gives an identity logins that nobody has.
pub(super) fn link(
    cx: &mut Cx<'_>,
    pool: &Held<IdentityPool>,
    held: &Held<PooledIdentity>,
    logins: Vec<Login>,
) -> Run<Arc<PooledIdentity>> {
    if logins.is_empty() {
        return Ok(held.value().clone());
    }
    for login in &logins {
        let owner = LoginOwner { identity: held.id };
        cx.insert(&keys::login(&pool.id, login), &owner);
    }
    let becomes = held.with(logins, cx.now());
    if becomes.logins.len() > MAX_LOGINS {
        return Err(too_many().into());
    }
    cx.check(pool);
    cx.update(held, &becomes);
    Ok(Arc::new(becomes))
}

/// Makes a new identity with logins that nobody has.
pub(super) fn make(
    cx: &mut Cx<'_>,
    pool: &Held<IdentityPool>,
    id: IdentityId,
    logins: Vec<Login>,
) -> PooledIdentity {
    for login in &logins {
        cx.insert(&keys::login(&pool.id, login), &LoginOwner { identity: id });
    }
    let made = PooledIdentity::new(id, &pool.id, logins, cx.now());
    cx.check(pool);
    cx.insert(&keys::pooled_identity(&id), &made);
    let listed = ListedIdentity { disabled: false };
    cx.insert(&keys::listed_identity(&pool.id, &id), &listed);
    made
}

/// Disables an identity that another one is from now on. Its logins are the caller's to move.
pub(super) fn disable(cx: &mut Cx<'_>, held: &Held<PooledIdentity>, other: IdentityId) -> Run<()> {
    let place = keys::listed_identity(&held.pool, &held.id);
    let listed = cx.get::<ListedIdentity>(&place)?;
    let listed = listed.ok_or_else(|| Stop::torn("an identity in its list"))?;
    cx.update(&listed, &ListedIdentity { disabled: true });
    cx.update(held, &held.becoming(other, cx.now()));
    Ok(())
}

pub(super) fn mismatch() -> Refusal {
    denied(
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    )
}

pub(super) fn elsewhere() -> Refusal {
    conflict("One of the logins belongs to another identity.")
}

pub(super) fn too_many() -> Refusal {
    Refusal::new(
        RefusalKind::LimitExceeded,
        "An identity can have at most 20 logins.",
    )
}
