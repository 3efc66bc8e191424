//! Sends a browser to a provider of SAML.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_crypto::{rs256::key_id, secret::SecretBytes};
use userpool_saml::{post, redirect::Outgoing, request::SignIn};

use super::service;
use crate::{
    engine::{Cx, Done, Fault, Held, KeyName, Run, Work, worker},
    model::{certificate::Certificate, identity_provider::IdentityProvider, pool::Pool},
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

/// How a browser gets to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Away {
    /// It is sent to an address.
    To(String),
    /// It sends a form.
    Form {
        /// Where to.
        action: String,
        /// The parameter `SAMLRequest`.
        request: String,
    },
}

/// How a browser goes for a sign-in; `None` where the provider's metadata is over and cannot be had anew.
///
/// # Errors
/// Stops the run until metadata and signature are there.
pub(crate) fn away(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    asking: &Asking<'_>,
) -> Run<Option<Away>> {
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
    let signs = provider.details.contains_key("RequestSigningAlgorithm");
    if current.posts {
        let outgoing = cx.once(|_| Ok(Arc::new(request.posted())))?;
        return Ok(Some(Away::Form {
            action: current.sign_in.clone(),
            request: match signs {
                true => signed_form(cx, pool, &outgoing)?,
                false => outgoing.unsigned(),
            },
        }));
    }
    let outgoing = cx.once(|_| Ok(Arc::new(request.outgoing(asking.state))))?;
    let address = match signs {
        true => signed(cx, pool, &outgoing)?,
        false => outgoing.unsigned(),
    };
    Ok(Some(Away::To(address)))
}

/// A message in a form that the pool signs.
fn signed_form(cx: &mut Cx<'_>, pool: &Held<Pool>, outgoing: &post::Outgoing) -> Run<String> {
    let own = certificate(cx, pool, Use::Signing)?;
    let signature = sign(cx, pool, &own, outgoing.to_sign())?;
    Ok(outgoing.signed(&signature, &own.der))
}

/// The address of a message that the pool signs.
///
/// # Errors
/// Stops the run until the signature is there.
pub(crate) fn signed(cx: &mut Cx<'_>, pool: &Held<Pool>, outgoing: &Outgoing) -> Run<String> {
    let own = certificate(cx, pool, Use::Signing)?;
    let signature = sign(cx, pool, &own, outgoing.to_sign())?;
    Ok(outgoing.signed(&signature))
}

fn sign(cx: &mut Cx<'_>, pool: &Pool, own: &Certificate, text: String) -> Run<Vec<u8>> {
    let blinding = SecretBytes::new(cx.random::<32>("blinding/request").to_vec());
    let done = cx.work(Work::Sign {
        key: key_name(&pool.id, &own.der)?,
        sealed: Arc::from(own.sealed.as_slice()),
        message: text.into_bytes(),
        blinding,
    })?;
    match done {
        Done::Signature(signature) => Ok(signature),
        _ => Err(Fault::new("a signature").into()),
    }
}

/// The name of the key of a certificate of a pool.
///
/// # Errors
/// A fault if the certificate is none.
pub(super) fn key_name(pool: &str, der: &[u8]) -> Run<KeyName> {
    Ok(KeyName {
        pool: pool.into(),
        kid: kid(der)?,
    })
}

/// The id of the key of a certificate of a pool.
///
/// # Errors
/// A fault if the certificate is none.
pub(crate) fn kid(der: &[u8]) -> Result<String, Fault> {
    let modulus = userpool_saml::modulus(der).ok_or_else(|| Fault::new("a certificate"))?;
    Ok(key_id(&modulus, &worker::EXPONENT))
}
