//! Checks tokens without an engine: for services that only receive them.
//!
//! A [`Verifier`] holds the key set of one pool and its exact issuer. It checks what the service's own client
//! libraries check, and is strict where they are not: the algorithm is RS256 whatever a header says, the key
//! is found by `kid` in the key set alone, `exp` must be there, `aud` is one text. The signature is checked
//! before any claim counts. What it cannot see is revocation: only the engine knows of that.
//!
//! ```
//! use userpool_core::verify::{Invalid, Verifier};
//!
//! let keys = r#"{"keys":[]}"#;
//! let verifier = Verifier::new(keys, "https://id.example.com/us-east-1_AbCdEf123").unwrap();
//! let now = 1_767_225_600;
//! assert_eq!(verifier.verify_access("not a token", &["client"], now), Err(Invalid::Malformed));
//! ```

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde_json::{Map, Value};
use userpool_crypto::{
    base64,
    jwt::{InvalidToken, Token},
    rs256::PublicKey,
};

pub use crate::model::signing::TokenUse;

/// The longest key set that is looked at.
const MAX_KEY_SET: usize = 1 << 20;

/// Checks tokens of one pool by its published keys.
#[derive(Clone, Debug)]
pub struct Verifier {
    issuer: String,
    keys: Vec<(String, PublicKey)>,
}

impl Verifier {
    /// A verifier with the key set of a pool (`/.well-known/jwks.json`), for tokens of this exact issuer.
    ///
    /// Keys of another kind than RSA for RS256 signatures are passed over.
    ///
    /// # Errors
    /// The text is no key set, or a key that should be usable is not.
    pub fn new(key_set: &str, issuer: &str) -> Result<Self, InvalidKeySet> {
        if key_set.len() > MAX_KEY_SET {
            return Err(InvalidKeySet);
        }
        let set: Value = serde_json::from_str(key_set).map_err(|_| InvalidKeySet)?;
        let listed = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(InvalidKeySet)?;
        let mut keys = Vec::with_capacity(listed.len());
        for key in listed {
            let member = |name| key.get(name).and_then(Value::as_str);
            let is_usable = member("kty") == Some("RSA")
                && member("alg").is_none_or(|alg| alg == "RS256")
                && member("use").is_none_or(|purpose| purpose == "sig");
            if !is_usable {
                continue;
            }
            let number = |name| {
                member(name)
                    .and_then(base64::decode_url)
                    .ok_or(InvalidKeySet)
            };
            let public = PublicKey::new(&number("n")?, &number("e")?).map_err(|_| InvalidKeySet)?;
            keys.push((member("kid").ok_or(InvalidKeySet)?.into(), public));
        }
        Ok(Self {
            issuer: issuer.into(),
            keys,
        })
    }

    /// Whether the key set has a key of the name that a token gives; where not, a fresh key set may.
    #[must_use]
    pub fn knows_key_of(&self, token: &str) -> bool {
        Token::parse(token).is_ok_and(|token| self.key(token.key_id()).is_some())
    }

    /// Checks an ID token for one of these app clients. `now` is Unix time in seconds.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub fn verify_id(&self, token: &str, clients: &[&str], now: i64) -> Result<Claims, Invalid> {
        self.verify(token, TokenUse::Id, clients, now)
    }

    /// Checks an access token of one of these app clients. `now` is Unix time in seconds.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub fn verify_access(
        &self,
        token: &str,
        clients: &[&str],
        now: i64,
    ) -> Result<Claims, Invalid> {
        self.verify(token, TokenUse::Access, clients, now)
    }

    fn verify(
        &self,
        token: &str,
        wanted: TokenUse,
        clients: &[&str],
        now: i64,
    ) -> Result<Claims, Invalid> {
        let token = Token::parse(token)?;
        let key = self.key(token.key_id()).ok_or(Invalid::UnknownKey)?;
        let payload = token.verify(key)?;
        let claims = Claims::parse(&payload).ok_or(Invalid::Claims)?;
        claims.check(&self.issuer, wanted, now)?;
        if !clients.contains(&claims.client_id()) {
            return Err(Invalid::Client);
        }
        Ok(claims)
    }

    fn key(&self, kid: &str) -> Option<&PublicKey> {
        let (_, key) = self.keys.iter().find(|(known, _)| known == kid)?;
        Some(key)
    }
}

/// The claims of a token. Its `Debug` shows none: they tell who the user is.
#[derive(Clone, PartialEq)]
pub struct Claims {
    token_use: TokenUse,
    subject: String,
    issuer: String,
    client: String,
    expires: i64,
    issued: i64,
    not_before: Option<i64>,
    all: Map<String, Value>,
}

