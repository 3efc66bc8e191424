//! Signing in with a password, by SRP or by custom challenges, and what follows a right first factor.

use super::{
    At, Block, Chain, Course, DAY, Out, Password, SESSION, Sent, Status, Step, Typed,
    activity::{End, Judged, Look},
    disabled, incorrect, locked, no_user,
    tries::Limit,
};
use crate::{
    act::Factor,
    rules::Mfa,
    told::{Refusal, invalid, masked, refuse, unauthorized},
};

/// How long a block may be answered.
pub(super) const BLOCK: u64 = 180;

/// What is asked after a right first factor.
pub(super) enum Question {
    /// The code that goes to an address of this factor.
    Code(Factor, &'static str, Step),
    /// The code of the software token.
    Token,
    /// A choice.
    Choice(Vec<Factor>),
    /// A setup.
    Setup(Vec<Factor>),
}

impl Course {
    pub(super) fn sign_in(&mut self, client: usize, typed: Typed, password: Password) -> Out {
        let now = self.now();
        let Some(at) = self.pool.find(typed) else {
            if !self.hides(client) {
                return Err(no_user());
            }
            return Err(self.wrong_stranger(typed));
        };
        let user = self.user(at);
        if user.tries.is_locked(now) {
            return Err(locked());
        }
        if user.password != Some(password) {
            user.tries.wrong(now);
            self.wrong_first(at, Judged::Password);
            return Err(self.wrong_password(client, at));
        }
        self.device = self.named(Some(at), None)?;
        self.breached = self.looked_up(client, password);
        self.go_on(client, at)
    }

    /// The refusal of a user's wrong password: whoever has none and must reset it is told so, where the client tells.
    pub(super) fn wrong_password(&self, client: usize, at: At) -> Refusal {
        let user = &self.pool.users[&at];
        let resets = user.password.is_none() && user.status == Status::Reset;
        match resets && !self.hides(client) {
            true => reset_required().counted(),
            false => incorrect().counted(),
        }
    }

    /// Counts a wrong password of a name that nobody has.
    fn wrong_stranger(&mut self, typed: Typed) -> Refusal {
        let now = self.now();
        let tries = self.pool.strangers.entry(typed).or_default();
        if tries.is_locked(now) {
            return locked();
        }
        tries.wrong(now);
        incorrect().counted()
    }

    /// What follows a right first factor.
    pub(super) fn go_on(&mut self, client: usize, at: At) -> Out {
        let (now, hides) = (self.now(), self.hides(client));
        let look = self.look(client, at);
        let user = &self.pool.users[&at];
        let refusal = match user.status {
            _ if !user.enabled => Some(disabled()),
            Status::Unconfirmed => Some(refuse("UserNotConfirmed", "User is not confirmed.")),
            Status::Reset if hides => Some(incorrect()),
            Status::Reset => Some(reset_required()),
            Status::Temporary | Status::Confirmed => None,
        };
        if let Some(refusal) = refusal {
            self.failed(at, &look);
            return Err(refusal.counted());
        }
        if look.is_blocked() {
            return Err(self.blocked(at, &look));
        }
        let due = self.due(at);
        if self.is(at, Status::Temporary) {
            if now >= self.pool.users[&at].password_set + 7 * DAY {
                self.failed(at, &look);
                let text = "Temporary password has expired and must be reset by an administrator.";
                return Err(unauthorized(text).counted());
            }
            let has_none = matches!(due, Ok(None)) && self.demanded(at).is_none();
            if look.demand() == Some(true) && has_none {
                return Err(self.blocked(at, &look));
            }
            self.user(at).tries.right();
            self.begin(client, Ok(at), Step::NewPassword, None);
            self.demand(look.demand().is_some());
            self.went(at, &look, End::InProgress);
            return Ok("challenge NEW_PASSWORD_REQUIRED".into());
        }
        if look.refuses_password() {
            self.failed(at, &look);
            let user = self.user(at);
            user.status = Status::Reset;
            user.passwords += 1;
            let refusal = if hides { incorrect() } else { reset_required() };
            return Err(refusal.counted());
        }
        let due = due.map_err(|refusal| {
            self.failed(at, &look);
            refusal.counted()
        })?;
        let (question, demanded) = match (due, look.demand()) {
            (None, Some(always)) => {
                let question = self.demanded(at);
                if always && question.is_none() {
                    return Err(self.blocked(at, &look));
                }
                (question, true)
            }
            (due, _) => (due, false),
        };
        match question.filter(|question| !self.stands_in(at, question)) {
            Some(question) => {
                // Where no code can be sent any more, the wrong passwords are not forgotten either.
                let before = self.user(at).tries.clone();
                self.user(at).tries.right();
                let asked = self.ask(client, at, question, None).map_err(|refusal| {
                    self.user(at).tries = before;
                    self.failed(at, &look);
                    refusal.counted()
                })?;
                self.demand(demanded);
                self.went(at, &look, End::InProgress);
                Ok(asked)
            }
            None => Ok(self.in_at_last(client, at, &look)),
        }
    }

