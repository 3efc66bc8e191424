//! UpdateIdentityProvider.

use alloc::{sync::Arc, vec::Vec};

use userpool_ports::Key;
use userpool_wire::idp::{UpdateIdentityProviderRequest, UpdateIdentityProviderResponse};

use super::{check_identifiers, check_size, discovery::discover, find, given, seal, shown};
use crate::{
    engine::{Cx, Run},
    model::{
        identity_provider::{IdentityProvider, ProviderIdentifier},
        keys,
        names::lower,
    },
};

/// Changes an identity provider: members that are given replace what was there as a whole, the others stay. A
/// private key stays where none is given, because it is never told back.
///
/// Refusals, in this order: unknown pool, unknown provider, details, mapping, identifiers or levels that do not fit,
/// identifiers that lead to another provider, a provider that does not tell its endpoints, settings too large to be
/// kept.
///
/// # Errors
/// The refusals above; stops the run until the provider has answered.
pub(crate) fn update_identity_provider(
    cx: &mut Cx<'_>,
    req: &UpdateIdentityProviderRequest,
) -> Run<UpdateIdentityProviderResponse> {
    let (pool, held) = find(cx, &req.user_pool_id, &req.provider_name)?;
    let kind = held.kind;
    let (becomes, secret) = &*cx.once(|cx| {
        let mut becomes = IdentityProvider {
            modified: cx.now(),
            ..IdentityProvider::clone(&held)
        };
        let mut secret = None;
        if let Some(details) = &req.provider_details {
            let checked = given::details(kind, details, true)?;
            becomes.details = checked.details;
            secret = checked.secret;
            if secret.is_none() && kind.rules().tells_secret {
                becomes.secret = None;
            }
        }
        if let Some(mapping) = &req.attribute_mapping {
            becomes.mapping = given::mapping(&pool, kind, Some(mapping))?;
        }
        if let Some(identifiers) = &req.idp_identifiers {
            becomes.identifiers = given::identifiers(Some(identifiers))?;
        }
        if let Some(levels) = &req.acr_mapping {
            becomes.levels = given::levels(kind, Some(levels))?;
        }
        Ok(Arc::new((becomes, secret)))
    })?;
    let leads = check_identifiers(cx, &pool.id, &held.name, &becomes.identifiers)?;
    let mut provider = becomes.clone();
    if req.provider_details.is_some() {
        provider.discovered = discover(cx, kind, &provider.details)?;
    }
    if let Some(secret) = secret {
        provider.secret = Some(seal(cx, &pool.id, &held.name, secret));
    }
    check_size(&provider)?;
    let stays = |lead: &str| {
        provider
            .identifiers
            .iter()
            .any(|it| lower(it) == lower(lead))
    };
    let gone: Vec<Key> = held
        .identifiers
        .iter()
        .filter(|lead| !stays(lead))
        .map(|lead| keys::provider_identifier(&pool.id, &lower(lead)))
        .collect();
    cx.want(&gone)?;
    for key in &gone {
        if let Some(record) = cx.any(key)? {
            cx.remove(&record);
        }
    }
    cx.update(&held, &provider);
    for lead in leads {
        let provider = held.name.clone();
        cx.insert(&lead, &ProviderIdentifier { provider });
    }
    Ok(UpdateIdentityProviderResponse {
        identity_provider: shown(cx, &pool, &provider)?,
    })
}
