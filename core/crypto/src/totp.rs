//! Time-based one-time passwords: RFC 6238 with SHA-1, six digits and steps of thirty seconds.
//!
//! These are the parameters that every authenticator app understands. A code is accepted for the
//! step it is shown in and for the step before and after it (§5.2), once: the caller keeps the
//! last accepted step, and only greater ones pass.

use alloc::format;
use alloc::string::String;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::digest::ct_eq;

/// The seconds of a step.
pub const STEP_SECONDS: i64 = 30;

const DIGITS: usize = 6;

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the code of this step, which is now the last accepted one.
    Accepted {
        /// The step to keep.
        step: u64,
    },
    /// It is the code of a step that was accepted before, or of an earlier one.
    Spent,
    /// It is no code of these steps.
    Wrong,
}

/// Judges a code at a time in seconds since 1970.
///
/// `last_accepted` is the step of the last code that was accepted for this seed.
///
/// ```
/// use userpool_crypto::totp::{Verdict, check};
///
/// let seed = b"12345678901234567890";
/// assert_eq!(check(seed, "287082", 59, None), Verdict::Accepted { step: 1 });
/// assert_eq!(check(seed, "287082", 59, Some(1)), Verdict::Spent);
/// assert_eq!(check(seed, "287083", 59, None), Verdict::Wrong);
/// ```
pub fn check(seed: &[u8], code: &str, now: i64, last_accepted: Option<u64>) -> Verdict {
    let Ok(current) = u64::try_from(now.div_euclid(STEP_SECONDS)) else {
        return Verdict::Wrong;
    };
    let mut verdict = Verdict::Wrong;
    // All three are computed whichever matches; the current step is looked at last and so wins.
    for step in [current.saturating_sub(1), current + 1, current] {
        if ct_eq(code_at(seed, step).as_bytes(), code.as_bytes()) {
            verdict = match (last_accepted, verdict) {
                (Some(last), Verdict::Accepted { .. }) if step <= last => verdict,
                (Some(last), _) if step <= last => Verdict::Spent,
                _ => Verdict::Accepted { step },
            };
        }
    }
    verdict
}

/// The code of a step: `HOTP(seed, step)` of RFC 4226 §5.3.
pub fn code_at(seed: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let tag: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(tag[19] & 15);
    let word = [
        tag[offset],
        tag[offset + 1],
        tag[offset + 2],
        tag[offset + 3],
    ];
    let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000;
    format!("{number:0DIGITS$}")
}

/// The step that a time in seconds since 1970 lies in, or nothing before then.
pub fn step_at(now: i64) -> Option<u64> {
    u64::try_from(now.div_euclid(STEP_SECONDS)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        // Appendix B, SHA-1; the last six of the eight digits.
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_at(now).unwrap();
            assert_eq!(code_at(SEED, step), code);
            assert_eq!(check(SEED, code, now, None), Verdict::Accepted { step });
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in codes.iter().enumerate() {
            assert_eq!(code_at(SEED, step as u64), *code);
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_step_late() {
        let code = code_at(SEED, 100);
        for (now, expected) in [
            (98 * 30 + 29, Verdict::Wrong),
            (99 * 30, Verdict::Accepted { step: 100 }),
            (100 * 30 + 15, Verdict::Accepted { step: 100 }),
            (101 * 30 + 29, Verdict::Accepted { step: 100 }),
            (102 * 30, Verdict::Wrong),
        ] {
            assert_eq!(check(SEED, &code, now, None), expected, "{now}");
        }
    }

    #[test]
    fn an_accepted_step_and_all_before_it_are_spent() {
        let now = 100 * 30;
        for step in 99..=101 {
            for last in 98..=102 {
                let expected = if step > last {
                    Verdict::Accepted { step }
                } else {
                    Verdict::Spent
                };
                assert_eq!(check(SEED, &code_at(SEED, step), now, Some(last)), expected);
            }
        }
    }

    #[test]
    fn a_text_of_another_form_is_wrong() {
        let code = code_at(SEED, 100);
        for bad in [
            "",
            &code[1..],
            &(code.clone() + "0"),
            &(code.clone() + " "),
            "+12345",
            "١٢٣٤٥٦",
        ] {
            assert_eq!(check(SEED, bad, 3_000, None), Verdict::Wrong);
        }
    }

    #[test]
    fn times_at_the_ends_do_not_panic() {
        for now in [i64::MIN, -1, 0, 1, i64::MAX] {
            let _ = check(SEED, "000000", now, Some(u64::MAX));
        }
        assert_eq!(check(SEED, &code_at(SEED, 0), -1, None), Verdict::Wrong);
    }
}
