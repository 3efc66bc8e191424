//! Takes the response of a provider of SAML, once.

use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
};
use core::time::Duration;

use userpool_crypto::secret::SecretBytes;
use userpool_ports::Timestamp;
use userpool_saml::{
    Refused,
    response::{self, Asked, Expected, SignedIn},
};

use super::{request::key_name, service};
use crate::{
    engine::{Cx, Done, Fault, Held, Run, Work},
    model::{identity_provider::IdentityProvider, keys, pool::Pool, used_assertion::UsedAssertion},
    ops::{
        identity_providers::metadata,
        pools::{Use, certificate},
    },
};

/// How long an assertion that was used is remembered at most: no response is good so long after its request, nor
/// after it was made where nobody asked.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// A response that was taken.
#[derive(Clone)]
pub(crate) struct Taken {
    /// What it says.
    pub signed_in: Arc<SignedIn>,
    /// The provider's name for itself.
    pub issuer: String,
}

/// Why a response is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untaken {
    /// It does not fit.
    Refused(Refused),
    /// The assertion was used.
    Replayed,
    /// The provider's metadata is over and cannot be had anew.
    Metadata,
}

/// Checks a response, and takes its assertion: it is good for nothing once the run has landed.
///
/// # Errors
/// Stops the run until metadata and keys are there.
pub(crate) fn take(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    address: &str,
    asked: Asked<'_>,
    form: &str,
) -> Run<Result<Taken, Untaken>> {
    let Some(current) = metadata::current(cx, &pool.id, provider)? else {
        return Ok(Err(Untaken::Metadata));
    };
    let known = super::metadata(&current);
    let expected = Expected {
        provider: &known,
        service: &service(&pool.id),
        address,
        asked,
        now: cx.now().secs(),
    };
    let checked = if metadata::is_encrypted(provider) {
        check_encrypted(cx, pool, &expected, form)?
    } else {
        cx.once(|_| Ok(response::check(&expected, form).map(Arc::new)))?
    };
    let signed_in = match checked {
        Ok(signed_in) => signed_in,
        Err(refused) => return Ok(Err(Untaken::Refused(refused))),
    };
    let key = keys::used_assertion(&pool.id, &provider.name, &signed_in.assertion);
    if cx.get::<UsedAssertion>(&key)?.is_some() {
        return Ok(Err(Untaken::Replayed));
    }
    let ends = Timestamp::from_secs(signed_in.ends).min(cx.now().after(REMEMBERED));
    cx.insert_until(&key, &UsedAssertion {}, Some(ends));
    Ok(Ok(Taken {
        signed_in,
        issuer: known.entity_id,
    }))
}

/// Checks a response that may be encrypted; one that is not is good too.
fn check_encrypted(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    expected: &Expected<'_>,
    form: &str,
) -> Run<Result<Arc<SignedIn>, Refused>> {
    let wrapped = match cx.once(|_| Ok(response::wrapped_key(form)))? {
        Ok(Some(wrapped)) => wrapped,
        Ok(None) => return cx.once(|_| Ok(response::check(expected, form).map(Arc::new))),
        Err(refused) => return Ok(Err(refused)),
    };
    let own = certificate(cx, pool, Use::Encryption)?;
    let blinding = SecretBytes::new(cx.random::<32>("blinding/assertion").to_vec());
    let done = cx.work(Work::OpenAssertion {
        key: key_name(&pool.id, &own.der)?,
        sealed: Arc::from(own.sealed.as_slice()),
        wrapped,
        blinding,
    })?;
    let Done::Opened(key) = done else {
        return Err(Fault::new("the key of an assertion").into());
    };
    let Some(key) = key else {
        return Ok(Err(Refused::Decryption));
    };
    cx.once(|_| Ok(response::check_encrypted(expected, form, &key).map(Arc::new)))
}

impl Untaken {
    /// What a developer is told: which check failed is for logs.
    pub(crate) fn description(self) -> String {
        match self {
            Self::Refused(Refused::Signature | Refused::Unsigned) => {
                "Invalid SAML response received: SAML Assertion signature is invalid. ".to_string()
            }
            Self::Refused(refused) => {
                format!("Invalid SAML response received: {refused}.")
            }
            Self::Replayed => {
                "Invalid SAML response received: the assertion was used already.".to_string()
            }
            Self::Metadata => "Error retrieving metadata".to_string(),
        }
    }
}
