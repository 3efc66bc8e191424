//! What a session token holds.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::fmt;

use userpool_crypto::{
    base64,
    sealed::{Context, RootKeys},
    secret::SecretText,
};
use userpool_policy::{Policy, Question, Verdict, evaluate};
use zeroize::Zeroize;

use super::AUTHENTICATED;
use crate::cbor::{self, Cbor};

/// The purpose under which session tokens are sealed.
const PURPOSE: &str = "session token";
/// The longest token that is looked at.
const MAX_TOKEN: usize = 8_192;

/// The content of a session token. Wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub(crate) struct Ticket {
    /// The secret access key.
    #[n(0)]
    pub secret: String,
    /// The identity.
    #[n(1)]
    pub identity: String,
    /// Its pool.
    #[n(2)]
    pub pool: String,
    /// The role, an ARN.
    #[n(3)]
    pub role: String,
    /// How the identity came: `unauthenticated`, or `authenticated` and by which providers.
    #[n(4)]
    pub providers: Vec<String>,
    /// Tags.
    #[n(5)]
    pub tags: BTreeMap<String, String>,
    /// When the credentials end, in Unix seconds.
    #[n(6)]
    pub expires: i64,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// The session token of an access key.
pub(crate) fn seal(
    root_keys: &RootKeys,
    nonce: [u8; 12],
    access_key_id: &str,
    ticket: &Ticket,
) -> String {
    let mut plain = cbor::write(ticket, Vec::with_capacity(512));
    let token = base64::encode(&root_keys.seal(context(access_key_id), nonce, &plain));
    plain.zeroize();
    token
}

/// What the session token of an access key holds; nothing where it is not one.
pub(super) fn open(root_keys: &RootKeys, access_key_id: &str, token: &str) -> Option<Ticket> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let sealed = base64::decode(token)?;
    let plain = root_keys.open(context(access_key_id), &sealed).ok()?;
    cbor::read(plain.expose()).ok()
}

fn context(access_key_id: &str) -> Context<'_> {
    Context {
        purpose: PURPOSE,
        scope: b"",
        associated: access_key_id.as_bytes(),
    }
}

impl Ticket {
    /// The secret that requests are signed with.
    pub(super) fn secret(&self) -> SecretText {
        SecretText::new(self.secret.clone())
    }

    /// Who has the credentials, in the account that issued them.
    pub(super) fn principal(&self, access_key_id: &str) -> Principal {
        Principal {
            access_key_id: access_key_id.into(),
            identity: self.identity.clone(),
            pool: self.pool.clone(),
            role: self.role.clone(),
            providers: self.providers.clone(),
            tags: self.tags.clone(),
            expires: self.expires,
        }
    }
}

/// Who signed a request with credentials of an identity pool. Its `Debug` names nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    access_key_id: String,
    identity: String,
    pool: String,
    role: String,
    providers: Vec<String>,
    tags: BTreeMap<String, String>,
    expires: i64,
}

impl Principal {
    /// The access key id, for logs.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The id of the identity.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The id of its identity pool.
    #[must_use]
    pub fn pool(&self) -> &str {
        &self.pool
    }

    /// The ARN of the role.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The ARN of the role's session, as the service has it.
    #[must_use]
    pub fn session(&self) -> String {
        let mut parts = self.role.splitn(6, ':').skip(4);
        let account = parts.next().unwrap_or_default();
        let role = parts.next().unwrap_or_default();
        let name = role.strip_prefix("role/").unwrap_or(role);
        format!("arn:aws:sts::{account}:assumed-role/{name}/CognitoIdentityCredentials")
    }

    /// Whether the identity showed a login.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.providers
            .first()
            .is_some_and(|first| first == AUTHENTICATED)
    }

    /// How it came: `unauthenticated`, or `authenticated` and by which providers.
    #[must_use]
    pub fn providers(&self) -> &[String] {
        &self.providers
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// When the credentials end, in Unix seconds.
    #[must_use]
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// Whether policies, which are those of its [`role`](Self::role), let it do something with something: `action` as
    /// `service:Name`, `resource` an ARN.
    #[must_use]
    pub fn may<'p>(
        &self,
        policies: impl IntoIterator<Item = &'p Policy>,
        action: &str,
        resource: &str,
    ) -> Verdict {
        let question = Question {
            action,
            resource,
            pool: &self.pool,
            identity: &self.identity,
            providers: &self.providers,
            tags: &self.tags,
        };
        evaluate(policies, &question)
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Principal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_written_the_same() {
        cbor::tests::kept::written_the_same::<Ticket>("Ticket");
    }
}
