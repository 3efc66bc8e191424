//! Assertions of providers of SAML as logins.
//!
//! Whoever runs the engine tells it of the provider: its metadata, for whom assertions have to be and where they have to
//! be sent. An assertion is for one use: it tells an identity's id as often as somebody asks, and gives credentials, or
//! changes an identity, once.

use alloc::{format, string::ToString, sync::Arc};
use core::time::Duration;

use serde_json::{Map, Value};
use userpool_ports::Timestamp;
use userpool_saml::{
    Refused,
    response::{self, Asked, Expected},
};

use super::{
    denied,
    foreign_tokens::untold,
    invalid,
    logins::{From, Proven, Purpose, foreign, not_valid},
};
use crate::{
    engine::{Cx, Run},
    model::{identity_pool::IdentityPool, keys, used_assertion::UsedAssertion},
};

/// How old an assertion may be, in seconds.
const YOUNG: i64 = 360;
/// How long one that was used is remembered at most: none is good so long.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// What an assertion proves: the name, and the attributes as claims.
///
/// Refusals, in this order: a provider that the pool does not take, or that the engine is not told of; the classic flow;
/// metadata that has ended, no response, what [`response::check`] refuses; an assertion that was used.
///
/// # Errors
/// Refuses as said; stops the run until it is known whether it was used.
pub(super) fn proven(
    cx: &mut Cx<'_>,
    pool: &IdentityPool,
    (provider, form): (&str, &str),
    purpose: Purpose,
) -> Run<Proven> {
    if !pool.saml.iter().any(|arn| arn == provider) {
        return Err(foreign().into());
    }
    let known = cx.environment().login_providers.assertions(provider);
    let known = known.ok_or_else(|| untold(provider))?;
    if purpose == Purpose::Token {
        let text = "Logins by SAML are for the enhanced flow: use GetCredentialsForIdentity.";
        return Err(invalid(text).into());
    }
    let said = cx.once(|cx| {
        let now = cx.now().secs();
        if known.metadata.ends.is_some_and(|ends| ends <= now) {
            return Err(denied("The metadata of the SAML provider has ended.").into());
        }
        let expected = Expected {
            provider: &known.metadata,
            service: &known.audience,
            address: &known.recipient,
            asked: Asked::Others { at_most: YOUNG },
            now,
        };
        match response::check(&expected, form) {
            Ok(said) => Ok(Arc::new(said)),
            Err(Refused::Malformed | Refused::TooLarge) => {
                Err(invalid("Invalid base64 SAMLResponse").into())
            }
            Err(refused) => Err(not_valid(&format!("Invalid SAML response: {refused}.")).into()),
        }
    })?;
    let key = keys::used_assertion(&pool.id, provider, &said.assertion);
    if cx.get::<UsedAssertion>(&key)?.is_some() {
        return Err(not_valid("Invalid SAML response: the assertion was used already.").into());
    }
    if purpose == Purpose::Use {
        let ends = Timestamp::from_secs(said.ends).min(cx.now().after(REMEMBERED));
        cx.insert_until(&key, &UsedAssertion {}, Some(ends));
    }
    let mut claims = Map::new();
    for (name, values) in &said.attributes {
        let value = match values.as_slice() {
            [only] => Value::from(only.as_str()),
            all => Value::from(all),
        };
        claims.insert(name.clone(), value);
    }
    Ok(Proven {
        from: From::Other,
        provider: provider.to_string(),
        client: known.audience.clone(),
        subject: said.name.value.clone(),
        claims: claims.into(),
    })
}
