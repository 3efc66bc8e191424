//! CreateIdentityProvider.

use alloc::{format, sync::Arc};

use userpool_wire::idp::{CreateIdentityProviderRequest, CreateIdentityProviderResponse};

use super::{check_identifiers, check_size, discovery::discover, given, kinds, seal, shown};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        identity_provider::{Discovered, IdentityProvider, MAX_OF_POOL, ProviderIdentifier},
        keys,
    },
    ops::parties,
};

/// Makes an identity provider. One of OpenID Connect whose endpoints are not given is asked for them, and one of SAML
/// for its metadata.
///
/// Refusals, in this order: unknown pool, a name that does not fit, a provider of this name, details, mapping,
/// identifiers or levels that do not fit, too many providers in the pool, identifiers that lead to another provider, a
/// provider that does not tell its endpoints or metadata, settings too large to be kept.
///
/// # Errors
/// The refusals above; stops the run until the provider has answered.
pub(crate) fn create_identity_provider(
    cx: &mut Cx<'_>,
    req: &CreateIdentityProviderRequest,
) -> Run<CreateIdentityProviderResponse> {
    let key = keys::identity_provider(&req.user_pool_id, &req.provider_name);
    cx.want([&keys::pool(&req.user_pool_id), &key])?;
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let kind = kinds::of(req.provider_type);
    given::check_name(kind, &req.provider_name)?;
    if cx.get::<IdentityProvider>(&key)?.is_some() {
        let text = format!(
            "The identity provider {} already exists in user pool {}.",
            req.provider_name, pool.id
        );
        return Err(Refusal::new(RefusalKind::DuplicateProvider, text).into());
    }
    let (made, secret) = &*cx.once(|cx| {
        let checked = given::details(kind, &req.provider_details, false)?;
        let made = IdentityProvider {
            name: req.provider_name.clone(),
            kind,
            details: checked.details,
            discovered: Discovered::default(),
            mapping: given::mapping(&pool, kind, req.attribute_mapping.as_ref())?,
            identifiers: given::identifiers(req.idp_identifiers.as_deref())?,
            levels: given::levels(kind, req.acr_mapping.as_ref())?,
            secret: None,
            created: cx.now(),
            modified: cx.now(),
        };
        Ok(Arc::new((made, checked.secret)))
    })?;
    let prefix = keys::identity_providers(&pool.id);
    let (others, _) = cx.page_of_any(&prefix, None, MAX_OF_POOL)?;
    if others.len() == MAX_OF_POOL {
        let text = "The user pool has as many identity providers as it can have.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    let leads = check_identifiers(cx, &pool.id, &made.name, &made.identifiers)?;
    let provider = IdentityProvider {
        discovered: discover(cx, kind, &made.details)?,
        secret: secret
            .as_ref()
            .map(|secret| seal(cx, &pool.id, &made.name, secret)),
        ..made.clone()
    };
    check_size(&provider)?;
    cx.check(&pool);
    cx.insert(&key, &provider);
    for lead in leads {
        let provider = made.name.clone();
        cx.insert(&lead, &ProviderIdentifier { provider });
    }
    Ok(CreateIdentityProviderResponse {
        identity_provider: shown(cx, &pool, &provider)?,
    })
}
