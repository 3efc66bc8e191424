//! Who takes part in a request: the pool, the app client and its proof, the user by any name.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use userpool_crypto::{secret::SecretText, secret_hash::secret_hash_matches};
use userpool_ports::Key;

use super::{origin::Hint, pools::replicas, triggers::Metadata};
use crate::{
    engine::{Cx, Fault, Held, Refusal, RefusalKind, Run},
    model::{
        client::Client,
        keys,
        methods::Wanted,
        names::{canonical, canonical_alias},
        pool::{NameRule, Pool},
        sub::Sub,
        user::{Alias, AliasKind, Head, Name},
    },
};

/// The purpose under which client secrets are sealed.
pub(crate) const CLIENT_SECRET: &str = "client secret";

/// An app client with its pool.
#[derive(Clone)]
pub(crate) struct Party {
    pub client: Held<Client>,
    pub pool: Held<Pool>,
    /// What the client hands to the pool's functions.
    pub said: Said,
    /// What the request says of where it comes from.
    pub hint: Hint,
    /// What a sign-in leads to.
    pub ending: Ending,
}

/// What a sign-in leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Tokens, for who called the API.
    Tokens,
    /// A session of the login pages, of one of the levels that the request wishes for where the user can reach one.
    PageSession(Wanted),
}

impl Party {
    /// The same, signing in at the login pages with a wish for one of these levels.
    pub fn wanting(self, levels: &[u8]) -> Self {
        Self {
            ending: Ending::PageSession(Wanted::of(levels)),
            ..self
        }
    }

    /// The same, beginning a sign-in and handing this to the functions that judge it.
    pub fn beginning(self, metadata: Option<&Metadata>) -> Self {
        let said = metadata.map_or(Said::Nothing, |it| Said::Validation(Arc::new(it.clone())));
        Self { said, ..self }
    }

    /// The same, where the request says this of where it comes from.
    pub fn from(self, hint: impl Into<Hint>) -> Self {
        Self {
            hint: hint.into(),
            ..self
        }
    }

    /// The same, handing this to every function that is asked.
    pub fn saying(self, metadata: Option<&Metadata>) -> Self {
        let said = metadata.map_or(Said::Nothing, |it| Said::Metadata(Arc::new(it.clone())));
        Self { said, ..self }
    }
}

/// What a client hands to the functions of a pool with a request.
#[derive(Clone)]
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// At the beginning of a sign-in: goes to the functions that judge it, as `validationData`.
    Validation(Arc<Metadata>),
    /// In any other request: goes to all functions, as `clientMetadata`.
    Metadata(Arc<Metadata>),
}

/// The pool of this id.
///
/// # Errors
/// Refuses where there is none, or it is being deleted.
pub(crate) fn pool(cx: &mut Cx<'_>, id: &str) -> Run<Held<Pool>> {
    cx.once(|cx| match cx.get::<Pool>(&keys::pool(id))? {
        Some(pool) if !pool.deleting => {
            replicas::admit(cx, &pool, || no_pool(id))?;
            Ok(pool)
        }
        _ => Err(no_pool(id).into()),
    })
}

/// The app client of this id, with its pool.
///
/// # Errors
/// Refuses where there is none.
pub(crate) fn client(cx: &mut Cx<'_>, client_id: &str) -> Run<Party> {
    client_or(cx, client_id, || no_client(client_id))
}

/// As [`client`], with another refusal.
///
/// # Errors
/// Refuses so where there is none.
pub(crate) fn client_or(
    cx: &mut Cx<'_>,
    client_id: &str,
    refusal: impl Fn() -> Refusal,
) -> Run<Party> {
    cx.once(|cx| {
        let Some(client) = cx.get::<Client>(&keys::client(client_id))? else {
            return Err(refusal().into());
        };
        let pool = match cx.get::<Pool>(&keys::pool(&client.pool))? {
            Some(pool) if !pool.deleting => pool,
            _ => return Err(refusal().into()),
        };
        replicas::admit(cx, &pool, refusal)?;
        Ok(Party {
            client,
            pool,
            said: Said::Nothing,
            hint: Hint::Nothing,
            ending: Ending::Tokens,
        })
    })
}

