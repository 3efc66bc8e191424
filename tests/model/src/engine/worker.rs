//! The arithmetic: the real one, or a cheap stand-in that takes different inputs to different outputs.
//!
//! The stand-in keeps what the engine relies on: a password fits the verifier made from it and no other, both sides of
//! SRP arrive at the same key only over the same password and values, and a signature fits its message alone.

use std::cell::RefCell;

use serde_json::{Value, json};
use userpool::testing;
use userpool_core::engine::{Done, PasswordInput, Work, WorkFault, worker};
use userpool_crypto::{
    base64,
    digest::{hkdf_expand, sha256},
    sealed::RootKeys,
    secret::SecretBytes,
    srp::{self, ClientPublic, ClientSecret, DeviceEnrolment, Scrambler, ServerPublic},
};

const ELEMENT: usize = 384;
/// What every device draws.
const DEVICE_SECRET: [u8; 40] = [9; 40];
const DEVICE_SALT: [u8; 16] = [0x80; 16];

/// Does the arithmetic of a history, for the engine and for its clients.
pub enum Worker {
    /// A stand-in.
    Cheap(Box<ClientSide>),
    /// The real arithmetic.
    Real(Box<ClientSide>, Box<RootKeys>, RefCell<usize>),
}

/// The client's side of SRP: one secret for all sign-ins.
pub struct ClientSide {
    secret: ClientSecret,
    public: Vec<u8>,
    hex: String,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cheap(_) => "Cheap",
            Self::Real(..) => "Real",
        })
    }
}

impl std::fmt::Debug for ClientSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSide(..)")
    }
}

impl ClientSide {
    /// The client's side, computed once.
    ///
    /// # Panics
    /// Never: the secret is valid.
    #[must_use]
    pub fn new() -> Self {
        let secret = ClientSecret::new(&[0x5A; 32]).expect("a secret");
        let public = srp::client_public(&secret);
        Self {
            public: public.bytes().to_vec(),
            hex: public.to_hex(),
            secret,
        }
    }
}

impl Clone for ClientSide {
    fn clone(&self) -> Self {
        Self {
            secret: ClientSecret::new(&[0x5A; 32]).expect("a secret"),
            public: self.public.clone(),
            hex: self.hex.clone(),
        }
    }
}

impl Default for ClientSide {
    fn default() -> Self {
        Self::new()
    }
}

impl Worker {
    /// A stand-in.
    #[must_use]
    pub fn cheap(client: &ClientSide) -> Self {
        Self::Cheap(Box::new(client.clone()))
    }

    /// The real arithmetic.
    #[must_use]
    pub fn real(client: &ClientSide, root_keys: &RootKeys) -> Self {
        Self::Real(
            Box::new(client.clone()),
            Box::new(root_keys.clone()),
            RefCell::new(0),
        )
    }

    fn client(&self) -> &ClientSide {
        match self {
            Self::Cheap(client) | Self::Real(client, ..) => client,
        }
    }

    /// The client's public SRP value in hexadecimal digits.
    #[must_use]
    pub fn a_public(&self) -> &str {
        &self.client().hex
    }

    /// The client's SRP key.
    ///
    /// # Panics
    /// The server's value is none.
    #[must_use]
    pub fn client_key(&self, input: &PasswordInput, b_public: &str) -> Vec<u8> {
        let client = self.client();
        match self {
            Self::Cheap(_) => {
                let b_public = ServerPublic::parse(b_public).expect("a public value");
                let a_public = ClientPublic::from_bytes(&client.public).expect("a public value");
                let u = Scrambler::new(&a_public, &b_public).expect("it is not zero");
                shared_key(u.bytes(), &cheap_verifier(input))
            }
            Self::Real(..) => {
                let x = srp::private_key(
                    &input.pool_name,
                    &input.user_id,
                    input.password.expose(),
                    &input.salt,
                );
                let b_public = ServerPublic::parse(b_public).expect("a public value");
                let public = srp::client_public(&client.secret);
                let key = srp::client_key(&client.secret, &public, &b_public, &x).expect("a key");
                key.expose().to_vec()
            }
        }
    }

