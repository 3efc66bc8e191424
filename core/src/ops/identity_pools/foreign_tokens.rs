//! Tokens of public providers, and of those of OpenID Connect that are told of by their ARNs.
//!
//! | provider | token | checked by | audience |
//! |---|---|---|---|
//! | issuers of `OpenIdConnectProviderARNs` | ID token | its keys, discovered | client ids that the engine is told of |
//! | accounts.google.com, appleid.apple.com | ID token | its keys, discovered | `SupportedLoginProviders` |
//! | graph.facebook.com | access token | asking `/app` and `/me` | `SupportedLoginProviders` |
//! | www.amazon.com | access token | asking `/auth/o2/tokeninfo` | `SupportedLoginProviders` |
//!
//! What a provider says is foreign: it is bounded before it is read, and of the exact types.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use serde_json::{Map, Value};
use userpool_ports::{FetchRequest, Reach};

use super::{
    denied,
    logins::{From, Proven, foreign, not_valid, text, unverified},
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run, login_providers::OIDC},
    model::identity_pool::IdentityPool,
    ops::oauth::{
        federation::{
            key_set::{At, Keys},
            token::{self, Token, Unverified, seconds},
        },
        parameters::append,
    },
};

const GOOGLE: &str = "accounts.google.com";
const APPLE: &str = "appleid.apple.com";
const FACEBOOK: &str = "graph.facebook.com";
const AMAZON: &str = "www.amazon.com";
/// Where Amazon tells of tokens.
const AMAZON_API: &str = "https://api.amazon.com";
/// How far clocks may differ, in seconds.
const SKEW: i64 = 5 * 60;
/// The longest name of a user (OpenID Connect Core §2).
const MAX_SUBJECT: usize = 255;
/// The longest answer that is read.
const MAX_ANSWER: usize = 64 * 1_024;

/// What a token of another provider proves.
///
/// Refusals, in this order: a provider that the pool does not take, or that the engine is not told of; of an ID token: no
/// token, another issuer, a key that the provider does not have or a wrong signature, another audience, over, or not good
/// yet, nobody's; of an access token: what the provider does not know, another app's, nobody's.
///
/// # Errors
/// Refuses as said, and where the provider does not answer; stops the run until it has.
pub(super) fn proven(
    cx: &mut Cx<'_>,
    pool: &IdentityPool,
    provider: &str,
    token: &str,
) -> Run<Proven> {
    let told = cx.environment();
    if let Some(app) = pool.public.get(provider) {
        let stand_in = told.login_providers.tokens(provider);
        let stand_in = stand_in.and_then(|known| known.address.as_deref());
        let taking = Taking {
            pool: &pool.id,
            provider,
            audience: core::slice::from_ref(app),
            stand_in,
        };
        return match provider {
            GOOGLE | APPLE => taking.id_token(cx, token),
            FACEBOOK => taking.of_facebook(cx, token),
            AMAZON => taking.of_amazon(cx, token),
            // OAuth 1, and one that is no more.
            _ => Err(foreign().into()),
        };
    }
    let is_this = |arn: &&String| {
        arn.split_once(OIDC)
            .is_some_and(|(_, issuer)| issuer == provider)
    };
    let arn = pool.oidc.iter().find(is_this).ok_or_else(foreign)?;
    let known = told.login_providers.tokens(arn);
    let known = known.ok_or_else(|| untold(arn))?;
    let taking = Taking {
        pool: &pool.id,
        provider,
        audience: &known.client_ids,
        stand_in: known.address.as_deref(),
    };
    taking.id_token(cx, token)
}

/// The refusal of a login by an ARN that nobody told of.
pub(super) fn untold(arn: &str) -> Refusal {
    denied(format!(
        "Token is not from a supported provider of this identity pool: the server is not told of {arn} among its login-providers."
    ))
}

/// Whose logins are taken.
struct Taking<'a> {
    pool: &'a str,
    provider: &'a str,
    /// The apps whose tokens count.
    audience: &'a [String],
    /// Where the provider is, if elsewhere.
    stand_in: Option<&'a str>,
}

