//! The further steps of a sign-in.

use super::{
    At, Chain, Course, Kind, Out, Password, SESSION, Sent, Status, Step, Typed,
    activity::Judged,
    dead_code, disabled,
    factors::{no_token, totp_verdict},
    incorrect,
    sign_in::Question,
    tries::Limit,
};
use crate::{
    act::{Answer, Code, Factor, Totp},
    rules::Names,
    told::{Refusal, invalid, refuse, unauthorized},
};

/// The most wrong answers of a chain.
const MOST_WRONG: u32 = 5;
/// When the functions of custom challenges give up.
pub const CUSTOM_MOST: usize = 6;

impl Course {
    /// Leads a chain on; the Sessions from before are dead.
    pub(super) fn lead_on(
        &mut self,
        chain: At,
        step: Step,
        code: Option<Sent>,
        secret: Option<At>,
    ) {
        let (at, ends) = (self.at, self.now() + SESSION);
        let Some(led) = self.pool.chains.get_mut(&chain) else {
            return;
        };
        let follows_nothing = matches!(
            step,
            Step::Select
                | Step::FirstCode
                | Step::Password
                | Step::Srp
                | Step::Passkey
                | Step::Custom
        );
        if follows_nothing && self.pool.firsts.contains_key(&led.live) {
            self.pool.firsts.insert(at, ());
        }
        if let Ok(user) = led.who {
            let user = &self.pool.users[&user];
            led.since = (user.passwords, user.sign_outs);
        }
        (led.step, led.code, led.secret) = (step, code, secret);
        led.device = self.device;
        (led.live, led.ends) = (at, ends);
        self.pool.sessions.insert(at, (chain, ends));
    }

    /// The chain of a Session that waits for one of some steps.
    pub(super) fn resume(
        &self,
        client: usize,
        who: Option<Result<At, Typed>>,
        session: At,
        steps: &[Step],
    ) -> Result<(At, Chain), Refusal> {
        let Some((id, ends)) = self.pool.sessions.get(&session).copied() else {
            return Err(no_session());
        };
        // A chain that ended is remembered by whom it was of.
        let Some(owner) = self.pool.chains.get(&id) else {
            return Err(no_session());
        };
        if owner.client != client || who != Some(owner.who) {
            return Err(no_session());
        }
        if self.now() >= ends {
            return Err(unauthorized(
                "Invalid session for the user, session is expired.",
            ));
        }
        let fits = match owner.who {
            Ok(at) => {
                let user = &self.pool.users[&at];
                owner.since == (user.passwords, user.sign_outs)
            }
            Err(_) => true,
        };
        // Both steps of a device go by Sessions of the same chain, which ends when the first of them does.
        let lives = match owner.step {
            Step::Device => owner.live != At::MAX && self.now() < owner.ends,
            _ => owner.live == session,
        };
        if !lives || !fits {
            return Err(used_session());
        }
        if !steps.contains(&owner.step) {
            return Err(no_session());
        }
        Ok((id, owner.clone()))
    }

    /// Ends a chain. It is remembered, so that its Sessions are known as used.
    pub(super) fn end(&mut self, chain: At) {
        if let Some(chain) = self.pool.chains.get_mut(&chain) {
            chain.live = At::MAX;
        }
    }

    /// Counts a wrong answer.
    pub(super) fn wrong_answer(&mut self, at: At, chain: At, refusal: Refusal) -> Refusal {
        let now = self.now();
        self.user(at).tries.uses(Limit::Second, now);
        let was_last = self.pool.chains[&chain].wrong + 1 >= MOST_WRONG;
        self.mistaken_in(at, chain, was_last);
        self.mistaken(chain);
        refusal.counted()
    }

    /// Counts a wrong answer in its chain; the fifth ends it.
    pub(super) fn mistaken(&mut self, chain: At) {
        let wrong = self.pool.chains.get_mut(&chain).map_or(0, |chain| {
            chain.wrong += 1;
            chain.wrong
        });
        if wrong >= MOST_WRONG {
            self.end(chain);
        }
    }

    /// The user and chain of an answer about second factors.
    fn answering(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        steps: &[Step],
    ) -> Result<(At, At, Chain), Refusal> {
        let user = self.pool.find(typed);
        let (id, chain) = self.resume(client, user.map(Ok), session, steps)?;
        let at = user.ok_or_else(no_session)?;
        self.check_answers(at, chain.device)?;
        Ok((at, id, chain))
    }

