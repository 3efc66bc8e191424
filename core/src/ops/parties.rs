//! Who takes part in a request: the pool, the app client and its proof, the user by any name.

use alloc::{format, string::String, vec::Vec};

use userpool_crypto::{secret::SecretText, secret_hash::secret_hash_matches};
use userpool_ports::Key;

use crate::{
    engine::{Cx, Fault, Held, Refusal, RefusalKind, Run},
    model::{
        client::Client,
        keys,
        names::{canonical, canonical_alias},
        pool::{NameRule, Pool},
        sub::Sub,
        user::{Alias, AliasKind, Head, Name},
    },
};

/// The purpose under which client secrets are sealed.
pub(crate) const CLIENT_SECRET: &str = "client secret";

/// An app client with its pool.
pub(crate) struct Party {
    pub client: Held<Client>,
    pub pool: Held<Pool>,
}

/// The pool of this id.
///
/// # Errors
/// Refuses where there is none, or it is being deleted.
pub(crate) fn pool(cx: &mut Cx<'_>, id: &str) -> Run<Held<Pool>> {
    match cx.get::<Pool>(&keys::pool(id))? {
        Some(pool) if !pool.deleting => Ok(pool),
        _ => Err(no_pool(id).into()),
    }
}

/// The app client of this id, with its pool.
///
/// # Errors
/// Refuses where there is none.
pub(crate) fn client(cx: &mut Cx<'_>, client_id: &str) -> Run<Party> {
    let Some(client) = cx.get::<Client>(&keys::client(client_id))? else {
        return Err(no_client(client_id).into());
    };
    let pool = match cx.get::<Pool>(&keys::pool(&client.pool))? {
        Some(pool) if !pool.deleting => pool,
        _ => return Err(no_client(client_id).into()),
    };
    Ok(Party { client, pool })
}

/// The app client of this id in a pool, for administrators.
///
/// # Errors
/// Refuses where the pool does not exist, or has no such client.
pub(crate) fn client_in_pool(cx: &mut Cx<'_>, pool_id: &str, client_id: &str) -> Run<Party> {
    cx.want([&keys::pool(pool_id), &keys::client(client_id)])?;
    let pool = pool(cx, pool_id)?;
    match cx.get::<Client>(&keys::client(client_id))? {
        Some(client) if client.pool == pool_id => Ok(Party { client, pool }),
        _ => Err(no_client(client_id).into()),
    }
}

/// The secrets of a client, opened.
///
/// # Errors
/// A fault if one cannot be opened.
pub(crate) fn client_secrets(cx: &mut Cx<'_>, client: &Held<Client>) -> Run<Vec<SecretText>> {
    let mut secrets = Vec::with_capacity(client.secrets.len());
    for secret in &client.secrets {
        let field = format!("secret/{}", secret.id);
        let opened = cx.open(
            CLIENT_SECRET,
            &client.pool,
            client.key(),
            &field,
            &secret.sealed,
        )?;
        let text =
            core::str::from_utf8(opened.expose()).map_err(|_| Fault::new("a client secret"))?;
        secrets.push(SecretText::new(text.into()));
    }
    Ok(secrets)
}

/// Checks the `SECRET_HASH` of a request, over any of the names that may stand in it.
///
/// # Errors
/// Refuses where the client has a secret and the hash is missing or wrong, or where it has none and a hash
/// was sent.
pub(crate) fn prove_client(
    cx: &mut Cx<'_>,
    client: &Held<Client>,
    hash: Option<&str>,
    names: &[&str],
) -> Run<()> {
    let Some(hash) = hash else {
        if client.secrets.is_empty() {
            return Ok(());
        }
        let text = format!(
            "Client {} is configured with secret but SECRET_HASH was not received",
            client.id
        );
        return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
    };
    // Every secret and every name is compared, so that the time tells nothing of which one fits.
    let mut proven = false;
    for secret in client_secrets(cx, client)? {
        for name in names {
            proven |= secret_hash_matches(&secret, name, &client.id, hash);
        }
    }
    if proven {
        Ok(())
    } else {
        Err(wrong_hash(&client.id).into())
    }
}

