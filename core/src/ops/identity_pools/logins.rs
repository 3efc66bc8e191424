//! Whether a login says what it claims: ID tokens of this server's user pools, and tokens of backends; those of others
//! by `foreign_tokens` and `assertions`.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec,
    vec::Vec,
};

use serde_json::{Map, Value};
use userpool_crypto::{base64, jwt::Token};
use userpool_ports::Key;

use super::{assertions, denied, foreign_tokens, identity_id, invalid, issuer};
use crate::{
    engine::{
        Cx, Environment, Refusal, Run,
        login_providers::{OIDC, SAML},
    },
    model::{
        grant::Grant,
        identity_pool::IdentityPool,
        keys,
        pool::Pool,
        pooled_identity::{IdentityId, Login, VouchedBy},
        signing::{SigningKeys, TokenUse},
        sub::{Sub, parse_uuid},
        user::Head,
    },
    ops::tokens::{exchange::ORIGIN_CLIENT, keys::is_signed},
};

/// The name of the provider whose tokens backends get for their users.
pub(super) const OWN: &str = "cognito-identity.amazonaws.com";
/// The most logins of a request.
const MAX_LOGINS: usize = 10;
/// The longest id of a user pool.
const MAX_POOL_ID: usize = 55;

/// What logins are shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An identity's id, with which the same logins are shown again.
    Id,
    /// Credentials, or a change: an assertion is used up.
    Use,
    /// A token of the classic flow, in which assertions are no logins.
    Token,
}

/// Whose login it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// A user pool of this server.
    UserPool,
    /// Another provider.
    Other,
}

/// What a login token proved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proven {
    /// Whose login it is.
    pub from: From,
    /// The provider in the one form that it is linked under.
    pub provider: String,
    /// The app client that the token was given to; of SAML the audience.
    pub client: String,
    /// Who it is there.
    pub subject: String,
    /// What the token says.
    pub claims: Arc<Map<String, Value>>,
}

impl Proven {
    /// What an identity is linked with.
    pub fn login(&self) -> Login {
        Login {
            provider: self.provider.clone(),
            subject: self.subject.clone(),
            by: VouchedBy::Provider,
        }
    }

    /// The values of a claim as text; none where it is missing, or an object.
    pub fn claim(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        match self.claims.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
            Some(value) => text(value).into_iter().collect(),
            None => vec![],
        }
    }
}

/// What all login tokens of a request proved.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// By providers.
    pub proven: Vec<Proven>,
    /// By a backend: the identity, and the provider's name.
    pub vouched: Option<(IdentityId, String)>,
}

impl Shown {
    /// Whether nothing was shown: a guest.
    pub fn is_nothing(&self) -> bool {
        self.proven.is_empty() && self.vouched.is_none()
    }
}

/// Checks every login token of a request.
///
/// Refusals, of each in this order: a provider that the pool does not take, no token, another issuer, a wrong
/// signature, no ID token, an app client that is not listed, expired; where the pool checks users, one who is gone,
/// disabled or signed out. Those of other providers: see `foreign_tokens` and `assertions`.
///
/// Keys of other providers may land, which begins a new phase: what the caller writes it has to read afterwards.
///
/// # Errors
/// Refuses as said; stops the run until the records are there and the signatures are checked.
pub(super) fn prove(
    cx: &mut Cx<'_>,
    pool: &IdentityPool,
    logins: Option<&BTreeMap<String, String>>,
    purpose: Purpose,
) -> Run<Arc<Shown>> {
    cx.once(|cx| {
        let mut shown = Shown::default();
        if logins.is_some_and(|logins| logins.len() > MAX_LOGINS) {
            return Err(invalid(format!("At most {MAX_LOGINS} logins.")).into());
        }
        for (provider, token) in logins.into_iter().flatten() {
            if provider == OWN {
                shown.vouched = Some(cx.once(|cx| vouched(cx, pool, token))?);
            } else {
                shown
                    .proven
                    .push(cx.once(|cx| proven(cx, pool, (provider, token), purpose))?);
            }
        }
        Ok(Arc::new(shown))
    })
}

