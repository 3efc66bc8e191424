//! Attempts of a user: the lockout after wrong passwords, and hourly limits.
//!
//! After the n-th failure in a row, n ≥ 5, the user is locked for 2^(n−5) seconds, at most 15 minutes.
//! Attempts during the lock change nothing. n returns to 0 by a success, or by 15 minutes without an attempt.
//!
//! ## Machine: the lockout
//!
//! | failures | a wrong password | a right password | the lock ends | 15 quiet minutes |
//! |---|---|---|---|---|
//! | none | 1 | none | - | none |
//! | 1 | 2 | none | - | none |
//! | 2 | 3 | none | - | none |
//! | 3 | 4 | none | - | none |
//! | 4 | locked | none | - | none |
//! | locked | locked | locked | 5 or more | none |
//! | 5 or more | locked | none | - | none |
//!
//! ## What the lock concerns
//!
//! Nobody signs in by a password while it holds. But anybody who knows a name can bring it about, so it must not keep the
//! owner out: it is a lock of the password, and what no guess at a password opens stays open. A code as the first factor
//! needs the owner's mailbox, and whoever has that can reset the password anyway, which ends the lock. So a refusal there
//! would protect nothing.
//!
//! | during the lock | is | because |
//! |---|---|---|
//! | a password or its proof, in any flow; ChangePassword | refused, unseen | this is what is guessed |
//! | the beginning of custom challenges | refused | a password may be among them, and what is right is not known here |
//! | a code or a passkey as the first factor | judged | 10 wrong codes an hour, 5 wrong answers a chain |
//! | a further factor, after a password that was right before | judged | 10 wrong answers an hour, 5 a chain |
//! | a remembered device | judged | it has attempts, and a lock, of its own |
//! | a refresh | judged | it shows what an earlier sign-in gave |
//! | a reset of the password | judged, and ends the lock | 20 codes an hour |

use alloc::collections::BTreeMap;
use core::time::Duration;

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// The longest lock, and the quiet time after which failures are forgotten.
pub const LONGEST_LOCK: Duration = Duration::from_secs(15 * 60);
/// The window of hourly limits.
const HOUR: Duration = Duration::from_secs(3_600);
/// Failures that do not lock yet.
const FREE_FAILURES: u32 = 4;

/// The attempts of a user.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Attempts {
    /// Wrong passwords in a row.
    #[n(0)]
    pub failures: u32,
    /// The last attempt that counted.
    #[n(1)]
    pub last: Timestamp,
    /// When the lock ends.
    #[n(2)]
    pub locked_until: Timestamp,
    /// Hourly windows by the byte of their [`Limit`].
    #[n(3)]
    pub windows: BTreeMap<u8, Window>,
}

impl Record for Attempts {
    const KIND: &'static str = "the attempts of a user";
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            failures: 0,
            last: Timestamp::from_millis(0),
            locked_until: Timestamp::from_millis(0),
            windows: BTreeMap::new(),
        }
    }
}

/// How much of an hourly limit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Window {
    /// When the window began.
    #[n(0)]
    pub began: Timestamp,
    /// Attempts in it.
    #[n(1)]
    pub used: u32,
}

/// What is limited per user and hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Codes tried by ConfirmSignUp: 15.
    ConfirmSignUp,
    /// Codes sent by ResendConfirmationCode: 5.
    ResendConfirmationCode,
    /// ForgotPassword and ConfirmForgotPassword together: 20.
    ForgotPassword,
    /// Codes tried by VerifyUserAttribute: 15.
    VerifyUserAttribute,
    /// Codes sent by GetUserAttributeVerificationCode: 5.
    AttributeVerificationCode,
    /// ChangePassword: 5.
    ChangePassword,
    /// Wrong answers to second factors: 10.
    SecondFactor,
    /// Codes sent for second factors: 20.
    SecondFactorCode,
    /// Wrong codes as a first factor: 10.
    FirstFactor,
    /// Codes sent as a first factor: 20.
    FirstFactorCode,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 10] = [
        Self::ConfirmSignUp,
        Self::ResendConfirmationCode,
        Self::ForgotPassword,
        Self::VerifyUserAttribute,
        Self::AttributeVerificationCode,
        Self::ChangePassword,
        Self::SecondFactor,
        Self::SecondFactorCode,
        Self::FirstFactor,
        Self::FirstFactorCode,
    ];

    /// Attempts allowed in an hour.
    #[must_use]
    pub const fn per_hour(self) -> u32 {
        match self {
            Self::ConfirmSignUp | Self::VerifyUserAttribute => 15,
            Self::ResendConfirmationCode
            | Self::AttributeVerificationCode
            | Self::ChangePassword => 5,
            Self::SecondFactor | Self::FirstFactor => 10,
            Self::ForgotPassword | Self::SecondFactorCode | Self::FirstFactorCode => 20,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::ConfirmSignUp => 0,
            Self::ResendConfirmationCode => 1,
            Self::ForgotPassword => 2,
            Self::VerifyUserAttribute => 3,
            Self::AttributeVerificationCode => 4,
            Self::ChangePassword => 5,
            Self::SecondFactor => 6,
            Self::SecondFactorCode => 7,
            Self::FirstFactor => 8,
            Self::FirstFactorCode => 9,
        }
    }
}

