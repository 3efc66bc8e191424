//! An authenticator in software: makes credentials and signs with them, rightly or as a test wants it.

use std::sync::OnceLock;

use ed25519_dalek::Signer as _;
use minicbor::Encoder;
use serde_json::{Value, json};
use userpool_crypto::{base64, digest::sha256, rs256};
use userpool_webauthn::key::Algorithm;

/// The flags "user present", "user verified", "may be backed up" and "is backed up".
pub const PRESENT: u8 = 0x01;
/// See [`PRESENT`].
pub const VERIFIED: u8 = 0x04;
/// See [`PRESENT`].
pub const ELIGIBLE: u8 = 0x08;
/// See [`PRESENT`].
pub const BACKED_UP: u8 = 0x10;

/// A credential with its private key.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The RP id that it is for.
    pub party: String,
    /// The credential id.
    pub id: Vec<u8>,
    /// The flags of the next ceremony.
    pub flags: u8,
    /// The counter of the next ceremony.
    pub counter: u32,
    /// How the authenticator is attached.
    pub attachment: &'static str,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Es256(Box<p256::ecdsa::SigningKey>),
    EdDsa(Box<ed25519_dalek::SigningKey>),
    Rs256(Box<rs256::SigningKey>),
}

impl Credential {
    /// A credential of an algorithm; `seed` chooses key and id. All RSA keys are the same one.
    ///
    /// # Panics
    /// The seed makes no key, for which none is known.
    pub fn new(party: &str, algorithm: Algorithm, seed: [u8; 32]) -> Self {
        static RSA: OnceLock<rs256::SigningKey> = OnceLock::new();
        let secret = sha256(&[b"private key", &seed]);
        let key = match algorithm {
            Algorithm::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(&secret).expect("a key");
                Key::Es256(Box::new(key))
            }
            Algorithm::EdDsa => {
                Key::EdDsa(Box::new(ed25519_dalek::SigningKey::from_bytes(&secret)))
            }
            Algorithm::Rs256 => {
                let key = RSA.get_or_init(|| rs256::SigningKey::generate(&[7; 32]).expect("a key"));
                Key::Rs256(Box::new(key.clone()))
            }
        };
        Self {
            party: party.into(),
            id: sha256(&[b"credential id", &seed]).to_vec(),
            flags: PRESENT | VERIFIED,
            counter: 0,
            attachment: "platform",
            key,
        }
    }

    /// Client data as browsers write it.
    pub fn client_data(kind: &str, challenge: &[u8], origin: &str) -> Vec<u8> {
        let challenge = base64::encode_url(challenge);
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#
        )
        .into_bytes()
    }

    /// The attestation object of a registration without attestation.
    pub fn register(&self) -> Vec<u8> {
        attestation_object("none", &[0xA0], &self.attested())
    }

    /// The attestation object of a registration that the credential itself signs.
    ///
    /// # Panics
    /// Never: memory can be written.
    pub fn register_signed(&self, client_data: &[u8]) -> Vec<u8> {
        let data = self.attested();
        let signature = self.sign(&[&data[..], &sha256(&[client_data])].concat());
        let mut statement = Vec::new();
        let mut encoder = Encoder::new(&mut statement);
        encoder
            .map(2)
            .and_then(|it| it.str("alg")?.i64(self.algorithm().number())?.str("sig"))
            .and_then(|it| it.bytes(&signature)?.ok())
            .expect("memory can be written");
        attestation_object("packed", &statement, &data)
    }

    /// Authenticator data and signature of an assertion.
    pub fn assert(&self, client_data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let data = self.data(self.flags);
        let signature = self.sign(&[&data[..], &sha256(&[client_data])].concat());
        (data, signature)
    }

    /// What a browser answers to `navigator.credentials.create()` with these options, as JSON.
    pub fn created(&self, options: &Value, origin: &str) -> Value {
        let client_data = Self::client_data("webauthn.create", &challenge(options), origin);
        self.answer(json!({
            "clientDataJSON": base64::encode_url(&client_data),
            "attestationObject": base64::encode_url(&self.register()),
            "transports": ["internal", "hybrid"],
        }))
    }

    /// What a browser answers to `navigator.credentials.get()` with these options, as JSON.
    pub fn gotten(&self, options: &Value, origin: &str) -> Value {
        let client_data = Self::client_data("webauthn.get", &challenge(options), origin);
        let (data, signature) = self.assert(&client_data);
        self.answer(json!({
            "clientDataJSON": base64::encode_url(&client_data),
            "authenticatorData": base64::encode_url(&data),
            "signature": base64::encode_url(&signature),
            "userHandle": null,
        }))
    }

    fn answer(&self, response: Value) -> Value {
        let id = base64::encode_url(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": self.attachment,
            "clientExtensionResults": {}, "response": response})
    }

    /// The public key, in COSE form.
    pub fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let coordinates = &point.as_bytes()[1..];
                [
                    b"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20",
                    &coordinates[..32],
                    b"\x22\x58\x20",
                    &coordinates[32..],
                ]
                .concat()
            }
            Key::EdDsa(key) => {
                let public = key.verifying_key();
                [
                    &b"\xA4\x01\x01\x03\x27\x20\x06\x21\x58\x20"[..],
                    public.as_bytes(),
                ]
                .concat()
            }
            Key::Rs256(key) => {
                let modulus = key.public().modulus();
                [
                    &b"\xA4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..],
                    &modulus,
                    b"\x21\x43\x01\x00\x01",
                ]
                .concat()
            }
        }
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            Key::Es256(_) => Algorithm::Es256,
            Key::EdDsa(_) => Algorithm::EdDsa,
            Key::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// Signs a message.
    ///
    /// # Panics
    /// The arithmetic of RSA came out wrong.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
            Key::Rs256(key) => key.sign(message, &[1; 32]).expect("a signature").to_vec(),
        }
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let party = sha256(&[self.party.as_bytes()]);
        [&party[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn attested(&self) -> Vec<u8> {
        let length = u16::try_from(self.id.len()).expect("an id is short");
        [
            &self.data(self.flags | 0x40)[..],
            &[0xAA; 16],
            &length.to_be_bytes(),
            &self.id,
            &self.cose(),
        ]
        .concat()
    }
}

/// The challenge in the options of a ceremony.
///
/// # Panics
/// There is none.
fn challenge(options: &Value) -> Vec<u8> {
    let challenge = options["challenge"].as_str().expect("a challenge");
    base64::decode_url(challenge).expect("base64url")
}

/// An attestation object around a statement, CBOR, and authenticator data.
///
/// # Panics
/// Never: memory can be written.
pub fn attestation_object(format: &str, statement: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    encoder
        .map(3)
        .and_then(|it| it.str("fmt")?.str(format)?.str("attStmt")?.ok())
        .expect("memory can be written");
    bytes.extend_from_slice(statement);
    let mut encoder = Encoder::new(&mut bytes);
    encoder
        .str("authData")
        .and_then(|it| it.bytes(data)?.ok())
        .expect("memory can be written");
    bytes
}
