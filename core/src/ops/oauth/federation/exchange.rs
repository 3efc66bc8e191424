//! The code of a provider for its tokens (RFC 6749 §4.1.3); the pool proves itself by its secret in the form.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use serde_json::{Value, json};
use userpool_crypto::{base64, secret::SecretBytes};
use userpool_ports::{FetchRequest, Reach};

use super::{super::parameters::append, asserted::Claims, begin::verifier, good, refused};
use crate::{
    engine::{Cx, Done, Fault, Run, Work},
    model::{
        federation::PendingSignIn,
        identity_provider::{IdentityProvider, ProviderKind},
    },
    ops::identity_providers::{self, kinds::Details, private_key},
};

/// The longest answer that is read.
const MAX: usize = 128 * 1_024;
/// The longest token that is taken.
const MAX_TOKEN: usize = 32 * 1_024;
/// How long the secret that Apple wants is good, in seconds.
const SECRET_LIFE: i64 = 300;

/// What a provider gave for a code.
#[derive(Clone)]
pub(super) struct Tokens {
    pub access_token: Option<String>,
    pub id_token: Option<String>,
    /// The whole answer.
    pub reply: Claims,
}

/// Exchanges a code.
///
/// # Errors
/// Refuses what the provider refuses, or says of a wrong form; stops the run until it has answered.
pub(super) fn exchange(
    cx: &mut Cx<'_>,
    pool: &str,
    (provider, details): (&IdentityProvider, &Details),
    pending: &PendingSignIn,
    code: &str,
) -> Run<Arc<Tokens>> {
    let secret = secret(cx, pool, provider, details)?;
    let request = cx.once(|_| {
        let detail = |name: &str| details.get(name).map_or("", String::as_str);
        let mut form = String::new();
        append(&mut form, "grant_type", "authorization_code");
        append(&mut form, "code", code);
        append(&mut form, "redirect_uri", &pending.redirect_uri);
        append(&mut form, "client_id", detail("client_id"));
        if let Some(secret) = &secret {
            append(&mut form, "client_secret", secret);
        }
        if provider.discovered.takes_challenges {
            append(&mut form, "code_verifier", &verifier(pending));
        }
        Ok(Arc::new(request(
            detail("token_url"),
            detail("token_request_method") == "GET",
            form,
        )))
    })?;
    let reply = cx.fetch(FetchRequest::clone(&request))?;
    cx.once(|_| {
        let unreached = "Timeout occurred in calling IdP token endpoint";
        let reply = good(&provider.name, reply, MAX, unreached)?;
        let malformed = || refused(format!("{} Error - no tokens", provider.name));
        let Ok(Value::Object(reply)) = serde_json::from_slice(&reply.body) else {
            return Err(malformed().into());
        };
        let token = |name: &str| match reply.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(token)) if token.len() <= MAX_TOKEN => Ok(Some(token.clone())),
            Some(_) => Err(malformed()),
        };
        Ok(Arc::new(Tokens {
            access_token: token("access_token")?,
            id_token: token("id_token")?,
            reply,
        }))
    })
}

fn request(address: &str, in_query: bool, form: String) -> FetchRequest {
    let mut headers: Vec<(String, String)> = [
        ("accept".into(), "application/json".into()),
        ("user-agent".into(), "userpool".into()),
    ]
    .into();
    if in_query {
        let mark = if address.contains('?') { '&' } else { '?' };
        return FetchRequest {
            method: "GET",
            url: format!("{address}{mark}{form}"),
            headers,
            body: Vec::new(),
            reach: Reach::Public,
        };
    }
    let kind = "application/x-www-form-urlencoded";
    headers.push(("content-type".into(), kind.into()));
    FetchRequest {
        method: "POST",
        url: address.into(),
        headers,
        body: form.into_bytes(),
        reach: Reach::Public,
    }
}

/// What the pool proves itself by: the secret that it shares with the provider, or for Apple a token that names both,
/// signed with ES256.
fn secret(
    cx: &mut Cx<'_>,
    pool: &str,
    provider: &IdentityProvider,
    details: &Details,
) -> Run<Option<Arc<str>>> {
    let Some(secret) = identity_providers::secret(cx, pool, provider)? else {
        return Ok(None);
    };
    if provider.kind != ProviderKind::Apple {
        return Ok(Some(secret.expose().into()));
    }
    cx.once(|cx| {
        let detail = |name: &str| details.get(name).map_or("", String::as_str);
        let now = cx.now().secs();
        let header = json!({"alg": "ES256", "kid": detail("key_id")});
        let claims = json!({"iss": detail("team_id"), "iat": now, "exp": now + SECRET_LIFE,
            "aud": detail("oidc_issuer"), "sub": detail("client_id")});
        let part = |json: &Value| base64::encode_url(format!("{json}").as_bytes());
        let input = format!("{}.{}", part(&header), part(&claims));
        let broken = || Fault::new("the private key of an identity provider");
        let pkcs8 = private_key(secret.expose()).ok_or_else(broken)?;
        let work = Work::SignToken {
            pkcs8: SecretBytes::new(pkcs8),
            message: input.clone().into_bytes(),
        };
        let Done::Signature(signature) = cx.work(work)? else {
            return Err(broken().into());
        };
        let signature = base64::encode_url(&signature);
        Ok(Some(format!("{input}.{signature}").into()))
    })
}
