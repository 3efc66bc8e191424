//! Making, describing, changing, deleting and listing identity pools.

use alloc::{borrow::ToOwned, collections::BTreeMap, format, string::String, vec::Vec};

use userpool_ports::storage::MAX_VALUE;
use userpool_wire::{
    Empty,
    identity::{
        CognitoIdentityProvider, CreateIdentityPoolInput, DeleteIdentityPoolInput,
        DescribeIdentityPoolInput, IdentityPool as Described, IdentityPoolShortDescription,
        ListIdentityPoolsInput, ListIdentityPoolsResponse,
    },
};

use super::{find, invalid, logins, tags};
use crate::{
    engine::{Cx, Refusal, Run, record::encode},
    model::{
        identity_pool::{IdentityPool, UserPoolProvider},
        job::Job,
        keys,
        sub::{uuid_text, uuid_v4},
    },
    ops::paging::{self, Listing},
};

/// The public login providers that there are.
const PUBLIC: [&str; 6] = [
    "accounts.google.com",
    "api.twitter.com",
    "appleid.apple.com",
    "graph.facebook.com",
    "www.amazon.com",
    "www.digits.com",
];

/// Makes an identity pool.
///
/// Refusals: settings that do not fit.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_identity_pool(
    cx: &mut Cx<'_>,
    req: &CreateIdentityPoolInput,
) -> Run<Described> {
    let region = cx.caller().region.as_deref();
    let region = region
        .unwrap_or(&cx.environment().default_region)
        .to_owned();
    let id = uuid_v4(cx.random("identity pool id"));
    let settings = Described {
        identity_pool_id: format!("{region}:{}", uuid_text(&id)),
        identity_pool_name: req.identity_pool_name.clone(),
        allow_unauthenticated_identities: req.allow_unauthenticated_identities,
        allow_classic_flow: req.allow_classic_flow,
        supported_login_providers: req.supported_login_providers.clone(),
        developer_provider_name: req.developer_provider_name.clone(),
        open_id_connect_provider_arns: req.open_id_connect_provider_arns.clone(),
        cognito_identity_providers: req.cognito_identity_providers.clone(),
        saml_provider_arns: req.saml_provider_arns.clone(),
        identity_pool_tags: req.identity_pool_tags.clone(),
    };
    let pool = made(cx, &settings)?;
    cx.insert(&keys::identity_pool(&pool.id), &pool);
    Ok(shown(&pool))
}

/// An identity pool by its id.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_identity_pool(
    cx: &mut Cx<'_>,
    req: &DescribeIdentityPoolInput,
) -> Run<Described> {
    Ok(shown(&*find(cx, &req.identity_pool_id)?))
}

/// Replaces the settings of an identity pool; what is left out is reset, but not its roles.
///
/// Refusals, in this order: unknown pool, another developer provider than before, settings that do not fit.
///
/// # Errors
/// The refusals above.
pub(crate) fn update_identity_pool(cx: &mut Cx<'_>, req: &Described) -> Run<Described> {
    let held = find(cx, &req.identity_pool_id)?;
    if held.developer.is_some() && held.developer != req.developer_provider_name {
        return Err(invalid("The developer provider name can not be changed.").into());
    }
    let becomes = IdentityPool {
        roles: held.roles.clone(),
        mappings: held.mappings.clone(),
        principal_tags: held.principal_tags.clone(),
        created: held.created,
        ..made(cx, req)?
    };
    check_size(&becomes)?;
    cx.update(&held, &becomes);
    Ok(shown(&becomes))
}

/// Deletes an identity pool with all its identities: from this commit on they do not exist, and a job empties it.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_identity_pool(cx: &mut Cx<'_>, req: &DeleteIdentityPoolInput) -> Run<Empty> {
    let held = find(cx, &req.identity_pool_id)?;
    cx.remove(&held);
    let id = cx.random("job id");
    cx.insert(&keys::job(&id), &Job::delete_pool(&held.id, cx.now()));
    Ok(Empty {})
}

