//! The private key of a password and the verifier that a server keeps.

use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::group::{ELEMENT_BYTES, MINUS_ONE, ONE, Residue, in_range};
use crate::digest::{ct_eq, hkdf_expand, sha256};
use crate::integer::padded_parts;
use crate::secret::SecretArray;

const SIMULATED: &[u8] = b"userpool simulated verifier 1";

/// What a server keeps of a password: `v = g^x`.
///
/// Whoever holds it can try passwords as fast as a hash allows, and can pose as the server: it is
/// wiped on drop, never printed, and kept sealed.
#[derive(Clone)]
pub struct Verifier([u8; ELEMENT_BYTES]);

impl Verifier {
    /// Reads a verifier, a big-endian integer of any width.
    ///
    /// # Errors
    ///
    /// If the integer is not in `2..=N-2`: with 0, 1 or N-1 the shared secret could be foreseen.
    pub fn from_bytes(integer: &[u8]) -> Result<Self, InvalidVerifier> {
        let element = Zeroizing::new(in_range(integer).ok_or(InvalidVerifier)?);
        // Whether it is one of these is told by the answer, and nothing else of it.
        if ct_eq(&*element, &ONE) || ct_eq(&*element, &MINUS_ONE) {
            return Err(InvalidVerifier);
        }
        Ok(Self(*element))
    }

    /// A verifier that nobody knows a password for, always the same for one seed.
    ///
    /// It stands in for that of a user who does not exist. It is the square of a number that the seed
    /// expands to, and so an element of the group that `g` generates, like every other; it costs
    /// next to nothing, as reading a real one from its record does.
    pub fn simulated(seed: &[u8; 32]) -> Self {
        let mut root = Zeroizing::new([0; ELEMENT_BYTES]);
        hkdf_expand(seed, &[SIMULATED], &mut *root);
        // Below 2^3071 and so below N.
        root[0] &= 0x7f;
        let root = Residue::from_bytes(&root);
        Self::of(&root.times(&root))
    }

    /// The verifier as a big-endian integer.
    pub fn bytes(&self) -> &[u8; ELEMENT_BYTES] {
        &self.0
    }

    pub(super) fn residue(&self) -> Residue {
        Residue::from_bytes(&self.0)
    }

    fn of(value: &Residue) -> Self {
        Self(value.to_bytes())
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(..)")
    }
}

/// A verifier was not an integer in `2..=N-2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidVerifier;

impl fmt::Display for InvalidVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a verifier of the group")
    }
}

impl core::error::Error for InvalidVerifier {}

/// The private key `x = H(I(salt) | H(group_name | user_id | ":" | password))`.
///
/// The salt is an integer, so leading zero bytes do not count. The password is hashed as typed.
pub fn private_key(
    group_name: &str,
    user_id: &str,
    password: &[u8],
    salt: &[u8],
) -> SecretArray<32> {
    let inner = password_hash(group_name.as_bytes(), user_id.as_bytes(), password);
    private_key_of_hash(&Zeroizing::new(inner), salt)
}

/// The inner hash `H(group_name | user_id | ":" | password)`, as secret as the password.
pub fn password_hash(group_name: &[u8], user_id: &[u8], password: &[u8]) -> [u8; 32] {
    sha256(&[group_name, user_id, b":", password])
}

/// The private key of a password that is known by its [`password_hash`].
pub fn private_key_of_hash(inner: &[u8; 32], salt: &[u8]) -> SecretArray<32> {
    let [sign, salt] = padded_parts(salt);
    SecretArray::new(sha256(&[sign, salt, inner]))
}

/// The verifier `v = g^x` of a private key: one fixed-base power, in constant time.
pub fn verifier(x: &SecretArray<32>) -> Verifier {
    Verifier::of(&Residue::generator_power(x.expose()))
}

/// Whether the private key belongs to the verifier, in constant time.
///
/// This is how a server that is told a plain password checks it.
pub fn password_matches(stored: &Verifier, x: &SecretArray<32>) -> bool {
    ct_eq(verifier(x).bytes(), stored.bytes())
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_password_matches_only_its_own_verifier() {
        let x = private_key("AbCdEf123", "janedoe", b"correct horse", &[7; 16]);
        let kept = verifier(&x);
        assert!(password_matches(&kept, &x));
        for other in [
            private_key("AbCdEf124", "janedoe", b"correct horse", &[7; 16]),
            private_key("AbCdEf123", "Janedoe", b"correct horse", &[7; 16]),
            private_key("AbCdEf123", "janedoe", b"correct horse ", &[7; 16]),
            private_key("AbCdEf123", "janedoe", b"correct horse", &[8; 16]),
        ] {
            assert!(!password_matches(&kept, &other));
        }
    }

    #[test]
    fn leading_zeros_of_a_salt_do_not_count() {
        let short = private_key("p", "u", b"w", &[0x5a, 1]);
        assert!(short.matches(private_key("p", "u", b"w", &[0, 0, 0x5a, 1]).expose()));
    }

    #[test]
    fn a_verifier_outside_its_range_is_refused() {
        let x = private_key("p", "u", b"w", &[1; 16]);
        let good = verifier(&x);
        assert!(Verifier::from_bytes(good.bytes()).is_ok());
        assert!(Verifier::from_bytes(&[2]).is_ok());
        let mut minus_two = MINUS_ONE;
        minus_two[ELEMENT_BYTES - 1] -= 1;
        assert!(Verifier::from_bytes(&minus_two).is_ok());
        for bad in [
            &[][..],
            &[0; 384],
            &[1],
            &MINUS_ONE,
            &[0xff; 384],
            &[1; 385],
        ] {
            assert_eq!(Verifier::from_bytes(bad).unwrap_err(), InvalidVerifier);
        }
    }

    #[test]
    fn a_simulated_verifier_is_stable_and_of_its_seed() {
        let one = Verifier::simulated(&[1; 32]);
        assert_eq!(one.bytes(), Verifier::simulated(&[1; 32]).bytes());
        assert_ne!(one.bytes(), Verifier::simulated(&[2; 32]).bytes());
        assert!(Verifier::from_bytes(one.bytes()).is_ok());
    }

    #[test]
    fn a_verifier_prints_a_placeholder() {
        assert_eq!(
            format!("{:?}", Verifier::simulated(&[1; 32])),
            "Verifier(..)"
        );
    }
}
