//! Users as administrators handle them.

use super::{
    At, Course, Kind, Out, Password, Proves, Status, Typed, attributes::without_address, listed,
    sign_up::not_confirmable,
};
use crate::{
    act::Values,
    rules::Names,
    told::{Refusal, refuse, unauthorized},
};

impl Course {
    pub(super) fn create_user(
        &mut self,
        name: &'static str,
        password: Option<Password>,
        values: &Values,
        force: bool,
        quiet: bool,
    ) -> Out {
        let kind = self.name_form(name)?;
        let attributes = self.with_name(kind, name, values)?;
        if let (Some(preferred), true) = (
            attributes.get("preferred_username"),
            self.pool.is_alias(Kind::Preferred),
        ) {
            self.name_form(preferred)?;
        }
        for kind in [Kind::Email, Kind::Phone] {
            if attributes.contains_key(kind.flag()) && !attributes.contains_key(kind.attribute()) {
                return Err(without_address(kind));
            }
        }
        self.temporary(password)?;
        self.refuse_taken(kind, name)?;
        // Where users sign in without passwords, who is given none is confirmed at once.
        let drawn = Some(Password::Drawn(self.at));
        let drawn = drawn.filter(|_| !self.pool.rules.does_without_passwords());
        let password = password.or(drawn);
        let status = match password {
            Some(_) => Status::Temporary,
            None => Status::Confirmed,
        };
        let at = self.insert(kind, name, status, password, attributes);
        for kind in Kind::ALL {
            let Some(value) = self.alias_of(&self.pool.users[&at], kind) else {
                continue;
            };
            match self.pool.rules.names {
                Names::Addresses => self.claim(at, kind, value, "UsernameExists")?,
                Names::Aliases if !force => self.claim(at, kind, value, "AliasExists")?,
                Names::Own | Names::Aliases => {
                    self.pool.aliases.insert((kind, value), at);
                }
            }
        }
        if !quiet && password.is_some() {
            self.invite(at);
        }
        Ok(self.made(at))
    }

    /// A user in the reply of its creation.
    fn made(&self, at: At) -> String {
        let user = &self.pool.users[&at];
        let enabled = if user.enabled { "enabled" } else { "disabled" };
        let attributes = listed(at, &self.pool.effective(at));
        format!(
            "{} {} {enabled} {attributes}",
            self.pool.called(at),
            user.status.word()
        )
    }

    fn temporary(&self, password: Option<Password>) -> Result<(), Refusal> {
        if password.is_none_or(Password::fits_policy) {
            return Ok(());
        }
        let text = "Password did not conform with password policy: Password not long enough";
        Err(refuse("InvalidPassword", text))
    }

    /// Sends the invitation: to the phone, else by e-mail.
    fn invite(&mut self, at: At) {
        let user = &self.pool.users[&at];
        if let Some(to) = user.has(Kind::Phone).or_else(|| user.has(Kind::Email)) {
            self.sent.push(("AdminCreateUser", to));
        }
    }

    pub(super) fn invite_again(&mut self, typed: Typed, password: Option<Password>) -> Out {
        let at = self.known(typed)?;
        let status = self.pool.users[&at].status;
        if status != Status::Temporary {
            let text = format!(
                "Resend not possible. {} status is not FORCE_CHANGE_PASSWORD",
                status.word()
            );
            return Err(refuse("UnsupportedUserState", text));
        }
        self.temporary(password)?;
        self.renew(at, password.unwrap_or(Password::Drawn(self.at)))?;
        self.user(at).tries.right();
        self.invite(at);
        Ok(self.made(at))
    }

    pub(super) fn admin_confirm(&mut self, typed: Typed) -> Out {
        let at = self.known(typed)?;
        let user = self.user(at);
        if user.status != Status::Unconfirmed {
            return Err(not_confirmable(user.status));
        }
        user.status = Status::Confirmed;
        Ok(String::new())
    }

    pub(super) fn enable(&mut self, typed: Typed, on: bool) -> Out {
        let at = self.known(typed)?;
        let user = self.user(at);
        if user.enabled && !on {
            user.sign_outs += 1;
        }
        user.enabled = on;
        Ok(String::new())
    }

    pub(super) fn set_password(
        &mut self,
        typed: Typed,
        password: Password,
        permanent: bool,
    ) -> Out {
        let at = self.known(typed)?;
        Self::policy(password)?;
        self.renew(at, password)?;
        let user = self.user(at);
        user.status = if permanent {
            Status::Confirmed
        } else {
            Status::Temporary
        };
        user.tries.right();
        Ok(String::new())
    }

    pub(super) fn reset_password(&mut self, typed: Typed) -> Out {
        let at = self.known(typed)?;
        let user = &self.pool.users[&at];
        if !user.enabled {
            return Err(unauthorized("User is disabled"));
        }
        if user.status != Status::Confirmed {
            return Err(unauthorized(
                "User password cannot be reset in the current state.",
            ));
        }
        let (kind, to) = self.destination(at)?;
        let user = self.user(at);
        user.status = Status::Reset;
        user.passwords += 1;
        self.issue(at, Proves::Reset, kind, to, "ForgotPassword");
        Ok(String::new())
    }

    pub(super) fn admin_update(&mut self, typed: Typed, values: &Values) -> Out {
        let at = self.known(typed)?;
        self.change(at, values)?;
        Ok(String::new())
    }

    pub(super) fn admin_delete_attributes(&mut self, typed: Typed, names: &[&'static str]) -> Out {
        let at = self.known(typed)?;
        self.change(at, &names.iter().map(|name| (*name, "")).collect())?;
        Ok(String::new())
    }

    /// Every user, in the order of the acts that made them.
    pub(super) fn list_users(&self) -> String {
        let users: Vec<String> = self.pool.users.keys().map(|at| self.made(*at)).collect();
        users.join("; ")
    }
}
