//! `/oauth2/idpresponse`: where the browser comes back to from an identity provider.

use alloc::{format, string::String, sync::Arc};

use serde_json::{Value, json};
use userpool_crypto::digest::{ct_eq, sha256};

use super::{
    super::{
        Endpoint,
        authorize::Problem,
        error::{Error, ErrorKind},
        levels,
        parameters::{self, Parameters},
        place::Place,
        request::{self, Request},
    },
    asserted::{Asserted, Claims},
    begin::tells_id_token,
    exchange::{self, Tokens},
    id_token, plain, refused, sign_in, user_info,
};
use crate::{
    engine::{Cx, Held, Refusal, Run},
    model::{
        federation::PendingSignIn,
        identity_provider::{IdentityProvider, ProviderKind},
        keys,
        pool::Pool,
    },
    ops::{identity_providers, triggers::Object},
};

/// The longest code and error that are looked at.
const MAX: usize = 8_192;

/// What a browser brings back from an identity provider.
#[derive(Clone, Debug)]
pub struct FromProvider {
    /// Where it came to.
    pub place: Place,
    /// Its parameters.
    pub parameters: Parameters,
    /// What the browser holds since it was sent away. `Debug` of a reply never shows it.
    pub browser: Browser,
}

/// What a browser holds so that it is known again.
#[derive(Clone)]
pub struct Browser(
    /// The text; empty where it holds nothing.
    pub String,
);

impl core::fmt::Debug for Browser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Browser(***)")
    }
}

/// What followed.
#[derive(Clone)]
pub enum Returned {
    /// The user is signed in.
    SignedIn {
        /// The text of the cookie.
        session: String,
        /// The authorization request that it is for.
        query: Parameters,
    },
    /// Back to the client, with an error.
    Back(String),
    /// Nowhere: nobody knows where back is.
    Refused(Error),
}

impl From<Problem> for Returned {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Back(address) => Self::Back(address),
            Problem::Shown(error) => Self::Refused(error),
        }
    }
}

impl Endpoint for FromProvider {
    type Reply = Returned;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Returned> {
        let Some(pool) = self.place.pool(cx)? else {
            return Ok(nobodys());
        };
        let Some(pending) = take(cx, &pool, &self.parameters, &self.browser)? else {
            return Ok(nobodys());
        };
        let query = parameters::parse(&pending.query);
        let request = match request::read(cx, &self.place, &query)? {
            Ok(request) => request,
            Err(problem) => return Ok(problem.into()),
        };
        let issuer = cx.environment().issuer_of(&pool.id);
        let back = |error: &Error| Returned::Back(request.error(error, &issuer));
        let code = match self.code() {
            Ok(code) => code,
            Err(error) => return Ok(back(&error)),
        };
        let ended = cx.attempt(|cx| self.sign_in(cx, &request, &pending, code))?;
        Ok(match ended {
            Ok(session) => Returned::SignedIn { session, query },
            Err(refusal) => {
                let text = String::from(refusal.message().trim_end());
                back(&Error::new(ErrorKind::InvalidRequest, text))
            }
        })
    }
}

pub(super) fn nobodys() -> Returned {
    let text = "The sign-in has ended, or was not begun in this browser.";
    Returned::Refused(Error::new(ErrorKind::InvalidRequest, text))
}

/// The sign-in that the state is of, which nobody takes a second time.
pub(super) fn take(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    parameters: &Parameters,
    browser: &Browser,
) -> Run<Option<Arc<PendingSignIn>>> {
    let Ok(Some(state)) = parameters.one("state") else {
        return Ok(None);
    };
    cx.once(|cx| {
        let key = keys::pending_sign_in(&pool.id, state);
        let Some(pending) = cx.get::<PendingSignIn>(&key)? else {
            return Ok(None);
        };
        // Another browser's sign-in is left to it.
        if !ct_eq(&pending.browser, &sha256(&[browser.0.as_bytes()])) {
            return Ok(None);
        }
        cx.remove(&pending);
        cx.land()?;
        Ok(Some(pending.value().clone()))
    })
}

impl FromProvider {
    /// The code, or what is told instead (RFC 6749 §4.1.2.1).
    fn code(&self) -> Result<&str, Error> {
        let malformed = || Error::new(ErrorKind::InvalidRequest, "The answer is malformed.");
        let one = |name: &str| {
            let value = self.parameters.one(name).map_err(|_| malformed())?;
            Ok(value.filter(|value| value.len() <= MAX))
        };
        if let Some(error) = one("error")? {
            let described = one("error_description")?.unwrap_or(error);
            let kind = match error {
                // Apple calls it so.
                "access_denied" | "user_cancelled_authorize" => ErrorKind::AccessDenied,
                "login_required" => ErrorKind::LoginRequired,
                "server_error" => ErrorKind::ServerError,
                "temporarily_unavailable" => ErrorKind::TemporarilyUnavailable,
                _ => ErrorKind::InvalidRequest,
            };
            return Err(Error::new(kind, plain(described, 256)));
        }
        one("code")?.ok_or_else(malformed)
    }

