//! The client's side of an SRP sign-in, so that the engine can be asked the whole question.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_crypto::secret::SecretArray;
use userpool_crypto::srp::{
    ClientPublic, ClientSecret, ServerPublic, claim, client_key, client_public, format_timestamp,
    private_key,
};
use userpool_ports::Timestamp;

/// A sign-in on the client's side, between its two requests.
#[derive(Debug)]
pub struct SignIn {
    secret: ClientSecret,
    public: ClientPublic,
}

impl SignIn {
    /// Begins, with 32 bytes of chance.
    ///
    /// # Panics
    /// Never: the secret has a length that is accepted.
    #[must_use]
    pub fn new(chance: [u8; 32]) -> Self {
        let secret = ClientSecret::new(&chance).expect("32 bytes are a secret");
        let public = client_public(&secret);
        Self { secret, public }
    }

    /// `SRP_A`.
    #[must_use]
    pub fn a(&self) -> String {
        self.public.to_hex()
    }

    /// `ChallengeResponses` that answer a PASSWORD_VERIFIER challenge.
    ///
    /// # Panics
    /// The server's parameters do not follow the protocol.
    #[must_use]
    pub fn answer(&self, pool: &str, password: &str, parameters: &Value, now: Timestamp) -> Value {
        let (_, pool_name) = pool.split_once('_').expect("a pool id has two parts");
        let user = parameters["USER_ID_FOR_SRP"]
            .as_str()
            .expect("a parameter is a text");
        let mut answer = self.claim((pool_name, user), password, parameters, now);
        answer["USERNAME"] = user.into();
        answer
    }

    /// `ChallengeResponses` that prove the secret of a member of a group, without its name.
    ///
    /// # Panics
    /// The server's parameters do not follow the protocol.
    #[must_use]
    pub fn claim(
        &self,
        (group, user): (&str, &str),
        password: &str,
        parameters: &Value,
        now: Timestamp,
    ) -> Value {
        let text = |name: &str| parameters[name].as_str().expect("a parameter is a text");
        let block = base64::decode(text("SECRET_BLOCK")).expect("the block is base64");
        let salt = text("SALT");
        let salt: Vec<u8> = format!("{salt:0>32}")
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                std::str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect::<Option<_>>()
            .expect("the salt is hexadecimal");
        let b = ServerPublic::parse(text("SRP_B")).expect("B is a public value");

        let x: SecretArray<32> = private_key(group, user, password.as_bytes(), &salt);
        let key = client_key(&self.secret, &self.public, &b, &x).expect("u is not zero");
        let timestamp = format_timestamp(now.secs());
        let proof = claim(key.expose(), group, user, &block, &timestamp);
        json!({
            "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
            "PASSWORD_CLAIM_SIGNATURE": base64::encode(&proof),
            "TIMESTAMP": timestamp,
        })
    }
}