/// The app client of this id in a pool, for administrators.
///
/// # Errors
/// Refuses where the pool does not exist, or has no such client.
pub(crate) fn client_in_pool(cx: &mut Cx<'_>, pool_id: &str, client_id: &str) -> Run<Party> {
    cx.once(|cx| {
        let client_key = keys::client(client_id);
        cx.want([&keys::pool(pool_id), &client_key])?;
        let pool = pool(cx, pool_id)?;
        match cx.get::<Client>(&client_key)? {
            Some(client) if client.pool == pool_id => Ok(Party {
                client,
                pool,
                said: Said::Nothing,
                hint: Hint::Nothing,
                ending: Ending::Tokens,
            }),
            _ => Err(no_client(client_id).into()),
        }
    })
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
    let proven = cx.once(|cx| {
        let mut proven = false;
        for secret in client_secrets(cx, client)? {
            for name in names {
                proven |= secret_hash_matches(&secret, name, &client.id, hash);
            }
        }
        Ok(proven)
    })?;
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
struct NameKeys {
    name: Key,
    aliases: Vec<Key>,
    sub: Option<Sub>,
    head: Option<Key>,
}

impl NameKeys {
    fn of(pool: &Pool, typed: &str) -> Self {
        let case = pool.rules.case_sensitive;
        let alias = |kind| keys::alias(&pool.id, kind, &canonical_alias(kind, typed, case));
        let sub = Sub::parse(typed);
        Self {
            name: keys::name(&pool.id, &canonical(typed, case)),
            aliases: alias_kinds(pool).map(alias).collect(),
            sub,
            head: sub.map(|sub| keys::head(&pool.id, &sub)),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        core::iter::once(&self.name)
            .chain(&self.aliases)
            .chain(&self.head)
    }
}

/// The user of a typed name: the stored user name, an alias, or the `sub`.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn user(cx: &mut Cx<'_>, pool: &Pool, typed: &str) -> Run<Option<Held<Head>>> {
    user_beside(cx, pool, typed, &[])
}

/// As [`user`]; further records of the user, whose keys `also` gives, are read together with the head.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn user_and<const N: usize>(
    cx: &mut Cx<'_>,
    pool: &Pool,
    typed: &str,
    also: impl Fn(&Sub) -> [Key; N],
) -> Run<Option<Held<Head>>> {
    cx.once(|cx| match sub_beside(cx, pool, typed, &[])? {
        Some(sub) => {
            let head = keys::head(&pool.id, &sub);
            cx.want(also(&sub).iter().chain([&head]))?;
            cx.get::<Head>(&head)
        }
        None => Ok(None),
    })
}

/// The user of a typed name, as [`user`] finds it; other records are read in the same round trip.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn user_beside(
    cx: &mut Cx<'_>,
    pool: &Pool,
    typed: &str,
    others: &[Key],
) -> Run<Option<Held<Head>>> {
    cx.once(|cx| match sub_beside(cx, pool, typed, others)? {
        Some(sub) => cx.get::<Head>(&keys::head(&pool.id, &sub)),
        None => Ok(None),
    })
}

/// The id that a typed name leads to, if any; other records are read in the same round trip. The user of the id
/// need not be there any more.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn sub_beside(
    cx: &mut Cx<'_>,
    pool: &Pool,
    typed: &str,
    others: &[Key],
) -> Run<Option<Sub>> {
    cx.once(|cx| {
        let found = cx.once(|_| Ok(Arc::new(NameKeys::of(pool, typed))))?;
        cx.want(found.all().chain(others))?;
        let mut sub = cx.get::<Name>(&found.name)?.map(|name| name.sub);
        for key in &found.aliases {
            if sub.is_none() {
                sub = cx.get::<Alias>(key)?.map(|alias| alias.sub);
            }
        }
        Ok(sub.or(found.sub))
    })
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
