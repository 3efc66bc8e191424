//! Non-negative integers as the bytes that are hashed and the digits that are sent.
//!
//! An integer is a big-endian byte slice with any number of leading zero bytes. Lengths of secret
//! integers can be told from the time these functions take, as from the hashes that follow them:
//! the protocol hashes integers in a form of varying length.

use alloc::{string::String, vec, vec::Vec};

use crate::lanes::{HIGH, ONES, between, from, low};

/// The shortest two's complement form of a non-negative integer, called `I(n)` where SRP hashes it.
///
/// There is no leading zero byte except one where the first byte would otherwise have its high bit
/// set, and except for zero itself, which is one zero byte.
///
/// ```
/// use userpool_crypto::integer::padded;
///
/// assert_eq!(padded(&[0x00, 0x7f]), [0x7f]);
/// assert_eq!(padded(&[0x80]), [0x00, 0x80]);
/// assert_eq!(padded(&[]), [0x00]);
/// ```
pub fn padded(integer: &[u8]) -> Vec<u8> {
    padded_parts(integer).concat()
}

/// [`padded`] in two parts, one after the other: the zero byte if there is one, and the integer's own bytes.
pub fn padded_parts(integer: &[u8]) -> [&[u8]; 2] {
    let digits = shortest(integer);
    let sign = digits.first().is_none_or(|first| first & 0x80 != 0);
    [&[0][..usize::from(sign)], digits]
}

/// [`padded`] of an integer that stands behind a zero byte: without the zeros that its sign does not need.
///
/// A loop that ends early, and nothing else, shows how many there are.
#[inline(never)]
pub fn shortest_signed(integer: &[u8]) -> &[u8] {
    let mut rest = integer;
    while let [0, next, ..] = rest {
        if next & 0x80 != 0 {
            break;
        }
        rest = &rest[1..];
    }
    rest
}

/// The integer without leading zero bytes; zero is empty.
pub fn shortest(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    &integer[zeros..]
}

/// The integer in lower-case hexadecimal without leading zeros; zero is `0`.
pub fn to_hex(integer: &[u8]) -> String {
    let digits = hex(shortest(integer));
    match digits.strip_prefix('0') {
        Some(odd) => odd.into(),
        None if digits.is_empty() => "0".into(),
        None => digits,
    }
}

/// Bytes in lower-case hexadecimal, two digits each, without a branch or an index that depends on them.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = vec![0; bytes.len().div_ceil(4) * 8];
    let eights = digits.as_chunks_mut::<8>().0;
    let (fours, end) = bytes.as_chunks::<4>();
    for (eight, four) in eights.iter_mut().zip(fours) {
        *eight = written(u32::from_be_bytes(*four));
    }
    if let Some(eight) = eights.get_mut(fours.len()) {
        let mut four = [0; 4];
        four[..end.len()].copy_from_slice(end);
        *eight = written(u32::from_be_bytes(four));
    }
    digits.truncate(bytes.len() * 2);
    String::from_utf8(digits).expect("digits are ASCII")
}

/// The integer that hexadecimal text of either case stands for, without leading zero bytes.
///
/// Any number of leading zeros is allowed within `max_digits`. Nothing is returned for an empty
/// text, for more digits than that, and for anything that is not a digit.
///
/// ```
/// use userpool_crypto::integer::parse_hex;
///
/// assert_eq!(parse_hex("00aBc", 8), Some(vec![0x0a, 0xbc]));
/// assert_eq!(parse_hex("", 8), None);
/// assert_eq!(parse_hex("123456789", 8), None);
/// ```
pub fn parse_hex(text: &str, max_digits: usize) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > max_digits {
        return None;
    }
    let (first, eights) = text.as_bytes().as_rchunks();
    // Zeros in front change nothing.
    let mut begin = [b'0'; 8];
    begin[8 - first.len()..].copy_from_slice(first);
    let (number, mut wrong) = read(begin);
    let mut bytes = vec![0; 4 * (1 + eights.len())];
    let (fours, _) = bytes.as_chunks_mut();
    fours[0] = number.to_be_bytes();
    for (four, eight) in fours[1..].iter_mut().zip(eights) {
        let (number, strange) = read(*eight);
        *four = number.to_be_bytes();
        wrong |= strange;
    }
    if wrong != 0 {
        return None;
    }
    let zeros = bytes.len() - shortest(&bytes).len();
    bytes.drain(..zeros);
    Some(bytes)
}

/// The integer in exactly `N` bytes, where it fits.
pub(crate) fn fixed<const N: usize>(integer: &[u8]) -> Option<[u8; N]> {
    let digits = shortest(integer);
    let mut bytes = [0; N];
    let start = N.checked_sub(digits.len())?;
    bytes[start..].copy_from_slice(digits);
    Some(bytes)
}

