//! Passkeys: registered, listed, deleted.

use super::{At, Course, Out};
use crate::{
    act::{Bearer, Signed},
    told::{Refusal, refuse},
};

/// How long a registration may be answered.
const WAITS: u64 = 180;
/// The most passkeys of a user.
const MOST: usize = 20;

/// A registration that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The act that began it.
    pub by: At,
    /// The client.
    pub client: usize,
    /// When it ends.
    pub ends: u64,
}

impl Course {
    fn has_passkeys(&self) -> Result<(), Refusal> {
        match self.pool.rules.passkeys {
            Some(_) => Ok(()),
            None => Err(refuse(
                "WebAuthnNotEnabled",
                "WEB_AUTHN is not an allowed first auth factor of the user pool.",
            )),
        }
    }

    pub(super) fn start_passkey(&mut self, bearer: Bearer) -> Out {
        let (at, grant) = self.authorize(bearer)?;
        self.has_passkeys()?;
        if self.pool.users[&at].passkeys.len() >= MOST {
            return Err(refuse(
                "LimitExceeded",
                "The user has the most passkeys already.",
            ));
        }
        let waits = Registration {
            by: self.at,
            client: self.pool.grants[&grant].client,
            ends: self.now() + WAITS,
        };
        let known = self.pool.users[&at].passkeys.len();
        self.user(at).registration = Some(waits);
        Ok(format!("options {known} known"))
    }

    pub(super) fn complete_passkey(
        &mut self,
        bearer: Bearer,
        start: At,
        key: u8,
        signed: Signed,
    ) -> Out {
        let (now, (at, grant)) = (self.now(), self.authorize(bearer)?);
        self.has_passkeys()?;
        let waits = self.pool.users[&at].registration.clone();
        let waits = waits.filter(|it| now < it.ends).ok_or_else(nothing_waits)?;
        if waits.client != self.pool.grants[&grant].client {
            let text = "The registration was started at another app client.";
            return Err(refuse("WebAuthnClientMismatch", text));
        }
        let required = self.pool.rules.passkeys.is_some_and(|rules| rules.required);
        if waits.by != start || signed == Signed::ToAnother {
            return Err(nothing_waits());
        }
        if signed == Signed::Elsewhere {
            let text = "The origin of the credential is not allowed for the relying party.";
            return Err(refuse("WebAuthnOriginNotAllowed", text));
        }
        if signed == Signed::Rightly(false) && required {
            let text = "The credential is not supported.";
            return Err(refuse("WebAuthnCredentialNotSupported", text));
        }
        let mut users = self.pool.users.values();
        if users.any(|user| user.passkeys.contains_key(&key)) {
            let text = "The credential is registered already.";
            return Err(refuse("WebAuthnCredentialNotSupported", text));
        }
        let user = self.user(at);
        user.registration = None;
        user.passkeys.insert(key, now);
        self.pool.signed.insert(key, self.at);
        Ok(String::new())
    }

    pub(super) fn list_passkeys(&self, bearer: Bearer) -> Out {
        let (at, _) = self.authorize(bearer)?;
        let passkeys = self.pool.users[&at].passkeys.iter();
        let shown = passkeys.map(|(key, made)| format!("{key} {made}"));
        Ok(shown.collect::<Vec<_>>().join("; "))
    }

    pub(super) fn delete_passkey(&mut self, bearer: Bearer, key: u8) -> Out {
        let (at, _) = self.authorize(bearer)?;
        match self.user(at).passkeys.remove(&key) {
            Some(_) => Ok(String::new()),
            None => Err(refuse("ResourceNotFound", "The credential does not exist.")),
        }
    }
}

fn nothing_waits() -> Refusal {
    let text = "No registration of a passkey waits for this answer.";
    refuse("WebAuthnChallengeNotFound", text)
}
