//! Sessions: one for each sign-in that brought tokens, listed where the pool is told to, and ended one by one.

use super::{At, Course, Out};
use crate::{
    act::Of,
    told::{Refusal, invalid, refuse},
};

/// A sign-in in the list of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The grant.
    pub grant: At,
    /// When it began.
    pub began: u64,
    /// When tokens were last given out.
    pub active: u64,
    /// From which address.
    pub address: &'static str,
}

impl Course {
    fn lives(&self, at: At, grant: At) -> bool {
        let grant = self.pool.grants.get(&grant);
        let user = self.pool.users.get(&at);
        grant.zip(user).is_some_and(|(grant, user)| {
            !grant.revoked
                && grant.user == at
                && grant.sign_outs == user.sign_outs
                && self.now() < grant.kept
        })
    }

    fn live(&self, at: At) -> Vec<Listed> {
        let all = self.pool.users[&at].sessions.iter();
        all.filter(|it| self.lives(at, it.grant)).cloned().collect()
    }

    /// A sign-in begins: where there are as many as allowed, the quietest end.
    pub(super) fn session_begins(&mut self, at: At, grant: At) {
        let (tracked, most) = self.pool.tracking;
        if !tracked {
            return;
        }
        let mut live = self.live(at);
        while live.len() >= usize::from(most) {
            let quiet = live.remove(0);
            if let Some(grant) = self.pool.grants.get_mut(&quiet.grant) {
                grant.revoked = true;
            }
        }
        let (now, address) = (self.now(), self.origin().address);
        live.push(Listed {
            grant,
            began: now,
            active: now,
            address,
        });
        self.user(at).sessions = live;
    }

    /// A sign-in goes on.
    pub(super) fn session_goes_on(&mut self, at: At, grant: At) {
        let (now, address) = (self.now(), self.pool.address());
        if !self.pool.tracking.0 {
            return;
        }
        let sessions = &mut self.user(at).sessions;
        if let Some(index) = sessions.iter().position(|it| it.grant == grant) {
            let before = sessions.remove(index);
            sessions.push(Listed {
                active: now,
                address,
                ..before
            });
        }
    }

    pub(super) fn list_sessions(&self, of: Of) -> Out {
        let (at, own) = match of {
            Of::User(bearer) => {
                let (at, grant) = self.authorize(bearer)?;
                (at, Some(grant))
            }
            Of::Admin(typed) => (self.known(typed)?, None),
        };
        let shown = |it: &Listed| {
            let current = own == Some(it.grant);
            let client = self.pool.grants[&it.grant].client;
            format!(
                "#{:05} at {client} {} {} {} {current}",
                it.grant, it.began, it.active, it.address
            )
        };
        let shown: Vec<String> = self.live(at).iter().rev().map(shown).collect();
        Ok(shown.join("; "))
    }

    pub(super) fn revoke_session(&mut self, of: Of, session: At) -> Out {
        let at = match of {
            Of::User(bearer) => {
                let (at, grant) = self.authorize(bearer)?;
                if grant == session {
                    return Err(invalid(
                        "The current session cannot be revoked with its own access token.",
                    ));
                }
                at
            }
            Of::Admin(typed) => self.known(typed)?,
        };
        if !self.lives(at, session) {
            return Err(unknown());
        }
        if let Some(grant) = self.pool.grants.get_mut(&session) {
            grant.revoked = true;
        }
        Ok(String::new())
    }

    pub(super) fn set_sessions(&mut self, tracked: bool, most: u8) -> Out {
        self.pool.tracking = (tracked, most);
        Ok(self.get_sessions())
    }

    pub(super) fn get_sessions(&self) -> String {
        let (tracked, most) = self.pool.tracking;
        let word = if tracked { "ENABLED" } else { "DISABLED" };
        format!("{word} {most}")
    }
}

fn unknown() -> Refusal {
    refuse("ResourceNotFound", "Session does not exist.")
}
