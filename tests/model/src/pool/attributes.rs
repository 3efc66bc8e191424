//! Attributes changed, with what hangs on them: flags, aliases, codes.

use super::{At, Course, Proves, Status};
use crate::{
    act::{Kind, Values},
    rules::Names,
    told::{Refusal, invalid, refuse},
};

impl Course {
    /// The attributes of a new user.
    pub(super) fn given(values: &Values) -> Vec<(&'static str, &'static str)> {
        values
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .copied()
            .collect()
    }

    /// The form of a new name; the kind of address that it is, where names are addresses.
    pub(super) fn name_form(&self, name: &str) -> Result<Option<Kind>, Refusal> {
        match (self.pool.rules.names, Kind::of(name)) {
            (Names::Own, _) | (Names::Aliases, None) => Ok(None),
            (Names::Aliases, Some(Kind::Phone)) => Err(invalid(
                "Username cannot be of phone number format, since user pool is configured for phone number alias.",
            )),
            (Names::Aliases, Some(_)) => Err(invalid(
                "Username cannot be of email format, since user pool is configured for email alias.",
            )),
            (Names::Addresses, Some(kind)) => Ok(Some(kind)),
            (Names::Addresses, None) => Err(invalid(
                "Username should be either an email or a phone number.",
            )),
        }
    }

    /// Changes attributes; the deliveries of codes to new addresses.
    pub(super) fn change(&mut self, user: At, values: &Values) -> Result<Vec<String>, Refusal> {
        let set: Values = Self::given(values);
        let gone: Vec<&str> = values
            .iter()
            .filter(|(_, value)| value.is_empty())
            .map(|it| it.0)
            .collect();
        let was = self.pool.users[&user].clone();
        let said = |name: &str| {
            set.iter()
                .find(|(it, _)| *it == name)
                .map(|(_, value)| *value)
        };
        self.keeps_its_name(user, &gone)?;
        if let (Some(name), true) = (
            said("preferred_username"),
            self.pool.is_alias(Kind::Preferred),
        ) {
            self.name_form(name)?;
        }
        let rules = self.pool.rules;
        let becomes = self.user(user);
        becomes.attributes.extend(set.iter().copied());
        becomes.attributes.retain(|name, _| !gone.contains(name));
        let mut proofs = Vec::new();
        for kind in [Kind::Email, Kind::Phone] {
            let (attribute, flag) = (kind.attribute(), kind.flag());
            let Some(address) = becomes.has(kind) else {
                if said(flag).is_some() {
                    return Err(without_address(kind));
                }
                becomes.attributes.remove(flag);
                becomes.waiting.remove(attribute);
                continue;
            };
            if said(attribute).is_none() {
                continue;
            }
            becomes.waiting.remove(attribute);
            let old = was.has(kind);
            if old == Some(address) || said(flag) == Some("true") {
                continue;
            }
            if said(flag).is_none() && kind == Kind::Email && rules.email_waits {
                match old {
                    Some(old) => becomes.attributes.insert(attribute, old),
                    None => becomes.attributes.remove(attribute),
                };
                becomes.waiting.insert(attribute, address);
                proofs.push((kind, address));
                continue;
            }
            becomes.attributes.insert(flag, "false");
            let by_itself = if kind == Kind::Email {
                rules.auto_email
            } else {
                rules.auto_phone
            };
            if by_itself {
                proofs.push((kind, address));
            }
        }
        for kind in Kind::ALL {
            let (old, new) = (
                self.alias_of(&was, kind),
                self.alias_of(&self.pool.users[&user], kind),
            );
            let held_to = match kind {
                Kind::Email | Kind::Phone => said(kind.flag()),
                Kind::Preferred => said(kind.attribute()),
            };
            if old == new && held_to.is_none() {
                continue;
            }
            if let Some(old) = old.filter(|_| old != new)
                && self.pool.aliases.get(&(kind, old)) == Some(&user)
            {
                self.pool.aliases.remove(&(kind, old));
            }
            if let Some(new) = new {
                self.claim(user, kind, new, "AliasExists")?;
            }
        }
        let mut told = Vec::new();
        for (kind, address) in proofs {
            let proves = proof_of(kind);
            told.push(self.issue(user, proves, kind, address, "UpdateUserAttribute"));
        }
        Ok(told)
    }

