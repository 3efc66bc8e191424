//! Users as ListUsers of another directory told them: they keep their `sub`, names, attributes, status and dates. Passwords
//! are not in such a list, so that who had one sets a new one.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use serde_json::Value;
use userpool_ports::Timestamp;
use userpool_wire::idp::AttributeType;

use crate::{
    engine::{Cx, Output, Program, Refusal, RefusalKind, Run},
    model::{
        factors::{Factor, Factors},
        identity::{Identities, Identity, Link, SUBJECT},
        identity_provider::ProviderKind,
        keys,
        pool::{NameRule, Pool},
        sub::Sub,
        user::{Head, Profile, Status},
    },
    ops::{
        aliases,
        attributes::{self, Writer},
        directory::{self, NewUser},
        parties, passwords,
        sign_up::sign_up::{mark_unverified, passwordless, refuse_taken, stored_name},
        user_type::IDENTITIES,
    },
};

/// A user of a list.
#[derive(Clone)]
pub struct ListedUser {
    /// The user name.
    pub username: String,
    /// The attributes, `sub` and `identities` among them.
    pub attributes: Vec<(String, String)>,
    /// Where the account stands, in the protocol's word.
    pub status: String,
    /// Whether the user may sign in.
    pub enabled: bool,
    /// When the user was made.
    pub created: Timestamp,
    /// When the user last changed.
    pub modified: Timestamp,
    /// Whether text messages are a second factor by the older setting (`MFAOptions`).
    pub texts: bool,
}

impl core::fmt::Debug for ListedUser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ListedUser")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Makes a user of a list in a pool; the output is a `bool`: whether it made one. A user whose `sub` the pool has already stays
/// as it is, so that a list may be read again.
///
/// | the list says | the user is |
/// |---|---|
/// | CONFIRMED, and unknown words | RESET_REQUIRED, or CONFIRMED where users may do without a password |
/// | anything else | as it was |
///
/// Refusals, in this order: unknown pool, no `sub`, an attribute outside the schema or of the wrong form, identities that are
/// none, a name that is taken, an address that somebody else signs in with, an identity that is linked already.
#[must_use]
pub fn listed_user(pool: &str, user: &ListedUser) -> Program {
    let (pool, user) = (pool.to_owned(), user.clone());
    Box::new(move |cx| make(cx, &pool, &user).map(|made| Box::new(made) as Output))
}

fn make(cx: &mut Cx<'_>, pool: &str, user: &ListedUser) -> Run<bool> {
    let pool = parties::pool(cx, pool)?;
    let named = |name: &str| user.attributes.iter().find(|it| it.0 == name);
    let sub = named("sub").and_then(|(_, sub)| Sub::parse(sub));
    let sub = sub.ok_or_else(|| invalid("The user has no sub."))?;
    if cx.get::<Head>(&keys::head(&pool.id, &sub))?.is_some() {
        return Ok(false);
    }
    let identities = named(IDENTITIES).map(|(_, text)| identities(text));
    let identities = identities.transpose()?;
    let profile = Profile {
        attributes: values(&pool, user)?,
        identities,
        ..Profile::default()
    };
    let head = cx.once(|_| Ok(Arc::new(head(&pool, user, sub, &profile))))?;
    let beside = match profile.is_federated() {
        true => Arc::default(),
        false => aliases::of_newcomer(&pool, &profile),
    };
    refuse_taken(cx, &pool, &head.username, None, &beside)?;
    aliases::take_first(cx, &pool, &head, &profile, false)?;
    let password = passwords::first(cx, &pool, &head, None)?;
    let new = NewUser {
        head: &head,
        profile: &profile,
        password: &password,
    };
    directory::create(cx, &pool, &new)?;
    for identity in profile.identities.iter().flat_map(|it| &it.all) {
        let key = keys::link(&pool.id, &identity.provider, SUBJECT, &identity.value);
        if cx.get::<Link>(&key)?.is_some() {
            let text = "The identity is already linked to a user.";
            return Err(Refusal::new(RefusalKind::AliasExists, text).into());
        }
        cx.insert(&key, &Link { sub });
    }
    if user.texts {
        let mut factors = Factors::default();
        factors.switch(Factor::Sms, true);
        factors.older = true;
        cx.insert(&keys::factors(&pool.id, &sub), &factors);
    }
    cx.check(&pool);
    Ok(true)
}

fn head(pool: &Pool, user: &ListedUser, sub: Sub, profile: &Profile) -> Head {
    let by_address = matches!(pool.rules.names, NameRule::Attribute { .. });
    let username = match by_address && !profile.is_federated() {
        true => sub.to_string(),
        false => stored_name(pool, &user.username),
    };
    let known = Status::ALL
        .into_iter()
        .find(|it| it.as_str() == user.status);
    let status = match known {
        Some(Status::Confirmed) | None if passwordless(pool) => Status::Confirmed,
        Some(Status::Confirmed) | None => Status::ResetRequired,
        Some(other) => other,
    };
    Head {
        sub,
        username,
        status,
        enabled: user.enabled,
        credential_epoch: 0,
        revocation_epoch: 0,
        created: user.created,
        modified: user.modified,
    }
}

/// The attributes that are the user's own.
fn values(
    pool: &Pool,
    user: &ListedUser,
) -> Result<alloc::collections::BTreeMap<String, String>, Refusal> {
    let own = user.attributes.iter().filter(|(name, _)| {
        !matches!(name.as_str(), "sub" | IDENTITIES) && !name.starts_with("cognito:")
    });
    let given: Vec<AttributeType> = own
        .map(|(name, value)| AttributeType {
            name: name.clone(),
            value: Some(value.clone().into()),
        })
        .collect();
    let mut values = attributes::of_new_user(pool, Writer::Administrator, &given)?;
    mark_unverified(&mut values);
    Ok(values)
}

/// What identity providers know the user as, from the attribute that tells it.
fn identities(text: &str) -> Result<Identities, Refusal> {
    let wrong = || invalid("The attribute identities is not a list of identities.");
    let all: Vec<Value> = serde_json::from_str(text).map_err(|_| wrong())?;
    let one = |told: &Value| {
        let kind = told["providerType"].as_str()?;
        let kind = KINDS.into_iter().find(|it| it.as_str() == kind)?;
        // Numbers and flags stand there as themselves, or as texts.
        let plain = |name: &str| match &told[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(Identity {
            provider: told["providerName"].as_str()?.into(),
            kind,
            attribute: SUBJECT.into(),
            value: told["userId"].as_str()?.into(),
            primary: plain("primary") == "true",
            created: Timestamp::from_millis(plain("dateCreated").parse().unwrap_or_default()),
            issuer: told["issuer"].as_str().map(ToOwned::to_owned),
        })
    };
    let all: Option<Vec<Identity>> = all.iter().map(one).collect();
    Ok(Identities {
        all: all.ok_or_else(wrong)?,
    })
}

const KINDS: [ProviderKind; 6] = [
    ProviderKind::Oidc,
    ProviderKind::Google,
    ProviderKind::Facebook,
    ProviderKind::Amazon,
    ProviderKind::Apple,
    ProviderKind::Saml,
];

fn invalid(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}