/// The user pool that a provider's name leads to: its issuer without the scheme, or the one it has at the service.
pub(super) fn user_pool_of<'n>(environment: &Environment, name: &'n str) -> Option<&'n str> {
    let (_, pool) = name.rsplit_once('/')?;
    if !pool.contains('_') || pool.len() > MAX_POOL_ID {
        return None;
    }
    let issuer = environment.issuer_of(pool);
    let own = issuer.split_once("://").map(|(_, own)| own);
    (own == Some(name) || name == of_service(pool)).then_some(pool)
}

/// The name of a provider in the one form that it is linked under.
pub(super) fn canonical(environment: &Environment, name: &str) -> String {
    if let Some((_, issuer)) = name.split_once(OIDC) {
        return issuer.into();
    }
    user_pool_of(environment, name).map_or_else(|| name.into(), of_service)
}

fn of_service(pool: &str) -> String {
    let region = pool.rsplit_once('_').map_or("", |(region, _)| region);
    format!("cognito-idp.{region}.amazonaws.com/{pool}")
}

fn proven(
    cx: &mut Cx<'_>,
    pool: &IdentityPool,
    (provider, token): (&str, &str),
    purpose: Purpose,
) -> Run<Proven> {
    if provider.contains(SAML) {
        return assertions::proven(cx, pool, (provider, token), purpose);
    }
    let Some(user_pool) = user_pool_of(cx.environment(), provider) else {
        return foreign_tokens::proven(cx, pool, provider, token);
    };
    let (listed, claims, reads) = cx.once(|cx| {
        let environment = cx.environment();
        let is_it = |name: &str| user_pool_of(environment, name) == Some(user_pool);
        let listed = pool.user_pools.iter().enumerate();
        let listed = listed.filter(|(_, listed)| is_it(&listed.name));
        let listed: Vec<usize> = listed.map(|(at, _)| at).collect();
        if listed.is_empty() {
            return Err(foreign().into());
        }
        let claims = claims(token)?;
        if text(&claims, "iss") != Some(&environment.issuer_of(user_pool)) {
            return Err(not_valid("Issuer doesn't match providerName").into());
        }
        let checked = |at: &usize| {
            pool.user_pools
                .get(*at)
                .is_some_and(|it| it.checked == Some(true))
        };
        let user = OfUser::of(user_pool, &claims).filter(|_| listed.iter().any(checked));
        let own = [keys::pool(user_pool), keys::signing_keys(user_pool)];
        let reads = own
            .into_iter()
            .chain(user.into_iter().flat_map(OfUser::into_keys));
        let reads: Arc<[Key]> = reads.collect();
        Ok((Arc::new(listed), claims, reads))
    })?;
    // All at once, although nothing is proven yet: what the ids lead to counts after the signature alone.
    cx.want(&*reads)?;
    let found = cx.get::<Pool>(&keys::pool(user_pool))?;
    if found.is_none_or(|found| found.deleting) {
        return Err(unverified().into());
    }
    cx.once(|cx| check_signature(cx, user_pool, token))?;
    // Access tokens may have an audience as well: an API.
    let audience = text(&claims, "aud").filter(|_| text(&claims, "token_use") == Some("id"));
    let Some(client) = audience else {
        return Err(not_valid("Missing a required claim: aud").into());
    };
    let mut listed = listed.iter().filter_map(|at| pool.user_pools.get(*at));
    let listed = listed.find(|listed| listed.client == client);
    let listed = listed.ok_or_else(foreign)?;
    check_time(cx, &claims)?;
    let subject = text(&claims, "sub").ok_or_else(|| not_valid("Missing a required claim: sub"))?;
    if listed.checked == Some(true) {
        check_user(cx, user_pool, client, &claims)?;
    }
    Ok(Proven {
        from: From::UserPool,
        provider: of_service(user_pool),
        client: client.into(),
        subject: subject.into(),
        claims,
    })
}

