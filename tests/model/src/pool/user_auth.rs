//! Signing in with a first factor that the user chooses.
//!
//! Where a client hides who exists, nobody is offered something too: what that is, is drawn by the pool from its own
//! secret and told to the model ([`super::Pool::offers`]), always the same for one name.

use super::{
    At, Block, Chain, Course, Kind, Out, SESSION, Sent, Status, Step, Typed,
    activity::Judged,
    incorrect, no_user,
    steps::{no_session, too_often_wrong},
    tries::{Limit, Tries},
};
use crate::{
    act::{Code, First, Password, Signed},
    told::{Refusal, invalid, masked, refuse},
};

type Who = Result<At, Typed>;

impl First {
    /// The protocol's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password(_) => "PASSWORD",
            Self::Srp(_) => "PASSWORD_SRP",
            Self::Code(Kind::Phone) => "SMS_OTP",
            Self::Code(_) => "EMAIL_OTP",
            Self::Passkey => "WEB_AUTHN",
            Self::Open => "SELECT_CHALLENGE",
        }
    }
}

impl Course {
    pub(super) fn user_auth(&mut self, client: usize, typed: Typed, first: First) -> Out {
        let who = self.begun_by(client, typed)?;
        let offered = self.offered(who);
        let first = match offered.contains(&first.word()) {
            true => first,
            false => First::Open,
        };
        self.factor(client, who, None, &offered, first)
    }

    /// Who begins a sign-in, with the device that is named.
    fn begun_by(&mut self, client: usize, typed: Typed) -> Result<Who, Refusal> {
        let who = self.pool.find(typed).ok_or(typed);
        if who.is_err() && !self.hides(client) {
            return Err(no_user());
        }
        self.device = self.named(who.ok(), None)?;
        Ok(who)
    }

    /// Goes on after the code of a sign-up, which was a first factor.
    pub(super) fn signed_up(&mut self, client: usize, typed: Typed, session: At) -> Out {
        let who = self.begun_by(client, typed)?;
        let (id, _) = self.resume(client, Some(who), session, &[Step::SignedUp])?;
        if let Ok(at) = who
            && self.is_in_use(at)
            && matches!(self.due(at), Ok(None))
        {
            self.end(id);
            self.first = Judged::Other;
            return self.go_on(client, at);
        }
        let offered = self.offered(who);
        self.factor(client, who, Some(id), &offered, First::Open)
    }

    fn is_in_use(&self, at: At) -> bool {
        let user = &self.pool.users[&at];
        user.enabled && user.status == Status::Confirmed
    }

