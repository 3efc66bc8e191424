//! Tells a provider of SAML that a user signs out.

use alloc::{string::String, sync::Arc};

use userpool_saml::{
    Refused,
    logout::{self, Expected, SignOut},
    redirect::Received,
    response::Name,
};

use super::{request, service};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        identity_provider::IdentityProvider, pending_sign_out::PendingSignOut, pool::Pool,
        saml_answer::Told,
    },
    ops::identity_providers::metadata,
};

/// Where a browser goes to sign out at a provider too; `None` where its metadata has no such address any more.
///
/// # Errors
/// Stops the run until metadata and signature are there.
pub(crate) fn address(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    told: &Told,
    (id, state): (&str, &str),
) -> Run<Option<String>> {
    let current = metadata::current(cx, &pool.id, provider)?;
    let Some(endpoint) = current.as_ref().and_then(|it| it.sign_out.as_ref()) else {
        return Ok(None);
    };
    let name = Name {
        value: told.name.clone(),
        format: told.format.clone(),
        qualifier: told.qualifier.clone(),
        service_qualifier: told.service_qualifier.clone(),
    };
    let request = SignOut {
        id,
        now: cx.now().secs(),
        service: &service(&pool.id),
        endpoint,
        name: &name,
        session: told.session.as_deref(),
    };
    let outgoing = cx.once(|_| Ok(Arc::new(request.outgoing(state))))?;
    request::signed(cx, pool, &outgoing).map(Some)
}

/// Checks an answer to a request for a sign-out; `None` where the provider's metadata is not to be had.
///
/// # Errors
/// Stops the run until the metadata is there.
pub(crate) fn check(
    cx: &mut Cx<'_>,
    pool: &Pool,
    provider: &IdentityProvider,
    pending: &PendingSignOut,
    answer: Received<'_>,
) -> Run<Option<Result<(), Refused>>> {
    let Some(current) = metadata::current(cx, &pool.id, provider)? else {
        return Ok(None);
    };
    let known = super::metadata(&current);
    let expected = Expected {
        provider: &known,
        address: &pending.address,
        request: &pending.request,
        now: cx.now().secs(),
    };
    cx.once(|_| {
        Ok(Some(match answer {
            Received::Form(form) => logout::check_form(&expected, form),
            Received::Address(message) => logout::check_redirect(&expected, message),
        }))
    })
}
