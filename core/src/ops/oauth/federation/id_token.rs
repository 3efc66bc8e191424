//! An ID token of a provider, checked (OpenID Connect Core §3.1.3.7).

use alloc::{format, string::String, sync::Arc, vec::Vec};

use serde_json::Value;
use userpool_crypto::{base64, digest::ct_eq, jws::Algorithm};
use userpool_ports::Timestamp;

use super::{asserted::Claims, begin::nonce, key_set, refused};
use crate::{
    engine::{Cx, Done, Run, Work},
    model::{
        federation::PendingSignIn,
        identity_provider::{IdentityProvider, ProviderKind},
    },
    ops::identity_providers::kinds::Details,
};

/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;
/// The longest header that is read.
const MAX_HEADER: usize = 4_096;
/// What Google says it is, besides its issuer.
const GOOGLE: (&str, &str) = ("https://accounts.google.com", "accounts.google.com");

/// The claims of an ID token that is the provider's, for this pool and this sign-in, and of now.
///
/// # Errors
/// Refuses, in this order: a token of a wrong form, an algorithm that is not accepted, a key that the provider does
/// not have, a wrong signature, another issuer, audience or nonce, a token that has ended or is not good yet, another
/// access token than the one it came with.
pub(super) fn check(
    cx: &mut Cx<'_>,
    pool: &str,
    (provider, details, pending): (&IdentityProvider, &Details, &PendingSignIn),
    text: &str,
    access_token: Option<&str>,
) -> Run<Arc<Claims>> {
    let wrong = |what: &str| refused(format!("{} Error - {what}", provider.name));
    let token = cx.once(|_| {
        let token = Token::parse(text).ok_or_else(|| wrong("the ID token is malformed"))?;
        Ok(Arc::new(token))
    })?;
    let algorithm = token
        .algorithm
        .ok_or_else(|| wrong("the algorithm of the ID token is not accepted"))?;
    let url = details.get("jwks_uri").ok_or_else(|| wrong("no keys"))?;
    let named = (token.key.as_deref(), algorithm);
    let key = key_set::find(cx, pool, provider, url, named)?;
    let done = cx.work(Work::VerifyToken {
        algorithm,
        key: (*key).clone(),
        message: token.message.clone(),
        signature: token.signature.clone(),
    })?;
    if done != Done::Verdict(true) {
        return Err(wrong("the signature of the ID token is wrong").into());
    }
    let expected = Expected {
        issuer: details.get("oidc_issuer").map_or("", String::as_str),
        client: details.get("client_id").map_or("", String::as_str),
        is_google: provider.kind == ProviderKind::Google,
        nonce: &nonce(pending),
        now: cx.now(),
    };
    cx.once(|_| {
        expected.judge(&token.claims).map_err(wrong)?;
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

/// A token taken apart.
struct Token {
    /// None where it is not accepted.
    algorithm: Option<Algorithm>,
    key: Option<String>,
    claims: Claims,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        if claims.contains('.') || header.len() > MAX_HEADER {
            return None;
        }
        let object = |part: &str| -> Option<Claims> {
            match serde_json::from_slice(&base64::decode_url(part)?).ok()? {
                Value::Object(object) => Some(object),
                _ => None,
            }
        };
        let header = object(header)?;
        // What must be understood is not (RFC 7515 §4.1.11).
        if header.contains_key("crit") {
            return None;
        }
        let key = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return None,
        };
        Some(Self {
            algorithm: Algorithm::parse(header.get("alg")?.as_str()?),
            key,
            claims: object(claims)?,
            message: message.as_bytes().into(),
            signature: base64::decode_url(signature)?,
        })
    }
}

/// What an ID token has to say.
struct Expected<'a> {
    issuer: &'a str,
    client: &'a str,
    is_google: bool,
    nonce: &'a str,
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
        let nonce = text("nonce").unwrap_or_default();
        if !ct_eq(nonce.as_bytes(), self.nonce.as_bytes()) {
            return Err("the ID token is of another sign-in");
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

/// A moment in seconds; some write it with a fraction.
fn seconds(value: &Value) -> Option<i64> {
    let whole = value.as_i64();
    // Beyond these bounds nothing is a moment; within them a fraction is cut.
    let cut = || {
        let number = value.as_f64()?;
        (0.0..1e15).contains(&number).then_some(number as i64)
    };
    whole.or_else(cut)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use serde_json::json;
    use userpool_crypto::jws::PublicKey;

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
            nonce: "n",
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

    #[test]
    fn a_token_is_three_parts_of_which_two_are_objects() {
        let part = |json: Value| base64::encode_url(json.to_string().as_bytes());
        let (header, claims) = (part(json!({"alg": "RS256", "kid": "k"})), part(json!({})));
        let good = Token::parse(&format!("{header}.{claims}.AA")).expect("a token");
        assert_eq!(
            (good.algorithm, good.key.as_deref()),
            (Some(Algorithm::Rs256), Some("k"))
        );
        let none = part(json!({"alg": "none"}));
        let unsigned = Token::parse(&format!("{none}.{claims}.")).expect("a token");
        assert_eq!(unsigned.algorithm, None);
        let crit = part(json!({"alg": "RS256", "crit": ["x"]}));
        let odd = part(json!({"alg": "RS256", "kid": 7}));
        for bad in [
            String::new(),
            "..".into(),
            format!("{header}.{claims}"),
            format!("{header}.{claims}.AA.AA"),
            format!("{header}.AA.AA"),
            format!("{claims}.{claims}.AA"),
            format!("{crit}.{claims}.AA"),
            format!("{odd}.{claims}.AA"),
            format!("{header}.{claims}.+"),
        ] {
            assert!(Token::parse(&bad).is_none(), "{bad}");
        }
    }

    /// The token of RFC 7515 A.2, whose key stands there too: every letter becomes others.
    #[test]
    fn no_letter_of_a_token_can_be_another_one() {
        const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let jwk = json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
        let key = PublicKey::from_jwk(&jwk).expect("a key");
        let is_good = |text: &str| {
            let token = Token::parse(text)?;
            let verdict = key.verify(token.algorithm?, &token.message, &token.signature);
            verdict.then_some(())
        };
        assert!(is_good(TOKEN).is_some());
        for at in 0..TOKEN.len() {
            for letter in ["A", "_", ".", "="] {
                let mut changed = String::from(TOKEN);
                changed.replace_range(at..=at, letter);
                assert!(
                    changed == TOKEN || is_good(&changed).is_none(),
                    "{at} {letter}"
                );
            }
            assert!(is_good(&TOKEN[..at]).is_none(), "cut at {at}");
        }
    }
}
