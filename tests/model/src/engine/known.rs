//! What the replies and messages of a history have brought: the real values behind the numbers of acts.

use std::collections::HashMap;

use crate::{act::At, secrets::Secrets};

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
