//! What users do with their own account: passwords forgotten and changed, attributes, codes for addresses.

use super::{
    At, Course, Kind, Out, Password, Proves, Status, Typed,
    activity::End,
    attributes::proof_of,
    disabled, incorrect, locked, no_combination,
    sign_in::reset_required,
    sign_up::{missing, simulated},
    too_often,
    tries::Limit,
    wrong_code,
};
use crate::{
    act::{Bearer, Code, Factor, Values},
    rules::{Mfa, Names, Recovery},
    told::{Refusal, invalid, unauthorized},
};

/// How long a code for a reset lives.
const RESET: u64 = 3_600;

impl Course {
    pub(super) fn forgot_password(&mut self, client: usize, typed: Typed) -> Out {
        let (now, hides) = (self.now(), self.hides(client));
        self.recovers()?;
        let Some(at) = self.pool.find(typed) else {
            if !hides {
                return Err(no_combination());
            }
            if !self
                .pool
                .strangers
                .entry(typed)
                .or_default()
                .uses(Limit::Reset, now)
            {
                return Err(too_often());
            }
            self.pool.pretended.insert(typed, now + RESET);
            return Ok(simulated(typed));
        };
        if !self.user(at).tries.uses(Limit::Reset, now) {
            return Err(too_often());
        }
        self.noted(at, ("ForgotPassword", End::InProgress), None);
        match self.resettable(at).and_then(|()| self.destination(at)) {
            Ok((kind, to)) => Ok(self.issue(at, Proves::Reset, kind, to, "ForgotPassword")),
            Err(_) if hides => {
                self.pool.pretended.insert(typed, now + RESET);
                Ok(simulated(typed))
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn resettable(&self, at: At) -> Result<(), Refusal> {
        let user = &self.pool.users[&at];
        if !user.enabled {
            return Err(disabled());
        }
        if user.status == Status::Temporary {
            return Err(unauthorized(
                "User password cannot be reset in the current state.",
            ));
        }
        Ok(())
    }

    fn recovers(&self) -> Result<(), Refusal> {
        if self.pool.rules.recovery == Recovery::Administrators {
            return Err(unauthorized("Contact administrator to reset password."));
        }
        Ok(())
    }

    /// The verified address that gets the code, but none that gets the codes of a second factor.
    pub(super) fn destination(&self, at: At) -> Result<(Kind, &'static str), Refusal> {
        self.recovers()?;
        let taken = match self.pool.rules.mfa {
            Mfa::Off => Vec::new(),
            Mfa::Optional | Mfa::On => self.counting(at),
        };
        let kinds: &[Kind] = match self.pool.rules.recovery {
            Recovery::PhoneFirst => &[Kind::Phone, Kind::Email],
            Recovery::EmailOnly | Recovery::Administrators => &[Kind::Email],
        };
        let attributes = self.pool.effective(at);
        let reaches = |kind: &Kind| {
            let factor = if *kind == Kind::Phone {
                Factor::Sms
            } else {
                Factor::Email
            };
            let to = attributes.get(kind.attribute())?;
            let fits = attributes.get(kind.flag()) == Some(&"true") && !taken.contains(&factor);
            fits.then_some((*kind, *to))
        };
        kinds.iter().find_map(reaches).ok_or_else(|| {
            invalid("Cannot reset password for the user as there is no registered/verified email or phone_number")
        })
    }

    pub(super) fn confirm_forgot_password(
        &mut self,
        client: usize,
        typed: Typed,
        code: Code,
        password: Password,
    ) -> Out {
        let (now, hides) = (self.now(), self.hides(client));
        Self::policy(password)?;
        let pretended = match self.pool.pretended.get(&typed) {
            Some(ends) if now < *ends => wrong_code(),
            _ => super::dead_code(),
        };
        let Some(at) = self.pool.find(typed) else {
            return Err(self.stranger(client, typed, Limit::Reset, pretended));
        };
        if !self.user(at).tries.uses(Limit::Reset, now) {
            return Err(too_often());
        }
        if !self.pool.users[&at].enabled && !hides {
            return Err(disabled());
        }
        let current = |user: &super::User, kind| user.has(kind).filter(|_| user.enabled);
        let sent = match self.judge(at, Proves::Reset, code, current) {
            Ok(sent) => sent,
            Err(refusal) => {
                self.noted(at, ("ForgotPassword", End::Fail), None);
                let hidden = hides && refusal.name == "ExpiredCodeException";
                return Err(if hidden { pretended.counted() } else { refusal });
            }
        };
        let breached = self.check_new(client, password)?;
        self.noted(at, ("ForgotPassword", End::Pass), breached);
        self.renew(at, password)?;
        let owner = self.pool.aliases.get(&(sent.kind, sent.to)).copied();
        let aliased = self.pool.rules.names != Names::Own;
        if !aliased || owner.is_none_or(|owner| owner == at) {
            if aliased {
                self.pool.aliases.insert((sent.kind, sent.to), at);
            }
            self.user(at).attributes.insert(sent.kind.flag(), "true");
        }
        let user = self.user(at);
        user.status = Status::Confirmed;
        user.codes.remove(&Proves::Reset);
        user.tries.right();
        Ok(String::new())
    }

    pub(super) fn change_password(
        &mut self,
        bearer: Bearer,
        previous: Option<Password>,
        proposed: Password,
    ) -> Out {
        let now = self.now();
        let (at, grant) = self.authorize(bearer)?;
        let client = self.pool.grants[&grant].client;
        if self.is(at, Status::Reset) {
            return Err(reset_required());
        }
        let user = self.user(at);
        if !user.tries.uses(Limit::Change, now) {
            return Err(too_often());
        }
        if user.tries.is_locked(now) {
            return Err(locked());
        }
        Self::policy(proposed)?;
        let user = self.user(at);
        if user.password.is_some() && previous.is_none() {
            return Err(missing("previousPassword"));
        }
        if user.password != previous {
            user.tries.wrong(now);
            self.noted(at, ("PasswordChange", End::Fail), None);
            return Err(incorrect().counted());
        }
        let breached = self.check_new(client, proposed)?;
        self.renew(at, proposed)?;
        self.noted(at, ("PasswordChange", End::Pass), breached);
        self.user(at).tries.right();
        Ok(String::new())
    }

    pub(super) fn update_attributes(&mut self, bearer: Bearer, values: &Values) -> Out {
        let (at, _) = self.authorize(bearer)?;
        if values.iter().any(|(name, _)| name.ends_with("_verified")) {
            return Err(unauthorized(
                "A client attempted to write unauthorized attribute",
            ));
        }
        Ok(self.change(at, values)?.join("; "))
    }

    pub(super) fn delete_attributes(&mut self, bearer: Bearer, names: &[&'static str]) -> Out {
        let (at, _) = self.authorize(bearer)?;
        self.change(at, &names.iter().map(|name| (*name, "")).collect())?;
        Ok(String::new())
    }

    /// The address of a user that a code verifies: the new one where one waits.
    fn provable(user: &super::User, kind: Kind) -> Option<&'static str> {
        user.waiting
            .get(kind.attribute())
            .copied()
            .or_else(|| user.has(kind))
    }

    pub(super) fn get_code(&mut self, bearer: Bearer, kind: Kind) -> Out {
        let now = self.now();
        let (at, _) = self.authorize(bearer)?;
        if kind == Kind::Preferred {
            return Err(invalid("Only email and phone_number can be verified."));
        }
        let Some(to) = Self::provable(&self.pool.users[&at], kind) else {
            return Err(invalid(format!(
                "user.{}: The user does not have it.",
                kind.attribute()
            )));
        };
        if !self.user(at).tries.uses(Limit::GetCode, now) {
            return Err(too_often());
        }
        Ok(self.issue(at, proof_of(kind), kind, to, "VerifyUserAttribute"))
    }

    pub(super) fn verify(&mut self, bearer: Bearer, kind: Kind, code: Code) -> Out {
        let now = self.now();
        let (at, _) = self.authorize(bearer)?;
        if kind == Kind::Preferred {
            return Err(invalid("Only email and phone_number can be verified."));
        }
        if !self.user(at).tries.uses(Limit::Verify, now) {
            return Err(too_often());
        }
        let proves = proof_of(kind);
        let sent = self.judge(at, proves, code, Self::provable)?;
        self.verified(at, kind, sent.to)?;
        self.user(at).codes.remove(&proves);
        Ok(String::new())
    }
}
