//! Second factors of a user, and which of them a sign-in asks for.
//!
//! A factor can be used where the pool has it and the user has what it needs: a software token that was verified, a
//! phone number, an e-mail address. It counts where the user switched it on. Where the pool asks everybody and
//! nothing is switched on, what can be used counts: the software token, else text messages and e-mails.
//!
//! | the pool asks | factors that count | the preferred one among them | asked |
//! |---|---|---|---|
//! | nobody | any | any | nothing |
//! | who has a factor | none | | nothing |
//! | everybody | none, one can be set up | | `MFA_SETUP` |
//! | everybody | none, none can be set up | | refused |
//! | any but nobody | one | any | its challenge |
//! | any but nobody | several | yes | the challenge of the preferred one |
//! | any but nobody | several | no | `SELECT_MFA_TYPE` |

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use super::{
    methods::Aim,
    pool::{MfaRule, Pool},
    user::{AliasKind, Profile},
};
use crate::{cbor::Cbor, engine::Record};

/// A second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Cbor)]
pub enum Factor {
    /// A code in a text message.
    #[n(0)]
    Sms,
    /// A code of an authenticator app.
    #[n(1)]
    SoftwareToken,
    /// A code in an e-mail.
    #[n(2)]
    Email,
}

impl Factor {
    /// Every factor, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Sms, Self::SoftwareToken, Self::Email];

    /// The protocol's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS_MFA",
            Self::SoftwareToken => "SOFTWARE_TOKEN_MFA",
            Self::Email => "EMAIL_OTP",
        }
    }

    /// The factor that a client names; e-mail has two names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "EMAIL_MFA" => Some(Self::Email),
            _ => Self::ALL.into_iter().find(|factor| factor.as_str() == name),
        }
    }

    /// The kind of address that gets its codes, if it sends any.
    #[must_use]
    pub const fn contact(self) -> Option<AliasKind> {
        match self {
            Self::Sms => Some(AliasKind::Phone),
            Self::SoftwareToken => None,
            Self::Email => Some(AliasKind::Email),
        }
    }

    /// Whether the users of a pool may have it.
    #[must_use]
    pub fn is_of(self, pool: &Pool) -> bool {
        let rules = &pool.rules.factors;
        match self {
            Self::Sms => rules.sms,
            Self::SoftwareToken => rules.software_token,
            Self::Email => rules.email.is_some(),
        }
    }
}

/// The second factors of a user. Sealed secrets have the record's key as place and the field `secret`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Factors {
    /// The software token in use.
    #[n(0)]
    pub token: Option<SoftwareToken>,
    /// The sealed secret of a software token that waits for its first code.
    #[cbor(n(1), bytes)]
    pub pending: Option<Vec<u8>>,
    /// The factors that are switched on.
    #[n(2)]
    pub enabled: BTreeSet<Factor>,
    /// The one that is asked for where several are switched on.
    #[n(3)]
    pub preferred: Option<Factor>,
    /// Whether text messages were switched on by the older settings of users.
    #[n(4)]
    pub older: bool,
    /// Whether a passkey of a verified user is both factors for this user; never without another factor.
    #[n(5)]
    pub passkeys: Option<bool>,
}

impl Record for Factors {
    const KIND: &'static str = "the second factors of a user";
}

/// A software token that was verified.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SoftwareToken {
    /// The secret, sealed.
    #[cbor(n(0), bytes)]
    pub sealed: Vec<u8>,
    /// The last step of which a code was accepted; only later ones pass (RFC 6238 §5.2).
    #[n(1)]
    pub last_step: u64,
    /// What the user calls it.
    #[n(2)]
    pub name: Option<String>,
}

/// What a sign-in does about second factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing: the first factor is enough.
    Nothing,
    /// It asks for this one.
    One(Factor),
    /// It lets the user choose among these.
    Choice(Vec<Factor>),
    /// The user must set one of these up.
    Setup(Vec<Factor>),
    /// A factor must be shown, and the user can have none.
    Impossible,
}

impl Factors {
    /// What a sign-in asks for, by the table of this module.
    #[must_use]
    pub fn due(&self, pool: &Pool, profile: &Profile) -> Due {
        let counting = self.counting(pool, profile);
        match (pool.rules.mfa, counting.as_slice()) {
            (MfaRule::Off, _) | (MfaRule::Optional, []) => Due::Nothing,
            (MfaRule::On, []) => {
                let email = !has_address(profile, AliasKind::Email);
                let setup: Vec<Factor> = [(Factor::SoftwareToken, true), (Factor::Email, email)]
                    .into_iter()
                    .filter(|(factor, free)| *free && factor.is_of(pool))
                    .map(|(factor, _)| factor)
                    .collect();
                if setup.is_empty() {
                    Due::Impossible
                } else {
                    Due::Setup(setup)
                }
            }
            _ => self.among(counting),
        }
    }