    /// Refuses who may not answer, or has answered wrongly too often in the hour.
    pub(super) fn check_answers(&mut self, at: At, device: Option<At>) -> Result<(), Refusal> {
        let user = &self.pool.users[&at];
        if !user.enabled || user.status != Status::Confirmed {
            return Err(no_session());
        }
        self.device = self.named(Some(at), device)?;
        let user = &self.pool.users[&at];
        if !user.tries.clone().uses(Limit::Second, self.now()) {
            return Err(too_often_wrong());
        }
        Ok(())
    }

    pub(super) fn respond(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        answer: &Answer,
    ) -> Out {
        match answer {
            Answer::NewPassword(password) => self.new_password(client, typed, session, *password),
            Answer::Code(Factor::Email, code) if self.is_first(client, session) => {
                self.first_code(client, typed, session, (Kind::Email, *code))
            }
            Answer::FirstSms(code) => self.first_code(client, typed, session, (Kind::Phone, *code)),
            Answer::Password(password) => self.answer_password(client, typed, session, *password),
            Answer::Srp => self.answer_srp(client, typed, session),
            Answer::Passkey(key, signed) => {
                self.answer_passkey(client, typed, session, (*key, *signed))
            }
            Answer::Select(first) => self.select(client, typed, session, *first),
            Answer::Code(factor, code) => self.answer_code(client, typed, session, *factor, *code),
            Answer::Totp(totp) => self.answer_totp(client, typed, session, *totp),
            Answer::Choice(factor) => {
                let (at, id, chain) = self.answering(client, typed, session, &[Step::Choice])?;
                if !self.answerable(at, &chain).contains(factor) {
                    return Err(invalid("ANSWER is none of the second factors of the user."));
                }
                let question = self.about(at, *factor);
                self.ask(client, at, question, Some(id))
            }
            Answer::SetUp => {
                let (at, id, chain) = self.answering(client, typed, session, &[Step::SetUp])?;
                if !self.answerable(at, &chain).contains(&Factor::Token) {
                    return Err(no_session());
                }
                Ok(self.shown(client, at, id))
            }
            Answer::Address(address) => {
                let steps = [Step::Setup, Step::Secret];
                let (at, id, _) = self.answering(client, typed, session, &steps)?;
                self.check_due(at, Factor::Email)?;
                let question = Question::Code(Factor::Email, address, Step::NewAddress);
                self.ask(client, at, question, Some(id))
            }
            Answer::Custom(right) => self.answer_custom(client, typed, session, *right),
        }
    }

    /// Refuses to set up a factor where that is not asked for any more.
    pub(super) fn check_due(&self, at: At, factor: Factor) -> Result<(), Refusal> {
        match self.due(at) {
            Ok(Some(Question::Setup(setup))) if setup.contains(&factor) => Ok(()),
            _ => Err(no_session()),
        }
    }

    fn new_password(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        password: Password,
    ) -> Out {
        let user = self.pool.find(typed);
        let (id, chain) = self.resume(client, user.map(Ok), session, &[Step::NewPassword])?;
        let at = user.ok_or_else(no_session)?;
        self.device = self.named(Some(at), chain.device)?;
        if !self.pool.users[&at].enabled {
            return Err(disabled());
        }
        if !self.is(at, Status::Temporary) {
            return Err(no_session());
        }
        Self::policy(password)?;
        self.check_new(client, password)?;
        self.renew(at, password)?;
        let user = self.user(at);
        user.status = Status::Confirmed;
        for kind in [Kind::Email, Kind::Phone] {
            if user.has(kind).is_some() {
                user.attributes.entry(kind.flag()).or_insert("false");
            }
        }
        let due = match self.due(at)? {
            None if chain.demanded => self.demanded(at),
            due => due,
        };
        match due.filter(|question| !self.stands_in(at, question)) {
            Some(question) => self.ask(client, at, question, Some(id)),
            None => {
                self.end(id);
                let told = self.let_in(client, at);
                self.went_on(at, id, false, &told);
                Ok(told)
            }
        }
    }

    fn answer_code(
        &mut self,
        client: usize,
        typed: Typed,
        session: At,
        factor: Factor,
        code: Code,
    ) -> Out {
        let steps = [Step::Code, Step::NewAddress];
        let (at, id, chain) = self.answering(client, typed, session, &steps)?;
        let Some(sent) = chain.code.clone() else {
            return Err(no_session());
        };
        let kind = if factor == Factor::Sms {
            Kind::Phone
        } else {
            Kind::Email
        };
        if sent.kind != kind {
            return Err(no_session());
        }
        let is_new = chain.step == Step::NewAddress;
        if !is_new
            && (self.pool.users[&at].has(kind) != Some(sent.to)
                || !self.answerable(at, &chain).contains(&factor))
        {
            return Err(dead_code());
        }
        if code != Code::Sent(sent.by.0, sent.by.1) {
            let refusal = refuse("CodeMismatch", "Invalid code or auth state for the user.");
            return Err(self.wrong_answer(at, id, refusal));
        }
        let owner = self.pool.aliases.get(&(kind, sent.to)).copied();
        let is_others =
            self.pool.rules.names != Names::Own && owner.is_some_and(|owner| owner != at);
        let verified = self.pool.users[&at].attributes.get(kind.flag()) == Some(&"true");
        if is_new {
            self.user(at).on.insert(factor);
            self.verified(at, kind, sent.to)?;
        } else if !verified && !is_others {
            self.verified(at, kind, sent.to)?;
        }
        Ok(self.shown(client, at, id))
    }