    /// Lets a user in after a right first factor.
    pub(super) fn in_at_last(&mut self, client: usize, at: At, look: &Look) -> String {
        self.user(at).tries.right();
        let told = self.let_in(client, at);
        let end = match told.starts_with("challenge") {
            true => End::InProgress,
            false => End::Pass,
        };
        self.went(at, look, end);
        told
    }

    /// The chain that was begun just now asks for a second factor because of a risk.
    fn demand(&mut self, demanded: bool) {
        let at = self.at;
        if let Some(chain) = self.pool.chains.get_mut(&at) {
            chain.demanded = demanded;
        }
    }

    /// What must be answered because of a risk: with a factor that the user has, switched on or not.
    pub(super) fn demanded(&self, at: At) -> Option<Question> {
        let usable = match self.pool.rules.mfa {
            Mfa::Off => Vec::new(),
            Mfa::Optional | Mfa::On => self.usable(at),
        };
        match (usable.as_slice(), self.pool.users[&at].preferred) {
            ([], _) => None,
            ([one], _) => Some(self.about(at, *one)),
            (several, Some(preferred)) if several.contains(&preferred) => {
                Some(self.about(at, preferred))
            }
            _ => Some(Question::Choice(usable)),
        }
    }

    /// Begins a chain.
    pub(super) fn begin(
        &mut self,
        client: usize,
        who: Result<At, Typed>,
        step: Step,
        code: Option<Sent>,
    ) {
        let (at, ends) = (self.at, self.now() + SESSION);
        let since = who.map_or((0, 0), |user| {
            let user = &self.pool.users[&user];
            (user.passwords, user.sign_outs)
        });
        let chain = Chain {
            client,
            who,
            step,
            live: at,
            ends,
            since,
            wrong: 0,
            code,
            secret: None,
            answered: None,
            factor: false,
            demanded: false,
            device: self.device,
        };
        self.pool.chains.insert(at, chain);
        self.pool.sessions.insert(at, (at, ends));
    }

    /// What must be answered after a right first factor, if anything.
    pub(super) fn due(&self, at: At) -> Result<Option<Question>, Refusal> {
        let user = &self.pool.users[&at];
        let counting = self.counting(at);
        Ok(match (self.pool.rules.mfa, counting.as_slice()) {
            (Mfa::Off, _) | (Mfa::Optional, []) => None,
            (Mfa::On, []) => {
                let setup = self.can_set_up(at);
                if setup.is_empty() {
                    let text = "The user has no second factor and cannot set one up.";
                    return Err(refuse("MFAMethodNotFound", text));
                }
                Some(Question::Setup(setup))
            }
            (_, [one]) => Some(self.about(at, *one)),
            (_, several) => match user.preferred {
                Some(preferred) if several.contains(&preferred) => Some(self.about(at, preferred)),
                _ => Some(Question::Choice(counting)),
            },
        })
    }

    /// The factors that a user without any can set up.
    pub(super) fn can_set_up(&self, at: At) -> Vec<Factor> {
        let has_address = self.pool.users[&at].has(super::Kind::Email).is_some();
        let free = |factor: &Factor| *factor == Factor::Token || !has_address;
        let candidates = [Factor::Token, Factor::Email].into_iter().filter(free);
        candidates
            .filter(|factor| self.pool.has_factor(*factor))
            .collect()
    }

    /// The question about a factor that the user has.
    pub(super) fn about(&self, at: At, factor: Factor) -> Question {
        match self.address(at, factor) {
            Some(to) => Question::Code(factor, to, Step::Code),
            None => Question::Token,
        }
    }

    /// Asks, as the first step of a chain or the next one; sends the code.
    pub(super) fn ask(
        &mut self,
        client: usize,
        at: At,
        question: Question,
        chain: Option<At>,
    ) -> Out {
        let now = self.now();
        let (step, code, told) = match question {
            Question::Code(factor, to, step) => {
                if !self.user(at).tries.uses(Limit::SecondSent, now) {
                    return Err(unauthorized(
                        "Attempt limit exceeded, please try after some time.",
                    ));
                }
                let kind = if factor == Factor::Sms {
                    super::Kind::Phone
                } else {
                    super::Kind::Email
                };
                let code = self.code(at, kind, to, "Authentication", SESSION);
                (
                    step,
                    Some(code),
                    format!("challenge {} {}", factor.word(), masked(kind, to)),
                )
            }
            Question::Token => (Step::Token, None, "challenge SOFTWARE_TOKEN_MFA".into()),
            Question::Choice(factors) => (
                Step::Choice,
                None,
                format!("challenge SELECT_MFA_TYPE {}", words(&factors)),
            ),
            Question::Setup(factors) => (
                Step::Setup,
                None,
                format!("challenge MFA_SETUP {}", words(&factors)),
            ),
        };
        match chain {
            None => self.begin(client, Ok(at), step, code),
            Some(chain) => self.lead_on(chain, step, code, None),
        }
        Ok(told)
    }

