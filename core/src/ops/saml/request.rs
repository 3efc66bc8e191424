//! Sends a browser to a provider of SAML.

use alloc::{string::String, sync::Arc};

use userpool_crypto::{rs256::key_id, secret::SecretBytes};
use userpool_saml::{redirect::Outgoing, request::SignIn};

use super::service;
use crate::{
    engine::{Cx, Done, Fault, Held, KeyName, Run, Work, worker},
    model::{identity_provider::IdentityProvider, pool::Pool},
    ops::{
        identity_providers::metadata,
        pools::{Use, certificate},
    },
};

/// What a request for a sign-in says.
pub(crate) struct Asking<'a> {
    /// Its id, which the response names.
    pub id: &'a str,
    /// Where the response is to be sent.
    pub answer_to: &'a str,
    /// What comes back with it.
    pub state: &'a str,
    /// Whether the provider has to ask the user again.
    pub again: bool,
}

/// Where a browser goes for a sign-in; `None` where the provider's metadata is over and cannot be had anew.
///
/// # Errors
/// Stops the run until metadata and signature are there.
pub(crate) fn address(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    asking: &Asking<'_>,
) -> Run<Option<String>> {
    let Some(current) = metadata::current(cx, &pool.id, provider)? else {
        return Ok(None);
    };
    let request = SignIn {
        id: asking.id,
        now: cx.now().secs(),
        service: &service(&pool.id),
        answer_to: asking.answer_to,
        endpoint: &current.sign_in,
        again: asking.again,
    };
    let outgoing = cx.once(|_| Ok(Arc::new(request.outgoing(asking.state))))?;
    if provider.details.contains_key("RequestSigningAlgorithm") {
        signed(cx, pool, &outgoing).map(Some)
    } else {
        Ok(Some(outgoing.unsigned()))
    }
}

/// The address of a message that the pool signs.
///
/// # Errors
/// Stops the run until the signature is there.
pub(crate) fn signed(cx: &mut Cx<'_>, pool: &Held<Pool>, outgoing: &Outgoing) -> Run<String> {
    let own = certificate(cx, pool, Use::Signing)?;
    let blinding = SecretBytes::new(cx.random::<32>("blinding/request").to_vec());
    let done = cx.work(Work::Sign {
        key: key_name(&pool.id, &own.der)?,
        sealed: Arc::from(own.sealed.as_slice()),
        message: outgoing.to_sign().into_bytes(),
        blinding,
    })?;
    match done {
        Done::Signature(signature) => Ok(outgoing.signed(&signature)),
        _ => Err(Fault::new("a signature").into()),
    }
}

/// The name of the key of a certificate of a pool.
///
/// # Errors
/// A fault if the certificate is none.
pub(super) fn key_name(pool: &str, der: &[u8]) -> Run<KeyName> {
    let modulus = userpool_saml::modulus(der).ok_or_else(|| Fault::new("a certificate"))?;
    Ok(KeyName {
        pool: pool.into(),
        kid: key_id(&modulus, &worker::EXPONENT),
    })
}
