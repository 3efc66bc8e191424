//! Takes the request of a provider of SAML that somebody signs out, once, and answers it.

use alloc::{format, string::String, sync::Arc};

use userpool_crypto::base64;
use userpool_ports::Timestamp;
use userpool_saml::{
    Refused,
    redirect::Received,
    sign_out::{self, Answer, Expected, SignedOut},
};

use super::{request, service};
use crate::{
    engine::{Cx, Held, Run},
    model::{identity_provider::IdentityProvider, keys, pool::Pool, used_assertion::UsedAssertion},
    ops::identity_providers::metadata,
};

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untaken {
    /// It does not fit.
    Refused(Refused),
    /// It was taken before.
    Replayed,
    /// The provider's metadata is over and cannot be had anew.
    Metadata,
}

impl Untaken {
    /// What a developer is told.
    pub(crate) fn description(self) -> String {
        match self {
            Self::Refused(refused) => format!("Invalid SAML request received: {refused}."),
            Self::Replayed => "Invalid SAML request received: it was taken already.".into(),
            Self::Metadata => "Error retrieving metadata".into(),
        }
    }
}

/// The provider that says that it sent a request, if it is one that sign-outs are exchanged with.
///
/// # Errors
/// Stops the run until the providers of the pool are there.
pub(crate) fn sender(
    cx: &mut Cx<'_>,
    pool: &Pool,
    request: Received<'_>,
) -> Run<Result<Option<Held<IdentityProvider>>, Refused>> {
    let issuer = match cx.once(|_| Ok(sign_out::issuer(request).map(Arc::new)))? {
        Ok(issuer) => issuer,
        Err(refused) => return Ok(Err(refused)),
    };
    let prefix = keys::identity_providers(&pool.id);
    let mut after = None;
    loop {
        let (page, more) = cx.page::<IdentityProvider>(&prefix, after.as_ref(), 60)?;
        let found = page.into_iter().find(|provider| {
            let known = provider.discovered.saml.as_ref();
            known.is_some_and(|known| known.entity_id == *issuer)
                && metadata::is_on(provider, "IDPSignout")
        });
        match (found, more) {
            (None, Some(next)) => after = Some(next),
            (found, _) => return Ok(Ok(found)),
        }
    }
}

/// Checks a request, and takes it: it is good for nothing once the run has landed.
///
/// # Errors
/// Stops the run until the metadata is there.
pub(crate) fn take(
    cx: &mut Cx<'_>,
    pool: &Pool,
    provider: &IdentityProvider,
    address: &str,
    request: Received<'_>,
) -> Run<Result<Arc<SignedOut>, Untaken>> {
    let Some(current) = metadata::current(cx, &pool.id, provider)? else {
        return Ok(Err(Untaken::Metadata));
    };
    let known = super::metadata(&current);
    let expected = Expected {
        provider: &known,
        address,
        now: cx.now().secs(),
    };
    let asked = match cx.once(|_| Ok(sign_out::check(&expected, request).map(Arc::new)))? {
        Ok(asked) => asked,
        Err(refused) => return Ok(Err(Untaken::Refused(refused))),
    };
    let id = format!("sign-out {}", asked.id);
    let key = keys::used_assertion(&pool.id, &provider.name, &id);
    if cx.get::<UsedAssertion>(&key)?.is_some() {
        return Ok(Err(Untaken::Replayed));
    }
    let ends = Timestamp::from_secs(asked.ends);
    cx.insert_until(&key, &UsedAssertion {}, Some(ends));
    Ok(Ok(asked))
}

/// Where a browser brings the answer to a request; `None` where the provider has no address for it any more.
///
/// # Errors
/// Stops the run until metadata and signature are there.
pub(crate) fn answer(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    asked: &SignedOut,
    state: Option<&str>,
) -> Run<Option<String>> {
    let current = metadata::current(cx, &pool.id, provider)?;
    let endpoint = current.as_ref().and_then(|it| {
        let own = it.sign_out_answer.as_ref();
        own.or(it.sign_out.as_ref())
    });
    let Some(endpoint) = endpoint else {
        return Ok(None);
    };
    let id = base64::encode_url(&cx.random::<24>("id of an answer about a sign-out"));
    let answer = Answer {
        id: &format!("_{id}"),
        now: cx.now().secs(),
        service: &service(&pool.id),
        endpoint,
        request: &asked.id,
    };
    let outgoing = cx.once(|_| Ok(Arc::new(answer.outgoing(state))))?;
    request::signed(cx, pool, &outgoing).map(Some)
}
