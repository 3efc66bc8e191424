//! Signatures of tokens that others issue (RFC 7515, RFC 7518 §3), and keys as they publish them (RFC 7517).
//!
//! Keyed hashes are not among the algorithms: who can check one can make one. Nor is `none`.

use alloc::vec::Vec;

use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::pkcs8::DecodePrivateKey as _;
use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::sha2::{Digest as _, Sha256, Sha384, Sha512};
use serde_json::Value;

use crate::base64;
use crate::integer::shortest;

/// The bytes that the modulus of an RSA key may have.
const MODULUS: core::ops::RangeInclusive<usize> = 256..=512;
/// The most bytes of the exponent of an RSA key.
const MAX_EXPONENT: usize = 4;

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// The algorithm of a name, letter by letter.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            _ => return None,
        })
    }

    /// The digest of a text by the algorithm's hash; the left half of it stands in `at_hash` (OpenID Connect Core
    /// §3.1.3.6).
    #[must_use]
    pub fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => Sha256::digest(text).to_vec(),
            Self::Rs384 | Self::Ps384 => Sha384::digest(text).to_vec(),
            Self::Rs512 | Self::Ps512 => Sha512::digest(text).to_vec(),
        }
    }
}

/// A public key as somebody published it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Of RSA.
    Rsa {
        /// The modulus, big-endian, 2,048 to 4,096 bits.
        modulus: Vec<u8>,
        /// The exponent, big-endian.
        exponent: Vec<u8>,
    },
    /// Of ECDSA over P-256: the two coordinates.
    P256([u8; 64]),
}

impl PublicKey {
    /// A key of a key set, if it is one that signs and of a kind that is known.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(base64::decode_url);
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        match text("kty")? {
            "RSA" => {
                let (modulus, exponent) = (bytes("n")?, bytes("e")?);
                let (modulus, exponent) = (shortest(&modulus), shortest(&exponent));
                let odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last & 1 == 1);
                let fits = MODULUS.contains(&modulus.len())
                    && (1..=MAX_EXPONENT).contains(&exponent.len())
                    && exponent != [1];
                (fits && odd(modulus) && odd(exponent)).then(|| Self::Rsa {
                    modulus: modulus.into(),
                    exponent: exponent.into(),
                })
            }
            "EC" if text("crv") == Some("P-256") => {
                let both = [bytes("x")?, bytes("y")?].map(<[u8; 32]>::try_from);
                let [Ok(x), Ok(y)] = both else { return None };
                let mut point = [0; 64];
                point[..32].copy_from_slice(&x);
                point[32..].copy_from_slice(&y);
                on_curve(&point).map(|_| Self::P256(point))
            }
            _ => None,
        }
    }

    /// Whether signatures of this algorithm can be this key's.
    #[must_use]
    pub const fn is_for(&self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (Self::P256(_), Algorithm::Es256)
                | (
                    Self::Rsa { .. },
                    Algorithm::Rs256
                        | Algorithm::Rs384
                        | Algorithm::Rs512
                        | Algorithm::Ps256
                        | Algorithm::Ps384
                        | Algorithm::Ps512
                )
        )
    }

    /// Whether the signature, in the form of RFC 7518 §3, is one of this message by this key.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(point) if algorithm == Algorithm::Es256 => {
                let signature = p256::ecdsa::Signature::from_slice(signature);
                match (on_curve(point), signature) {
                    (Some(key), Ok(signature)) => key.verify(message, &signature).is_ok(),
                    _ => false,
                }
            }
            Self::Rsa { modulus, exponent } => {
                verify_rsa(algorithm, modulus, exponent, message, signature).is_some()
            }
            Self::P256(_) => false,
        }
    }
}

fn on_curve(point: &[u8; 64]) -> Option<p256::ecdsa::VerifyingKey> {
    let mut whole = [4; 65];
    whole[1..].copy_from_slice(point);
    p256::ecdsa::VerifyingKey::from_sec1_bytes(&whole).ok()
}

