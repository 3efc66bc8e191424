//! What a provider of OpenID Connect signs with: pairs for tests.

use serde_json::{Value, json};
use userpool::testing::ready_keys;
use userpool_crypto::{base64, rs256::SigningKey};

/// The keys of a provider that signs with one of the pairs for tests.
#[must_use]
pub fn jwks(kid: &str, pair: usize) -> Value {
    let key = key(pair);
    json!({"keys": [{"kty": "RSA", "use": "sig", "kid": kid, "alg": "RS256",
        "n": base64::encode_url(&key.public().modulus()), "e": "AQAB"}]})
}

/// A token with this header, signed by a pair for tests with RS256 whatever the header says.
///
/// # Panics
/// There is no such pair.
#[must_use]
pub fn signed(header: &Value, claims: &Value, pair: usize) -> String {
    let part = |json: &Value| base64::encode_url(json.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = key(pair)
        .sign(input.as_bytes(), &[3; 32])
        .expect("a signature");
    format!("{input}.{}", base64::encode_url(&signature))
}

fn key(pair: usize) -> SigningKey {
    let (pkcs8, _) = &ready_keys()[pair];
    SigningKey::from_pkcs8(pkcs8.expose()).expect("a key")
}
