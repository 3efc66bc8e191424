//! How often a user has tried: wrong passwords in a row and the lock they bring, and what is limited by the hour.

use std::collections::BTreeMap;

const QUARTER: u64 = 15 * 60;
const HOUR: u64 = 60 * 60;

/// What is limited by the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Codes tried by ConfirmSignUp.
    Confirm,
    /// Codes sent by ResendConfirmationCode.
    Resend,
    /// Resets asked for and tried.
    Reset,
    /// Codes tried by VerifyUserAttribute.
    Verify,
    /// Codes sent by GetUserAttributeVerificationCode.
    GetCode,
    /// Passwords changed.
    Change,
    /// Wrong answers to second factors.
    Second,
    /// Codes sent for second factors.
    SecondSent,
    /// Wrong codes as first factors.
    First,
    /// Codes sent as first factors.
    FirstSent,
}

impl Limit {
    const fn most(self) -> u32 {
        match self {
            Self::Confirm | Self::Verify => 15,
            Self::Resend | Self::GetCode | Self::Change => 5,
            Self::Reset | Self::SecondSent | Self::FirstSent => 20,
            Self::Second | Self::First => 10,
        }
    }
}

/// The tries of a user, or of a name that nobody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    wrong: u32,
    last: u64,
    locked_until: u64,
    hours: BTreeMap<Limit, (u64, u32)>,
}

impl Tries {
    /// Whether passwords are not even looked at.
    #[must_use]
    pub fn is_locked(&self, now: u64) -> bool {
        now < self.locked_until
    }

    /// The wrong passwords in a row.
    #[must_use]
    pub fn wrong_in_a_row(&self) -> u32 {
        self.wrong
    }

    /// One more wrong password: from the fifth on it locks, for 1, 2, 4 seconds and so on to fifteen minutes.
    pub fn wrong(&mut self, now: u64) {
        self.wrong = if now >= self.last + QUARTER {
            1
        } else {
            self.wrong + 1
        };
        self.last = now;
        self.locked_until = match self.wrong {
            0..=4 => 0,
            5..=14 => now + (1 << (self.wrong - 5)),
            _ => now + QUARTER,
        };
    }

    /// A right password: the wrong ones are forgotten.
    pub fn right(&mut self) {
        (self.wrong, self.last, self.locked_until) = (0, 0, 0);
    }

    /// One more of what is limited; whether that was still allowed.
    pub fn uses(&mut self, limit: Limit, now: u64) -> bool {
        let hour = self.hours.entry(limit).or_insert((now, 0));
        if now >= hour.0 + HOUR {
            *hour = (now, 0);
        }
        if hour.1 >= limit.most() {
            return false;
        }
        hour.1 += 1;
        true
    }
}
