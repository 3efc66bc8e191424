//! Users that a backend vouches for: getting, looking up and merging their identities.

use alloc::{
    string::{String, ToString},
    vec,
    vec::Vec,
};

use userpool_wire::{
    Sensitive,
    identity::{
        GetOpenIdTokenForDeveloperIdentityInput, GetOpenIdTokenForDeveloperIdentityResponse,
        LookupDeveloperIdentityInput, LookupDeveloperIdentityResponse,
        MergeDeveloperIdentitiesInput, MergeDeveloperIdentitiesResponse,
    },
};

use super::{
    arrival::{disable, elsewhere, link, make, mismatch, owned, too_many},
    conflict, find, identity, invalid,
    logins::{self, Purpose},
    no_identity,
    tokens::open_id_token,
};
use crate::{
    credentials::AUTHENTICATED,
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        identity_pool::IdentityPool,
        keys,
        pooled_identity::{Login, LoginOwner, MAX_LOGINS, PooledIdentity, VouchedBy},
        sub::uuid_v4,
    },
};

/// How long a token lives where nothing else is asked, in seconds.
const TOKEN_SECS: i64 = 15 * 60;

/// Gives out a token about a backend's user, who gets an identity where there is none yet.
///
/// Refusals, in this order: unknown pool, no login of the pool's developer provider, those of the other logins, unknown
/// identity, a user of another identity, logins of two identities.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_open_id_token_for_developer_identity(
    cx: &mut Cx<'_>,
    req: &GetOpenIdTokenForDeveloperIdentityInput,
) -> Run<GetOpenIdTokenForDeveloperIdentityResponse> {
    let pool = find(cx, &req.identity_pool_id)?;
    let mut others = req.logins.clone().into_inner();
    let developer = pool.developer.clone().unwrap_or_default();
    let subject = others.remove(&developer).ok_or_else(|| {
        invalid("Please provide a valid login of the developer provider of this identity pool.")
    })?;
    let own = of(&developer, &subject);
    let shown = logins::prove(cx, &pool, Some(&others), Purpose::Use)?;
    // Keys of a provider may have landed since.
    let pool = find(cx, &req.identity_pool_id)?;
    let mut amr: Vec<String> = vec![AUTHENTICATED.into(), developer];
    amr.extend(shown.proven.iter().map(|proven| proven.provider.clone()));
    let identity = cx.once(|cx| {
        let mut given = vec![own.clone()];
        given.extend(shown.proven.iter().map(|proven| proven.login()));
        let owned = owned(cx, &pool.id, given)?;
        let owner = match owned.owners.as_slice() {
            [] => None,
            [id] => Some(*id),
            _ => return Err(elsewhere().into()),
        };
        let wanted = match &req.identity_id {
            Some(text) => Some(in_pool(cx, &pool, text)?),
            None => None,
        };
        match (wanted, owner) {
            (Some(wanted), Some(owner)) if wanted.id != owner => Err(registered().into()),
            (Some(wanted), _) => link(cx, &pool, &wanted, owned.free),
            (None, Some(owner)) => {
                let held = cx.get::<PooledIdentity>(&keys::pooled_identity(&owner))?;
                let held = held.ok_or_else(|| Stop::torn("the identity of a login"))?;
                link(cx, &pool, &held, owned.free)
            }
            (None, None) => {
                let id = uuid_v4(cx.random("identity id"));
                Ok(make(cx, &pool, id, owned.free).into())
            }
        }
    })?;
    let tags = req.principal_tags.clone().unwrap_or_default();
    let secs = req.token_duration.unwrap_or(TOKEN_SECS);
    let token = open_id_token(cx, &pool, &identity, &amr, &tags, secs)?;
    Ok(GetOpenIdTokenForDeveloperIdentityResponse {
        identity_id: Some(identity.text()),
        token: Some(token.into()),
    })
}

/// Tells the identity of a backend's user, or the backend's users of an identity.
///
/// Refusals, in this order: unknown pool, neither of both given, unknown identity, unknown user, two that do not belong
/// together.
///
/// # Errors
/// The refusals above.
pub(crate) fn lookup_developer_identity(
    cx: &mut Cx<'_>,
    req: &LookupDeveloperIdentityInput,
) -> Run<LookupDeveloperIdentityResponse> {
    let pool = find(cx, &req.identity_pool_id)?;
    let by_identity = match &req.identity_id {
        Some(text) => Some(in_pool(cx, &pool, text)?),
        None => None,
    };
    let by_user = match &req.developer_user_identifier {
        Some(user) => {
            let developer = pool.developer.clone().unwrap_or_default();
            Some(owner(cx, &pool, &of(&developer, user))?)
        }
        None => None,
    };
    let found = match (by_identity, by_user) {
        (Some(one), Some(other)) if one.id != other.id => {
            return Err(conflict("The identity and the developer user do not match.").into());
        }
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => {
            return Err(invalid("Please provide IdentityId or DeveloperUserIdentifier.").into());
        }
    };
    let users = found
        .logins
        .iter()
        .filter(|login| login.by == VouchedBy::Developer);
    let users = users.map(|login| Sensitive::from(login.subject.as_str()));
    Ok(LookupDeveloperIdentityResponse {
        identity_id: Some(found.text()),
        developer_user_identifier_list: Some(users.collect()),
        next_token: None,
    })
}

