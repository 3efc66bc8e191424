//! AdminDisableProviderForUser.

use userpool_wire::idp::{AdminDisableProviderForUserRequest, AdminDisableProviderForUserResponse};

use super::{Named, linked, pool, whom};
use crate::{
    engine::{Cx, Run, Stop},
    model::{
        identity::{Link, SUBJECT},
        identity_provider::IdentityProvider,
        keys,
        pool::Pool,
        user::{Head, Password, Profile, Status},
    },
    ops::{directory, identity_providers::invalid, parties::no_user},
};

/// Takes an identity from the user that it was linked to, or from a user of the pool itself the password.
///
/// Who comes by an identity that was taken gets an account of its own. A user without a password comes by a provider
/// alone: the status is EXTERNAL_PROVIDER, until an administrator sets a password.
///
/// Refusals, in this order: unknown pool, a user that is not named, an unknown user or identity, an identity that an
/// account was made for.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_disable_provider_for_user(
    cx: &mut Cx<'_>,
    req: &AdminDisableProviderForUserRequest,
) -> Run<AdminDisableProviderForUserResponse> {
    let pool = pool(cx, &req.user_pool_id)?;
    let named = Named::of(&req.user, "User")?;
    if named.is_own() {
        return without_password(cx, &pool, &named);
    }
    let key = keys::identity_provider(&pool.id, named.provider);
    let provider = cx.get::<IdentityProvider>(&key)?;
    // A provider that is gone leaves its links.
    let attribute = match &provider {
        Some(provider) => named.kept_as(provider)?,
        None => SUBJECT.into(),
    };
    let link = linked(cx, &pool, named.provider, &attribute, named.value)?;
    let link = link.ok_or_else(no_user)?;
    let whom = super::Whom::load(cx, &pool, &link.sub)?;
    let whom = whom.ok_or_else(|| Stop::torn("the user of an identity"))?;
    let identities = whom.profile.identities.clone().unwrap_or_default();
    let found = identities.all.iter().find(|it| {
        it.provider == named.provider && it.attribute == attribute && it.value == named.value
    });
    let found = found.ok_or_else(|| Stop::torn("an identity of a user"))?;
    if found.primary {
        let text = "The account was made for this identity; disable or delete the user instead.";
        return Err(invalid(text).into());
    }
    let becomes = Profile {
        identities: identities.without(found),
        ..Profile::clone(&whom.profile)
    };
    whom.write(cx, &becomes);
    cx.remove::<Link>(&link);
    Ok(AdminDisableProviderForUserResponse {})
}

fn without_password(
    cx: &mut Cx<'_>,
    pool: &Pool,
    named: &Named<'_>,
) -> Run<AdminDisableProviderForUserResponse> {
    let whom = whom(cx, pool, named)?;
    let key = keys::password(&pool.id, &whom.head.sub);
    let password = cx.get::<Password>(&key)?;
    let password = password.ok_or_else(|| Stop::torn("the password of a user"))?;
    let head = Head {
        status: Status::ExternalProvider,
        credential_epoch: whom.head.credential_epoch.wrapping_add(1),
        modified: cx.now(),
        ..Head::clone(&whom.head)
    };
    let none = Password {
        current: None,
        set: cx.now(),
        history: password.history.clone(),
    };
    let (was, becomes) = ((&*whom.head, &*whom.profile), (&head, &*whom.profile));
    directory::reindex(cx, pool, was, becomes)?;
    cx.update(&whom.head, &head);
    cx.check(&whom.profile);
    cx.update(&password, &none);
    Ok(AdminDisableProviderForUserResponse {})
}
