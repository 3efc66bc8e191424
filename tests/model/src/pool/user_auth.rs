//! Signing in with a first factor that the user chooses.
//!
//! Clients that hide who exists offer nobody something by chance; histories use this way with those that tell.

use super::{
    At, Course, Kind, Out, SESSION, Status, Step, Typed, incorrect, locked, no_user,
    steps::no_session, tries::Limit,
};
use crate::{
    act::{Code, First, Password},
    told::{Refusal, invalid, masked, refuse, unauthorized},
};

impl Course {
    pub(super) fn user_auth(&mut self, client: usize, typed: Typed, first: First) -> Out {
        let at = self.pool.find(typed).ok_or_else(no_user)?;
        match first {
            First::Password(password) => self.by_password(client, at, password, None),
            First::Code if self.may_begin_with_code(at) => self.ask_code(client, at, None),
            First::Code => {
                self.begin(client, Ok(at), Step::Select, None);
                self.begun_first();
                Ok(format!(
                    "challenge SELECT_CHALLENGE among {}",
                    self.available(at)
                ))
            }
        }
    }

    /// Whether the user may begin with a code in an e-mail.
    fn may_begin_with_code(&self, at: At) -> bool {
        let user = &self.pool.users[&at];
        let verified = self.pool.effective(at).get(Kind::Email.flag()) == Some(&"true");
        let alone = matches!(self.due(at), Ok(None));
        let in_use = user.enabled && user.status == Status::Confirmed;
        self.pool.rules.first_codes && in_use && alone && verified
    }

    fn available(&self, at: At) -> String {
        let code = if self.may_begin_with_code(at) {
            ",EMAIL_OTP"
        } else {
            ""
        };
        format!("PASSWORD_SRP,PASSWORD{code}")
    }

    pub(super) fn begun_first(&mut self) {
        let at = self.at;
        if let Some(chain) = self.pool.chains.get_mut(&at) {
            chain.first = true;
        }
    }

    /// Whether a Session is of a chain that began before anything was shown.
    pub(super) fn is_first(&self, session: At) -> bool {
        let chain = self
            .pool
            .sessions
            .get(&session)
            .and_then(|(id, _)| self.pool.chains.get(id));
        chain.is_some_and(|chain| chain.first)
    }

    /// Who answers: a user, or the nobody who began the sign-in, whatever name nobody has is typed now.
    pub(super) fn again(
        &self,
        client: usize,
        typed: Typed,
        session: At,
    ) -> Result<Result<At, Typed>, Refusal> {
        if let Some(at) = self.pool.find(typed) {
            return Ok(Ok(at));
        }
        if !self.hides(client) {
            return Err(no_session());
        }
        let chain = self.pool.sessions.get(&session);
        let chain = chain.and_then(|(id, _)| self.pool.chains.get(id));
        let begun = chain.filter(|chain| chain.client == client);
        Ok(Err(begun
            .and_then(|chain| chain.who.err())
            .unwrap_or(typed)))
    }

    fn by_password(&mut self, client: usize, at: At, password: Password, chain: Option<At>) -> Out {
        let now = self.now();
        let user = self.user(at);
        if user.tries.is_locked(now) {
            return Err(locked());
        }
        if user.password != password {
            user.tries.wrong(now);
            if let Some(chain) = chain {
                self.mistaken(chain);
            }
            return Err(incorrect().counted());
        }
        if let Some(chain) = chain {
            self.end(chain);
        }
        self.go_on(client, at)
    }

    fn ask_code(&mut self, client: usize, at: At, chain: Option<At>) -> Out {
        let now = self.now();
        let among = self.available(at);
        let to = self.pool.users[&at]
            .has(Kind::Email)
            .ok_or_else(no_session)?;
        if !self.user(at).tries.uses(Limit::FirstSent, now) {
            return Err(unauthorized(
                "Attempt limit exceeded, please try after some time.",
            ));
        }
        let code = self.code(at, Kind::Email, to, "Authentication", SESSION);
        match chain {
            Some(chain) => self.lead_on(chain, Step::FirstCode, Some(code), None),
            None => {
                self.begin(client, Ok(at), Step::FirstCode, Some(code));
                self.begun_first();
            }
        }
        Ok(format!(
            "challenge EMAIL_OTP {} among {among}",
            masked(Kind::Email, to)
        ))
    }

    pub(super) fn select(&mut self, client: usize, typed: Typed, session: At, first: First) -> Out {
        let who = self.again(client, typed, session)?;
        let (id, _) = self.resume(client, Some(who), session, &[Step::Select])?;
        let at = who.map_err(|_| no_session())?;
        match first {
            First::Password(password) => self.by_password(client, at, password, Some(id)),
            First::Code if self.may_begin_with_code(at) => self.ask_code(client, at, Some(id)),
            First::Code => Err(invalid("ANSWER is none of the available challenges.")),
        }
    }

    pub(super) fn first_code(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        code: Code,
    ) -> Out {
        let now = self.now();
        let who = self.again(client, typed, session)?;
        let (id, chain) = self.resume(client, Some(who), session, &[Step::FirstCode])?;
        let at = who.map_err(|_| no_session())?;
        let Some(sent) = chain.code else {
            return Err(no_session());
        };
        let mut tries = self.pool.users[&at].tries.clone();
        if !tries.uses(Limit::First, now) {
            return Err(unauthorized(
                "Attempt limit exceeded, please try after some time.",
            ));
        }
        let lives =
            self.may_begin_with_code(at) && self.pool.users[&at].has(Kind::Email) == Some(sent.to);
        if !lives || code != Code::Sent(sent.by.0, sent.by.1) {
            self.user(at).tries = tries;
            self.mistaken(id);
            return Err(
                refuse("CodeMismatch", "Invalid code or auth state for the user.").counted(),
            );
        }
        self.end(id);
        self.user(at).tries.right();
        Ok(self.grant(client, at))
    }
}