/// The eight digits of a number.
fn written(number: u32) -> [u8; 8] {
    // Its halves, bytes and digits, each at the end of its part.
    let number = u64::from(number);
    let halves = (number << 16 & 0xffff_0000_0000) | (number & 0xffff);
    let bytes = (halves << 8 & 0x00ff_0000_00ff_0000) | (halves & 0x0000_00ff_0000_00ff);
    let values =
        (bytes << 4 & (0x0f00 * 0x0001_0001_0001_0001)) | (bytes & (0x0f * 0x0001_0001_0001_0001));
    let letters = from(values, 10) * u64::from(b'a' - b'0' - 10);
    (values + ONES * u64::from(b'0') + letters).to_be_bytes()
}

/// The number of eight digits, and whatever is not zero where one is no digit.
fn read(digits: [u8; 8]) -> (u32, u64) {
    let digits = u64::from_be_bytes(digits);
    let seven = low(digits);
    let letters = between(seven, b'A', b'F') | between(seven, b'a', b'f');
    let known = letters | between(seven, b'0', b'9');
    let strange = (known ^ ONES) | (digits & HIGH);
    // Four bits of each sum are the value.
    let values = seven + letters * 9;
    let bytes =
        (values >> 4 & (0xf0 * 0x0001_0001_0001_0001)) | (values & (0x0f * 0x0001_0001_0001_0001));
    let halves = (bytes >> 8 & 0xff00_0000_ff00) | (bytes & 0x00ff_0000_00ff);
    let number = (halves >> 16 & 0xffff_0000) | (halves & 0xffff);
    (number as u32, strange)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use num_bigint::{BigInt, BigUint};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn padded_follows_the_table_of_the_protocol() {
        let table: [(&[u8], &[u8]); 6] = [
            (&[], &[0x00]),
            (&[0x02], &[0x02]),
            (&[0x7f], &[0x7f]),
            (&[0x80], &[0x00, 0x80]),
            (&[0x0a, 0xbc], &[0x0a, 0xbc]),
            (&[0x8a, 0xbc], &[0x00, 0x8a, 0xbc]),
        ];
        for (integer, expected) in table {
            assert_eq!(padded(integer), expected);
            assert_eq!(shortest_signed(&[&[0], integer].concat()), expected);
        }
    }

    #[test]
    fn zero_is_one_digit() {
        assert_eq!(to_hex(&[]), "0");
        assert_eq!(to_hex(&[0, 0]), "0");
        assert_eq!(parse_hex("0000", 4), Some(vec![]));
    }

    #[test]
    fn text_that_is_not_digits_is_refused() {
        for text in ["", "xyz", " 1", "1 ", "0x1", "+1", "-1", "1_0", "é", "12\n"] {
            assert_eq!(parse_hex(text, 1024), None, "{text:?}");
        }
    }

    #[test]
    fn every_character_is_a_digit_or_refused_in_every_place() {
        for place in 0..8 {
            for byte in 0..=255 {
                let mut digits = [b'0'; 8];
                digits[place] = byte;
                let value = char::from(byte).to_digit(16);
                let (number, strange) = read(digits);
                assert_eq!(strange == 0, value.is_some(), "{byte}");
                if let Some(value) = value {
                    assert_eq!(number, value << (28 - 4 * place));
                    let lower = digits.map(|digit| digit.to_ascii_lowercase());
                    assert_eq!(written(number), lower);
                }
            }
        }
    }

    #[test]
    fn an_integer_fits_only_its_width() {
        assert_eq!(fixed::<2>(&[0, 0, 1]), Some([0, 1]));
        assert_eq!(fixed::<2>(&[1, 0, 0]), None);
    }

    proptest! {
        #![proptest_config(crate::cases(256))]

        #[test]
        fn padded_is_the_signed_form_of_a_big_integer(bytes in prop::collection::vec(any::<u8>(), 0..70), zeros in 0usize..3) {
            let mut integer = vec![0; zeros];
            integer.extend(&bytes);
            let oracle = BigInt::from(BigUint::from_bytes_be(&bytes)).to_signed_bytes_be();
            prop_assert_eq!(&padded(&integer), &oracle);
            integer.insert(0, 0);
            prop_assert_eq!(shortest_signed(&integer), oracle);
        }

        #[test]
        fn hexadecimal_agrees_with_a_big_integer(bytes in prop::collection::vec(any::<u8>(), 0..70), upper in any::<bool>(), zeros in 0usize..4) {
            let oracle = BigUint::from_bytes_be(&bytes);
            let text = to_hex(&bytes);
            prop_assert_eq!(&text, &oracle.to_str_radix(16));
            let mut sent = "0".repeat(zeros) + &text;
            if upper {
                sent.make_ascii_uppercase();
            }
            prop_assert_eq!(parse_hex(&sent, 1024).unwrap(), shortest(&bytes));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}", max in 0usize..40) {
            if let Some(bytes) = parse_hex(&text, max) {
                prop_assert!(bytes.len() <= max.div_ceil(2));
            }
        }
    }
}