impl Claims {
    /// Reads the claims of either token; `None` where one that must be there is missing or of another type.
    pub(crate) fn parse(payload: &[u8]) -> Option<Self> {
        let all: Map<String, Value> = serde_json::from_slice(payload).ok()?;
        let text = |name: &str| all.get(name)?.as_str().map(ToString::to_string);
        let number = |name: &str| all.get(name)?.as_i64();
        let (token_use, client) = match all.get("token_use")?.as_str()? {
            "id" => (TokenUse::Id, text("aud")?),
            "access" => (TokenUse::Access, text("client_id")?),
            _ => return None,
        };
        let not_before = match all.get("nbf") {
            Some(value) => Some(value.as_i64()?),
            None => None,
        };
        for name in ["jti", "origin_jti", "event_id", "scope"] {
            if all.get(name).is_some_and(|value| !value.is_string()) {
                return None;
            }
        }
        Some(Self {
            token_use,
            subject: text("sub")?,
            issuer: text("iss")?,
            client,
            expires: number("exp")?,
            issued: number("iat")?,
            not_before,
            all,
        })
    }

    /// Whether the claims come from this issuer, are of this kind, and hold at this moment.
    pub(crate) fn check(&self, issuer: &str, wanted: TokenUse, now: i64) -> Result<(), Invalid> {
        if self.issuer != issuer {
            return Err(Invalid::Issuer);
        }
        if self.token_use != wanted {
            return Err(Invalid::Use);
        }
        if now >= self.expires {
            return Err(Invalid::Expired);
        }
        if self.not_before.is_some_and(|begin| now < begin) {
            return Err(Invalid::NotYet);
        }
        Ok(())
    }

    /// What the token is for.
    #[must_use]
    pub fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// The user's immutable id, `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The user name: `cognito:username` or `username`.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        match self.token_use {
            TokenUse::Id => self.text("cognito:username"),
            TokenUse::Access => self.text("username"),
        }
    }

    /// The app client: `aud` or `client_id`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client
    }

    /// The issuer, `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When the token runs out, `exp`, in Unix seconds.
    #[must_use]
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// When the token was given out, `iat`, in Unix seconds.
    #[must_use]
    pub fn issued(&self) -> i64 {
        self.issued
    }

    /// When the user signed in, `auth_time`, in Unix seconds.
    #[must_use]
    pub fn signed_in(&self) -> Option<i64> {
        self.all.get("auth_time")?.as_i64()
    }

    /// The scopes of an access token.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.text("scope")
            .unwrap_or_default()
            .split_ascii_whitespace()
    }

    /// The groups of the user, `cognito:groups`.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.all
            .get("cognito:groups")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    /// Any claim that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.as_str()
    }

    /// Any claim that is yes or no, for example `email_verified`.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.all.get(name)?.as_bool()
    }

    /// All claims.
    pub(crate) fn all(&self) -> &Map<String, Value> {
        &self.all
    }

    /// All claims as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::from(self.all.clone()).to_string()
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(..)")
    }
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// It asks for another algorithm than RS256.
    Algorithm,
    /// A claim that must be there is missing or of another type.
    Claims,
    /// It was given to another app client.
    Client,
    /// It has run out.
    Expired,
    /// It comes from another issuer.
    Issuer,
    /// It does not have the form of a token.
    Malformed,
    /// It does not hold yet.
    NotYet,
    /// Its signature is not that of its key.
    Signature,
    /// No key of the key set has the name that it gives.
    UnknownKey,
    /// It is of the other kind: an ID token for an access token, or the reverse.
    Use,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "the token is not signed with RS256",
            Self::Claims => "the claims of the token are not those of a user pool",
            Self::Client => "the token was given to another app client",
            Self::Expired => "the token has expired",
            Self::Issuer => "the token comes from another issuer",
            Self::Malformed => "the text is no token",
            Self::NotYet => "the token does not hold yet",
            Self::Signature => "the signature of the token is wrong",
            Self::UnknownKey => "the token names an unknown key",
            Self::Use => "the token is for another use",
        })
    }
}

impl core::error::Error for Invalid {}

impl From<InvalidToken> for Invalid {
    fn from(invalid: InvalidToken) -> Self {
        match invalid {
            InvalidToken::Algorithm => Self::Algorithm,
            InvalidToken::Malformed => Self::Malformed,
            InvalidToken::Signature => Self::Signature,
            InvalidToken::UnknownKey => Self::UnknownKey,
        }
    }
}

/// A text is no usable key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKeySet;

impl fmt::Display for InvalidKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is no usable key set")
    }
}

impl core::error::Error for InvalidKeySet {}
