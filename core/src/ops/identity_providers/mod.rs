//! Identity providers of a pool: making, describing, changing, deleting and listing them.
//!
//! | file | subject |
//! |---|---|
//! | `kinds` | what is particular to each kind of provider |
//! | `given` | what a request says of a provider, checked |
//! | `discovery` | what a provider says of itself |
//! | `metadata` | what one of SAML says, then and later |
//! | `links` | identities that administrators link to users |
//!
//! A deleted provider keeps its users, as with the service; app clients that listed it list it no longer as long as
//! there is none of its name.

mod create_identity_provider;
mod delete_identity_provider;
mod describe_identity_provider;
pub(crate) mod discovery;
mod given;
pub(crate) mod kinds;
mod links;
mod list_identity_providers;
pub(crate) mod metadata;
mod update_identity_provider;

pub(crate) use create_identity_provider::create_identity_provider;
pub(crate) use delete_identity_provider::delete_identity_provider;
pub(crate) use describe_identity_provider::{
    describe_identity_provider, get_identity_provider_by_identifier,
};
pub(crate) use discovery::private_key;
pub(crate) use links::{admin_disable_provider_for_user, admin_link_provider_for_user};
pub(crate) use list_identity_providers::list_identity_providers;
pub(crate) use update_identity_provider::update_identity_provider;

use alloc::{
    borrow::Cow,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use userpool_crypto::{base64, secret::SecretText};
use userpool_ports::{Key, storage::MAX_VALUE};
use userpool_wire::{Timestamp, idp::IdentityProviderType};

use crate::{
    engine::{Cx, Fault, Held, Refusal, RefusalKind, Run, record::encode},
    model::{
        identity_provider::{IdentityProvider, ProviderIdentifier},
        keys,
        names::lower,
        pool::Pool,
    },
    ops::{
        parties,
        pools::{Use, certificate},
    },
};

/// The name that stands for the users of the pool itself.
pub(crate) const OWN: &str = "COGNITO";
/// The purpose under which secrets of providers are sealed.
pub(crate) const SECRET: &str = "secret of an identity provider";
/// The field of the record that holds one.
pub(crate) const FIELD: &str = "secret";

/// The refusal of what does not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// The refusal of an unknown provider.
pub(crate) fn missing(name: &str) -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        format!("Identity provider {name} does not exist."),
    )
}

/// A provider with its pool.
///
/// # Errors
/// Refuses, in this order: unknown pool, unknown provider.
fn find(cx: &mut Cx<'_>, pool_id: &str, name: &str) -> Run<(Held<Pool>, Held<IdentityProvider>)> {
    let key = keys::identity_provider(pool_id, name);
    cx.want([&keys::pool(pool_id), &key])?;
    let pool = parties::pool(cx, pool_id)?;
    let provider = cx.get::<IdentityProvider>(&key)?;
    Ok((pool, provider.ok_or_else(|| missing(name))?))
}

/// The provider that an identifier leads to, if any.
///
/// # Errors
/// Stops the run until it is there.
pub(crate) fn identified(
    cx: &mut Cx<'_>,
    pool: &str,
    identifier: &str,
) -> Run<Option<Held<IdentityProvider>>> {
    let key = keys::provider_identifier(pool, &lower(identifier));
    match cx.get::<ProviderIdentifier>(&key)? {
        Some(found) => cx.get(&keys::identity_provider(pool, &found.provider)),
        None => Ok(None),
    }
}

/// Makes what is written depend on a provider that was read: what is kept of it beside its record goes with it.
///
/// # Errors
/// Stops the run until the provider is there.
pub(crate) fn hold(cx: &mut Cx<'_>, pool: &str, name: &str) -> Run<()> {
    if let Some(provider) = cx.get::<IdentityProvider>(&keys::identity_provider(pool, name))? {
        cx.check(&provider);
    }
    Ok(())
}

/// The providers of these names, those that there are.
///
/// # Errors
/// Stops the run until they are there.
pub(crate) fn existing(
    cx: &mut Cx<'_>,
    pool: &str,
    names: &[String],
) -> Run<Vec<Held<IdentityProvider>>> {
    let others = names.iter().filter(|name| *name != OWN);
    // A name of a client's list may be longer than that of a provider can be.
    let keys: Vec<Key> = others
        .filter(|name| name.chars().count() <= 32)
        .map(|name| keys::identity_provider(pool, name))
        .collect();
    cx.want(&keys)?;
    let mut found = Vec::with_capacity(keys.len());
    for key in &keys {
        found.extend(cx.get::<IdentityProvider>(key)?);
    }
    Ok(found)
}