/// The refusal of a wrong `SECRET_HASH`.
pub(crate) fn wrong_hash(client_id: &str) -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        format!("Unable to verify secret hash for client {client_id}"),
    )
}

/// The keys under which a typed name may be found.
pub(crate) fn name_keys(pool: &Pool, typed: &str) -> Vec<Key> {
    let mut found = Vec::with_capacity(5);
    found.push(keys::name(
        &pool.id,
        &canonical(typed, pool.rules.case_sensitive),
    ));
    found.extend(alias_kinds(pool).map(|kind| {
        keys::alias(
            &pool.id,
            kind,
            &canonical_alias(kind, typed, pool.rules.case_sensitive),
        )
    }));
    if let Some(sub) = Sub::parse(typed) {
        found.push(keys::head(&pool.id, &sub));
    }
    found
}

/// The user of a typed name: the stored user name, an alias, or the `sub`.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn user(cx: &mut Cx<'_>, pool: &Pool, typed: &str) -> Run<Option<Held<Head>>> {
    cx.want(&name_keys(pool, typed))?;
    let case = pool.rules.case_sensitive;
    let mut sub = cx
        .get::<Name>(&keys::name(&pool.id, &canonical(typed, case)))?
        .map(|name| name.sub);
    for kind in alias_kinds(pool) {
        if sub.is_none() {
            let key = keys::alias(&pool.id, kind, &canonical_alias(kind, typed, case));
            sub = cx.get::<Alias>(&key)?.map(|alias| alias.sub);
        }
    }
    match sub.or_else(|| Sub::parse(typed)) {
        Some(sub) => cx.get::<Head>(&keys::head(&pool.id, &sub)),
        None => Ok(None),
    }
}

/// The user of a typed name, for administrators, who are always told.
///
/// # Errors
/// Refuses where there is no such user.
pub(crate) fn known_user(cx: &mut Cx<'_>, pool: &Pool, typed: &str) -> Run<Held<Head>> {
    user(cx, pool, typed)?.ok_or_else(|| no_user().into())
}

/// The kinds of alias that a pool's users sign in with.
pub(crate) fn alias_kinds(pool: &Pool) -> impl Iterator<Item = AliasKind> + use<> {
    let (email, phone, preferred) = match pool.rules.names {
        NameRule::Username => (false, false, false),
        NameRule::Alias {
            email,
            phone,
            preferred,
        } => (email, phone, preferred),
        NameRule::Attribute { email, phone } => (email, phone, false),
    };
    AliasKind::ALL.into_iter().filter(move |kind| match kind {
        AliasKind::Email => email,
        AliasKind::Phone => phone,
        AliasKind::PreferredUsername => preferred,
    })
}

/// The refusal of an unknown user where that may be told.
pub(crate) fn no_user() -> Refusal {
    Refusal::new(RefusalKind::UserNotFound, "User does not exist.")
}

/// The refusal of an unknown pool.
pub(crate) fn no_pool(id: &str) -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        format!("User pool {id} does not exist."),
    )
}

/// The refusal of an unknown client.
pub(crate) fn no_client(id: &str) -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        format!("User pool client {id} does not exist."),
    )
}

/// A member of `AuthParameters` or `ChallengeResponses` that must be there.
///
/// # Errors
/// Refuses where it is missing.
pub(crate) fn required<'m>(
    map: Option<&'m alloc::collections::BTreeMap<String, String>>,
    name: &str,
) -> Result<&'m str, Refusal> {
    map.and_then(|map| map.get(name))
        .map(String::as_str)
        .ok_or_else(|| {
            Refusal::new(
                RefusalKind::InvalidParameter,
                format!("Missing required parameter {name}"),
            )
        })
}
