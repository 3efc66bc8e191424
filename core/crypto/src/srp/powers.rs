//! Powers of a verifier that a server keeps beside it, so that a sign-in costs less.

use core::fmt;

use userpool_arith::group::{POWERS_BYTES, Powers};
use zeroize::Zeroize;

use super::group::ELEMENT_BYTES;
use super::verifier::Verifier;
use crate::digest::hkdf_expand;

const SIMULATED: &[u8] = b"userpool simulated powers 1";

/// `v^(2^64)`, `v^(2^128)` and `v^(2^192)`, three integers of 384 bytes.
///
/// Whoever holds them holds as much as [`Verifier`] does: they are wiped on drop, never printed, and kept sealed.
/// Making them costs two thirds of what they save once.
#[derive(Clone)]
pub struct VerifierPowers([u8; POWERS_BYTES]);

impl VerifierPowers {
    /// Computes the powers of a verifier.
    pub fn new(verifier: &Verifier) -> Self {
        Self(Powers::of(&verifier.residue()).to_bytes())
    }

    /// Takes back the bytes that [`bytes`](Self::bytes) gave; `None` where they are more or fewer.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Numbers that are as good as any where nobody knows a password, always the same for one seed.
    ///
    /// They stand beside a [simulated](Verifier::simulated) verifier, and cost what reading real ones does.
    pub fn simulated(seed: &[u8; 32]) -> Self {
        let mut powers = Self([0; POWERS_BYTES]);
        hkdf_expand(seed, &[SIMULATED], &mut powers.0);
        for power in powers.0.as_chunks_mut::<ELEMENT_BYTES>().0 {
            // Below 2^3071 and so below N.
            power[0] &= 0x7f;
        }
        powers
    }

    /// The powers as big-endian integers, one after the other.
    pub fn bytes(&self) -> &[u8; POWERS_BYTES] {
        &self.0
    }

    pub(super) fn of(&self, verifier: &Verifier) -> Powers {
        Powers::from_bytes(&verifier.residue(), &self.0)
    }
}

impl Drop for VerifierPowers {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for VerifierPowers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifierPowers(..)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn powers_are_read_in_their_own_length_only() {
        let powers = VerifierPowers::simulated(&[1; 32]);
        assert_eq!(format!("{powers:?}"), "VerifierPowers(..)");
        assert!(VerifierPowers::from_bytes(powers.bytes()).is_some());
        for length in [0, 384, 1_151] {
            assert!(VerifierPowers::from_bytes(&powers.bytes()[..length]).is_none());
        }
    }
}