impl Attempts {
    /// Whether passwords are refused unseen at this moment.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        now < self.locked_until
    }

    /// After a wrong password.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> Self {
        let failures = if now >= self.last.after(LONGEST_LOCK) {
            1
        } else {
            self.failures.saturating_add(1)
        };
        let locked_until = match failures.checked_sub(FREE_FAILURES + 1) {
            None => Timestamp::from_millis(0),
            Some(doublings) => {
                let secs = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
                now.after(Duration::from_secs(secs).min(LONGEST_LOCK))
            }
        };
        Self {
            failures,
            last: now,
            locked_until,
            windows: self.windows.clone(),
        }
    }

    /// After a right password; `None` where nothing changes.
    #[must_use]
    pub fn succeeded(&self) -> Option<Self> {
        (self.failures > 0).then(|| Self {
            windows: self.windows.clone(),
            ..Self::default()
        })
    }

    /// When nothing of it matters any more: neither the lock, nor the quiet time, nor a window.
    #[must_use]
    pub fn forgotten(&self) -> Timestamp {
        let quiet = self.locked_until.max(self.last).after(LONGEST_LOCK);
        let windows = self.windows.values();
        windows
            .map(|window| window.began.after(HOUR))
            .fold(quiet, Timestamp::max)
    }

    /// One more attempt within an hourly limit; `None` where the limit is used up.
    #[must_use]
    pub fn used(&self, limit: Limit, now: Timestamp) -> Option<Self> {
        let window = match self.windows.get(&limit.byte()) {
            Some(window) if now < window.began.after(HOUR) => *window,
            _ => Window {
                began: now,
                used: 0,
            },
        };
        if window.used >= limit.per_hour() {
            return None;
        }
        let mut next = self.clone();
        next.windows.insert(
            limit.byte(),
            Window {
                used: window.used + 1,
                ..window
            },
        );
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    #[test]
    fn the_lock_doubles_from_the_fifth_failure_to_fifteen_minutes() {
        let mut attempts = Attempts::default();
        let mut now = at(0);
        for (n, secs) in [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
            .into_iter()
            .enumerate()
        {
            attempts = attempts.failed(now);
            assert_eq!(attempts.failures, n as u32 + 1);
            assert_eq!(attempts.is_locked(now), secs > 0, "failure {}", n + 1);
            now = now.after(Duration::from_secs(secs));
            assert!(!attempts.is_locked(now), "failure {}", n + 1);
            if secs > 0 {
                assert!(attempts.is_locked(now.before(Duration::from_millis(1))));
            }
            // Keep within the quiet time that would forget the failures.
            if secs >= 900 {
                attempts.last = now;
            }
        }
    }

    #[test]
    fn fifteen_quiet_minutes_forget_the_failures() {
        let failed = Attempts::default().failed(at(0)).failed(at(1));
        assert_eq!(failed.failed(at(1 + 899)).failures, 3);
        assert_eq!(failed.failed(at(1 + 900)).failures, 1);
    }

    #[test]
    fn nothing_is_forgotten_while_a_lock_a_failure_or_a_window_counts() {
        let failed = Attempts::default().failed(at(0));
        assert_eq!(failed.forgotten(), at(900));
        let used = failed.used(Limit::ForgotPassword, at(10)).expect("a use");
        assert_eq!(used.forgotten(), at(3_610));
        assert_eq!(used.failed(at(3_000)).forgotten(), at(3_900));
    }

    #[test]
    fn an_hourly_limit_opens_again_after_an_hour() {
        let mut attempts = Attempts::default();
        for _ in 0..Limit::ChangePassword.per_hour() {
            attempts = attempts
                .used(Limit::ChangePassword, at(0))
                .expect("within the limit");
        }
        assert_eq!(attempts.used(Limit::ChangePassword, at(3_599)), None);
        assert!(attempts.used(Limit::ChangePassword, at(3_600)).is_some());
        assert!(attempts.used(Limit::ConfirmSignUp, at(0)).is_some());
    }
}
