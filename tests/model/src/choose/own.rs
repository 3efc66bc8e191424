//! What users do with their own account: passwords, attributes, second factors.

use userpool_tests::chance::Chance;

use super::Chooser;
use crate::{
    act::{Act, By, Code, Factor, Kind, Of, Values, Wish},
    pool::Proves,
    rules::{EMAILS, PHONES, PREFERRED},
};

impl Chooser<'_> {
    pub(super) fn password(&mut self) -> Act {
        let client = self.client();
        match self.chance.below(3) {
            0 => Act::ForgotPassword {
                client,
                typed: self.typed(),
            },
            1 => {
                let resetting = self.with_code(Proves::Reset);
                if resetting.is_none() && self.chance.happens(1, 2) {
                    return Act::ForgotPassword {
                        client,
                        typed: self.typed(),
                    };
                }
                let chosen = resetting
                    .filter(|_| self.chance.happens(4, 5))
                    .or_else(|| self.user());
                let (typed, code) = match chosen {
                    Some((at, user)) => (
                        self.called(at, &user),
                        self.code(user.codes.get(&Proves::Reset)),
                    ),
                    None => (self.typed(), Code::Wrong),
                };
                Act::ConfirmForgotPassword {
                    client,
                    typed,
                    code,
                    password: self.any_password(),
                }
            }
            _ => {
                let bearer = self.bearer();
                let owner = self.owner(bearer);
                let previous = match owner {
                    Some(user) if user.password.is_none() && self.chance.happens(3, 4) => None,
                    _ if self.chance.happens(1, 20) => None,
                    Some(user) => Some(self.password_of(&user)),
                    None => Some(self.any_password()),
                };
                Act::ChangePassword {
                    bearer,
                    previous,
                    proposed: self.any_password(),
                }
            }
        }
    }

    fn kind(&mut self) -> Kind {
        *self.chance.pick(&[
            Kind::Email,
            Kind::Email,
            Kind::Email,
            Kind::Phone,
            Kind::Phone,
            Kind::Preferred,
        ])
    }

    /// New values of attributes, as a user or an administrator writes them.
    fn written(&mut self, administrator: bool) -> Values {
        let mut values = Values::new();
        match self.chance.below(6) {
            0..3 => values.push(("email", *self.chance.pick(&EMAILS))),
            3 => values.push(("phone_number", *self.chance.pick(&PHONES))),
            4 => values.push(("preferred_username", *self.chance.pick(&PREFERRED))),
            _ => values.push(("nickname", *self.chance.pick(&["nic", "", "kim"]))),
        }
        let flags = administrator || self.chance.happens(1, 30);
        if flags && self.chance.happens(1, 2) {
            let flag =
                *self
                    .chance
                    .pick(&["email_verified", "email_verified", "phone_number_verified"]);
            values.push((flag, *self.chance.pick(&["true", "true", "false"])));
        }
        if self.chance.happens(1, 16) {
            values.push(("preferred_username", *self.chance.pick(&EMAILS)));
        }
        let mut names = std::collections::BTreeSet::new();
        values.retain(|(name, _)| names.insert(*name));
        values
    }

    pub(super) fn attributes(&mut self) -> Act {
        let bearer = self.bearer();
        match self.chance.below(7) {
            0 | 1 => Act::UpdateAttributes {
                bearer,
                values: self.written(false),
            },
            2 if self.chance.happens(1, 2) => {
                let names = vec![*self.chance.pick(&[
                    "email",
                    "phone_number",
                    "preferred_username",
                    "nickname",
                ])];
                match self.chance.happens(1, 2) {
                    true => Act::DeleteAttributes { bearer, names },
                    false => Act::AdminDeleteAttributes {
                        typed: self.typed(),
                        names,
                    },
                }
            }
            3 => Act::AdminUpdateAttributes {
                typed: self.typed(),
                values: self.written(true),
            },
            4 => Act::GetCode {
                bearer,
                kind: self.kind(),
            },
            _ => {
                let owner = self.owner(bearer);
                let sent = owner.as_ref().is_some_and(|user| {
                    user.codes.contains_key(&Proves::Phone)
                        || user.codes.contains_key(&Proves::Email)
                });
                if !sent && self.chance.happens(3, 4) {
                    return Act::GetCode {
                        bearer,
                        kind: self.kind(),
                    };
                }
                let kind = match owner
                    .as_ref()
                    .map(|user| user.codes.contains_key(&Proves::Phone))
                {
                    Some(true) if self.chance.happens(3, 4) => Kind::Phone,
                    _ => self.kind(),
                };
                let proves = if kind == Kind::Phone {
                    Proves::Phone
                } else {
                    Proves::Email
                };
                let code = self.code(owner.as_ref().and_then(|user| user.codes.get(&proves)));
                Act::Verify { bearer, kind, code }
            }
        }
    }

    fn wishes(&mut self) -> Vec<Wish> {
        let mut wishes = Vec::new();
        let all = Factor::ALL.map(Some);
        for factor in all.into_iter().chain([None]) {
            if self.chance.happens(1, 2) {
                let switch = |chance: &mut Chance| {
                    *chance.pick(&[None, Some(true), Some(true), Some(false)])
                };
                let on = switch(self.chance);
                let preferred = if factor.is_some() && self.chance.happens(1, 2) {
                    switch(self.chance)
                } else {
                    None
                };
                wishes.push(Wish {
                    factor,
                    on,
                    preferred,
                });
            }
        }
        wishes
    }

    pub(super) fn factors(&mut self) -> Act {
        let bearer = self.bearer();
        let waits = self.owner(bearer).is_some_and(|user| user.secret.is_some());
        if self.chance.happens(1, 8) {
            let typed = self.typed();
            let of = *self.chance.pick(&[Of::User(bearer), Of::Admin(typed)]);
            return match self.chance.happens(1, 2) {
                true => Act::GetFactors(of),
                false => Act::SetSettings(of, self.chance.happens(2, 3)),
            };
        }
        match self.chance.below(8) {
            2..5 if !waits => Act::Associate(By::Token(bearer)),
            0 | 1 => Act::Associate(By::Token(bearer)),
            2..5 => {
                let secret = self.owner(bearer).and_then(|user| user.secret);
                Act::VerifyToken(By::Token(bearer), self.totp(secret))
            }
            5 => Act::Prefer(bearer, self.wishes()),
            6 => Act::AdminPrefer(self.typed(), self.wishes()),
            _ if self.chance.happens(1, 3) => Act::AdminDeleteSoftwareToken(self.typed()),
            _ => Act::Prefer(bearer, self.wishes()),
        }
    }
}
