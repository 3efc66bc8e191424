//! The two alphabets of RFC 4648 that the protocols use, strictly.
//!
//! Secret blocks, proofs and key ids are standard base64 with padding (§4); the parts of a token are
//! the URL alphabet without padding (§5). Decoding refuses the other alphabet, white space, wrong
//! padding and bits that would be thrown away, so each byte string has one spelling. Neither
//! direction branches on the data.

use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

/// Bytes in standard base64 with padding.
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The bytes of standard base64 with padding, or nothing where the text is anything else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

/// Bytes in the URL alphabet without padding.
pub fn encode_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes of text in the URL alphabet without padding, or nothing where it is anything else.
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
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
            "AQ", "AQ=", "AR==", "AQ== ", " AQ==", "AQ===", "A", "A=", "=",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
        assert_eq!(decode_url("AQ"), Some([1].into()));
        for text in ["AQ==", "AR", "A", "AQ ", "A\nQ", "ÄQ"] {
            assert_eq!(decode_url(text), None, "{text:?}");
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