    pub(super) fn srp_begin(&mut self, client: usize, typed: Typed) -> Out {
        let who = self.pool.find(typed).ok_or(typed);
        if who.is_err() && !self.hides(client) {
            return Err(no_user());
        }
        let passwords = who.map_or(0, |at| self.pool.users[&at].passwords);
        let block = Block {
            client,
            who,
            passwords,
            made: self.now(),
            spent: false,
            device: self.from,
            chain: None,
        };
        self.pool.blocks.insert(self.at, block);
        Ok("challenge PASSWORD_VERIFIER".into())
    }

    pub(super) fn srp_answer(&mut self, client: usize, block: At, password: Password) -> Out {
        let now = self.now();
        let Some(found) = self.pool.blocks.get(&block).cloned() else {
            return Err(incorrect());
        };
        if found.client != client || now >= found.made + BLOCK {
            return Err(incorrect());
        }
        match found.who {
            Err(typed) => {
                if self
                    .pool
                    .strangers
                    .get(&typed)
                    .is_some_and(|tries| tries.is_locked(now))
                {
                    return Err(locked());
                }
                if found.spent {
                    return Err(incorrect());
                }
                self.spend(block);
                Err(self.wrong_stranger(typed))
            }
            Ok(at) if !self.pool.users.contains_key(&at) => Err(incorrect()),
            Ok(at) => {
                let user = self.user(at);
                if user.tries.is_locked(now) {
                    return Err(locked());
                }
                if found.spent || found.passwords != user.passwords {
                    return Err(incorrect());
                }
                if user.password != Some(password) {
                    user.tries.wrong(now);
                    self.wrong_first(at, Judged::Password);
                    self.spend(block);
                    return Err(self.wrong_password(client, at));
                }
                self.device = self.named(Some(at), found.device)?;
                self.spend(block);
                match found.chain {
                    Some(chain) => self.proven(client, at, chain),
                    None => self.go_on(client, at),
                }
            }
        }
    }

    fn spend(&mut self, block: At) {
        if let Some(block) = self.pool.blocks.get_mut(&block) {
            block.spent = true;
        }
    }

    pub(super) fn custom_begin(&mut self, client: usize, typed: Typed, srp: bool) -> Out {
        if !self.pool.rules.custom {
            return Err(invalid(
                "Custom auth lambda trigger is not configured for the user pool.",
            ));
        }
        let who = match self.pool.find(typed) {
            Some(at) => Ok(at),
            None if !self.hides(client) => return Err(no_user()),
            None => Err(typed),
        };
        self.device = self.named(who.ok(), None)?;
        self.check_lock(who)?;
        let step = if srp { Step::Proof } else { Step::Custom };
        self.begin(client, who, step, None);
        self.begun_first();
        let at = self.at;
        if let Some(chain) = self.pool.chains.get_mut(&at) {
            chain.answered = Some(Vec::new());
        }
        if !srp {
            return Ok("challenge CUSTOM_CHALLENGE".into());
        }
        let block = Block {
            client,
            who,
            passwords: who.map_or(0, |at| self.pool.users[&at].passwords),
            made: self.now(),
            spent: false,
            device: self.device,
            chain: Some(at),
        };
        self.pool.blocks.insert(at, block);
        Ok("challenge PASSWORD_VERIFIER".into())
    }

    /// Goes on after a right proof of the password in a chain of custom challenges: with a second factor that is due,
    /// else with the first of them.
    fn proven(&mut self, client: usize, at: At, id: At) -> Out {
        let user = &self.pool.users[&at];
        let chain = &self.pool.chains[&id];
        let since = (user.passwords, user.sign_outs);
        if chain.step != Step::Proof || chain.live == At::MAX || chain.since != since {
            return Err(incorrect().counted());
        }
        if user.enabled && user.status == Status::Confirmed {
            let due = self.due(at).map_err(Refusal::counted)?;
            if let Some(question) = due.filter(|question| !self.stands_in(at, question)) {
                let asked = self.ask(client, at, question, Some(id));
                return asked.map_err(Refusal::counted);
            }
        }
        self.lead_on(id, Step::Custom, None, None);
        Ok("challenge CUSTOM_CHALLENGE".into())
    }

    /// Refuses a user, or nobody, during a lock.
    pub(super) fn check_lock(&self, who: Result<At, Typed>) -> Result<(), Refusal> {
        let tries = match who {
            Ok(at) => Some(&self.pool.users[&at].tries),
            Err(typed) => self.pool.strangers.get(&typed),
        };
        if tries.is_some_and(|tries| tries.is_locked(self.now())) {
            return Err(locked());
        }
        Ok(())
    }
}

/// The refusal of a user whose password is to be reset.
pub(super) fn reset_required() -> Refusal {
    refuse(
        "PasswordResetRequired",
        "Password reset required for the user",
    )
}

/// Factors in a list.
fn words(factors: &[Factor]) -> String {
    let words: Vec<&str> = factors.iter().map(|factor| factor.word()).collect();
    words.join(",")
}
