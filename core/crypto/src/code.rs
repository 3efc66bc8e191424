//! One-time codes of a few digits and the keyed hashes that are kept of them.

use alloc::string::String;

use crate::digest::{ct_eq, hmac_sha256};
use crate::secret::SecretText;

const DRAWN: &[u8] = b"userpool code digits 1";
const KEPT: &[u8] = b"userpool code hash 1";

/// Draws a code of 1 to 9 decimal digits from 32 random bytes, each code as likely as any other.
///
/// The bytes are the key of a stream, `HMAC-SHA-256(random, "userpool code digits 1" | i)` for
/// i = 0, 1, .., read as four-byte numbers. A number times `10^digits` has the code in its upper half; numbers
/// whose lower half falls into the uneven part of the range are passed over, so no code is favoured.
///
/// # Panics
///
/// If `digits` is not 1 to 9: it is the program's choice.
pub fn draw_code(random: &[u8; 32], digits: u32) -> SecretText {
    assert!((1..=9).contains(&digits), "a code has 1 to 9 digits");
    let codes = 10_u32.pow(digits);
    // 2^32 modulo the number of codes.
    let uneven = codes.wrapping_neg() % codes;
    let mut block: u32 = 0;
    loop {
        let bytes = hmac_sha256(random, &[DRAWN, &block.to_be_bytes()]);
        for chunk in bytes.as_chunks::<4>().0 {
            let scaled = u64::from(u32::from_be_bytes(*chunk)) * u64::from(codes);
            if scaled as u32 >= uneven {
                return SecretText::new(decimal((scaled >> 32) as u32, digits));
            }
        }
        block = block.wrapping_add(1);
    }
}

/// What a code was issued for; its hash covers all of it.
#[derive(Debug, Clone, Copy)]
pub struct CodeContext<'a> {
    /// What the code proves: a sign-up, an attribute, a second factor.
    pub purpose: &'a str,
    /// The id of the pool.
    pub pool: &'a str,
    /// The id of the user.
    pub sub: &'a str,
    /// Where the code was sent: it dies when the address changes.
    pub destination: &'a str,
    /// The id of this issue, so that no two codes have the same hash.
    pub issue: &'a [u8],
}

/// The hash that is kept of a code.
///
/// `HMAC-SHA-256(key, "userpool code hash 1" | purpose | pool | sub | destination | issue | code)`, each
/// behind its length in eight bytes.
pub fn code_hash(key: &[u8; 32], context: CodeContext<'_>, code: &str) -> [u8; 32] {
    let fields = [
        context.purpose.as_bytes(),
        context.pool.as_bytes(),
        context.sub.as_bytes(),
        context.destination.as_bytes(),
        context.issue,
        code.as_bytes(),
    ];
    let lengths = fields.map(|field| (field.len() as u64).to_be_bytes());
    let mut parts = [KEPT; 13];
    for (at, (length, field)) in lengths.iter().zip(fields).enumerate() {
        parts[1 + 2 * at] = length;
        parts[2 + 2 * at] = field;
    }
    hmac_sha256(key, &parts)
}

/// Whether a code is the one that was hashed, compared in constant time.
pub fn code_matches(key: &[u8; 32], context: CodeContext<'_>, code: &str, kept: &[u8]) -> bool {
    ct_eq(&code_hash(key, context, code), kept)
}

/// The number in decimal with leading zeros.
fn decimal(number: u32, digits: u32) -> String {
    let mut text = [b'0'; 9];
    let mut rest = number;
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text[9 - digits as usize..]
        .iter()
        .map(|digit| char::from(*digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: CodeContext<'_> = CodeContext {
        purpose: "sign-up",
        pool: "us-east-1_AbCdEf123",
        sub: "34c84488",
        destination: "jane@example.com",
        issue: b"7",
    };

    #[test]
    fn a_code_has_the_digits_asked_for() {
        for digits in 1..=9 {
            let code = draw_code(&[3; 32], digits);
            assert_eq!(code.expose().len(), digits as usize);
            assert!(code.expose().bytes().all(|byte| byte.is_ascii_digit()));
        }
    }

    #[test]
    fn every_digit_comes_about_equally_often() {
        let mut counts = [0_u32; 10];
        for seed in 0..2_000_u32 {
            let mut random = [0; 32];
            random[..4].copy_from_slice(&seed.to_be_bytes());
            for digit in draw_code(&random, 6).expose().bytes() {
                counts[usize::from(digit - b'0')] += 1;
            }
        }
        // 12,000 digits: the standard deviation of a count is 33.
        assert!(
            counts.iter().all(|count| (1_050..1_350).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn a_number_is_written_with_leading_zeros() {
        assert_eq!(decimal(7, 6), "000007");
        assert_eq!(decimal(123_456_789, 9), "123456789");
    }

    #[test]
    fn a_code_matches_only_where_it_was_issued() {
        let key = [5; 32];
        let kept = code_hash(&key, CONTEXT, "123456");
        assert!(code_matches(&key, CONTEXT, "123456", &kept));
        assert!(!code_matches(&key, CONTEXT, "123457", &kept));
        assert!(!code_matches(&[6; 32], CONTEXT, "123456", &kept));
        let others = [
            CodeContext {
                purpose: "attribute",
                ..CONTEXT
            },
            CodeContext {
                pool: "us-east-1_AbCdEf124",
                ..CONTEXT
            },
            CodeContext {
                sub: "34c84489",
                ..CONTEXT
            },
            CodeContext {
                destination: "john@example.com",
                ..CONTEXT
            },
            CodeContext {
                issue: b"8",
                ..CONTEXT
            },
            CodeContext {
                sub: "34c8448",
                destination: "8jane@example.com",
                ..CONTEXT
            },
        ];
        for other in others {
            assert!(!code_matches(&key, other, "123456", &kept));
        }
        assert!(!code_matches(&key, CONTEXT, "123456", &kept[..31]));
    }

    proptest! {
        #![proptest_config(crate::cases(64))]

        #[test]
        fn the_same_bytes_draw_the_same_code(random: [u8; 32], digits in 1u32..=9) {
            let code = draw_code(&random, digits);
            let again = draw_code(&random, digits);
            prop_assert_eq!(code.expose(), again.expose());
        }
    }
}
