//! Bytes and texts that are wiped when dropped and never printed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

use crate::digest::ct_eq;

/// A secret of a fixed length.
#[derive(Clone)]
pub struct SecretArray<const N: usize>([u8; N]);

impl<const N: usize> SecretArray<N> {
    /// Takes charge of the bytes.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the computation that needs them.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether both hold the same bytes, in constant time.
    pub fn matches(&self, other: &[u8]) -> bool {
        ct_eq(&self.0, other)
    }
}

impl<const N: usize> Drop for SecretArray<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for SecretArray<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretArray(..)")
    }
}

/// A secret of any length.
#[derive(Clone, Default)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes charge of the bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the computation that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether both hold the same bytes, in time that depends on the lengths only.
    pub fn matches(&self, other: &[u8]) -> bool {
        ct_eq(&self.0, other)
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Compared in constant time.
impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for SecretBytes {}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// A secret that is text: a code, a client secret, the letters of a TOTP seed.
#[derive(Clone, Default)]
pub struct SecretText(String);

impl SecretText {
    /// Takes charge of the text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the message or the computation that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both hold the same text, in time that depends on the lengths only.
    pub fn matches(&self, other: &str) -> bool {
        ct_eq(self.0.as_bytes(), other.as_bytes())
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn secrets_print_a_placeholder() {
        assert_eq!(
            format!("{:?}", SecretArray::new([65; 4])),
            "SecretArray(..)"
        );
        assert_eq!(
            format!("{:?}", SecretBytes::new(b"AAAA".to_vec())),
            "SecretBytes(..)"
        );
        assert_eq!(
            format!("{:?}", SecretText::new("AAAA".into())),
            "SecretText(..)"
        );
    }

    #[test]
    fn secrets_match_only_themselves() {
        assert!(SecretArray::new([1, 2]).matches(&[1, 2]));
        assert!(!SecretArray::new([1, 2]).matches(&[1]));
        assert!(SecretBytes::new(b"key".to_vec()).matches(b"key"));
        assert!(!SecretText::new("key".into()).matches("Key"));
    }
}