    /// The secret of a device, as its client draws it.
    #[must_use]
    pub fn device_password(&self) -> Vec<u8> {
        base64::encode(&DEVICE_SECRET).into_bytes()
    }

    /// What a client tells of the secret of a device.
    #[must_use]
    pub fn device_config(&self, group: &str, key: &str) -> Value {
        let (verifier, salt) = match self {
            Self::Real(..) => {
                let made = DeviceEnrolment::new(group, key, &DEVICE_SECRET, &DEVICE_SALT);
                (made.password_verifier, made.salt)
            }
            Self::Cheap(_) => {
                let verifier = cheap_verifier(&PasswordInput {
                    pool_name: group.into(),
                    user_id: key.into(),
                    password: SecretBytes::new(self.device_password()),
                    salt: DEVICE_SALT,
                });
                let salt = [&[0], &DEVICE_SALT[..]].concat();
                (base64::encode(&verifier), base64::encode(&salt))
            }
        };
        json!({"PasswordVerifier": verifier, "Salt": salt})
    }

    /// Does a piece of work.
    ///
    /// # Errors
    /// The work cannot be done.
    pub fn perform(&self, work: &Work) -> Result<Done, WorkFault> {
        match self {
            Self::Real(_, root_keys, made) => {
                if let Work::GenerateKey { .. } = work {
                    let pairs = testing::ready_keys();
                    let mut made = made.borrow_mut();
                    *made += 1;
                    let (pkcs8, modulus) = pairs[*made % pairs.len()].clone();
                    return Ok(Done::KeyPair { pkcs8, modulus });
                }
                worker::perform(work, root_keys)
            }
            Self::Cheap(_) => cheap(work),
        }
    }
}

fn cheap(work: &Work) -> Result<Done, WorkFault> {
    Ok(match work {
        Work::MakeVerifier { input, powers } => Done::Verifier {
            verifier: SecretBytes::new(cheap_verifier(input)),
            powers: powers.then(cheap_powers),
        },
        Work::MakePowers { .. } => Done::Powers(cheap_powers()),
        Work::CheckPassword { input, verifier } => {
            Done::Verdict(cheap_verifier(input) == verifier.expose())
        }
        Work::SrpPublic { verifier, b } => {
            Done::Public(Some(element(&[b"public", verifier.expose(), b.expose()])))
        }
        Work::SrpKey { u, verifier, .. } => {
            let key = shared_key(u, verifier.expose());
            Done::Key(Some(SecretBytes::new(key)))
        }
        Work::GenerateKey { seed } => {
            let modulus = element(&[b"key", seed.expose()])[..256].to_vec();
            Done::KeyPair {
                pkcs8: SecretBytes::new(modulus.clone()),
                modulus,
            }
        }
        Work::Sign { message, .. } => Done::Signature(signature(message)),
        Work::Verify {
            message,
            signature: given,
            ..
        } => Done::Verdict(signature(message) == *given),
        Work::VerifyPasskey { .. } => return worker::perform(work, &testing::root_keys()),
        _ => return Err(WorkFault("another kind of work".into())),
    })
}

/// What stands for a number of the group.
fn element(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0; ELEMENT];
    hkdf_expand(&sha256(parts), &[], &mut bytes);
    // Below every modulus, and not zero.
    bytes[0] = 1;
    bytes
}

fn cheap_verifier(input: &PasswordInput) -> Vec<u8> {
    let length = |text: &str| (text.len() as u32).to_be_bytes();
    element(&[
        b"verifier",
        &length(&input.pool_name),
        input.pool_name.as_bytes(),
        &length(&input.user_id),
        input.user_id.as_bytes(),
        &input.salt,
        input.password.expose(),
    ])
}

/// What stands for powers: the stand-in does without.
fn cheap_powers() -> SecretBytes {
    SecretBytes::new(vec![1; 16])
}

fn shared_key(u: &[u8], verifier: &[u8]) -> Vec<u8> {
    sha256(&[b"key", u, verifier])[..16].to_vec()
}

fn signature(message: &[u8]) -> Vec<u8> {
    sha256(&[b"signature", message]).to_vec()
}
