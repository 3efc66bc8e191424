//! What the replies and messages of a history have brought: the real values behind the numbers of acts.

use std::collections::HashMap;

use serde_json::Value;

use crate::{act::At, rules::Rules, secrets::Secrets};

/// The challenge of an SRP sign-in.
#[derive(Clone)]
pub struct Challenge {
    /// The user id that enters the hash.
    pub user_id: String,
    /// The salt, in hexadecimal digits.
    pub salt: String,
    /// The server's public value, in hexadecimal digits.
    pub b_public: String,
    /// The secret block.
    pub block: String,
}

/// A device as its client knows it.
#[derive(Clone)]
pub struct ClientDevice {
    /// Its key.
    pub key: String,
    /// Its group key.
    pub group: String,
}

/// Everything that was learned.
#[derive(Clone, Default)]
pub struct Known {
    /// The id of the pool.
    pub pool: String,
    /// The ids of its clients.
    pub clients: Vec<String>,
    /// Codes and temporary passwords, by act and message.
    pub codes: HashMap<(At, usize), String>,
    /// Ids of users.
    pub subs: HashMap<At, String>,
    /// Users by their ids.
    pub by_sub: HashMap<String, At>,
    /// Creations of users whose reply was lost.
    pub lost: Vec<At>,
    /// Access tokens.
    pub access: HashMap<At, String>,
    /// ID tokens.
    pub id: HashMap<At, String>,
    /// Refresh tokens.
    pub refresh: HashMap<At, String>,
    /// Sessions.
    pub sessions: HashMap<At, String>,
    /// Secrets of software tokens.
    pub secrets: HashMap<At, Vec<u8>>,
    /// All of it that is secret.
    pub secret: Secrets,
    /// SRP challenges.
    pub challenges: HashMap<At, Challenge>,
    /// Devices by the act that gave them out.
    pub devices: HashMap<At, ClientDevice>,
    /// The settings of the pool as it was made.
    pub rules: Option<Rules>,
    /// Its name among the resources of the account.
    pub arn: String,
    /// The ids of other pools and clients by the act that made them.
    pub others: HashMap<At, String>,
    /// The options of the ceremonies of passkeys.
    pub options: HashMap<At, Value>,
    /// The ids of events, by the act that listed them and their places.
    pub events: HashMap<(At, usize), String>,
    /// The tokens of e-mails about events, by the ids of these.
    pub notices: HashMap<String, String>,
    /// The ids of grants by the act that made them.
    pub grants: HashMap<At, String>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(..)")
    }
}

impl Known {
    /// The user whom the tokens of an act are for, if it brought any.
    #[must_use]
    pub fn user_in_tokens(&self, at: At) -> Option<At> {
        let claims = super::read::claims(self.access.get(&at)?);
        self.by_sub.get(claims["sub"].as_str()?).copied()
    }

    /// The number of the act that gave a device out.
    #[must_use]
    pub fn device_of(&self, key: &str) -> Option<At> {
        let mut devices = self.devices.iter();
        devices.find(|it| it.1.key == key).map(|it| *it.0)
    }

    /// The number of the act of a session.
    #[must_use]
    pub fn grant_of(&self, session: &str) -> Option<At> {
        let mut grants = self.grants.keys();
        grants
            .find(|at| self.session_id(**at).as_deref() == Some(session))
            .copied()
    }

    /// The id of the session that an act began: that of its grant in base 36.
    #[must_use]
    pub fn session_id(&self, at: At) -> Option<String> {
        let digits: String = self.grants.get(&at)?.split('-').collect();
        let mut number = u128::from_str_radix(&digits, 16).ok()?;
        let mut text = Vec::new();
        for _ in 0..25 {
            text.push(char::from_digit((number % 36) as u32, 36)?);
            number /= 36;
        }
        Some(format!("tkn{}", text.iter().rev().collect::<String>()))
    }

    /// Learns the id of a user.
    pub fn learn_sub(&mut self, at: At, sub: &str) {
        self.subs.insert(at, sub.into());
        self.by_sub.insert(sub.into(), at);
        self.lost.retain(|lost| *lost != at);
    }

    /// The user of an id; one that nobody was told of is the last whose creation was lost.
    pub fn user_of(&mut self, sub: &str) -> Option<At> {
        if let Some(at) = self.by_sub.get(sub) {
            return Some(*at);
        }
        let at = self.lost.last().copied()?;
        self.learn_sub(at, sub);
        Some(at)
    }
}
