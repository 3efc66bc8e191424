//! The two alphabets of RFC 4648 that the protocols use, strictly.
//!
//! Secret blocks, proofs and key ids are standard base64 with padding (§4); the parts of a token are
//! the URL alphabet without padding (§5). Decoding refuses the other alphabet, white space, wrong
//! padding and bits that would be thrown away, so each byte string has one spelling. Neither
//! direction branches on the data.

use alloc::{string::String, vec, vec::Vec};

use crate::lanes::{HIGH, ONES, between, from, low};

/// Bytes in standard base64 with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut digits = digits::<b'+', b'/'>(bytes);
    digits.resize(digits.len().next_multiple_of(4), b'=');
    text(digits)
}

/// The bytes of standard base64 with padding, or nothing where the text is anything else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    // How much padding there is tells the length and nothing else.
    let digits = match text {
        [digits @ .., b'=', b'='] | [digits @ .., b'='] => digits,
        digits => digits,
    };
    bytes::<b'+', b'/'>(digits)
}

/// Bytes in the URL alphabet without padding.
pub fn encode_url(bytes: &[u8]) -> String {
    text(digits::<b'-', b'_'>(bytes))
}

/// The bytes of text in the URL alphabet without padding, or nothing where it is anything else.
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    bytes::<b'-', b'_'>(text.as_bytes())
}

// The 62 digits of both alphabets are `A` to `Z`, `a` to `z` and `0` to `9`; two follow that are their own.

fn text(digits: Vec<u8>) -> String {
    String::from_utf8(digits).expect("the digits of both alphabets are ASCII")
}

/// The digits of bytes, without padding: six bytes are eight of them.
fn digits<const PLUS: u8, const SLASH: u8>(bytes: &[u8]) -> Vec<u8> {
    let mut digits = vec![0; bytes.len().div_ceil(6) * 8];
    let eights = digits.as_chunks_mut::<8>().0;
    let (sixes, end) = bytes.as_chunks::<6>();
    for (eight, [a, b, c, d, e, f]) in eights.iter_mut().zip(sixes) {
        let bits = u64::from_be_bytes([0, 0, *a, *b, *c, *d, *e, *f]);
        *eight = written::<PLUS, SLASH>(bits).to_be_bytes();
    }
    if let Some(eight) = eights.get_mut(sixes.len()) {
        let mut bits = [0; 8];
        bits[2..2 + end.len()].copy_from_slice(end);
        *eight = written::<PLUS, SLASH>(u64::from_be_bytes(bits)).to_be_bytes();
    }
    digits.truncate((bytes.len() * 8).div_ceil(6));
    digits
}

/// The bytes of digits without padding; nothing where one is no digit, or more than whole bytes are given.
fn bytes<const PLUS: u8, const SLASH: u8>(digits: &[u8]) -> Option<Vec<u8>> {
    let whole = digits.len() * 6 / 8;
    let mut bytes = vec![0; digits.len().div_ceil(8) * 6];
    let sixes = bytes.as_chunks_mut::<6>().0;
    let (eights, end) = digits.as_chunks::<8>();
    let mut wrong = 0;
    for (six, eight) in sixes.iter_mut().zip(eights) {
        let (bits, strange) = read::<PLUS, SLASH>(u64::from_be_bytes(*eight));
        let [_, _, bits @ ..] = bits.to_be_bytes();
        *six = bits;
        wrong |= strange;
    }
    if let Some(six) = sixes.get_mut(eights.len()) {
        // Zeros follow where the text ends.
        let mut letters = [b'A'; 8];
        letters[..end.len()].copy_from_slice(end);
        let (bits, strange) = read::<PLUS, SLASH>(u64::from_be_bytes(letters));
        let [_, _, bits @ ..] = bits.to_be_bytes();
        *six = bits;
        wrong |= strange;
    }
    // One digit alone is no byte, and the bits behind the last byte are zero.
    let left_over = bytes[whole..].iter().fold(0, |all, byte| all | byte);
    if digits.len() % 4 == 1 || wrong != 0 || left_over != 0 {
        return None;
    }
    bytes.truncate(whole);
    Some(bytes)
}

