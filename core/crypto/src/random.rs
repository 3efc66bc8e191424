//! Labelled draws: many independent secrets from one seed.
//!
//! A request brings a seed of 32 random bytes. Each thing drawn names itself, so that a request that
//! runs again draws the same bytes for the same thing, however many other things were drawn before;
//! and `attempt`, which rises whenever the facts changed under a request, gives every retry bytes of
//! its own.

use crate::digest::Expander;

const DOMAIN: &[u8] = b"userpool draw 1";

/// Fills `out` with the bytes that this seed gives to this label on this attempt.
///
/// `HKDF-Expand(seed, "userpool draw 1" | attempt | length of label | label)`, RFC 5869 §2.3, with both
/// numbers as four big-endian bytes. The seed is uniformly random, so the extract step is not needed
/// (§3.3). Two draws of one label and different lengths share their beginning: give each its label.
///
/// # Panics
///
/// If `out` is longer than 8,160 bytes, or the label longer than four bytes can count.
///
/// # Examples
///
/// ```
/// use userpool_crypto::random::draw;
///
/// let (mut first, mut again, mut other) = ([0; 32], [0; 32], [0; 32]);
/// draw(&[7; 32], 0, "srp b", &mut first);
/// draw(&[7; 32], 0, "srp b", &mut again);
/// draw(&[7; 32], 1, "srp b", &mut other);
/// assert_eq!(first, again);
/// assert_ne!(first, other);
/// ```
pub fn draw(seed: &[u8; 32], attempt: u32, label: &str, out: &mut [u8]) {
    Draws::new(seed).draw(attempt, label, out);
}

/// A seed from which many things are drawn.
#[derive(Clone, Debug)]
pub struct Draws(Expander);

impl Draws {
    /// Prepares a seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(Expander::new(seed))
    }

    /// Draws as [`draw`] does.
    ///
    /// # Panics
    ///
    /// If `out` is longer than 8,160 bytes, or the label longer than four bytes can count.
    pub fn draw(&self, attempt: u32, label: &str, out: &mut [u8]) {
        let length = u32::try_from(label.len()).expect("labels are words of the program");
        self.0.expand(
            &[
                DOMAIN,
                &attempt.to_be_bytes(),
                &length.to_be_bytes(),
                label.as_bytes(),
            ],
            out,
        );
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::digest::hmac_sha256;

    fn drawn(seed: u8, attempt: u32, label: &str) -> [u8; 32] {
        let mut out = [0; 32];
        draw(&[seed; 32], attempt, label, &mut out);
        out
    }

    #[test]
    fn seed_attempt_and_label_each_change_the_draw() {
        let draws = [
            drawn(1, 0, "a"),
            drawn(2, 0, "a"),
            drawn(1, 1, "a"),
            drawn(1, 0, "b"),
            drawn(1, 0, ""),
        ];
        for (i, left) in draws.iter().enumerate() {
            for right in &draws[i + 1..] {
                assert_ne!(left, right);
            }
        }
    }

    #[test]
    fn a_draw_is_the_documented_formula() {
        let mut info: Vec<u8> = b"userpool draw 1\0\0\0\x05\0\0\0\x04code".to_vec();
        info.push(1);
        assert_eq!(drawn(9, 5, "code"), hmac_sha256(&[9; 32], &[&info]));
    }

    #[test]
    fn a_draw_fills_any_length() {
        let mut long = [0; 1000];
        draw(&[3; 32], 0, "long", &mut long);
        assert!(
            long.chunks(100)
                .all(|chunk| chunk.iter().any(|byte| *byte != 0))
        );
    }
}
