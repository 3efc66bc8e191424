//! Ids and secrets drawn at random from an alphabet, every letter as likely as every other.

use alloc::{format, string::String};

use crate::engine::Cx;

/// Digits and both cases of the Latin letters.
pub(crate) const LETTERS_AND_DIGITS: &[u8] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits and lower-case Latin letters.
pub(crate) const LOWER_AND_DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A text of `length` letters of the alphabet.
///
/// Bytes beyond the largest multiple of the alphabet's size are thrown away, so that the remainder
/// favours no letter.
pub(crate) fn text(cx: &mut Cx<'_>, label: &str, alphabet: &[u8], length: usize) -> String {
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    for block in 0_u32.. {
        let bytes = cx.random::<64>(&format!("{label}/{block}"));
        let fitting = bytes.iter().map(|byte| usize::from(*byte));
        let letters = fitting
            .filter(|byte| *byte < fair)
            .map(|byte| char::from(alphabet[byte % alphabet.len()]));
        text.extend(letters.take(length - text.len()));
        if text.len() == length {
            break;
        }
    }
    text
}