/// Eight digits for 48 bits.
fn written<const PLUS: u8, const SLASH: u8>(bits: u64) -> u64 {
    // The bits in halves, quarters and eighths, each at the end of its part.
    let halves = (bits << 8 & 0x00ff_ffff_0000_0000) | (bits & 0x00ff_ffff);
    let quarters = (halves << 4 & 0x0fff_0000_0fff_0000) | (halves & 0x0000_0fff_0000_0fff);
    let values = (quarters << 2 & (0x3f00 * 0x0001_0001_0001_0001))
        | (quarters & (0x003f * 0x0001_0001_0001_0001));
    // How far each digit is from its value, and where that changes.
    let mut digits = values + ONES * u64::from(b'A');
    let mut distance = i64::from(b'A');
    for (value, digit) in [(26, b'a'), (52, b'0'), (62, PLUS), (63, SLASH)] {
        let step = i64::from(digit) - i64::from(value) - distance;
        digits = digits.wrapping_add(from(values, value).wrapping_mul(step as u64));
        distance += step;
    }
    digits
}

/// The 48 bits of eight digits, and whatever is not zero where one is no digit.
fn read<const PLUS: u8, const SLASH: u8>(letters: u64) -> (u64, u64) {
    let seven = low(letters);
    let (mut values, mut known) = (seven, 0);
    for (value, first, last) in [
        (0, b'A', b'Z'),
        (26, b'a', b'z'),
        (52, b'0', b'9'),
        (62, PLUS, PLUS),
        (63, SLASH, SLASH),
    ] {
        let these = between(seven, first, last);
        known |= these;
        // Six bits of each sum are the value.
        values += these * (u64::from(value + 64 - first % 64) % 64);
    }
    let strange = (known ^ ONES) | (letters & HIGH);
    let quarters = (values >> 2 & (0x0fc0 * 0x0001_0001_0001_0001))
        | (values & (0x003f * 0x0001_0001_0001_0001));
    let halves = (quarters >> 4 & 0x00ff_f000_00ff_f000) | (quarters & 0x0000_0fff_0000_0fff);
    let bits = (halves >> 8 & 0xffff_ff00_0000) | (halves & 0x00ff_ffff);
    (bits, strange)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_alphabets_are_told_apart() {
        let bytes = [0xfb, 0xff, 0xfe, 0x01];
        assert_eq!(encode(&bytes), "+//+AQ==");
        assert_eq!(encode_url(&bytes), "-__-AQ");
        assert_eq!(decode("-__-AQ=="), None);
        assert_eq!(decode_url("+//+AQ"), None);
    }

    #[test]
    fn only_one_spelling_is_accepted() {
        assert_eq!(decode("AQ=="), Some([1].into()));
        for text in [
            "AQ",
            "AQ=",
            "AR==",
            "AQ== ",
            " AQ==",
            "AQ===",
            "A",
            "A=",
            "=",
            "A===",
            "====",
            "AQ==AQ==",
            "AQI=\u{e9}==",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
        assert_eq!(decode_url("AQ"), Some([1].into()));
        for text in ["AQ==", "AR", "A", "AQ ", "A\nQ", "ÄQ"] {
            assert_eq!(decode_url(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_digit_stands_at_its_value_in_every_place() {
        every_digit_of::<b'+', b'/'>();
        every_digit_of::<b'-', b'_'>();
    }

    fn every_digit_of<const PLUS: u8, const SLASH: u8>() {
        let letters = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9');
        let alphabet: Vec<u8> = letters.chain([PLUS, SLASH]).collect();
        for place in 0..8 {
            for byte in 0..=255 {
                let mut letters = [b'A'; 8];
                letters[place] = byte;
                let (bits, strange) = read::<PLUS, SLASH>(u64::from_be_bytes(letters));
                let value = alphabet.iter().position(|digit| *digit == byte);
                assert_eq!(strange == 0, value.is_some(), "{byte}");
                if let Some(value) = value {
                    assert_eq!(bits, (value as u64) << (42 - 6 * place));
                    assert_eq!(written::<PLUS, SLASH>(bits).to_be_bytes(), letters);
                }
            }
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648_section_10_hold() {
        let table = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        for (length, text) in table.into_iter().enumerate() {
            let bytes = &b"foobar"[..length];
            assert_eq!(encode(bytes), text);
            assert_eq!(encode_url(bytes), text.trim_end_matches('='));
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
    }

    proptest! {
        #![proptest_config(crate::cases(128))]

        #[test]
        fn what_is_encoded_decodes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes.clone()));
            prop_assert_eq!(decode_url(&encode_url(&bytes)), Some(bytes));
        }

        #[test]
        fn what_decodes_is_what_would_be_encoded(text in "[A-Za-z0-9+/_=-]{0,12}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text.clone());
            }
            if let Some(bytes) = decode_url(&text) {
                prop_assert_eq!(encode_url(&bytes), text);
            }
        }
    }
}
