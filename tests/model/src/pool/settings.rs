//! The settings of the pool and its clients, told and changed, and what else an account has.

use super::{Course, Out};
use crate::{
    act::{Password, Setting},
    rules::{Mfa, Recovery},
    told::{Refusal, invalid, refuse},
};

impl Course {
    pub(super) fn setting(&mut self, setting: &Setting) -> Out {
        let nothing = || Ok(String::new());
        match *setting {
            Setting::Tag(key) => {
                self.pool.tags.insert(key, ());
                nothing()
            }
            Setting::Untag(key) => {
                self.pool.tags.remove(key);
                nothing()
            }
            Setting::Tags => {
                let tags: Vec<&str> = self.pool.tags.keys().copied().collect();
                Ok(tags.join(","))
            }
            Setting::Describe => Ok(self.described()),
            Setting::DescribeClient(client) => Ok(self.client_told(client)),
            Setting::Pools => Ok(listed(1, self.pool.other_pools.len())),
            Setting::Clients => Ok(listed(2, self.pool.other_clients.len())),
            Setting::Factors => Ok(self.factors_told()),
            Setting::Client(client, rules) => {
                self.pool.rules.clients[client] = rules;
                Ok(self.client_told(client))
            }
            Setting::MakePool => {
                self.pool.other_pools.insert(self.at, ());
                nothing()
            }
            Setting::MakeClient => {
                self.pool.other_clients.insert(self.at, ());
                nothing()
            }
            Setting::DropPool(at) => match self.pool.other_pools.remove(&at) {
                Some(()) => nothing(),
                None => Err(refuse(
                    "ResourceNotFound",
                    "User pool other does not exist.",
                )),
            },
            Setting::DropClient(at) => match self.pool.other_clients.remove(&at) {
                Some(()) => nothing(),
                None => Err(refuse(
                    "ResourceNotFound",
                    "User pool client other does not exist.",
                )),
            },
            Setting::Attribute(name) => match self.pool.custom.insert(name, ()) {
                Some(()) => Err(invalid(format!(
                    "custom:{name}: Existing attribute already has name custom:{name}."
                ))),
                None => nothing(),
            },
            Setting::Optional(asked) => {
                (self.pool.rules.mfa, self.pool.rules.factors) = match asked {
                    true => (Mfa::Optional, self.pool.made_with),
                    false => (Mfa::Off, [false; 3]),
                };
                Ok(self.factors_told())
            }
            Setting::Whole {
                closed,
                recovery,
                mfa,
            } => {
                let rules = &mut self.pool.rules;
                (rules.closed, rules.recovery, rules.mfa) = (closed, recovery, mfa);
                // Without messaging settings, text messages are a factor only for want of another.
                let others = rules.factors[1] || rules.factors[2];
                rules.factors[0] = rules.mfa != Mfa::Off && !others;
                self.pool.tags.clear();
                nothing()
            }
            Setting::Risk(client, risk) => {
                self.pool.risks[client.map_or(0, |client| 1 + client)] = risk;
                Ok(risk.unwrap_or_default().told())
            }
            Setting::DescribeRisk(client) => {
                let risk = self.pool.risks[client.map_or(0, |client| 1 + client)];
                Ok(risk.unwrap_or_default().told())
            }
            Setting::Group(name) => self.group_told(name),
            Setting::Groups => {
                let groups: Vec<String> = self
                    .pool
                    .groups
                    .iter()
                    .map(|(name, group)| shown(name, group.1))
                    .collect();
                Ok(groups.join(","))
            }
            Setting::ChangeGroup(name, precedence) => {
                let group = self.pool.groups.get_mut(name).ok_or_else(no_group)?;
                group.1 = precedence.or(group.1);
                self.group_told(name)
            }
        }
    }

    pub(super) fn check_watched(&self) -> Result<(), Refusal> {
        match self.pool.rules.watched.is_on() {
            true => Ok(()),
            false => Err(refuse(
                "UserPoolAddOnNotEnabled",
                "User pool does not have the add-on AdvancedSecurityMode enabled.",
            )),
        }
    }

    /// Refuses a new password that is known from a breach, where the pool does; whether it is, where that was found
    /// out.
    pub(super) fn check_new(
        &self,
        client: usize,
        password: Password,
    ) -> Result<Option<bool>, Refusal> {
        let breached = self.looked_up(client, password);
        let refuses = self.risk(client).and_then(|it| it.breached) == Some(true);
        let enforced = self.pool.rules.watched.usual == Some(true);
        if refuses && enforced && breached == Some(true) {
            let text = "Provided password cannot be used for security reasons.";
            return Err(refuse("InvalidPassword", text));
        }
        Ok(breached)
    }

    fn group_told(&self, name: &str) -> Out {
        let group = self.pool.groups.get(name).ok_or_else(no_group)?;
        Ok(shown(name, group.1))
    }

    fn mfa_told(&self) -> &'static str {
        match self.pool.rules.mfa {
            Mfa::Off => "OFF",
            Mfa::Optional => "OPTIONAL",
            Mfa::On => "ON",
        }
    }

    fn factors_told(&self) -> String {
        let rules = &self.pool.rules;
        let [sms, token, email] = rules.factors;
        let passkeys = rules.passkeys.is_some();
        format!("{} {sms} {token} {email} {passkeys}", self.mfa_told())
    }

    fn described(&self) -> String {
        let rules = &self.pool.rules;
        let recovery = match rules.recovery {
            Recovery::PhoneFirst => "",
            Recovery::EmailOnly => "verified_email",
            Recovery::Administrators => "admin_only",
        };
        let custom: Vec<&str> = self.pool.custom.keys().copied().collect();
        format!(
            "model {} closed={} {recovery} custom={}",
            self.mfa_told(),
            rules.closed,
            custom.join(",")
        )
    }

    fn client_told(&self, client: usize) -> String {
        let rules = self.pool.rules.clients[client];
        let hides = if rules.hides { "ENABLED" } else { "LEGACY" };
        format!("#{client} {hides} {:?}", rules.rotation)
    }
}

/// The names of our own, and of the others.
fn listed(own: usize, others: usize) -> String {
    let own = std::iter::repeat_n("model", own);
    let all: Vec<&str> = own.chain(std::iter::repeat_n("other", others)).collect();
    all.join(",")
}

fn shown(name: &str, precedence: Option<i64>) -> String {
    format!("{name} {precedence:?}")
}

fn no_group() -> Refusal {
    refuse("ResourceNotFound", "Group not found.")
}
