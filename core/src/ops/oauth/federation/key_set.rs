//! The keys of a provider: kept for an hour, and fetched again for a key that is not among them, once a minute at most.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use serde_json::Value;
use userpool_crypto::jws::{Algorithm, PublicKey};
use userpool_ports::{FetchRequest, Reach};

use super::{good, refused};
use crate::{
    engine::{Cx, Refusal, Run},
    few,
    model::{
        identity_provider::{KEYS_LIFE, KEYS_REST, ProviderKeys},
        keys,
    },
    ops::{
        identity_pools,
        identity_providers::{self, discovery},
    },
};

/// The longest key set that is read.
const MAX: usize = 256 * 1_024;
/// The most bytes of keys that are kept.
const MAX_KEPT: usize = 48 * 1_024;

/// Whose keys are wanted.
pub(crate) struct Keys<'a> {
    /// The user pool or identity pool that they are kept for.
    pub pool: &'a str,
    /// The provider.
    pub provider: &'a str,
    /// Where they are.
    pub at: At<'a>,
}

/// Where keys are.
pub(crate) enum At<'a> {
    /// At this address, which a provider of a user pool has.
    Url(&'a str),
    /// Where the discovery document of this issuer says (OpenID Connect Discovery §4), of a provider of an identity pool.
    Issuer(&'a str),
}

/// Why there is no key.
#[derive(Clone)]
pub(crate) enum NoKey {
    /// The provider has none of this id and algorithm.
    Unknown,
    /// The provider does not tell its keys.
    Unreached(Refusal),
}

/// The key that a token names, for its algorithm.
///
/// # Errors
/// Stops the run until it is known.
pub(crate) fn find(
    cx: &mut Cx<'_>,
    keys: &Keys<'_>,
    (id, algorithm): (Option<&str>, Algorithm),
) -> Run<Result<Arc<PublicKey>, NoKey>> {
    let (At::Url(url) | At::Issuer(url)) = keys.at;
    cx.once(|cx| {
        let key = keys::provider_keys(keys.pool, keys.provider);
        let held = cx.get::<ProviderKeys>(&key)?;
        let held = held.as_ref();
        if let Some(kept) = held.filter(|kept| kept.url == url) {
            if cx.now() < kept.fetched.after(KEYS_LIFE)
                && let Some(found) = among(&kept.set, id, algorithm)
            {
                return Ok(Ok(Arc::new(found)));
            }
            if cx.now() < kept.fetched.after(KEYS_REST) {
                return Ok(Err(NoKey::Unknown));
            }
        }
        let set = match fetch(cx, keys)? {
            Ok(set) => set,
            Err(refusal) => return Ok(Err(NoKey::Unreached(refusal))),
        };
        let kept = ProviderKeys {
            url: url.into(),
            set: set.to_vec(),
            fetched: cx.now(),
        };
        let ends = Some(cx.now().after(KEYS_LIFE));
        match keys.at {
            At::Url(_) => identity_providers::hold(cx, keys.pool, keys.provider)?,
            At::Issuer(_) => identity_pools::hold(cx, keys.pool)?,
        }
        cx.upsert_until(&key, held, &kept, ends);
        // Kept whatever becomes of this sign-in: the next one shall not fetch them again.
        cx.land()?;
        let found = among(&kept.set, id, algorithm);
        Ok(found.map(Arc::new).ok_or(NoKey::Unknown))
    })
}

/// The keys that a provider tells, those that can be used.
fn fetch(cx: &mut Cx<'_>, keys: &Keys<'_>) -> Run<Result<Arc<[u8]>, Refusal>> {
    let unreached = "Timeout in calling jwks uri";
    let url = match keys.at {
        At::Url(url) => Arc::from(url),
        At::Issuer(issuer) => {
            let reply = cx.fetch(document(&discovery::address(issuer)))?;
            let found = cx.once(|_| {
                let reply = good(keys.provider, reply, MAX, unreached);
                Ok(reply.map(|reply| discovery::keys(&reply.body, issuer).map(Arc::<str>::from)))
            })?;
            match found {
                Ok(Some(url)) => url,
                Ok(None) => return Ok(Err(no_set(keys.provider))),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    };
    let reply = cx.fetch(document(&url))?;
    cx.once(|_| {
        let reply = good(keys.provider, reply, MAX, unreached);
        Ok(reply.and_then(|reply| {
            usable(&reply.body)
                .map(Arc::from)
                .ok_or_else(|| no_set(keys.provider))
        }))
    })
}

fn no_set(provider: &str) -> Refusal {
    refused(format!("{provider} Error - no key set"))
}

fn document(url: &str) -> FetchRequest {
    FetchRequest {
        method: "GET",
        url: url.into(),
        headers: [("accept".into(), "application/json".into())].into(),
        body: Vec::new(),
        reach: Reach::Public,
    }
}

/// The keys of a set that sign by algorithms that are known, as JSON.
fn usable(body: &[u8]) -> Option<Vec<u8>> {
    let set: Value = serde_json::from_slice(body).ok()?;
    let mut kept: Vec<String> = Vec::new();
    let mut length = 2;
    for jwk in set.get("keys")?.as_array()? {
        if PublicKey::from_jwk(jwk).is_none() {
            continue;
        }
        let public = ["kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"];
        let members = public.iter().filter_map(|name| {
            let value = jwk.get(*name)?;
            Some((String::from(*name), value.clone()))
        });
        let text = format!("{}", Value::Object(few::gather(members)));
        length += text.len() + 1;
        if length > MAX_KEPT {
            break;
        }
        kept.push(text);
    }
    Some(format!("[{}]", kept.join(",")).into_bytes())
}

/// The key of an id. A token without one is only of the one key that there is for its algorithm.
fn among(set: &[u8], id: Option<&str>, algorithm: Algorithm) -> Option<PublicKey> {
    let keys: Vec<Value> = serde_json::from_slice(set).ok()?;
    let fits = |jwk: &&Value| {
        let told = jwk.get("alg").and_then(Value::as_str);
        let known = jwk.get("kid").and_then(Value::as_str);
        told.is_none_or(|told| Algorithm::parse(told) == Some(algorithm))
            && id.is_none_or(|id| known == Some(id))
    };
    let keys = keys.iter().filter(fits).filter_map(PublicKey::from_jwk);
    let mut keys = keys.filter(|key| key.is_for(algorithm));
    let first = keys.next()?;
    match (id, keys.next()) {
        (None, Some(_)) => None,
        _ => Some(first),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use serde_json::json;

    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn set(keys: &Value) -> Vec<u8> {
        usable(json!({"keys": keys}).to_string().as_bytes()).expect("a key set")
    }

    #[test]
    fn a_key_is_found_by_its_id_and_for_its_own_algorithm() {
        let ec = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "a", "d": "secret"});
        let kept = set(&json!([{"kty": "oct", "k": "AA", "kid": "a"}, ec, 7]));
        assert!(!String::from_utf8_lossy(&kept).contains("secret"));
        assert!(among(&kept, Some("a"), Algorithm::Es256).is_some());
        assert!(among(&kept, None, Algorithm::Es256).is_some());
        assert!(among(&kept, Some("b"), Algorithm::Es256).is_none());
        assert!(among(&kept, Some("a"), Algorithm::Rs256).is_none());
        let other = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "b"});
        let two = set(&json!([ec, other]));
        assert!(among(&two, Some("b"), Algorithm::Es256).is_some());
        assert!(among(&two, None, Algorithm::Es256).is_none(), "which one?");
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for body in ["", "[]", "{}", r#"{"keys":{}}"#, "\"keys\""] {
            assert_eq!(usable(body.as_bytes()), None, "{body}");
        }
        assert_eq!(usable(br#"{"keys":[]}"#), Some(b"[]".to_vec()));
    }
}
