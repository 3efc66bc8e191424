//! What providers of the pool say, as subjects and actors: ID tokens of OpenID Connect, and assertions of SAML, each of
//! those once. They are checked as at the login pages, but for what ties them to a browser's sign-in.

use alloc::{format, string::String, sync::Arc};

use userpool_saml::response::Asked;
use userpool_wire::idp::TokenTypeIdentifierType;

use super::request::{Role, refuse};
use crate::{
    engine::{Cx, Held, RefusalKind, Run, Stop},
    model::{
        identity::{Link, SUBJECT},
        identity_provider::{IdentityProvider, ProviderKind},
        keys,
        pool::Pool,
        user::{Head, Profile},
    },
    ops::{
        clients::description,
        identity_providers,
        oauth::federation::{id_token, token::seconds},
        parties::{Party, no_user},
        saml::response,
        triggers::Object,
    },
};

/// How old an assertion may be, in seconds.
const YOUNG: i64 = 360;

/// What a provider vouches for.
#[derive(Clone)]
pub(super) struct Vouched {
    /// The provider.
    pub provider: String,
    /// Its id of the user.
    pub subject: String,
    /// What it says, with `sub` and `iss`.
    pub claims: Object,
    /// When its word ends, in seconds since 1970 began.
    pub ends: i64,
}

/// What a provider says in a token or an assertion, once that is known to be its own word, for this pool and of now.
///
/// Refusals, in this order: an unknown provider, one that the client does not offer, a kind of token that the provider does
/// not give, a token that is not good.
///
/// # Errors
/// The refusals above; stops the run until the provider's keys are known.
pub(super) fn check(
    cx: &mut Cx<'_>,
    party: &Party,
    (name, text, kind): (&str, &str, TokenTypeIdentifierType),
    role: Role,
) -> Run<Arc<Vouched>> {
    let pool = &party.pool;
    let key = keys::identity_provider(&pool.id, name);
    let Some(provider) = cx.get::<IdentityProvider>(&key)? else {
        return Err(identity_providers::missing(name).into());
    };
    let offers = description::settings(&party.client)?.supported_identity_providers;
    if offers.is_none_or(|offers| !offers.contains(&provider.name)) {
        let text = format!("{name} is not a provider of this client.");
        return Err(refuse(RefusalKind::InvalidParameter, text).into());
    }
    let judged = match (provider.kind, kind) {
        (ProviderKind::Saml, TokenTypeIdentifierType::Saml2) => {
            cx.attempt(|cx| assertion(cx, pool, &provider, text))?
        }
        (
            ProviderKind::Oidc | ProviderKind::Google | ProviderKind::Apple,
            TokenTypeIdentifierType::IdToken,
        ) => cx.attempt(|cx| id_token(cx, pool, &provider, text))?,
        _ => {
            let text = format!("{role}TokenType is not one that {name} gives.");
            return Err(refuse(RefusalKind::InvalidParameter, text).into());
        }
    };
    // What is wrong with a token is no fault of the request's form.
    judged.map_err(|refusal| {
        let text = String::from(refusal.message());
        refuse(RefusalKind::NotAuthorized, text).into()
    })
}

/// The account of whom a provider vouches for.
///
/// # Errors
/// Refuses, in this order: nobody's identity, an account that is disabled.
pub(super) fn user(
    cx: &mut Cx<'_>,
    pool: &Pool,
    vouched: &Vouched,
) -> Run<(Held<Head>, Held<Profile>)> {
    cx.once(|cx| {
        let link = keys::link(&pool.id, &vouched.provider, SUBJECT, &vouched.subject);
        let link = cx.get::<Link>(&link)?.ok_or_else(no_user)?;
        let head = keys::head(&pool.id, &link.sub);
        let profile = keys::profile(&pool.id, &link.sub);
        cx.want([&head, &profile, &keys::memberships(&pool.id, &link.sub)])?;
        let torn = || Stop::torn("the user of an identity");
        let head = cx.get::<Head>(&head)?.ok_or_else(torn)?;
        let profile = cx.get::<Profile>(&profile)?.ok_or_else(torn)?;
        if !head.enabled {
            return Err(refuse(RefusalKind::NotAuthorized, "User is disabled.").into());
        }
        cx.check(&link);
        Ok((head, profile))
    })
}

fn id_token(
    cx: &mut Cx<'_>,
    pool: &Pool,
    provider: &IdentityProvider,
    text: &str,
) -> Run<Arc<Vouched>> {
    let details = identity_providers::details(provider);
    let claims = id_token::check(cx, &pool.id, (provider, &details, None), text, None)?;
    cx.once(|_| {
        let subject = claims.get("sub").and_then(|sub| sub.as_str());
        let ends = claims.get("exp").and_then(seconds);
        let (Some(subject), Some(ends)) = (subject, ends) else {
            let text = format!("{} Error - the ID token is malformed", provider.name);
            return Err(refuse(RefusalKind::NotAuthorized, text).into());
        };
        Ok(Arc::new(Vouched {
            provider: provider.name.clone(),
            subject: subject.into(),
            claims: Object::clone(&claims),
            ends,
        }))
    })
}

fn assertion(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    text: &str,
) -> Run<Arc<Vouched>> {
    let base = cx.environment().base_url.trim_end_matches('/');
    let address = format!("{base}/{}/saml2/idpresponse", pool.id);
    let asked = Asked::Others { at_most: YOUNG };
    let taken = match response::take(cx, pool, provider, &address, asked, text)? {
        Ok(taken) => taken,
        Err(untaken) => {
            return Err(refuse(RefusalKind::NotAuthorized, untaken.description()).into());
        }
    };
    let subject = &taken.signed_in.name.value;
    let mut claims = Object::new();
    claims.insert("sub".into(), subject.as_str().into());
    claims.insert("iss".into(), taken.issuer.as_str().into());
    Ok(Arc::new(Vouched {
        provider: provider.name.clone(),
        subject: subject.clone(),
        claims,
        ends: taken.signed_in.ends,
    }))
}