impl Taking<'_> {
    fn id_token(&self, cx: &mut Cx<'_>, token: &str) -> Run<Proven> {
        let issuer = match self.stand_in {
            Some(address) => address.to_owned(),
            None => ["https://", self.provider].concat(),
        };
        let token = cx.once(|_| {
            let token = Token::parse(token);
            let token =
                token.ok_or_else(|| not_valid("Not a valid OpenId Connect identity token."))?;
            let told = text(&token.claims, "iss");
            // Google leaves the scheme out at times.
            let is_google = self.stand_in.is_none() && self.provider == GOOGLE;
            if told != Some(&issuer) && !(is_google && told == Some(GOOGLE)) {
                return Err(not_valid("Issuer doesn't match providerName").into());
            }
            Ok(Arc::new(token))
        })?;
        let keys = Keys {
            pool: self.pool,
            provider: self.provider,
            at: At::Issuer(&issuer),
        };
        match token::verify(cx, &keys, &token)? {
            Ok(_) => {}
            Err(Unverified::Unreached(_)) => return Err(self.silent().into()),
            Err(Unverified::Algorithm | Unverified::Key | Unverified::Signature) => {
                return Err(unverified().into());
            }
        }
        let client = self.party(&token.claims)?;
        check_time(cx.now().secs(), &token.claims)?;
        self.proven(
            client,
            text(&token.claims, "sub").unwrap_or_default(),
            token.claims.clone(),
        )
    }

    /// The app that an ID token was given to: the party that it names, or else its one audience.
    fn party(&self, claims: &Map<String, Value>) -> Result<String, Refusal> {
        let audience = match (claims.get("azp"), claims.get("aud")) {
            (_, None) => return Err(not_valid("Missing a required claim: aud")),
            (Some(party), _) => party.as_str(),
            (None, Some(Value::Array(all))) if all.len() == 1 => all[0].as_str(),
            (None, Some(audience)) => audience.as_str(),
        };
        let audience = audience.filter(|it| self.audience.iter().any(|app| app == it));
        audience.map(Into::into).ok_or_else(foreign)
    }

    fn of_facebook(&self, cx: &mut Cx<'_>, token: &str) -> Run<Proven> {
        // What stands in a header ends with its line.
        if token.is_empty() || !token.bytes().all(|it| (0x21..=0x7E).contains(&it)) {
            return Err(self.unknown().into());
        }
        let base = self.stand_in.unwrap_or("https://graph.facebook.com");
        let bearer = ["Bearer ", token].concat();
        let app = self.ask(cx, &[base, "/app?fields=id"].concat(), Some(&bearer))?;
        let app = text(&app, "id").unwrap_or_default();
        if !self.audience.iter().any(|own| own == app) {
            return Err(foreign().into());
        }
        let user = self.ask(cx, &[base, "/me?fields=id"].concat(), Some(&bearer))?;
        self.proven(
            app.into(),
            text(&user, "id").unwrap_or_default(),
            Map::clone(&user),
        )
    }

    fn of_amazon(&self, cx: &mut Cx<'_>, token: &str) -> Run<Proven> {
        let mut query = String::new();
        append(&mut query, "access_token", token);
        let base = self.stand_in.unwrap_or(AMAZON_API);
        let address = [base, "/auth/o2/tokeninfo?", &query].concat();
        let told = self.ask(cx, &address, None)?;
        // The client id, or the id of the app that has it.
        let apps = ["aud", "app_id"].map(|name| text(&told, name));
        let app = self.audience.iter().find(|own| apps.contains(&Some(own)));
        let app = app.ok_or_else(foreign)?;
        match told.get("exp").and_then(seconds) {
            Some(left) if left > 0 => {}
            _ => return Err(self.unknown().into()),
        }
        self.proven(
            app.clone(),
            text(&told, "user_id").unwrap_or_default(),
            Map::clone(&told),
        )
    }

    /// What a provider says at an address.
    fn ask(
        &self,
        cx: &mut Cx<'_>,
        url: &str,
        authorization: Option<&str>,
    ) -> Run<Arc<Map<String, Value>>> {
        let mut headers: Vec<(String, String)> = [
            ("accept".into(), "application/json".into()),
            ("user-agent".into(), "userpool".into()),
        ]
        .into();
        if let Some(authorization) = authorization {
            headers.push(("authorization".into(), authorization.into()));
        }
        let reply = cx.fetch(FetchRequest {
            method: "GET",
            url: url.into(),
            headers,
            body: Vec::new(),
            reach: Reach::Public,
        })?;
        cx.once(|_| {
            let reply = reply.map_err(|_| self.silent())?;
            match reply.status {
                200 if reply.body.len() <= MAX_ANSWER => {}
                400..=403 => return Err(self.unknown().into()),
                _ => return Err(self.silent().into()),
            }
            match serde_json::from_slice(&reply.body) {
                Ok(Value::Object(told)) => Ok(Arc::new(told)),
                _ => Err(self.silent().into()),
            }
        })
    }

    fn proven(&self, client: String, subject: &str, claims: Map<String, Value>) -> Run<Proven> {
        if subject.is_empty() || subject.len() > MAX_SUBJECT {
            return Err(not_valid("Missing a required claim: sub").into());
        }
        Ok(Proven {
            from: From::Other,
            provider: self.provider.into(),
            client,
            subject: subject.to_string(),
            claims: claims.into(),
        })
    }

    fn unknown(&self) -> Refusal {
        not_valid(&format!("{} does not know it.", self.provider))
    }

    fn silent(&self) -> Refusal {
        Refusal::new(
            RefusalKind::ExternalService,
            format!("{} did not answer.", self.provider),
        )
    }
}

fn check_time(now: i64, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let expires = claims.get("exp").and_then(seconds);
    let expires = expires.ok_or_else(|| not_valid("Missing a required claim: exp"))?;
    if now >= expires.saturating_add(SKEW) {
        return Err(not_valid(&format!("Token expired: {now} >= {expires}")));
    }
    let late = now.saturating_add(SKEW);
    for name in ["iat", "nbf"] {
        let begins = claims.get(name).map(seconds);
        if begins.is_some_and(|begins| begins.is_none_or(|begins| begins > late)) {
            return Err(not_valid("Token is not valid yet."));
        }
    }
    Ok(())
}
