//! Identity pools: identities for users of many providers and for guests, and credentials for them that expire.
//!
//! | module | subject |
//! |---|---|
//! | `pools` | the pools themselves |
//! | `roles` | which roles a pool has, and which of them somebody gets |
//! | `tags` | tags of pools, and claims that become tags of credentials |
//! | `logins` | whether a login says what it claims |
//! | `foreign_tokens` | the same of tokens of public providers and of OpenID Connect |
//! | `assertions` | the same of SAML |
//! | `arrival` | which identity somebody who shows logins is |
//! | `identities` | GetId, describing, listing and deleting identities |
//! | `tokens` | credentials, and tokens that others take for credentials |
//! | `broker` | credentials of a security token service |
//! | `developer` | users that a backend vouches for |
//! | `unlinking` | taking logins from identities |

mod arrival;
mod assertions;
mod broker;
mod developer;
mod foreign_tokens;
mod identities;
mod logins;
mod pools;
mod roles;
mod tags;
mod tokens;
mod unlinking;

pub(crate) use developer::{
    get_open_id_token_for_developer_identity, lookup_developer_identity, merge_developer_identities,
};
pub(crate) use identities::{delete_identities, describe_identity, get_id, list_identities};
pub(crate) use pools::{
    create_identity_pool, delete_identity_pool, describe_identity_pool, list_identity_pools,
    update_identity_pool,
};
pub(crate) use roles::{get_identity_pool_roles, set_identity_pool_roles};
pub(crate) use tags::{
    get_principal_tag_attribute_map, list_tags_for_resource, set_principal_tag_attribute_map,
    tag_resource, untag_resource,
};
pub(crate) use tokens::{get_credentials_for_identity, get_open_id_token};
pub(crate) use unlinking::{unlink_developer_identity, unlink_identity};

use alloc::{borrow::Cow, format, string::String};

use userpool_wire::Timestamp as WireTimestamp;

use crate::{
    engine::{Cx, Environment, Held, Refusal, RefusalKind, Run},
    model::{
        identity_pool::IdentityPool,
        keys,
        pooled_identity::{IdentityId, PooledIdentity},
        sub::parse_uuid,
    },
};
use userpool_ports::Timestamp;

/// The pool of this id.
///
/// # Errors
/// Refuses where there is none.
pub(crate) fn find(cx: &mut Cx<'_>, id: &str) -> Run<Held<IdentityPool>> {
    cx.once(|cx| {
        let held = cx.get::<IdentityPool>(&keys::identity_pool(id))?;
        held.ok_or_else(|| no_pool(id).into())
    })
}

/// Makes the decision depend on a pool staying as it is.
///
/// # Errors
/// Stops the run until it is there.
pub(crate) fn hold(cx: &mut Cx<'_>, id: &str) -> Run<()> {
    if let Some(pool) = cx.get::<IdentityPool>(&keys::identity_pool(id))? {
        cx.check(&pool);
    }
    Ok(())
}

/// Whether an id is one of an identity pool: those of user pools have no colon.
pub(crate) fn is_one(pool: &str) -> bool {
    pool.contains(':')
}

/// The issuer of a pool's tokens: this server, whatever the issuer of user pools is.
pub(crate) fn issuer(environment: &Environment, pool: &str) -> String {
    format!("{}/{pool}", environment.base_url)
}

/// The identity of this id as it stands, with its pool.
///
/// # Errors
/// Refuses where there is none, or its pool is gone.
fn identity(cx: &mut Cx<'_>, text: &str) -> Run<(Held<PooledIdentity>, Held<IdentityPool>)> {
    cx.once(|cx| {
        let id = identity_id(text).ok_or_else(|| no_identity(text))?;
        let identity = cx.get::<PooledIdentity>(&keys::pooled_identity(&id))?;
        let identity = identity
            .filter(|identity| identity.text() == text)
            .ok_or_else(|| no_identity(text))?;
        let pool = cx.get::<IdentityPool>(&keys::identity_pool(&identity.pool))?;
        let pool = pool.ok_or_else(|| no_identity(text))?;
        Ok((identity, pool))
    })
}

/// The bytes of an identity's id.
fn identity_id(text: &str) -> Option<IdentityId> {
    let (_, uuid) = text.split_once(':')?;
    parse_uuid(uuid)
}

fn no_pool(id: &str) -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        format!("IdentityPool '{id}' not found."),
    )
}

fn no_identity(id: &str) -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        format!("Identity '{id}' not found."),
    )
}

fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

fn denied(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, text)
}

fn conflict(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::ResourceConflict, text)
}

fn told(moment: Timestamp) -> WireTimestamp {
    WireTimestamp::from_millis(moment.millis())
}
