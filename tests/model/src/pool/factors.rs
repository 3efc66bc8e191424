//! Second factors: which count, how they are set up and switched.

use super::{
    At, Chain, Course, Kind, Out, Status, Step, Token, Typed,
    steps::{no_session, too_often_wrong},
    tries::Limit,
};
use crate::{
    act::{By, Factor, Of, Totp, Wish},
    rules::Mfa,
    told::{Refusal, invalid, refuse},
};

/// The seconds of a step.
const STEP: u64 = 30;

/// The step of a code, if it is one that a secret has around now.
pub(super) fn totp_verdict(totp: Totp, secret: At, now: u64) -> Option<u64> {
    match totp {
        Totp::Of(of, ahead) if of == secret && ahead.abs() <= 1 => {
            (now / STEP).checked_add_signed(ahead)
        }
        Totp::Of(..) | Totp::Wrong => None,
    }
}

impl Course {
    /// The address that gets the codes of a factor.
    pub(super) fn address(&self, at: At, factor: Factor) -> Option<&'static str> {
        let user = &self.pool.users[&at];
        match factor {
            Factor::Sms => user.has(Kind::Phone),
            Factor::Email => user.has(Kind::Email),
            Factor::Token => None,
        }
    }

    /// The factors that a user has.
    pub(super) fn usable(&self, at: At) -> Vec<Factor> {
        let user = &self.pool.users[&at];
        let usable = |factor: &Factor| {
            let has = match factor {
                Factor::Token => user.token.is_some(),
                Factor::Sms | Factor::Email => self.address(at, *factor).is_some(),
            };
            has && self.pool.has_factor(*factor)
        };
        Factor::ALL.into_iter().filter(usable).collect()
    }

    /// The factors with which a chain may be answered.
    pub(super) fn answerable(&self, at: At, chain: &Chain) -> Vec<Factor> {
        match (chain.demanded, self.pool.rules.mfa) {
            (true, Mfa::Off) => Vec::new(),
            (true, Mfa::Optional | Mfa::On) => self.usable(at),
            (false, _) => self.counting(at),
        }
    }

    /// The factors that count for a sign-in.
    pub(super) fn counting(&self, at: At) -> Vec<Factor> {
        let (user, usable) = (&self.pool.users[&at], self.usable(at));
        let on: Vec<Factor> = usable
            .iter()
            .copied()
            .filter(|it| user.on.contains(it))
            .collect();
        if self.pool.rules.mfa != Mfa::On || !on.is_empty() {
            on
        } else if usable.contains(&Factor::Token) {
            vec![Factor::Token]
        } else {
            usable
        }
    }

    pub(super) fn associate(&mut self, by: By) -> Out {
        match by {
            By::Token(bearer) => {
                let (at, _) = self.authorize(bearer)?;
                self.check_tokens()?;
                let now = self.at;
                self.user(at).secret = Some(now);
                Ok("secret".into())
            }
            By::Session(session) => {
                let (at, id) = self.in_setup(session, &[Step::Setup, Step::Secret])?;
                self.check_due(at, Factor::Token)?;
                let secret = self.at;
                self.lead_on(id, Step::Secret, None, Some(secret));
                Ok("secret session".into())
            }
        }
    }

    pub(super) fn verify_token(&mut self, by: By, totp: Totp) -> Out {
        let now = self.now();
        match by {
            By::Token(bearer) => {
                let (at, _) = self.authorize(bearer)?;
                self.check_tokens()?;
                if !self.pool.users[&at].tries.clone().uses(Limit::Second, now) {
                    return Err(too_often_wrong());
                }
                let secret = self.pool.users[&at].secret.ok_or_else(no_token)?;
                let Some(last) = totp_verdict(totp, secret, now) else {
                    self.user(at).tries.uses(Limit::Second, now);
                    return Err(mismatch().counted());
                };
                let user = self.user(at);
                user.token = Some(Token { secret, last });
                user.secret = None;
                Ok("verified".into())
            }
            By::Session(session) => {
                let (at, id) = self.in_setup(session, &[Step::Secret])?;
                self.check_due(at, Factor::Token)?;
                let secret = self.pool.chains[&id].secret.ok_or_else(no_token)?;
                let Some(last) = totp_verdict(totp, secret, now) else {
                    return Err(self.wrong_answer(at, id, mismatch()));
                };
                let user = self.user(at);
                user.token = Some(Token { secret, last });
                user.secret = None;
                user.on.insert(Factor::Token);
                self.lead_on(id, Step::SetUp, None, None);
                Ok("verified session".into())
            }
        }
    }

    /// The user and chain of a Session that comes alone.
    fn in_setup(&mut self, session: At, steps: &[Step]) -> Result<(At, At), Refusal> {
        let known = self.pool.sessions.get(&session);
        let chain = known
            .and_then(|(id, _)| self.pool.chains.get(id))
            .ok_or_else(no_session)?;
        let user = chain.who.ok().filter(|at| self.pool.users.contains_key(at));
        let (id, chain) = self.resume(chain.client, user.map(Ok), session, steps)?;
        let at = user.ok_or_else(no_session)?;
        self.check_answers(at, chain.device)?;
        Ok((at, id))
    }

    fn check_tokens(&self) -> Result<(), Refusal> {
        if self.pool.has_factor(Factor::Token) {
            return Ok(());
        }
        let text = "Software Token MFA has not been enabled by the userPool.";
        Err(refuse("SoftwareTokenMFANotFound", text))
    }

    pub(super) fn prefer(&mut self, at: At, wishes: &[Wish]) -> Out {
        if wishes
            .iter()
            .filter(|wish| wish.preferred == Some(true))
            .count()
            > 1
        {
            return Err(invalid("Only one second factor can be preferred."));
        }
        let passkeys = wishes.iter().find(|wish| wish.factor.is_none());
        let passkeys = passkeys.and_then(|wish| wish.on);
        let is_on = |wish: &Wish| wish.factor.is_some() && wish.on == Some(true);
        if passkeys == Some(true) && !wishes.iter().any(is_on) {
            let text = "WebAuthn MFA requires enabling an additional MFA setting.";
            return Err(invalid(text));
        }
        for Wish {
            factor,
            on,
            preferred,
        } in wishes.iter().copied()
        {
            let Some(factor) = factor else { continue };
            if on == Some(true) {
                self.check_can(at, factor)?;
            }
            let user = self.user(at);
            match on {
                Some(true) => {
                    user.on.insert(factor);
                }
                Some(false) => user.switch_off(factor),
                None => {}
            }
            match preferred {
                Some(true) if !user.on.contains(&factor) => {
                    let text = format!(
                        "{} is not enabled, so it cannot be preferred.",
                        factor.word()
                    );
                    return Err(invalid(text));
                }
                Some(true) => user.preferred = Some(factor),
                Some(false) => user.preferred = user.preferred.filter(|it| *it != factor),
                None => {}
            }
        }
        if let Some(on) = passkeys {
            let has = self.pool.rules.passkeys;
            if on && !has.is_some_and(|rules| rules.both) {
                return Err(invalid("WebAuthn MFA is not enabled for the user pool."));
            }
            let user = self.user(at);
            if on && user.passkeys.is_empty() {
                let text =
                    "User does not have applicable WebAuthn credentials to enable WebAuthn MFA.";
                return Err(invalid(text));
            }
            user.both = on;
        }
        Ok(String::new())
    }

    /// What a user can sign in with.
    pub(super) fn get_factors(&self, of: Of) -> Out {
        let at = self.subject(of)?;
        let (user, rules) = (&self.pool.users[&at], self.pool.rules);
        let attributes = self.pool.effective(at);
        let verified = |kind: Kind| attributes.get(kind.flag()) == Some(&"true");
        let mut first = Vec::new();
        for (word, has) in [
            ("PASSWORD", user.password.is_some()),
            ("EMAIL_OTP", rules.first_emails && verified(Kind::Email)),
            ("SMS_OTP", rules.first_texts && verified(Kind::Phone)),
            (
                "WEB_AUTHN",
                rules.passkeys.is_some() && !user.passkeys.is_empty(),
            ),
        ] {
            first.extend(has.then_some(word));
        }
        let (name, second) = (self.pool.called(at), user.factors_shown());
        Ok(format!("{name}{second} first={}", first.join(",")))
    }

    /// The older switch for text messages.
    pub(super) fn set_settings(&mut self, at: At, on: bool) -> Out {
        if on {
            self.check_can(at, Factor::Sms)?;
            self.user(at).on.insert(Factor::Sms);
        } else {
            self.user(at).switch_off(Factor::Sms);
        }
        Ok(String::new())
    }

    fn check_can(&self, at: At, factor: Factor) -> Result<(), Refusal> {
        if !self.pool.has_factor(factor) {
            return Err(invalid(format!(
                "{} is not enabled for the user pool.",
                factor.word()
            )));
        }
        if factor == Factor::Token {
            return match self.pool.users[&at].token {
                Some(_) => Ok(()),
                None => Err(invalid("User has not verified software token mfa")),
            };
        }
        match self.address(at, factor) {
            Some(_) => Ok(()),
            None => {
                let text = format!(
                    "User does not have delivery config set to turn on {}",
                    factor.word()
                );
                Err(invalid(text))
            }
        }
    }

    pub(super) fn delete_software_token(&mut self, typed: Typed) -> Out {
        let at = self.known(typed)?;
        if self.is(at, Status::Unconfirmed) {
            return Err(refuse("UserNotConfirmed", "User is not confirmed."));
        }
        let user = self.user(at);
        (user.token, user.secret) = (None, None);
        user.switch_off(Factor::Token);
        Ok(String::new())
    }
}

/// The refusal of a user without a software token.
pub(super) fn no_token() -> Refusal {
    refuse(
        "SoftwareTokenMFANotFound",
        "Software Token MFA has not been set up by the user.",
    )
}

fn mismatch() -> Refusal {
    refuse("EnableSoftwareTokenMFA", "Code mismatch")
}