    /// What a sign-in asks for that a risk makes ask: of all that the user has, switched on or not.
    #[must_use]
    pub fn demanded(&self, pool: &Pool, profile: &Profile) -> Due {
        self.among(self.usable(pool, profile))
    }

    /// What a sign-in asks for that has to reach a level: of all that the user has and that reach it, switched on or
    /// not; of those that are due where some of these do.
    #[must_use]
    pub fn reaching(&self, pool: &Pool, profile: &Profile, aim: Aim) -> Due {
        let due = match pool.rules.mfa {
            MfaRule::Off => Vec::new(),
            MfaRule::On | MfaRule::Optional => aim.reaching(&self.counting(pool, profile)),
        };
        match due.as_slice() {
            [] => self.among(aim.reaching(&self.held(pool, profile))),
            _ => self.among(due),
        }
    }

    /// The question about one of some factors.
    fn among(&self, factors: Vec<Factor>) -> Due {
        match factors.as_slice() {
            [] => Due::Nothing,
            [factor] => Due::One(*factor),
            _ => match self.preferred {
                Some(preferred) if factors.contains(&preferred) => Due::One(preferred),
                _ => Due::Choice(factors),
            },
        }
    }

    /// The factors that the user has, switched on or not.
    #[must_use]
    pub fn held(&self, pool: &Pool, profile: &Profile) -> Vec<Factor> {
        let all = Factor::ALL.into_iter();
        all.filter(|it| self.is_usable(*it, pool, profile))
            .collect()
    }

    /// The factors that the user has, switched on or not; none in a pool that never asks for any.
    #[must_use]
    pub fn usable(&self, pool: &Pool, profile: &Profile) -> Vec<Factor> {
        match pool.rules.mfa {
            MfaRule::Off => Vec::new(),
            MfaRule::On | MfaRule::Optional => self.held(pool, profile),
        }
    }

    /// The factors that count for a sign-in.
    #[must_use]
    pub fn counting(&self, pool: &Pool, profile: &Profile) -> Vec<Factor> {
        let usable = self.held(pool, profile);
        let on: Vec<Factor> = usable
            .iter()
            .copied()
            .filter(|factor| self.enabled.contains(factor))
            .collect();
        if pool.rules.mfa != MfaRule::On || !on.is_empty() {
            on
        } else if usable.contains(&Factor::SoftwareToken) {
            [Factor::SoftwareToken].into()
        } else {
            usable
        }
    }

    fn is_usable(&self, factor: Factor, pool: &Pool, profile: &Profile) -> bool {
        let has = match factor.contact() {
            Some(kind) => has_address(profile, kind),
            None => self.token.is_some(),
        };
        has && factor.is_of(pool)
    }

    /// Switches a factor on or off; one that is off is not preferred.
    pub fn switch(&mut self, factor: Factor, on: bool) {
        if on {
            self.enabled.insert(factor);
            return;
        }
        self.enabled.remove(&factor);
        if self.preferred == Some(factor) {
            self.preferred = None;
        }
        if factor == Factor::Sms {
            self.older = false;
        }
        if self.enabled.is_empty() {
            self.passkeys = None;
        }
    }
}

