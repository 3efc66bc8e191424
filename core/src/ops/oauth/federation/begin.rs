//! Sends a browser to an identity provider.

use alloc::{format, string::String};

use userpool_crypto::{base64, digest::sha256};

use super::{
    super::{
        authorize::Authorized,
        error::{Error, ErrorKind},
        levels,
        parameters::{Parameters, append},
        place::Place,
        request::{Prompt, Request},
    },
    saml,
};
use crate::{
    engine::{Cx, Run},
    model::{
        federation::{LIFE, PendingSignIn},
        identity_provider::{IdentityProvider, ProviderKind},
        keys,
    },
    ops::{identity_providers, saml::request::Away},
};

/// The longest query that is kept.
const MAX_QUERY: usize = 8 * 1_024;
/// How long the token of a browser is.
const BROWSER: usize = 43;

/// How a browser gets to a provider for a sign-in, which is kept until the provider answers.
pub(in super::super) fn begin(
    cx: &mut Cx<'_>,
    request: &Request,
    provider: &IdentityProvider,
    (place, query): (&Place, &Parameters),
    browser: &str,
) -> Run<Result<Authorized, Error>> {
    let query_text = query.to_query();
    if query_text.len() > MAX_QUERY {
        let error = Error::new(ErrorKind::InvalidRequest, "The request is too long.");
        return Ok(Err(error));
    }
    if browser.len() != BROWSER {
        let error = Error::new(ErrorKind::ServerError, "The browser is not known.");
        return Ok(Err(error));
    }
    let details = identity_providers::details(provider);
    let detail = |name: &str| details.get(name).map_or("", String::as_str);
    let pool = &request.party.pool.id;
    let state = base64::encode_url(&cx.random::<32>("state of a sign-in elsewhere"));
    let path = match provider.kind {
        ProviderKind::Saml => saml::PATH,
        _ => "/oauth2/idpresponse",
    };
    let pending = PendingSignIn {
        provider: provider.name.clone(),
        query: query_text,
        redirect_uri: callback(cx, place, path),
        browser: sha256(&[browser.as_bytes()]),
        chance: cx.random("nonce of a sign-in elsewhere"),
        answer: None,
    };
    let key = keys::pending_sign_in(pool, &state);
    if provider.kind == ProviderKind::Saml {
        let again = request.prompt == Prompt::Login;
        let away = saml::away(cx, &request.party.pool, provider, &pending, &state, again)?;
        let Some(away) = away else {
            let text = "Error retrieving metadata";
            return Ok(Err(Error::new(ErrorKind::ServerError, text)));
        };
        cx.insert_until(&key, &pending, Some(cx.now().after(LIFE)));
        return Ok(Ok(match away {
            Away::To(address) => Authorized::Provider(address),
            Away::Form { action, request } => Authorized::Form {
                action,
                fields: [("SAMLRequest", request), ("RelayState", state)],
            },
        }));
    }
    let mut sent = String::new();
    append(&mut sent, "client_id", detail("client_id"));
    append(&mut sent, "redirect_uri", &pending.redirect_uri);
    append(&mut sent, "response_type", "code");
    append(&mut sent, "scope", detail("authorize_scopes"));
    append(&mut sent, "state", &state);
    if tells_id_token(provider.kind) {
        append(&mut sent, "nonce", &nonce(&pending));
    }
    if provider.discovered.takes_challenges {
        let challenge = base64::encode_url(&sha256(&[verifier(&pending).as_bytes()]));
        append(&mut sent, "code_challenge", &challenge);
        append(&mut sent, "code_challenge_method", "S256");
    }
    match provider.kind {
        ProviderKind::Oidc => {
            for name in ["login_hint", "prompt"] {
                if let Ok(Some(value)) = query.one(name) {
                    append(&mut sent, name, value);
                }
            }
            // A provider without names of its own for levels has those of everybody.
            let asked = match provider.levels.is_empty() {
                true => query.one("acr_values").ok().flatten().map(String::from),
                false => levels::asked(provider, &request.levels),
            };
            if let Some(asked) = asked {
                append(&mut sent, "acr_values", &asked);
            }
        }
        ProviderKind::Apple => append(&mut sent, "response_mode", "form_post"),
        ProviderKind::Google
        | ProviderKind::Facebook
        | ProviderKind::Amazon
        | ProviderKind::Saml => {}
    }
    cx.insert_until(&key, &pending, Some(cx.now().after(LIFE)));
    let address = detail("authorize_url");
    let mark = if address.contains('?') { '&' } else { '?' };
    Ok(Ok(Authorized::Provider(format!("{address}{mark}{sent}"))))
}

/// Where providers send their answers: the pool's own address, as the browser reached it.
pub(super) fn callback(cx: &Cx<'_>, place: &Place, path: &str) -> String {
    let base = cx.environment().base_url.trim_end_matches('/');
    match place {
        Place::Named(name) => format!("{base}/{name}{path}"),
        Place::Host(host) => {
            let scheme = base.split_once("://").map_or("https", |(scheme, _)| scheme);
            format!("{scheme}://{host}{path}")
        }
    }
}

/// Whether a provider's answers hold an ID token.
pub(super) const fn tells_id_token(kind: ProviderKind) -> bool {
    match kind {
        ProviderKind::Oidc | ProviderKind::Google | ProviderKind::Apple => true,
        ProviderKind::Facebook | ProviderKind::Amazon | ProviderKind::Saml => false,
    }
}

/// The nonce of a sign-in, which the ID token repeats.
pub(super) fn nonce(pending: &PendingSignIn) -> String {
    base64::encode_url(&sha256(&[b"nonce", &pending.chance]))
}

/// The verifier of a sign-in (RFC 7636 §4.1).
pub(super) fn verifier(pending: &PendingSignIn) -> String {
    base64::encode_url(&sha256(&[b"verifier", &pending.chance]))
}