    /// Makes an alias a user's, unless somebody else has it.
    pub(super) fn claim(
        &mut self,
        user: At,
        kind: Kind,
        value: &'static str,
        error: &str,
    ) -> Result<(), Refusal> {
        match self.pool.aliases.insert((kind, value), user) {
            Some(owner) if owner != user => {
                let text = format!(
                    "An account with the given {} already exists.",
                    kind.attribute()
                );
                Err(refuse(error, text))
            }
            _ => Ok(()),
        }
    }

    /// The value with which a user signs in.
    pub(super) fn alias_of(&self, user: &super::User, kind: Kind) -> Option<&'static str> {
        let verified = user.attributes.get(kind.flag()) == Some(&"true");
        let counts = match (self.pool.rules.names, kind) {
            (Names::Own, _) | (Names::Addresses, Kind::Preferred) => false,
            (Names::Addresses, _) | (Names::Aliases, Kind::Preferred) => true,
            (Names::Aliases, _) => verified,
        };
        user.has(kind).filter(|_| counts)
    }

    fn keeps_its_name(&self, user: At, gone: &[&str]) -> Result<(), Refusal> {
        if self.pool.rules.names != Names::Addresses {
            return Ok(());
        }
        let user = &self.pool.users[&user];
        let kinds = [Kind::Email, Kind::Phone];
        let stays = |kind: &Kind| user.has(*kind).is_some() && !gone.contains(&kind.attribute());
        if kinds.iter().any(stays) {
            return Ok(());
        }
        match kinds.iter().find(|kind| gone.contains(&kind.attribute())) {
            Some(kind) => Err(invalid(format!(
                "user.{}: Attribute cannot be deleted, the user signs in with it.\n",
                kind.attribute()
            ))),
            None => Ok(()),
        }
    }

    /// Marks an address as verified, as one of the pool's own changes does.
    pub(super) fn verified(
        &mut self,
        user: At,
        kind: Kind,
        address: &'static str,
    ) -> Result<(), Refusal> {
        self.change(
            user,
            &vec![(kind.attribute(), address), (kind.flag(), "true")],
        )
        .map(drop)
    }

    /// The first password or another one: codes, sessions and sign-ins under way die with the old one.
    pub(super) fn renew(
        &mut self,
        user: At,
        password: crate::act::Password,
    ) -> Result<(), Refusal> {
        let (now, remembered) = (self.now(), self.pool.rules.remembered);
        let user = self.user(user);
        let known = user.password.iter().chain(&user.earlier);
        if known.clone().take(remembered).any(|old| *old == password) {
            return Err(refuse(
                "PasswordHistoryPolicyViolation",
                "Password has previously been used",
            ));
        }
        user.earlier = known.take(remembered).copied().collect();
        user.password = Some(password);
        user.password_set = now;
        user.passwords += 1;
        Ok(())
    }

    /// Checks a password against the policy.
    pub(super) fn policy(password: crate::act::Password) -> Result<(), Refusal> {
        if password.fits_policy() {
            return Ok(());
        }
        let text = "Password did not conform with policy: Password not long enough";
        Err(refuse("InvalidPassword", text))
    }

    pub(super) fn is(&self, user: At, status: Status) -> bool {
        self.pool.users[&user].status == status
    }
}

/// What a code to an address proves.
pub(super) fn proof_of(kind: Kind) -> Proves {
    match kind {
        Kind::Phone => Proves::Phone,
        Kind::Email | Kind::Preferred => Proves::Email,
    }
}

/// The refusal of a flag without its address.
pub(super) fn without_address(kind: Kind) -> Refusal {
    invalid(match kind {
        Kind::Phone => "Phone Number is required to verify/un-verify a phone number",
        Kind::Email | Kind::Preferred => "Email is required to verify/un-verify an email",
    })
}
