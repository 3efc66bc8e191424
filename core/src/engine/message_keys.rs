//! How codes reach the functions that send a pool's messages in its stead.
//!
//! Such a function (`CustomEmailSender`, `CustomSMSSender`) gets the code encrypted under the pool's `KMSKeyID`. What can
//! be done with a key is a setting of the engine, tried in this order:
//!
//! | who knows the key | how the data key is wrapped | who decrypts |
//! |---|---|---|
//! | nobody has to: the sender runs in this process | not at all, the code is handed over as it is | nobody |
//! | a wrapping key of this name is among the engine's | under it (AES-256-GCM) | a Raw AES keyring with this key |
//! | a key service is configured | by its `GenerateDataKey` | a KMS keyring |
//!
//! Where none of them serves, the message is refused before anything is written.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde_json::{Value, json};
use userpool_crypto::{
    base64,
    envelope::{Context, DataKey, WrappedKey},
    secret::{SecretArray, SecretBytes, SecretText},
    sigv4,
};
use userpool_ports::{FetchReply, FetchRequest, Reach, Timestamp};

use crate::few;

/// The encryption context's one name, as the service's key policies know it.
const POOL: &str = "userpool-id";
/// What stands before a key's own name in its ARN.
const KEY: &str = ":key/";
const ALIAS: &str = ":alias/";
/// The operation that draws a data key.
const GENERATE: &str = "TrentService.GenerateDataKey";

/// What can be done with the keys that pools name.
#[derive(Debug, Default)]
pub struct MessageKeys {
    /// Whether the sender of e-mails runs in this process.
    pub email_stays: bool,
    /// Whether the sender of text messages runs in this process.
    pub sms_stays: bool,
    /// Wrapping keys by their names: the whole `KMSKeyID` of a pool, or what follows `key/` or `alias/` in it.
    pub wrapping: BTreeMap<String, SecretArray<32>>,
    /// The service that knows all other keys.
    pub service: Option<KeyService>,
}

/// A key service that speaks the protocol of AWS KMS, and who asks it.
pub struct KeyService {
    /// Where it is: `http://HOST` or `https://HOST`, a port too where it is not the usual one.
    pub endpoint: String,
    /// The region where a key's ARN tells none.
    pub region: String,
    /// Who signs.
    pub access_key_id: String,
    /// What is signed with.
    pub secret: SecretText,
    /// What came with the two, if they are for a while only.
    pub session_token: Option<SecretText>,
}

impl fmt::Debug for KeyService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyService")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// What is encrypted together with a pool's codes.
#[must_use]
pub fn context(pool: &str) -> [(&'static str, &str); 1] {
    [(POOL, pool)]
}

impl MessageKeys {
    /// The wrapping key that a `KMSKeyID` names, with its name.
    #[must_use]
    pub fn wrapping(&self, id: &str) -> Option<(&str, &SecretArray<32>)> {
        let names = [KEY, ALIAS].map(|before| id.split_once(before).map(|(_, name)| name));
        let mut names = core::iter::once(id).chain(names.into_iter().flatten());
        let found = names.find_map(|name| self.wrapping.get_key_value(name));
        found.map(|(name, key)| (name.as_str(), key))
    }
}

impl KeyService {
    /// The request for a data key under a key, signed.
    #[must_use]
    pub fn request(&self, key: &str, context: &Context<'_>, now: Timestamp) -> FetchRequest {
        const TOKEN: &str = "x-amz-security-token";
        let endpoint = self.endpoint.trim_end_matches('/');
        let (_, host) = endpoint.split_once("://").unwrap_or(("", endpoint));
        let context: BTreeMap<_, _> = few::gather(context.iter().copied());
        let body = json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context});
        let body = body.to_string().into_bytes();
        let mut headers: Vec<(&str, &str)> = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", GENERATE),
        ]
        .into();
        let token = self.session_token.as_ref();
        headers.extend(token.map(|token| (TOKEN, token.expose())));
        let mut sent: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        headers.push(("host", host));
        let signed = sigv4::sign(
            &sigv4::Request {
                method: "POST",
                path: "/",
                query: "",
                headers: &headers,
                body: &body,
            },
            &sigv4::Credentials {
                access_key_id: &self.access_key_id,
                secret: &self.secret,
                region: region(key).unwrap_or(&self.region),
                service: "kms",
            },
            now.secs(),
        );
        sent.push(("x-amz-date".into(), signed.date));
        sent.push(("authorization".into(), signed.authorization));
        FetchRequest {
            method: "POST",
            url: format!("{endpoint}/"),
            headers: sent,
            body,
            reach: Reach::Operator,
        }
    }
}

/// The region in the ARN of a key.
fn region(key: &str) -> Option<&str> {
    let region = key.strip_prefix("arn:")?.split(':').nth(2)?;
    (!region.is_empty()).then_some(region)
}