/// What a token of a backend proves: the identity, and the name of the backend.
fn vouched(cx: &mut Cx<'_>, pool: &IdentityPool, token: &str) -> Run<(IdentityId, String)> {
    let developer = pool.developer.as_ref().ok_or_else(foreign)?;
    let claims = cx.once(|_| claims(token))?;
    if text(&claims, "iss") != Some(&issuer(cx.environment(), &pool.id)) {
        return Err(not_valid("Issuer doesn't match providerName").into());
    }
    cx.once(|cx| check_signature(cx, &pool.id, token))?;
    let is_ours = text(&claims, "aud") == Some(&pool.id)
        && claims
            .get("amr")
            .and_then(Value::as_array)
            .is_some_and(|amr| {
                // A user of other providers may have such a token, too, and is not vouched for by it.
                amr.get(1).and_then(Value::as_str) == Some(developer)
            });
    if !is_ours {
        return Err(foreign().into());
    }
    check_time(cx, &claims)?;
    let id = text(&claims, "sub").and_then(identity_id);
    let id = id.ok_or_else(|| not_valid("Missing a required claim: sub"))?;
    Ok((id, developer.clone()))
}

fn check_signature(cx: &mut Cx<'_>, pool: &str, token: &str) -> Run<()> {
    let (signed, signature) = token.rsplit_once('.').ok_or_else(unverified)?;
    let parsed = cx.once(|_| {
        let token = Token::parse(token).map_err(|_| unverified())?;
        let signature = base64::decode_url(signature).ok_or_else(unverified)?;
        Ok(Arc::new((String::from(token.key_id()), signature)))
    })?;
    let (key_id, signature) = &*parsed;
    let signing = cx.get::<SigningKeys>(&keys::signing_keys(pool))?;
    let signing = signing.ok_or_else(unverified)?;
    let key = signing.verifying(key_id, TokenUse::Id, cx.now());
    let modulus = &key.ok_or_else(unverified)?.modulus;
    match is_signed(cx, modulus, signed.as_bytes(), signature)? {
        true => Ok(()),
        false => Err(unverified().into()),
    }
}

fn check_time(cx: &Cx<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let expires = claims.get("exp").and_then(Value::as_i64);
    let expires = expires.ok_or_else(|| not_valid("Missing a required claim: exp"))?;
    let now = cx.now().secs();
    if now >= expires {
        return Err(not_valid(&format!("Token expired: {now} >= {expires}")));
    }
    Ok(())
}

/// Refuses a user who is gone, disabled, or whose session has ended since.
fn check_user(cx: &mut Cx<'_>, pool: &str, client: &str, claims: &Map<String, Value>) -> Run<()> {
    let revoked = || not_valid("Token has been revoked.");
    let OfUser { head, grant } = OfUser::of(pool, claims).ok_or_else(revoked)?;
    let client = text(claims, ORIGIN_CLIENT).unwrap_or(client);
    cx.want([&head, &grant])?;
    let head = cx.get::<Head>(&head)?.ok_or_else(revoked)?;
    if !head.enabled {
        return Err(denied("User is disabled.").into());
    }
    match cx.get::<Grant>(&grant)? {
        Some(grant) if grant.client == client && !grant.is_revoked(&head) => Ok(()),
        _ => Err(revoked().into()),
    }
}

/// Where the records are that say whether a user may still come.
struct OfUser {
    head: Key,
    grant: Key,
}

impl OfUser {
    /// `None` of a token that leads to none.
    fn of(pool: &str, claims: &Map<String, Value>) -> Option<Self> {
        let sub = Sub::parse(text(claims, "sub")?)?;
        let grant = parse_uuid(text(claims, "event_id")?)?;
        Some(Self {
            head: keys::head(pool, &sub),
            grant: keys::grant(pool, &sub, &grant),
        })
    }

    fn into_keys(self) -> [Key; 2] {
        [self.head, self.grant]
    }
}

/// What a token says, before its signature is checked.
fn claims(token: &str) -> Run<Arc<Map<String, Value>>> {
    let read = || {
        let token = Token::parse(token).ok()?;
        serde_json::from_slice(token.danger_unverified_payload()).ok()
    };
    let claims = read().ok_or_else(|| not_valid("Not a Cognito token."))?;
    Ok(Arc::new(claims))
}

pub(super) fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name)?.as_str()
}

pub(super) fn foreign() -> Refusal {
    denied("Token is not from a supported provider of this identity pool.")
}

pub(super) fn unverified() -> Refusal {
    not_valid("Couldn't verify signed token.")
}

pub(super) fn not_valid(text: &str) -> Refusal {
    denied(["Invalid login token. ", text].concat())
}
