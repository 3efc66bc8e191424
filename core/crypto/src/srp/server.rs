//! The server's side.

use super::exchange::{ClientPublic, ServerPublic, derive_key, scrambler};
use super::group::{Residue, multiplier};
use super::verifier::Verifier;
use crate::secret::SecretArray;

/// The value `B = k v + g^b` for a client whose verifier this is.
///
/// `b` is 32 fresh random bytes, never used twice. Nothing is returned where `B` is zero, which
/// happens to nobody: draw again.
pub fn server_public(verifier: &Verifier, b: &[u8; 32]) -> Option<ServerPublic> {
    let masked = multiplier().times(&verifier.residue());
    ServerPublic::of(&masked.plus(&Residue::generator_power(b)))
}

/// The key `K` of a sign-in, from `S = (A v^u)^b`.
///
/// Nothing is returned where `u` is zero: refuse as for a wrong password.
pub fn server_key(
    a: &ClientPublic,
    b_public: &ServerPublic,
    verifier: &Verifier,
    b: &[u8; 32],
) -> Option<SecretArray<16>> {
    let u = scrambler(a, b_public)?;
    // Only the base is secret in this power: `u` follows from what both sides sent.
    let base = Residue::from_bytes(a.bytes()).times(&verifier.residue().public_power(&u));
    Some(derive_key(&u, &base.power(b)))
}

#[cfg(test)]
mod tests {
    use super::super::verifier::{private_key, verifier};
    use super::*;

    #[test]
    fn each_server_secret_gives_its_own_public_value() {
        let verifier = verifier(&private_key("p", "u", b"w", &[1; 16]));
        let one = server_public(&verifier, &[1; 32]).unwrap();
        let two = server_public(&verifier, &[2; 32]).unwrap();
        assert_ne!(one, two);
    }
}