/// All details of a provider but its secret: those given, those it told, those of its kind.
pub(crate) fn details(provider: &IdentityProvider) -> BTreeMap<String, String> {
    let mut all = (provider.kind.rules().derived)(&provider.details);
    all.extend(provider.discovered.endpoints.clone());
    all.extend(provider.details.clone());
    all
}

/// The secret of a provider, opened.
///
/// # Errors
/// A fault if it cannot be opened.
pub(crate) fn secret(
    cx: &mut Cx<'_>,
    pool: &str,
    provider: &IdentityProvider,
) -> Run<Option<SecretText>> {
    let Some(sealed) = &provider.secret else {
        return Ok(None);
    };
    let key = keys::identity_provider(pool, &provider.name);
    let opened = cx.open(SECRET, pool, &key, FIELD, sealed)?;
    let text = core::str::from_utf8(opened.expose());
    let text = text.map_err(|_| Fault::new("the secret of an identity provider"))?;
    Ok(Some(SecretText::new(text.into())))
}

fn seal(cx: &mut Cx<'_>, pool: &str, name: &str, secret: &str) -> Vec<u8> {
    let key = keys::identity_provider(pool, name);
    cx.seal(SECRET, pool, &key, FIELD, secret.as_bytes())
}

/// Refuses identifiers that lead to another provider; gives those that are free.
///
/// # Errors
/// The refusal; stops the run until the identifiers are there.
fn check_identifiers(
    cx: &mut Cx<'_>,
    pool: &str,
    name: &str,
    identifiers: &[String],
) -> Run<Vec<Key>> {
    let keys: Vec<Key> = identifiers
        .iter()
        .map(|it| keys::provider_identifier(pool, &lower(it)))
        .collect();
    cx.want(&keys)?;
    let mut free = Vec::new();
    for (identifier, key) in identifiers.iter().zip(keys) {
        match cx.get::<ProviderIdentifier>(&key)? {
            Some(found) if found.provider != name => {
                let text = format!("The identifier {identifier} is already in use.");
                return Err(invalid(text).into());
            }
            Some(_) => {}
            None => free.push(key),
        }
    }
    Ok(free)
}

/// Refuses a provider that is too large to be kept.
fn check_size(provider: &IdentityProvider) -> Result<(), Refusal> {
    if encode(provider).len() > MAX_VALUE {
        return Err(invalid(
            "The settings of the identity provider are too large: together they may take 64 KiB.",
        ));
    }
    Ok(())
}

/// The detail that says where a provider's keys lie.
const KEYS: &str = "jwks_uri";

/// A provider as the API shows it.
///
/// # Errors
/// A fault if the secret cannot be opened.
fn shown(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
) -> Run<IdentityProviderType> {
    let rules = provider.kind.rules();
    let mut all = details(provider);
    // Where the keys of a kind lie the service does not tell.
    if [&provider.details, &provider.discovered.endpoints]
        .iter()
        .all(|told| !told.contains_key(KEYS))
    {
        all.remove(KEYS);
    }
    if rules.tells_secret
        && let Some(secret) = secret(cx, &pool.id, provider)?
    {
        all.insert(rules.secret.to_string(), secret.expose().into());
    }
    if metadata::is_encrypted(provider) {
        let own = certificate(cx, pool, Use::Encryption)?;
        all.insert(
            "ActiveEncryptionCertificate".into(),
            base64::encode(&own.der),
        );
    }
    Ok(IdentityProviderType {
        user_pool_id: Some(pool.id.clone()),
        provider_name: Some(provider.name.clone()),
        provider_type: Some(kinds::shown(provider.kind)),
        provider_details: Some(all.into()),
        attribute_mapping: Some(provider.mapping.clone()),
        idp_identifiers: Some(provider.identifiers.clone()),
        acr_mapping: (!provider.levels.is_empty()).then(|| provider.levels.clone()),
        last_modified_date: Some(Timestamp::from_millis(provider.modified.millis())),
        creation_date: Some(Timestamp::from_millis(provider.created.millis())),
    })
}
