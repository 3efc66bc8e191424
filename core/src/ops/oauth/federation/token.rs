//! A token of a provider, taken apart, and whether the provider signed it (RFC 7515 §5.2).

use alloc::{string::String, vec::Vec};

use serde_json::Value;
use userpool_crypto::{base64, jws::Algorithm};

use super::{
    asserted::Claims,
    key_set::{self, Keys, NoKey},
};
use crate::engine::{Cx, Done, Refusal, Run, Work};

/// The longest header that is read.
const MAX_HEADER: usize = 4_096;

/// Why nobody is known to have signed a token.
pub(crate) enum Unverified {
    /// Its algorithm is not accepted.
    Algorithm,
    /// The provider has no such key.
    Key,
    /// The provider does not tell its keys.
    Unreached(Refusal),
    /// The signature is wrong.
    Signature,
}

/// Whether a token is signed by one of these keys, and by which algorithm.
///
/// # Errors
/// Stops the run until the keys are there and the signature is checked.
pub(crate) fn verify(
    cx: &mut Cx<'_>,
    keys: &Keys<'_>,
    token: &Token,
) -> Run<Result<Algorithm, Unverified>> {
    let Some(algorithm) = token.algorithm else {
        return Ok(Err(Unverified::Algorithm));
    };
    let key = match key_set::find(cx, keys, (token.key.as_deref(), algorithm))? {
        Ok(key) => key,
        Err(NoKey::Unknown) => return Ok(Err(Unverified::Key)),
        Err(NoKey::Unreached(refusal)) => return Ok(Err(Unverified::Unreached(refusal))),
    };
    let done = cx.work(Work::VerifyToken {
        algorithm,
        key: (*key).clone(),
        message: token.message.clone(),
        signature: token.signature.clone(),
    })?;
    Ok(match done {
        Done::Verdict(true) => Ok(algorithm),
        _ => Err(Unverified::Signature),
    })
}

/// A token taken apart.
pub(crate) struct Token {
    /// None where it is not accepted.
    algorithm: Option<Algorithm>,
    key: Option<String>,
    /// What it says.
    pub claims: Claims,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Token {
    /// A token of a text, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
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

/// A moment in seconds; some write it with a fraction.
pub(crate) fn seconds(value: &Value) -> Option<i64> {
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
    use alloc::{format, string::ToString};

    use serde_json::json;
    use userpool_crypto::jws::PublicKey;

    use super::*;

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
