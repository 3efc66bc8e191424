//! Base32 of RFC 4648 §6 without padding, the form in which authenticator apps take their seeds.

use alloc::string::String;
use alloc::vec::Vec;

use crate::lanes::{ONES, from};

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
        let letters = written(u64::from_be_bytes(five));
        let letters = &letters[..(group.len() * 8).div_ceil(5)];
        text.push_str(core::str::from_utf8(letters).expect("letters are ASCII"));
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

/// Eight letters for 40 bits: `A` to `Z` for 0 to 25, `2` to `7` for 26 to 31.
fn written(bits: u64) -> [u8; 8] {
    // The bits in halves, quarters and eighths, each at the end of its part.
    let halves = (bits << 12 & 0x000f_ffff_0000_0000) | (bits & 0x000f_ffff);
    let quarters = (halves << 6 & 0x03ff_0000_03ff_0000) | (halves & 0x0000_03ff_0000_03ff);
    let values = (quarters << 3 & (0x1f00 * 0x0001_0001_0001_0001))
        | (quarters & (0x001f * 0x0001_0001_0001_0001));
    let digits = from(values, 26) * u64::from(b'A' + 26 - b'2');
    (values + ONES * u64::from(b'A') - digits).to_be_bytes()
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
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        for place in 0..8 {
            for (value, letter) in (0_u64..).zip(alphabet) {
                let mut letters = [b'A'; 8];
                letters[place] = *letter;
                assert_eq!(written(value << (35 - 5 * place)), letters);
            }
        }
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
