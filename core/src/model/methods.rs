//! How users have shown who they are in a sign-in, and the level of authentication that this makes.
//!
//! The service fixes what each of its four levels takes; a pool names them (`AcrConfiguration`). A sign-in has the
//! highest level that what was shown makes:
//!
//! | level | shown |
//! |---|---|
//! | 1 | a password |
//! | 2 | a code by text message or e-mail |
//! | 3 | a passkey, or a password and a code by text message or e-mail |
//! | 4 | a password and the code of an authenticator app |
//!
//! Custom challenges make none. The code that confirmed a sign-up counts in the sign-in that follows at once.

use alloc::vec::Vec;

use super::{factors::Factor, user::AliasKind};
use crate::cbor::Cbor;

/// A set of ways in which a user has shown who they are, as `amr` tells them (RFC 8176).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(transparent)]
pub struct Methods(u8);

impl Methods {
    /// A password, by itself or by a proof that it is known.
    pub const PASSWORD: Self = Self(1);
    /// The code of an authenticator app.
    pub const SOFTWARE_TOKEN: Self = Self(2);
    /// A code by text message.
    pub const SMS: Self = Self(4);
    /// A code by e-mail.
    pub const EMAIL: Self = Self(8);
    /// A passkey of the machine itself.
    pub const PLATFORM_PASSKEY: Self = Self(16);
    /// A passkey of a device beside the machine.
    pub const ROAMING_PASSKEY: Self = Self(32);

    /// Each single one, and its name in `amr`, in the order in which they are told.
    const NAMED: [(Self, &'static str); 6] = [
        (Self::PASSWORD, "pwd"),
        (Self::SOFTWARE_TOKEN, "otp"),
        (Self::SMS, "sms"),
        (Self::EMAIL, "email_otp"),
        (Self::PLATFORM_PASSKEY, "swk"),
        (Self::ROAMING_PASSKEY, "hwk"),
    ];

    /// A code that went to an address.
    #[must_use]
    pub const fn code(contact: AliasKind) -> Self {
        match contact {
            AliasKind::Phone => Self::SMS,
            AliasKind::Email | AliasKind::PreferredUsername => Self::EMAIL,
        }
    }

    /// A second factor.
    #[must_use]
    pub const fn factor(factor: Factor) -> Self {
        match factor {
            Factor::Sms => Self::SMS,
            Factor::SoftwareToken => Self::SOFTWARE_TOKEN,
            Factor::Email => Self::EMAIL,
        }
    }

    /// These and others.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether one of others is among these.
    #[must_use]
    pub const fn has_any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The level that they make, 1 to 4; 0 where they make none.
    #[must_use]
    pub const fn level(self) -> u8 {
        let password = self.has_any(Self::PASSWORD);
        let code = self.has_any(Self::SMS.and(Self::EMAIL));
        let passkey = self.has_any(Self::PLATFORM_PASSKEY.and(Self::ROAMING_PASSKEY));
        if password && self.has_any(Self::SOFTWARE_TOKEN) {
            4
        } else if passkey || (password && code) {
            3
        } else if code {
            2
        } else if password {
            1
        } else {
            0
        }
    }

    /// Their names in `amr`; `mfa` follows two or more.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let own = Self::NAMED.iter().filter(|(one, _)| self.has_any(*one));
        let mut names: Vec<_> = own.map(|(_, name)| *name).collect();
        if names.len() > 1 {
            names.push("mfa");
        }
        names
    }
}

/// Levels that are wished for, the most wanted first; zeros fill the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted([u8; 4]);

impl Wanted {
    /// The first four of these levels.
    #[must_use]
    pub fn of(levels: &[u8]) -> Self {
        let mut wanted = Self::default();
        for (place, level) in wanted.0.iter_mut().zip(levels) {
            *place = *level;
        }
        wanted
    }
}

/// How far a sign-in has come, and how far it has to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Aim {
    /// What was shown so far, and before where that counts.
    #[n(0)]
    pub shown: Methods,
    /// The level that was asked for, 1 to 4: no tokens are given out below it.
    #[n(1)]
    pub level: Option<u8>,
}

impl Aim {
    /// After something more was shown.
    #[must_use]
    pub const fn with(self, methods: Methods) -> Self {
        Self {
            shown: self.shown.and(methods),
            level: self.level,
        }
    }

