//! Signatures that were found right, so that the same token is not computed again with each request.
//!
//! Whether a signature is right depends on nothing but the key, the message and the signature. What a token is still
//! worth (its expiry, its user, what was revoked) is read and judged each time.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use userpool_crypto::digest::sha256;

/// Signatures remembered, 32 bytes each; beyond this, all are forgotten.
const REMEMBERED: usize = 8_192;

/// The digests of keys with messages and signatures that fit.
#[derive(Default)]
pub(crate) struct Accepted(Mutex<HashSet<[u8; 32]>>);

/// One key, message and signature.
pub(crate) struct Signed([u8; 32]);

impl Signed {
    /// Names the three by a digest; lengths keep them apart.
    pub(crate) fn new(modulus: &[u8], message: &[u8], signature: &[u8]) -> Self {
        let length = |part: &[u8]| (part.len() as u64).to_be_bytes();
        let (modulus_length, message_length) = (length(modulus), length(message));
        Self(sha256(&[
            &modulus_length,
            modulus,
            &message_length,
            message,
            signature,
        ]))
    }
}

impl Accepted {
    /// Whether this signature was found right before.
    pub(crate) fn has(&self, signed: &Signed) -> bool {
        self.lock().contains(&signed.0)
    }

    /// Remembers a signature that was found right.
    pub(crate) fn add(&self, signed: Signed) {
        let mut digests = self.lock();
        if digests.len() >= REMEMBERED {
            digests.clear();
        }
        digests.insert(signed.0);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<[u8; 32]>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_signature_is_remembered() {
        let accepted = Accepted::default();
        accepted.add(Signed::new(b"key", b"message", b"signature"));
        assert!(accepted.has(&Signed::new(b"key", b"message", b"signature")));
        for (modulus, message, signature) in [
            (&b"kez"[..], &b"message"[..], &b"signature"[..]),
            (b"key", b"messag", b"signature"),
            (b"key", b"message", b"signaturf"),
            (b"keym", b"essage", b"signature"),
            (b"key", b"messages", b"ignature"),
        ] {
            assert!(!accepted.has(&Signed::new(modulus, message, signature)));
        }
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let accepted = Accepted::default();
        for number in 0..=REMEMBERED {
            accepted.add(Signed::new(b"key", &number.to_be_bytes(), b""));
        }
        assert_eq!(accepted.lock().len(), 1);
    }
}
