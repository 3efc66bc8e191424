//! GetCredentialsForIdentity and GetOpenIdToken.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec,
    vec::Vec,
};
use core::time::Duration;

use userpool_crypto::{base32, base64};
use userpool_wire::identity::{
    Credentials, GetCredentialsForIdentityInput, GetCredentialsForIdentityResponse,
    GetOpenIdTokenInput, GetOpenIdTokenResponse,
};

use super::{
    arrival::{Arrived, arrive},
    broker, invalid, issuer,
    logins::{From, Purpose},
    roles, tags, told,
};
use crate::{
    credentials::{AUTHENTICATED, Ticket, UNAUTHENTICATED, seal},
    engine::{Cx, Run},
    model::{identity_pool::IdentityPool, pooled_identity::PooledIdentity},
    ops::tokens::{claims::Object, issue},
};

/// How long credentials live.
const CREDENTIALS_LIVE: Duration = Duration::from_secs(60 * 60);
/// How long a token of GetOpenIdToken lives, in seconds.
const TOKEN_SECS: i64 = 10 * 60;

/// Gives out credentials for an identity, with the role that its pool has for it.
///
/// They are the engine's own, or those of a [`Broker`](crate::engine::Broker) where there is one.
///
/// Refusals, in this order: those of the logins and the identity, those of the choice of a role, tags that are too long,
/// those of the broker.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_credentials_for_identity(
    cx: &mut Cx<'_>,
    req: &GetCredentialsForIdentityInput,
) -> Run<GetCredentialsForIdentityResponse> {
    let arrived = arrive(cx, &req.identity_id, req.logins.as_deref(), Purpose::Use)?;
    let Arrived {
        identity,
        pool,
        shown,
    } = &arrived;
    let asked = req.custom_role_arn.as_deref();
    let role = roles::choose(cx.environment(), pool, shown, asked)?;
    let tags = tags::of(cx.environment(), pool, &shown.proven)?;
    let credentials = match &cx.environment().broker {
        None => own(cx, &arrived, role, tags),
        Some(broker) => {
            let providers = providers(&arrived);
            let token = open_id_token(cx, pool, identity, &providers, &tags, TOKEN_SECS)?;
            broker::credentials(cx, broker, &role, &token)?
        }
    };
    Ok(GetCredentialsForIdentityResponse {
        identity_id: Some(identity.text()),
        credentials: Some(credentials),
    })
}

/// Credentials of this engine's own.
fn own(
    cx: &mut Cx<'_>,
    arrived: &Arrived,
    role: String,
    tags: BTreeMap<String, String>,
) -> Credentials {
    let Arrived { identity, pool, .. } = arrived;
    let ends = cx.now().after(CREDENTIALS_LIVE);
    // 16 characters and 40, as those of the service have.
    let access_key_id = format!("ASIA{}", base32::encode(&cx.random::<10>("access key id")));
    let secret = base64::encode(&cx.random::<30>("secret access key"));
    let ticket = Ticket {
        secret: secret.clone(),
        identity: identity.text(),
        pool: pool.id.clone(),
        role,
        providers: providers(arrived),
        tags,
        expires: ends.secs(),
    };
    let nonce = cx.random("nonce/session token");
    let token = seal(&cx.environment().root_keys, nonce, &access_key_id, &ticket);
    Credentials {
        access_key_id: Some(access_key_id),
        secret_key: Some(secret.into()),
        session_token: Some(token.into()),
        expiration: Some(told(ends)),
    }
}

/// Gives out a token that tells others who an identity is.
///
/// Refusals, in this order: those of the logins and the identity, a pool that gives no such tokens.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_open_id_token(
    cx: &mut Cx<'_>,
    req: &GetOpenIdTokenInput,
) -> Run<GetOpenIdTokenResponse> {
    let arrived = arrive(cx, &req.identity_id, req.logins.as_deref(), Purpose::Token)?;
    let Arrived {
        identity,
        pool,
        shown,
    } = &arrived;
    if pool.classic == Some(false) {
        return Err(
            invalid("Basic (classic) flow is not enabled, please use enhanced flow.").into(),
        );
    }
    let tags = tags::of(cx.environment(), pool, &shown.proven)?;
    let token = open_id_token(cx, pool, identity, &providers(&arrived), &tags, TOKEN_SECS)?;
    Ok(GetOpenIdTokenResponse {
        identity_id: Some(identity.text()),
        token: Some(token.into()),
    })
}

/// A token about an identity, signed by its pool.
///
/// Writes that were made so far may land with the pool's first signing keys.
///
/// # Errors
/// Stops the run until the keys are read and the signature is made.
pub(super) fn open_id_token(
    cx: &mut Cx<'_>,
    pool: &IdentityPool,
    identity: &PooledIdentity,
    amr: &[String],
    tags: &BTreeMap<String, String>,
    secs: i64,
) -> Run<String> {
    let claims = cx.once(|cx| {
        let now = cx.now().secs();
        let mut claims = Object::new();
        claims.text("sub", &identity.text());
        claims.text("aud", &pool.id);
        claims.texts("amr", amr);
        claims.text("iss", &issuer(cx.environment(), &pool.id));
        if !tags.is_empty() {
            let mut principal = Object::new();
            for (tag, value) in tags {
                principal.texts(tag, core::slice::from_ref(value));
            }
            let mut all = Object::new();
            all.raw("principal_tags", &principal.end());
            claims.raw("https://aws.amazon.com/tags", &all.end());
        }
        claims.raw("exp", &now.saturating_add(secs).to_string());
        claims.raw("iat", &now.to_string());
        Ok(Arc::new(claims.end()))
    })?;
    issue::of_identity(cx, &pool.id, &claims)
}

/// How somebody came, as tokens and credentials tell it: not, or by which providers.
fn providers(arrived: &Arrived) -> Vec<String> {
    let shown = &arrived.shown;
    if shown.is_nothing() {
        return vec![UNAUTHENTICATED.into()];
    }
    let mut told = vec![String::from(AUTHENTICATED)];
    if let Some((_, developer)) = &shown.vouched {
        told.push(developer.clone());
    }
    for login in &shown.proven {
        told.push(login.provider.clone());
        let to = match login.from {
            From::UserPool => "CognitoSignIn",
            From::Other => &login.client,
        };
        told.push(format!("{}:{to}:{}", login.provider, login.subject));
    }
    told
}