    fn sign_in(
        &self,
        cx: &mut Cx<'_>,
        request: &Request,
        pending: &PendingSignIn,
        code: &str,
    ) -> Run<String> {
        let party = &request.party;
        let provider = provider(cx, request, pending)?;
        let details = identity_providers::details(&provider);
        self.check_issuer(&provider, details.get("oidc_issuer"))?;
        let tokens = exchange::exchange(cx, &party.pool.id, (&provider, &details), pending, code)?;
        let told = match (tells_id_token(provider.kind), &tokens.id_token) {
            (true, Some(text)) => {
                let access = tokens.access_token.as_deref();
                let expected = (&*provider, &details, Some(pending));
                Some(id_token::check(cx, &party.pool.id, expected, text, access)?)
            }
            (true, None) => {
                let name = &provider.name;
                return Err(refused(format!("{name} Error - no ID token")).into());
            }
            (false, _) => None,
        };
        let more = user_info::ask(cx, &provider, &details, &tokens, told.as_deref())?;
        let asserted = cx.once(|_| {
            let claims = self.claims(&provider, &tokens, told.as_deref(), more.as_deref());
            Ok(Arc::new(asserted(
                &provider,
                claims,
                &tokens,
                told.as_deref(),
                more.as_deref(),
            )?))
        })?;
        sign_in::sign_in(cx, party, &provider, &asserted)
    }

    /// A provider that names itself in its answers is the one that was asked (RFC 9207 §2.4).
    fn check_issuer(
        &self,
        provider: &IdentityProvider,
        issuer: Option<&String>,
    ) -> Result<(), Refusal> {
        let named = self.parameters.one("iss").ok().flatten();
        let fits = match (named, issuer) {
            (Some(named), Some(issuer)) => named == issuer,
            (Some(_), None) => true,
            (None, _) => !provider.discovered.names_itself,
        };
        if fits {
            Ok(())
        } else {
            Err(refused("The answer is another identity provider's."))
        }
    }

    /// All that was told of the user; an ID token wins over what was asked for afterwards.
    fn claims(
        &self,
        provider: &IdentityProvider,
        tokens: &Tokens,
        told: Option<&Claims>,
        more: Option<&Claims>,
    ) -> Claims {
        let mut claims = Claims::new();
        if provider.kind == ProviderKind::Apple {
            claims.extend(self.names());
        }
        for claim in more.into_iter().chain(told).flatten() {
            claims.insert(claim.0.clone(), claim.1.clone());
        }
        for (name, token) in [
            ("access_token", &tokens.access_token),
            ("id_token", &tokens.id_token),
        ] {
            if let Some(token) = token {
                claims.insert(name.into(), token.as_str().into());
            }
        }
        claims
    }

    /// The name that Apple tells with a first sign-in, in the browser's own words.
    fn names(&self) -> Claims {
        let text = self.parameters.one("user").ok().flatten();
        let text = text.filter(|text| text.len() <= MAX);
        let user: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
        let name = user.as_ref().and_then(|user| user.get("name"));
        let part = |member: &str| Some((member.into(), name?.get(member)?.as_str()?.into()));
        ["firstName", "lastName"]
            .into_iter()
            .filter_map(part)
            .collect()
    }
}

/// The provider of a sign-in, if users of the client may still come from it.
pub(super) fn provider(
    cx: &mut Cx<'_>,
    request: &Request,
    pending: &PendingSignIn,
) -> Run<Held<IdentityProvider>> {
    let gone = || refused("The identity provider is not enabled for this client.");
    if !request.offers.providers.contains(&pending.provider) {
        return Err(gone().into());
    }
    let key = keys::identity_provider(&request.party.pool.id, &pending.provider);
    let provider = cx.get::<IdentityProvider>(&key)?;
    provider.ok_or_else(|| gone().into())
}

/// What a provider says of its user, with the id under which it knows the user.
fn asserted(
    provider: &IdentityProvider,
    claims: Claims,
    tokens: &Tokens,
    told: Option<&Claims>,
    more: Option<&Claims>,
) -> Result<Asserted, Refusal> {
    let id = provider.kind.rules().id;
    let subject = match claims.get(id) {
        Some(Value::String(text)) => text.clone(),
        // Facebook's and others' are numbers at times.
        Some(Value::Number(number)) if number.is_u64() => format!("{number}"),
        _ => {
            let name = &provider.name;
            return Err(refused(format!("{name} Error - no {id}")));
        }
    };
    let mut attributes = Object::new();
    let of = |claims: Option<&Claims>| claims.map_or_else(|| json!({}), |it| it.clone().into());
    attributes.insert("tokenResponse".into(), tokens.reply.clone().into());
    attributes.insert("idToken".into(), of(told));
    attributes.insert("userInfo".into(), of(more));
    Ok(Asserted {
        subject,
        issuer: None,
        claims,
        attributes,
        level: levels::told(provider, told.and_then(|told| told.get("acr"))),
        saml: None,
    })
}