    /// Whether the level that was asked for is reached, if any was.
    #[must_use]
    pub fn is_reached(self) -> bool {
        self.level.is_none_or(|level| self.shown.level() >= level)
    }

    /// The second factors among these that reach it.
    #[must_use]
    pub fn reaching(self, factors: &[Factor]) -> Vec<Factor> {
        let reaches = |factor: &&Factor| self.with(Methods::factor(**factor)).is_reached();
        factors.iter().filter(reaches).copied().collect()
    }

    /// The same, reaching for the first of these levels that is reached already or that one of these second factors
    /// reaches; for none where none is.
    #[must_use]
    pub fn towards(self, levels: Wanted, seconds: &[Factor]) -> Self {
        let at = |level: u8| Self {
            level: Some(level),
            ..self
        };
        let can = |aim: &Self| aim.is_reached() || !aim.reaching(seconds).is_empty();
        let wanted = levels.0.into_iter().filter(|level| *level > 0);
        wanted.map(at).find(can).unwrap_or(self)
    }

    /// Whether a first factor reaches it, or one of these second factors after a password.
    #[must_use]
    pub fn is_reached_by(self, first: Methods, seconds: &[Factor]) -> bool {
        let after = self.with(first);
        after.is_reached() || (first == Methods::PASSWORD && !after.reaching(seconds).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_has_the_level_of_the_table_and_its_names() {
        let of = |names: &[&str]| {
            let named = Methods::NAMED.iter();
            named
                .filter(|(_, name)| names.contains(name))
                .fold(Methods::default(), |all, (one, _)| all.and(*one))
        };
        for (names, level) in [
            (&[][..], 0),
            (&["otp"], 0),
            (&["pwd"], 1),
            (&["sms"], 2),
            (&["email_otp"], 2),
            (&["otp", "email_otp"], 2),
            (&["swk"], 3),
            (&["hwk"], 3),
            (&["otp", "swk"], 3),
            (&["pwd", "sms"], 3),
            (&["pwd", "email_otp"], 3),
            (&["pwd", "otp"], 4),
            (&["pwd", "otp", "sms", "email_otp", "swk", "hwk"], 4),
        ] {
            let methods = of(names);
            assert_eq!(methods.level(), level, "{names:?}");
            let mut told = names.to_vec();
            told.extend((names.len() > 1).then_some("mfa"));
            assert_eq!(methods.names(), told);
        }
    }

    #[test]
    fn more_shown_never_makes_less() {
        for (one, other) in (0..64).flat_map(|one| (0..64).map(move |other| (one, other))) {
            let (one, other) = (Methods(one), Methods(other));
            assert!(one.and(other).level() >= one.level().max(other.level()));
        }
    }

    #[test]
    fn a_level_is_reached_by_what_makes_it_or_a_higher_one() {
        let aim = |shown, level| Aim {
            shown,
            level: Some(level),
        };
        let none = Methods::default();
        let (password, token) = (Methods::PASSWORD, [Factor::SoftwareToken]);
        assert!(Aim::default().is_reached());
        assert!(!aim(none, 1).is_reached());
        assert!(aim(none, 1).is_reached_by(password, &[]));
        assert!(!aim(none, 4).is_reached_by(password, &[Factor::Sms, Factor::Email]));
        assert!(aim(none, 4).is_reached_by(password, &token));
        assert!(!aim(none, 4).is_reached_by(Methods::PLATFORM_PASSKEY, &token));
        // A code that was shown before counts.
        assert!(aim(Methods::EMAIL, 3).is_reached_by(password, &[]));
        let shown = Aim::default().with(password);
        let towards = |levels: &[u8], seconds| shown.towards(Wanted::of(levels), seconds).level;
        assert_eq!(towards(&[4, 1], &token), Some(4));
        assert_eq!(towards(&[4, 1], &[Factor::Sms]), Some(1));
        assert_eq!(towards(&[4], &[Factor::Sms]), None);
        assert_eq!(towards(&[], &token), None);
        assert_eq!(aim(password, 4).reaching(&Factor::ALL), token);
        assert_eq!(aim(password, 2).reaching(&Factor::ALL), Factor::ALL);
    }
}
