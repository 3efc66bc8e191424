//! An ID token of a provider, checked (OpenID Connect Core §3.1.3.7).

use alloc::{format, string::String, sync::Arc};

use serde_json::Value;
use userpool_crypto::{base64, digest::ct_eq};
use userpool_ports::Timestamp;

use super::{
    asserted::Claims,
    begin::nonce,
    key_set::{At, Keys},
    refused,
    token::{self, Token, Unverified, seconds},
};
use crate::{
    engine::{Cx, Run},
    model::{
        federation::PendingSignIn,
        identity_provider::{IdentityProvider, ProviderKind},
    },
    ops::identity_providers::kinds::Details,
};

/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;
/// What Google says it is, besides its issuer.
const GOOGLE: (&str, &str) = ("https://accounts.google.com", "accounts.google.com");

/// The claims of an ID token that is the provider's, for this pool, and of now; and of this sign-in, if it is one.
///
/// # Errors
/// Refuses, in this order: a token of a wrong form, an algorithm that is not accepted, a key that the provider does
/// not have, a wrong signature, another issuer, audience or nonce, a token that has ended or is not good yet, another
/// access token than the one it came with.
pub(in crate::ops) fn check(
    cx: &mut Cx<'_>,
    pool: &str,
    (provider, details, pending): (&IdentityProvider, &Details, Option<&PendingSignIn>),
    text: &str,
    access_token: Option<&str>,
) -> Run<Arc<Claims>> {
    let wrong = |what: &str| refused(format!("{} Error - {what}", provider.name));
    let token = cx.once(|_| {
        let token = Token::parse(text).ok_or_else(|| wrong("the ID token is malformed"))?;
        Ok(Arc::new(token))
    })?;
    let url = details.get("jwks_uri").ok_or_else(|| wrong("no keys"))?;
    let keys = Keys {
        pool,
        provider: &provider.name,
        at: At::Url(url),
    };
    let algorithm = match token::verify(cx, &keys, &token)? {
        Ok(algorithm) => algorithm,
        Err(Unverified::Algorithm) => {
            return Err(wrong("the algorithm of the ID token is not accepted").into());
        }
        Err(Unverified::Key) => return Err(wrong("the key is unknown").into()),
        Err(Unverified::Unreached(refusal)) => return Err(refusal.into()),
        Err(Unverified::Signature) => {
            return Err(wrong("the signature of the ID token is wrong").into());
        }
    };
    let nonce = pending.map(nonce);
    let expected = Expected {
        issuer: details.get("oidc_issuer").map_or("", String::as_str),
        client: details.get("client_id").map_or("", String::as_str),
        is_google: provider.kind == ProviderKind::Google,
        nonce: nonce.as_deref(),
        now: cx.now(),
    };
    cx.once(|_| {
        expected.judge(&token.claims).map_err(wrong)?;
        // Alone, it need not say which access token came with it.
        if nonce.is_none() {
            return Ok(Arc::new(token.claims.clone()));
        }
        if let Some(hash) = token.claims.get("at_hash") {
            let half = access_token.map(|access| {
                let digest = algorithm.digest(access.as_bytes());
                base64::encode_url(&digest[..digest.len() / 2])
            });
            if hash.as_str() != half.as_deref() {
                return Err(wrong("the access token is another one").into());
            }
        }
        Ok(Arc::new(token.claims.clone()))
    })
}

/// What an ID token has to say.
struct Expected<'a> {
    issuer: &'a str,
    client: &'a str,
    is_google: bool,
    nonce: Option<&'a str>,
    now: Timestamp,
}

impl Expected<'_> {
    fn judge(&self, claims: &Claims) -> Result<(), &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let issuer = text("iss").unwrap_or_default();
        let also = self.is_google && self.issuer == GOOGLE.0 && issuer == GOOGLE.1;
        if self.issuer.is_empty() || (issuer != self.issuer && !also) {
            return Err("the ID token is another issuer's");
        }
        if !self.is_audience(claims) {
            return Err("the ID token is for somebody else");
        }
        if let Some(own) = self.nonce {
            let nonce = text("nonce").unwrap_or_default();
            if !ct_eq(nonce.as_bytes(), own.as_bytes()) {
                return Err("the ID token is of another sign-in");
            }
        }
        let now = self.now.secs();
        let seconds = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => seconds(value).map(Some).ok_or("the ID token is malformed"),
        };
        match seconds("exp")? {
            Some(ends) if now < ends.saturating_add(SKEW) => {}
            Some(_) => return Err("the ID token has expired"),
            None => return Err("the ID token is malformed"),
        }
        for name in ["iat", "nbf"] {
            if seconds(name)?.is_some_and(|begins| begins > now.saturating_add(SKEW)) {
                return Err("the ID token is not good yet");
            }
        }
        Ok(())
    }

    /// Whether the token is for this pool: one of several only where the token says so (§3.1.3.7, 3 to 5).
    fn is_audience(&self, claims: &Claims) -> bool {
        let party = claims.get("azp");
        if party.is_some_and(|party| party.as_str() != Some(self.client)) {
            return false;
        }
        match claims.get("aud") {
            Some(Value::String(audience)) => audience == self.client,
            Some(Value::Array(all)) => {
                let is_in = all.iter().any(|it| it.as_str() == Some(self.client));
                is_in && (all.len() == 1 || party.is_some())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use serde_json::json;

    use super::*;

    fn judged(change: impl FnOnce(&mut Claims)) -> Result<(), &'static str> {
        let Value::Object(mut claims) = json!({"iss": "https://idp.example.com", "aud": "client", "nonce": "n",
            "exp": 2_000, "iat": 1_000, "sub": "1"})
        else {
            unreachable!("an object")
        };
        change(&mut claims);
        let expected = Expected {
            issuer: "https://idp.example.com",
            client: "client",
            is_google: false,
            nonce: Some("n"),
            now: Timestamp::from_secs(1_500),
        };
        expected.judge(&claims)
    }

    #[test]
    fn a_token_is_of_this_issuer_for_this_client_of_this_sign_in_and_of_now() {
        assert_eq!(judged(|_| {}), Ok(()));
        assert_eq!(
            judged(|it| drop(it.insert("aud".into(), json!(["client"])))),
            Ok(())
        );
        for (name, value) in [
            ("iss", json!("https://idp.example.com/")),
            ("iss", json!(["https://idp.example.com"])),
            ("aud", json!("other")),
            ("aud", json!(["client", "other"])),
            ("aud", json!([])),
            ("azp", json!("other")),
            ("azp", json!(null)),
            ("nonce", json!("m")),
            ("nonce", json!(null)),
            ("exp", json!(1_400)),
            ("exp", json!("2000")),
            ("exp", json!(-1e300)),
            ("iat", json!(1_600)),
            ("nbf", json!(1_600)),
        ] {
            let told = value.to_string();
            let end = judged(|it| drop(it.insert(name.into(), value)));
            assert!(end.is_err(), "{name} {told}");
        }
        for name in ["iss", "aud", "nonce", "exp"] {
            assert!(judged(|it| drop(it.remove(name))).is_err(), "{name}");
        }
    }
}