    /// Goes on after a right second factor: the user is in, or functions lead on.
    fn shown(&mut self, client: usize, at: At, id: At) -> String {
        let led = self.pool.chains.get_mut(&id);
        if let Some(chain) = led.filter(|chain| chain.answered.is_some()) {
            chain.factor = true;
            self.lead_on(id, Step::Custom, None, None);
            return "challenge CUSTOM_CHALLENGE".into();
        }
        self.end(id);
        let told = self.let_in(client, at);
        self.went_on(at, id, true, &told);
        told
    }

    fn answer_totp(&mut self, client: usize, typed: Typed, session: At, totp: Totp) -> Out {
        let (at, id, chain) = self.answering(client, typed, session, &[Step::Token])?;
        let token = self.pool.users[&at].token.clone();
        let Some(token) = token.filter(|_| self.answerable(at, &chain).contains(&Factor::Token))
        else {
            return Err(no_token());
        };
        match totp_verdict(totp, token.secret, self.now()) {
            None => {
                let refusal = refuse("CodeMismatch", "Invalid code received for user");
                Err(self.wrong_answer(at, id, refusal))
            }
            Some(step) if step <= token.last => {
                let refusal = refuse(
                    "ExpiredCode",
                    "Your software token has already been used once.",
                );
                Err(self.wrong_answer(at, id, refusal))
            }
            Some(step) => {
                self.user(at).token = Some(super::Token {
                    last: step,
                    ..token
                });
                Ok(self.shown(client, at, id))
            }
        }
    }

    /// Functions gave up.
    fn given_up(&mut self, who: Result<At, Typed>) -> Refusal {
        if let Ok(at) = who {
            self.wrong_first(at, Judged::Custom);
        }
        incorrect().counted()
    }

    /// Lets a user in who has shown all that is asked for.
    pub(super) fn complete(&mut self, client: usize, at: At) -> Out {
        let look = self.look(client, at);
        let user = &self.pool.users[&at];
        let refusal = match user.status {
            _ if !user.enabled => Some(disabled()),
            Status::Confirmed => None,
            _ => Some(incorrect()),
        };
        if let Some(refusal) = refusal {
            self.failed(at, &look);
            return Err(refusal.counted());
        }
        if look.is_blocked() {
            return Err(self.blocked(at, &look));
        }
        Ok(self.in_at_last(client, at, &look))
    }

    fn answer_custom(&mut self, client: usize, typed: Typed, session: At, right: bool) -> Out {
        let who = self.again(client, typed, session)?;
        self.first = Judged::Custom;
        self.device = self.named(who.ok(), self.earlier(session))?;
        self.check_lock(who)?;
        let (id, mut chain) = self.resume(client, Some(who), session, &[Step::Custom])?;
        let answered = chain.answered.get_or_insert_default();
        answered.push(right);
        let (asked, factor) = (answered.len(), chain.factor);
        chain.wrong += u32::from(!right);
        if !right && chain.wrong >= MOST_WRONG {
            self.end(id);
            return Err(self.given_up(who));
        }
        if right || asked >= CUSTOM_MOST {
            self.end(id);
            return match who {
                Ok(at) if right && factor => self.complete(client, at),
                Ok(at) if right => self.go_on(client, at),
                _ => Err(self.given_up(who)),
            };
        }
        self.pool.chains.insert(id, chain);
        self.lead_on(id, Step::Custom, None, None);
        Ok("challenge CUSTOM_CHALLENGE".into())
    }
}

/// The refusal of a Session that was answered.
pub(super) fn used_session() -> Refusal {
    unauthorized("Invalid session for the user, session can only be used once.")
}

/// The refusal of a Session that is none, or not for this.
pub(super) fn no_session() -> Refusal {
    unauthorized("Invalid session for the user.")
}

/// The refusal after too many wrong answers in the hour.
pub(super) fn too_often_wrong() -> Refusal {
    unauthorized("Attempt limit exceeded, please try after some time.")
}
