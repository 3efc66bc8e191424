//! Base32 of RFC 4648 §6 without padding, the form in which authenticator apps take their seeds.

use alloc::string::String;
use alloc::vec::Vec;

/// Bytes in upper-case base32 without padding, without a branch or an index that depends on them.
///
/// ```
/// assert_eq!(userpool_crypto::base32::encode(b"foobar"), "MZXW6YTBOI");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let mut five = [0; 8];
        five[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(five);
        for at in 0..(group.len() * 8).div_ceil(5) {
            text.push(letter((bits >> (35 - 5 * at) & 31) as u8));
        }
    }
    text
}

/// The bytes of base32 in either case without padding, or nothing where the text is anything else.
///
/// Bits left over at the end must be zero, so each byte string has one spelling but for case.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    // 1, 3 and 6 letters over a multiple of eight stand for no number of bytes.
    if matches!(text.len() % 8, 1 | 3 | 6) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    for group in text.as_bytes().chunks(8) {
        let mut bits = 0;
        for letter in group {
            bits = bits << 5 | u64::from(value(*letter)?);
        }
        bits <<= 5 * (8 - group.len());
        let five = bits.to_be_bytes();
        let whole = group.len() * 5 / 8;
        if five[3 + whole..].iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(&five[3..3 + whole]);
    }
    Some(bytes)
}

/// `A` to `Z` for 0 to 25, `2` to `7` for 26 to 31.
fn letter(value: u8) -> char {
    // All ones where the value is above 25.
    let digit = 25_u8.wrapping_sub(value) >> 7;
    char::from(b'A' + value - digit * (b'A' + 26 - b'2'))
}

fn value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
            assert_eq!(decode(&text.to_lowercase()).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn every_letter_is_used() {
        let all: Vec<u8> = (0..32_u8).collect();
        let text: String = all.iter().map(|value| letter(*value)).collect();
        assert_eq!(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "M", "MZX", "MZXW6Y", "MZ", "MY======", "M0", "M1", "M8", "M Y", "MÄ",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::cases(128))]

        #[test]
        fn what_is_encoded_decodes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
