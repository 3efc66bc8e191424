//! AdminLinkProviderForUser.

use userpool_wire::idp::{AdminLinkProviderForUserRequest, AdminLinkProviderForUserResponse};

use super::{Named, linked, pool, provider, taken, whom};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        identity::{Identity, Link, LinkNames, MAX_LINKED, MAX_NAMES, SUBJECT},
        keys,
        user::Profile,
    },
    ops::identity_providers::invalid,
};

/// Links an identity of a provider to a user: who signs in by it is that user from then on.
///
/// Refusals, in this order: unknown pool, users that are not named, a source of the pool itself, an unknown provider, an
/// attribute by which it tells nobody apart, an unknown destination, a source that is linked or has an account of its
/// own, a destination with as many identities as it can have, one attribute more than a pool links by.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_link_provider_for_user(
    cx: &mut Cx<'_>,
    req: &AdminLinkProviderForUserRequest,
) -> Run<AdminLinkProviderForUserResponse> {
    let pool = pool(cx, &req.user_pool_id)?;
    let destination = Named::of(&req.destination_user, "DestinationUser")?;
    let source = Named::of(&req.source_user, "SourceUser")?;
    if source.is_own() {
        return Err(invalid("SourceUser cannot be a user of the pool itself.").into());
    }
    let provider = provider(cx, &pool, source.provider)?;
    let attribute = source.kept_as(&provider)?;
    let whom = whom(cx, &pool, &destination)?;
    if let Some(link) = linked(cx, &pool, &provider.name, &attribute, source.value)? {
        let owner = super::Whom::load(cx, &pool, &link.sub)?;
        let is_own = owner.is_some_and(|owner| {
            let identities = owner.profile.identities.as_ref();
            let all = identities.iter().flat_map(|it| &it.all);
            let mut primary = all.filter(|it| it.primary);
            primary.any(|it| it.provider == provider.name && it.value == source.value)
        });
        if is_own {
            let text = "Merging is not currently supported, please provide a SourceUser that has not been signed up in order to link";
            return Err(invalid(text).into());
        }
        return Err(taken().into());
    }
    let mut identities = whom.profile.identities.clone().unwrap_or_default();
    if identities.linked() >= MAX_LINKED {
        let text = "The user has as many linked identities as a user can have.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    if attribute != SUBJECT {
        count(cx, &pool.id, &attribute)?;
    }
    identities.all.push(Identity {
        provider: provider.name.clone(),
        kind: provider.kind,
        attribute: attribute.clone(),
        value: source.value.into(),
        primary: false,
        created: cx.now(),
        issuer: None,
    });
    let becomes = Profile {
        identities: Some(identities),
        ..Profile::clone(&whom.profile)
    };
    cx.check(&pool);
    cx.check(&provider);
    whom.write(cx, &becomes);
    let key = keys::link(&pool.id, &provider.name, &attribute, source.value);
    let sub = whom.head.sub;
    cx.insert(&key, &Link { sub });
    Ok(AdminLinkProviderForUserResponse {})
}

/// Notes that identities are linked by an attribute.
///
/// # Errors
/// `LimitExceededException` where they are by as many others as may be.
fn count(cx: &mut Cx<'_>, pool: &str, attribute: &str) -> Run<()> {
    let key = keys::link_names(pool);
    let held = cx.get::<LinkNames>(&key)?;
    let mut names = held.as_deref().cloned().unwrap_or_default();
    if names.all.iter().any(|name| name == attribute) {
        return Ok(());
    }
    if names.all.len() >= MAX_NAMES {
        let text = "The user pool links identities by as many attributes as a user pool can.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    names.all.push(attribute.into());
    match &held {
        Some(held) => cx.update(held, &names),
        None => cx.insert(&key, &names),
    }
    Ok(())
}