/// Merges the identities of two of a backend's users: the one of the destination stays, the other is disabled.
///
/// Refusals, in this order: unknown pool, another developer provider, unknown users, different logins of the same
/// provider, too many logins.
///
/// # Errors
/// The refusals above.
pub(crate) fn merge_developer_identities(
    cx: &mut Cx<'_>,
    req: &MergeDeveloperIdentitiesInput,
) -> Run<MergeDeveloperIdentitiesResponse> {
    let pool = find(cx, &req.identity_pool_id)?;
    check_name(&pool, &req.developer_provider_name)?;
    let login = |user: &str| of(&req.developer_provider_name, user);
    let source = cx.once(|cx| owner(cx, &pool, &login(&req.source_user_identifier)))?;
    let destination = &req.destination_user_identifier;
    let destination = cx.once(|cx| owner(cx, &pool, &login(destination)))?;
    if source.id == destination.id {
        return Ok(MergeDeveloperIdentitiesResponse {
            identity_id: Some(destination.text()),
        });
    }
    let is_public = |login: &&Login| login.by == VouchedBy::Provider;
    let clashes = source.logins.iter().filter(is_public).any(|login| {
        let others = destination.logins.iter().filter(is_public);
        others
            .into_iter()
            .any(|other| other.provider == login.provider)
    });
    if clashes {
        return Err(conflict("Both identities have a login of the same provider.").into());
    }
    let becomes = destination.with(source.logins.iter().cloned(), cx.now());
    if becomes.logins.len() > MAX_LOGINS {
        return Err(too_many().into());
    }
    let places: Vec<_> = source
        .logins
        .iter()
        .map(|login| keys::login(&pool.id, login))
        .collect();
    let listed = keys::listed_identity(&source.pool, &source.id);
    cx.want(places.iter().chain([&listed]))?;
    for place in &places {
        let held = cx.get::<LoginOwner>(place)?;
        let held = held.ok_or_else(|| Stop::torn("the identity of a login"))?;
        cx.update(
            &held,
            &LoginOwner {
                identity: destination.id,
            },
        );
    }
    disable(cx, &source, destination.id)?;
    cx.check(&pool);
    cx.update(&destination, &becomes);
    Ok(MergeDeveloperIdentitiesResponse {
        identity_id: Some(destination.text()),
    })
}

/// The login of a backend's user.
pub(super) fn of(developer: &str, user: &str) -> Login {
    Login {
        provider: developer.to_string(),
        subject: user.to_string(),
        by: VouchedBy::Developer,
    }
}

/// Refuses another developer provider than the pool's.
pub(super) fn check_name(pool: &IdentityPool, developer: &str) -> Result<(), Refusal> {
    if pool.developer.as_deref() == Some(developer) {
        Ok(())
    } else {
        Err(invalid("Please provide a valid developer provider name."))
    }
}

/// An identity of this pool.
pub(super) fn in_pool(
    cx: &mut Cx<'_>,
    pool: &IdentityPool,
    text: &str,
) -> Run<Held<PooledIdentity>> {
    let (held, own) = identity(cx, text)?;
    if own.id == pool.id {
        Ok(held)
    } else {
        Err(no_identity(text).into())
    }
}

/// The identity of a backend's user.
fn owner(cx: &mut Cx<'_>, pool: &IdentityPool, login: &Login) -> Run<Held<PooledIdentity>> {
    let owner = cx.get::<LoginOwner>(&keys::login(&pool.id, login))?;
    let owner = owner
        .ok_or_else(|| Refusal::new(RefusalKind::ResourceNotFound, "Developer user not found."))?;
    let held = cx.get::<PooledIdentity>(&keys::pooled_identity(&owner.identity))?;
    held.ok_or_else(|| mismatch().into())
}

fn registered() -> Refusal {
    Refusal::new(
        RefusalKind::DeveloperUserAlreadyRegistered,
        "Developer user identifier is already registered with another identity.",
    )
}