/// Lists the identity pools in the order of their ids.
///
/// Refusals: a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_identity_pools(
    cx: &mut Cx<'_>,
    req: &ListIdentityPoolsInput,
) -> Run<ListIdentityPoolsResponse> {
    let listing = Listing {
        operation: "ListIdentityPools",
        arguments: &[],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(Some(req.max_results));
    let page = paging::page::<IdentityPool>(cx, &keys::identity_pools(), after, limit, |_| true)?;
    let pools = page
        .records
        .iter()
        .map(|pool| IdentityPoolShortDescription {
            identity_pool_id: Some(pool.id.clone()),
            identity_pool_name: Some(pool.name.clone()),
        });
    Ok(ListIdentityPoolsResponse {
        identity_pools: Some(pools.collect()),
        next_token: listing.token(cx, page.after.as_ref()),
    })
}

/// Refuses a pool whose record would be too large for the store.
pub(super) fn check_size(pool: &IdentityPool) -> Result<(), Refusal> {
    if encode(pool).len() <= MAX_VALUE {
        Ok(())
    } else {
        Err(invalid(
            "The settings of the identity pool are too large: its rules, roles and tags together may take 64 KiB.",
        ))
    }
}

/// A pool of these settings, without roles.
fn made(cx: &Cx<'_>, settings: &Described) -> Result<IdentityPool, Refusal> {
    let public = settings
        .supported_login_providers
        .clone()
        .unwrap_or_default();
    if let Some(name) = public.keys().find(|name| !PUBLIC.contains(&name.as_str())) {
        return Err(invalid(format!(
            "{name} is not a valid login provider name."
        )));
    }
    let mut user_pools = Vec::new();
    for given in settings.cognito_identity_providers.iter().flatten() {
        let provider = user_pool(given)
            .filter(|provider| logins::user_pool_of(cx.environment(), &provider.name).is_some())
            .ok_or_else(|| invalid("Invalid Cognito Identity Provider."))?;
        user_pools.push(provider);
    }
    let tags = settings.identity_pool_tags.clone().unwrap_or_default();
    tags::check(&tags)?;
    let pool = IdentityPool {
        id: settings.identity_pool_id.clone(),
        name: settings.identity_pool_name.clone(),
        guests: settings.allow_unauthenticated_identities,
        classic: settings.allow_classic_flow,
        public,
        developer: settings.developer_provider_name.clone(),
        oidc: settings
            .open_id_connect_provider_arns
            .clone()
            .unwrap_or_default(),
        user_pools,
        saml: settings.saml_provider_arns.clone().unwrap_or_default(),
        tags,
        roles: BTreeMap::new(),
        mappings: BTreeMap::new(),
        principal_tags: BTreeMap::new(),
        created: cx.now(),
    };
    check_size(&pool)?;
    Ok(pool)
}

fn user_pool(given: &CognitoIdentityProvider) -> Option<UserPoolProvider> {
    Some(UserPoolProvider {
        name: given.provider_name.clone()?,
        client: given.client_id.clone()?,
        checked: given.server_side_token_check,
    })
}

/// A pool as the API shows it: only what holds something.
fn shown(pool: &IdentityPool) -> Described {
    let some = |map: &BTreeMap<String, String>| (!map.is_empty()).then(|| map.clone());
    let any = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    let user_pools = pool
        .user_pools
        .iter()
        .map(|provider| CognitoIdentityProvider {
            provider_name: Some(provider.name.clone()),
            client_id: Some(provider.client.clone()),
            server_side_token_check: Some(provider.checked == Some(true)),
        });
    let user_pools: Vec<_> = user_pools.collect();
    Described {
        identity_pool_id: pool.id.clone(),
        identity_pool_name: pool.name.clone(),
        allow_unauthenticated_identities: pool.guests,
        allow_classic_flow: pool.classic,
        supported_login_providers: some(&pool.public),
        developer_provider_name: pool.developer.clone(),
        open_id_connect_provider_arns: any(&pool.oidc),
        cognito_identity_providers: (!user_pools.is_empty()).then_some(user_pools),
        saml_provider_arns: any(&pool.saml),
        identity_pool_tags: some(&pool.tags),
    }
}