    /// The first factors that somebody may choose.
    fn offered(&self, who: Who) -> Vec<&'static str> {
        let passwords = ["PASSWORD_SRP", "PASSWORD"];
        let at = match who {
            Ok(at) => at,
            Err(typed) => {
                let drawn = self.pool.offers.get(&typed).cloned().unwrap_or_default();
                return match drawn.is_empty() {
                    true => passwords.into(),
                    false => drawn,
                };
            }
        };
        let mut offered = Vec::new();
        if self.pool.users[&at].password.is_some() {
            offered.extend(passwords);
        }
        if self.is_in_use(at) {
            self.offer_others(at, &mut offered);
        }
        // Who has nothing is offered what nobody would be.
        match offered.is_empty() {
            true => passwords.into(),
            false => offered,
        }
    }

    /// What somebody may choose besides a password.
    fn offer_others(&self, at: At, offered: &mut Vec<&'static str>) {
        let rules = self.pool.rules;
        let attributes = self.pool.effective(at);
        let alone = matches!(self.due(at), Ok(None));
        for (kind, allowed) in [
            (Kind::Email, rules.first_emails),
            (Kind::Phone, rules.first_texts),
        ] {
            if allowed && alone && attributes.get(kind.flag()) == Some(&"true") {
                offered.push(First::Code(kind).word());
            }
        }
        let may = alone || self.passkeys_are_both(at);
        if rules.passkeys.is_some() && may && !self.pool.users[&at].passkeys.is_empty() {
            offered.push(First::Passkey.word());
        }
    }

    /// Whether a passkey is both factors for a user, where it verified the user.
    fn passkeys_are_both(&self, at: At) -> bool {
        let both = self.pool.rules.passkeys.is_some_and(|rules| rules.both);
        both && self.pool.users[&at].both
    }

    /// Asks for a factor, or judges what came along with its choice.
    fn factor(
        &mut self,
        client: usize,
        who: Who,
        chain: Option<At>,
        offered: &[&'static str],
        first: First,
    ) -> Out {
        let told = match first {
            First::Password(Some(password)) => {
                return self.by_password(client, who, password, chain);
            }
            First::Password(None) => self.question(client, who, chain, (Step::Password, None)),
            First::Srp(true) => self.by_srp(client, who, chain),
            First::Srp(false) => self.question(client, who, chain, (Step::Srp, None)),
            First::Code(kind) => self.ask_code(client, who, chain, kind)?,
            First::Passkey => self.question(client, who, chain, (Step::Passkey, None)),
            First::Open => self.question(client, who, chain, (Step::Select, None)),
        };
        Ok(format!("challenge {told} among {}", offered.join(",")))
    }

    /// The next step of a chain, or the first of a new one; what it is called.
    fn question(
        &mut self,
        client: usize,
        who: Who,
        chain: Option<At>,
        (step, code): (Step, Option<Sent>),
    ) -> String {
        match chain {
            Some(chain) => self.lead_on(chain, step, code, None),
            None => {
                self.begin(client, who, step, code);
                self.begun_first();
            }
        }
        let word = match step {
            Step::Password => "PASSWORD",
            Step::Srp => "PASSWORD_SRP",
            Step::Passkey => "WEB_AUTHN",
            _ => "SELECT_CHALLENGE",
        };
        word.into()
    }

    pub(super) fn begun_first(&mut self) {
        self.pool.firsts.insert(self.at, ());
    }

    /// Whether a Session is of a chain of this client that began before anything was shown.
    pub(super) fn is_first(&self, client: usize, session: At) -> bool {
        let chain = self
            .pool
            .sessions
            .get(&session)
            .and_then(|(id, _)| self.pool.chains.get(id));
        let first = self.pool.firsts.contains_key(&session);
        first && chain.is_some_and(|chain| chain.client == client)
    }

    /// Who answers: a user, or the nobody who began the sign-in, whatever name nobody has is typed now.
    pub(super) fn again(&self, client: usize, typed: Typed, session: At) -> Result<Who, Refusal> {
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

    /// Who answers a step, and the step.
    fn answered(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        step: Step,
    ) -> Result<(Who, At, Chain), Refusal> {
        let who = self.again(client, typed, session)?;
        self.device = self.named(who.ok(), self.earlier(session))?;
        let (id, chain) = self.resume(client, Some(who), session, &[step])?;
        Ok((who, id, chain))
    }

    fn tries_of(&mut self, who: Who) -> &mut Tries {
        match who {
            Ok(at) => &mut self.user(at).tries,
            Err(typed) => self.pool.strangers.entry(typed).or_default(),
        }
    }

    fn by_password(
        &mut self,
        client: usize,
        who: Who,
        password: Password,
        chain: Option<At>,
    ) -> Out {
        let now = self.now();
        self.check_lock(who)?;
        let at = who
            .ok()
            .filter(|at| self.pool.users[at].password == Some(password));
        let Some(at) = at else {
            self.tries_of(who).wrong(now);
            if let Ok(at) = who {
                self.wrong_first(at, Judged::Password);
            }
            if let Some(chain) = chain {
                self.mistaken(chain);
            }
            return Err(who.map_or_else(
                |_| incorrect().counted(),
                |at| self.wrong_password(client, at),
            ));
        };
        if let Some(chain) = chain {
            self.end(chain);
        }
        self.breached = self.looked_up(client, password);
        self.go_on(client, at)
    }

    fn by_srp(&mut self, client: usize, who: Who, chain: Option<At>) -> String {
        if let Some(chain) = chain {
            self.end(chain);
        }
        let passwords = who.map_or(0, |at| self.pool.users[&at].passwords);
        let block = Block {
            client,
            who,
            passwords,
            made: self.now(),
            spent: false,
            device: self.device,
            chain: None,
        };
        self.pool.blocks.insert(self.at, block);
        "PASSWORD_VERIFIER".into()
    }

    fn ask_code(&mut self, client: usize, who: Who, chain: Option<At>, kind: Kind) -> Out {
        let now = self.now();
        if !self.tries_of(who).uses(Limit::FirstSent, now) {
            return Err(too_often_wrong());
        }
        let (code, shown) = match who {
            Ok(at) => {
                let to = self.pool.users[&at].has(kind).ok_or_else(no_session)?;
                let code = self.code(at, kind, to, "Authentication", SESSION);
                (code, masked(kind, to))
            }
            Err(typed) => {
                let none = Sent {
                    by: (At::MAX, 0),
                    kind,
                    to: "",
                    passwords: 0,
                    ends: 0,
                };
                (none, simulated(typed, kind))
            }
        };
        let step = (Step::FirstCode, Some(code));
        self.question(client, who, chain, step);
        Ok(format!("{} {shown}", First::Code(kind).word()))
    }

    pub(super) fn select(&mut self, client: usize, typed: Typed, session: At, first: First) -> Out {
        let (who, id, _) = self.answered(client, typed, session, Step::Select)?;
        let offered = self.offered(who);
        if !offered.contains(&first.word()) {
            return Err(invalid("ANSWER is none of the available challenges."));
        }
        self.factor(client, who, Some(id), &offered, first)
    }

    pub(super) fn answer_password(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        password: Password,
    ) -> Out {
        let (who, id, _) = self.answered(client, typed, session, Step::Password)?;
        self.by_password(client, who, password, Some(id))
    }

    pub(super) fn answer_srp(&mut self, client: usize, typed: Typed, session: At) -> Out {
        let (who, id, _) = self.answered(client, typed, session, Step::Srp)?;
        Ok(format!("challenge {}", self.by_srp(client, who, Some(id))))
    }

    pub(super) fn first_code(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        (kind, code): (Kind, Code),
    ) -> Out {
        let now = self.now();
        let (who, id, chain) = self.answered(client, typed, session, Step::FirstCode)?;
        let sent = chain.code.filter(|sent| sent.kind == kind);
        let sent = sent.ok_or_else(no_session)?;
        let mut tries = self.tries_of(who).clone();
        if !tries.uses(Limit::First, now) {
            return Err(too_often_wrong());
        }
        let right = who.ok().filter(|at| {
            self.offered(who).contains(&First::Code(kind).word())
                && self.pool.users[at].has(kind) == Some(sent.to)
                && code == Code::Sent(sent.by.0, sent.by.1)
        });
        let Some(at) = right else {
            *self.tries_of(who) = tries;
            if let Ok(at) = who {
                self.wrong_first(at, Judged::Other);
            }
            self.mistaken(id);
            let text = "Invalid code or auth state for the user.";
            return Err(refuse("CodeMismatch", text).counted());
        };
        self.end(id);
        self.first = Judged::Other;
        self.go_on(client, at)
    }

    pub(super) fn answer_passkey(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        (key, signed): (u8, Signed),
    ) -> Out {
        let (who, id, _) = self.answered(client, typed, session, Step::Passkey)?;
        let rules = self.pool.rules.passkeys;
        let verified = match signed {
            Signed::Rightly(verified) => Some(verified),
            Signed::ToAnother | Signed::Elsewhere | Signed::Again => None,
        };
        let both = who.is_ok_and(|at| self.passkeys_are_both(at));
        let fits = rules
            .zip(verified)
            .is_some_and(|(rules, it)| it || !(rules.required || both));
        let has = |at: &At| self.pool.users[at].passkeys.contains_key(&key);
        let may = self.offered(who).contains(&First::Passkey.word());
        // Of two answers at once, the one that was signed earlier may come later.
        let is_new = self.pool.signed.get(&key).is_none_or(|it| *it < self.at);
        let right = who.ok().filter(|at| fits && may && has(at) && is_new);
        let Some(at) = right else {
            if let Ok(at) = who {
                self.wrong_first(at, Judged::Other);
            }
            self.mistaken(id);
            return Err(incorrect().counted());
        };
        self.pool.signed.insert(key, self.at);
        self.end(id);
        self.first = Judged::Other;
        if both {
            return self.complete(client, at);
        }
        self.go_on(client, at)
    }
}

/// The destination that is shown of a code to nobody.
fn simulated(typed: Typed, kind: Kind) -> String {
    match (typed, kind) {
        (Typed::Text(text), _) if Kind::of(text) == Some(kind) => masked(kind, text),
        (_, Kind::Phone) => "+*******????".into(),
        _ => "?***@?***".into(),
    }
}
