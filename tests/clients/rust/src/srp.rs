//! The client's side of a password sign-in, as the values of one request and the next.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

use userpool_crypto::base64;
use userpool_crypto::integer::parse_hex;
use userpool_crypto::srp::{
    ClientSecret, ServerPublic, claim, client_key, client_public, format_timestamp, private_key,
};

/// One sign-in under way.
pub struct SignIn {
    secret: ClientSecret,
}

impl SignIn {
    /// Starts with a fresh secret.
    ///
    /// # Panics
    ///
    /// If the system gives no random bytes.
    pub fn new() -> Self {
        let mut bytes = [0; 32];
        File::open("/dev/urandom")
            .and_then(|mut file| file.read_exact(&mut bytes))
            .expect("the system gives random bytes");
        let secret = ClientSecret::new(&bytes).expect("32 bytes are enough");
        Self { secret }
    }

    /// `SRP_A` of the first request.
    pub fn public(&self) -> String {
        client_public(&self.secret).to_hex()
    }

    /// The answer to PASSWORD_VERIFIER.
    ///
    /// # Panics
    ///
    /// If a parameter of the challenge is missing or malformed.
    pub fn answer(
        &self,
        pool_id: &str,
        password: &str,
        challenge: &HashMap<String, String>,
    ) -> HashMap<String, String> {
        let group = pool_id
            .split_once('_')
            .expect("a pool id has an underscore")
            .1;
        let user = &challenge["USER_ID_FOR_SRP"];
        let mut answer = self.claim((group, user), password, challenge);
        answer.insert("USERNAME".into(), user.clone());
        answer
    }

    /// The proof of the secret of a member of a group, without its name.
    ///
    /// # Panics
    ///
    /// If a parameter of the challenge is missing or malformed.
    pub fn claim(
        &self,
        (group, user): (&str, &str),
        password: &str,
        challenge: &HashMap<String, String>,
    ) -> HashMap<String, String> {
        let parameter = |name: &str| {
            challenge
                .get(name)
                .unwrap_or_else(|| panic!("the challenge has {name}"))
        };
        let block = base64::decode(parameter("SECRET_BLOCK")).expect("the block is base64");
        let salt = parse_hex(parameter("SALT"), 1_024).expect("the salt is hexadecimal");
        let b = ServerPublic::parse(parameter("SRP_B")).expect("B is of the group");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the clock is past 1970");
        let timestamp = format_timestamp(now.as_secs().cast_signed());

        let x = private_key(group, user, password.as_bytes(), &salt);
        let key = client_key(&self.secret, &client_public(&self.secret), &b, &x)
            .expect("u and S are not zero");
        let signature = claim(key.expose(), group, user, &block, &timestamp);
        HashMap::from([
            (
                "PASSWORD_CLAIM_SECRET_BLOCK".into(),
                parameter("SECRET_BLOCK").clone(),
            ),
            (
                "PASSWORD_CLAIM_SIGNATURE".into(),
                base64::encode(&signature),
            ),
            ("TIMESTAMP".into(), timestamp),
        ])
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new()
    }
}