fn verify_rsa(
    algorithm: Algorithm,
    modulus: &[u8],
    exponent: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Option<()> {
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, (bytes.len() * 8) as u32).ok();
    let bits = MODULUS.start() * 8..=MODULUS.end() * 8;
    let key =
        rsa::PublicKey::new_with_size_limits(number(modulus)?, number(exponent)?, bits).ok()?;
    let hash = algorithm.digest(message);
    let verdict = match algorithm {
        Algorithm::Rs256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, signature),
        Algorithm::Rs384 => key.verify(Pkcs1v15Sign::new::<Sha384>(), &hash, signature),
        Algorithm::Rs512 => key.verify(Pkcs1v15Sign::new::<Sha512>(), &hash, signature),
        Algorithm::Ps256 => key.verify(rsa::Pss::<Sha256>::new(), &hash, signature),
        Algorithm::Ps384 => key.verify(rsa::Pss::<Sha384>::new(), &hash, signature),
        Algorithm::Ps512 => key.verify(rsa::Pss::<Sha512>::new(), &hash, signature),
        Algorithm::Es256 => return None,
    };
    verdict.ok()
}

/// Whether bytes are a private key of P-256 in PKCS #8.
#[must_use]
pub fn is_es256_key(pkcs8: &[u8]) -> bool {
    p256::ecdsa::SigningKey::from_pkcs8_der(pkcs8).is_ok()
}

/// Signs with ES256 (RFC 7518 §3.4), with the nonce of RFC 6979; nothing where the key is none.
#[must_use]
pub fn sign_es256(pkcs8: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let key = p256::ecdsa::SigningKey::from_pkcs8_der(pkcs8).ok()?;
    let signature: p256::ecdsa::Signature = key.try_sign(message).ok()?;
    Some(signature.to_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The key and signature of RFC 7515 A.3.
    #[test]
    fn the_es256_example_of_rfc_7515_verifies_and_no_other() {
        let jwk = json!({"kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        let key = PublicKey::from_jwk(&jwk).expect("a key");
        let message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = base64::decode_url(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        )
        .expect("base64url");
        assert!(key.verify(Algorithm::Es256, message, &signature));
        assert!(!key.verify(Algorithm::Es256, &message[1..], &signature));
        assert!(!key.verify(Algorithm::Es256, message, &signature[1..]));
        assert!(!key.verify(Algorithm::Rs256, message, &signature));
        assert!(key.is_for(Algorithm::Es256) && !key.is_for(Algorithm::Ps256));
    }

    /// The key and signature of RFC 7515 A.2.
    #[test]
    fn the_rs256_example_of_rfc_7515_verifies_by_its_algorithm_alone() {
        let jwk = json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
        let key = PublicKey::from_jwk(&jwk).expect("a key");
        let message = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = base64::decode_url("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
            .expect("base64url");
        assert!(key.verify(Algorithm::Rs256, message, &signature));
        for other in ["RS384", "RS512", "PS256", "PS384", "PS512", "ES256"] {
            let other = Algorithm::parse(other).expect("an algorithm");
            assert!(!key.verify(other, message, &signature), "{other:?}");
        }
    }

    #[test]
    fn keyed_hashes_and_none_are_no_algorithms() {
        for name in ["none", "None", "", "HS256", "rs256", "ES384", "EdDSA"] {
            assert_eq!(Algorithm::parse(name), None, "{name}");
        }
    }

    #[test]
    fn keys_that_are_small_for_encryption_or_off_the_curve_are_none() {
        for jwk in [
            json!({"kty": "RSA", "e": "AQAB", "n": base64::encode_url(&[0xFF; 128])}),
            json!({"kty": "RSA", "e": "AQ", "n": base64::encode_url(&[0xFF; 256])}),
            json!({"kty": "RSA", "e": "AQAB", "n": base64::encode_url(&[0xFE; 256])}),
            json!({"kty": "RSA", "e": "AQAB", "n": base64::encode_url(&[0xFF; 256]), "use": "enc"}),
            json!({"kty": "EC", "crv": "P-256", "x": base64::encode_url(&[1; 32]),
                "y": base64::encode_url(&[1; 32])}),
            json!({"kty": "oct", "k": "AAAA"}),
            json!({"kty": 1}),
            json!([]),
        ] {
            assert_eq!(PublicKey::from_jwk(&jwk), None, "{jwk}");
        }
    }
}