fn has_address(profile: &Profile, kind: AliasKind) -> bool {
    profile.attributes.contains_key(kind.attribute())
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use userpool_ports::Timestamp;

    use super::*;
    use crate::model::pool::{
        Domains, EmailFactor, FactorRules, MessageTexts, NameRule, PasswordPolicy, PoolRules,
        Protection, SessionRules,
    };

    const ALL: [Factor; 3] = Factor::ALL;

    fn pool(mfa: MfaRule, has: &[Factor]) -> Pool {
        Pool {
            id: "r_p".into(),
            created: Timestamp::from_secs(0),
            modified: Timestamp::from_secs(0),
            deleting: false,
            rules: PoolRules {
                names: NameRule::Username,
                case_sensitive: false,
                auto_verify_email: false,
                auto_verify_phone: false,
                verify_email_before_update: false,
                verify_phone_before_update: false,
                password: PasswordPolicy {
                    minimum: 8,
                    upper: true,
                    lower: true,
                    numbers: true,
                    symbols: true,
                    temporary_days: 7,
                    history: 0,
                },
                admin_create_only: false,
                recovery: None,
                mfa,
                schema: Vec::new(),
                messages: MessageTexts::default(),
                triggers: BTreeMap::new(),
                first_factors: Vec::new(),
                deletion_protection: false,
                token_event: None,
                sessions: SessionRules::default(),
                protection: Protection::default(),
                domains: Domains::default(),
                devices: None,
                message_key: None,
                logs: Vec::new(),
                replicas: Vec::new(),
                factors: FactorRules {
                    sms: has.contains(&Factor::Sms),
                    software_token: has.contains(&Factor::SoftwareToken),
                    email: has.contains(&Factor::Email).then(EmailFactor::default),
                    passkeys: None,
                    software_token_said: None,
                },
            },
            description: "{}".into(),
        }
    }

    /// A user with what these factors need, of whom some are switched on.
    fn user(has: &[Factor], on: &[Factor], preferred: Option<Factor>) -> (Profile, Factors) {
        let contacts = has.iter().filter_map(|factor| factor.contact());
        let attributes = contacts.map(|kind| (kind.attribute().into(), "x".into()));
        let profile = Profile {
            attributes: attributes.collect(),
            ..Profile::default()
        };
        let token = has.contains(&Factor::SoftwareToken).then(|| SoftwareToken {
            sealed: Vec::new(),
            last_step: 0,
            name: None,
        });
        let factors = Factors {
            token,
            enabled: on.iter().copied().collect(),
            preferred,
            ..Factors::default()
        };
        (profile, factors)
    }

    /// Every set of factors.
    fn sets() -> Vec<Vec<Factor>> {
        (0..8_u8)
            .map(|bits| {
                let all = ALL.into_iter().enumerate();
                all.filter(|(at, _)| bits >> at & 1 == 1)
                    .map(|(_, factor)| factor)
                    .collect()
            })
            .collect()
    }

    #[test]
    fn every_cell_of_the_table_holds() {
        use Factor::{Email, Sms, SoftwareToken as Token};
        use MfaRule::{Off, On, Optional};
        type Cell = (
            MfaRule,
            &'static [Factor],
            &'static [Factor],
            Option<Factor>,
            Due,
        );
        let choice = |factors: &[Factor]| Due::Choice(factors.to_vec());
        let setup = |factors: &[Factor]| Due::Setup(factors.to_vec());
        let cells: [Cell; 14] = [
            (Off, &ALL, &ALL, Some(Sms), Due::Nothing),
            (Optional, &ALL, &[], None, Due::Nothing),
            (Optional, &[], &ALL, None, Due::Nothing),
            (Optional, &ALL, &[Sms], None, Due::One(Sms)),
            (Optional, &ALL, &[Token], Some(Sms), Due::One(Token)),
            (Optional, &ALL, &ALL, Some(Email), Due::One(Email)),
            (Optional, &ALL, &ALL, None, choice(&ALL)),
            (
                Optional,
                &[Sms, Email],
                &ALL,
                Some(Token),
                choice(&[Sms, Email]),
            ),
            (On, &[], &[], None, setup(&[Token, Email])),
            (On, &[], &ALL, Some(Token), setup(&[Token, Email])),
            (On, &[Sms], &[], None, Due::One(Sms)),
            (On, &ALL, &[], None, Due::One(Token)),
            (On, &[Sms, Email], &[], None, choice(&[Sms, Email])),
            (On, &ALL, &[Sms], None, Due::One(Sms)),
        ];
        for (mfa, has, on, preferred, expected) in cells {
            let (profile, factors) = user(has, on, preferred);
            let found = factors.due(&pool(mfa, &ALL), &profile);
            assert_eq!(found, expected, "{mfa:?} {has:?} {on:?} {preferred:?}");
        }
        let (profile, factors) = user(&[], &[], None);
        let only = |factor| factors.due(&pool(On, &[factor]), &profile);
        assert_eq!(only(Sms), Due::Impossible);
        assert_eq!(only(Token), setup(&[Token]));
        assert_eq!(only(Email), setup(&[Email]));
    }

    #[test]
    fn a_pool_that_asks_everybody_lets_nobody_in_without_a_factor() {
        for rules in sets() {
            for has in sets() {
                for on in sets() {
                    for preferred in ALL.into_iter().map(Some).chain([None]) {
                        let (profile, factors) = user(&has, &on, preferred);
                        let due = factors.due(&pool(MfaRule::On, &rules), &profile);
                        let can = |factor: &Factor| rules.contains(factor) && has.contains(factor);
                        let fits = match &due {
                            Due::Nothing => false,
                            Due::One(factor) => can(factor),
                            Due::Choice(choice) => choice.len() > 1 && choice.iter().all(can),
                            Due::Setup(_) | Due::Impossible => !ALL.iter().any(can),
                        };
                        assert!(fits, "{rules:?} {has:?} {on:?} {preferred:?}: {due:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_factor_that_is_off_is_not_preferred() {
        let (_, mut factors) = user(&ALL, &ALL, Some(Factor::Sms));
        factors.older = true;
        factors.switch(Factor::Sms, false);
        assert_eq!((factors.preferred, factors.older), (None, false));
        assert!(!factors.enabled.contains(&Factor::Sms));
    }
}