/// The data key that a key service drew.
///
/// # Errors
/// What the service said instead, or that it said nothing that can be read.
pub fn drawn(reply: &FetchReply) -> Result<DataKey, String> {
    let said: Option<Value> = serde_json::from_slice(&reply.body).ok();
    if reply.status != 200 {
        let kind = said.as_ref().and_then(|it| it["__type"].as_str());
        let kind = kind.map(|kind| kind.rsplit('#').next().unwrap_or(kind));
        return Err(kind.map_or_else(|| format!("status {}", reply.status), Into::into));
    }
    let read = said.as_ref().and_then(|said| {
        let plain = SecretBytes::new(base64::decode(said["Plaintext"].as_str()?)?);
        Some(DataKey {
            plain: SecretArray::new(plain.expose().try_into().ok()?),
            wrapped: WrappedKey {
                provider: "aws-kms".into(),
                info: said["KeyId"].as_str()?.into(),
                key: base64::decode(said["CiphertextBlob"].as_str()?)?,
            },
        })
    });
    read.ok_or_else(|| "an answer without a data key".into())
}

#[cfg(test)]
mod tests {
    use userpool_crypto::sigv4::{Authorization, Expectation, Payloads, Request, verify};

    use super::*;

    const ARN: &str = "arn:aws:kms:eu-west-1:000000000000:key/first";

    fn service() -> KeyService {
        KeyService {
            endpoint: "http://localhost:4566/".into(),
            region: "us-east-1".into(),
            access_key_id: "AKID".into(),
            secret: SecretText::new("secret".into()),
            session_token: Some(SecretText::new("token".into())),
        }
    }

    #[test]
    fn a_wrapping_key_is_named_by_the_arn_or_its_end() {
        let mut keys = MessageKeys::default();
        assert!(keys.wrapping(ARN).is_none());
        keys.wrapping
            .insert("first".into(), SecretArray::new([1; 32]));
        assert_eq!(keys.wrapping(ARN).map(|(name, _)| name), Some("first"));
        assert!(keys.wrapping("arn:aws:kms:eu-west-1:1:key/other").is_none());
        keys.wrapping.insert(ARN.into(), SecretArray::new([2; 32]));
        assert_eq!(keys.wrapping(ARN).map(|(name, _)| name), Some(ARN));
    }

    #[test]
    fn a_request_for_a_data_key_is_signed_for_the_region_of_the_key() {
        let asked = service().request(ARN, &context("p"), Timestamp::from_secs(1_440_938_160));
        assert_eq!(asked.url, "http://localhost:4566/");
        let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
        let said = json!({"KeyId": ARN, "KeySpec": "AES_256", "EncryptionContext": {POOL: "p"}});
        assert_eq!(body, said);

        let mut headers: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &asked.headers {
            headers.push((name, value));
        }
        headers.push(("host", "localhost:4566"));
        let (_, authorization) = asked.headers.last().expect("headers");
        let authorization = Authorization::parse(authorization).expect("an authorization");
        assert_eq!(authorization.region(), "eu-west-1");
        let received = Request {
            method: asked.method,
            path: "/",
            query: "",
            headers: &headers,
            body: &asked.body,
        };
        let expected = Expectation {
            service: "kms",
            region: None,
            signed_headers: &["host", "x-amz-security-token", "x-amz-target"],
            payloads: Payloads::Covered,
            now: 1_440_938_160,
        };
        let secret = SecretText::new("secret".into());
        verify(&authorization, &received, &secret, &expected).expect("the signature");
    }

    #[test]
    fn what_a_key_service_says_is_a_data_key_or_the_name_of_an_error() {
        let reply = |status, body: Value| FetchReply {
            status,
            body: body.to_string().into_bytes(),
        };
        let key = json!({
            "KeyId": ARN, "Plaintext": base64::encode(&[7; 32]), "CiphertextBlob": base64::encode(b"blob"),
        });
        let drawn_key = drawn(&reply(200, key)).expect("a data key");
        assert_eq!(drawn_key.plain.expose(), &[7; 32]);
        assert_eq!(drawn_key.wrapped.provider, "aws-kms");
        assert_eq!(drawn_key.wrapped.info, ARN.as_bytes());
        assert_eq!(drawn_key.wrapped.key, b"blob");
        for (status, body, why) in [
            (
                400,
                json!({"__type": "NotFoundException"}),
                "NotFoundException",
            ),
            (400, json!({"__type": "a#b.c"}), "b.c"),
            (502, Value::Null, "status 502"),
            (200, json!({}), "an answer without a data key"),
            (
                200,
                json!({"KeyId": ARN, "Plaintext": "AA==", "CiphertextBlob": "AA=="}),
                "an answer without a data key",
            ),
        ] {
            assert_eq!(drawn(&reply(status, body)).err().as_deref(), Some(why));
        }
    }
}
