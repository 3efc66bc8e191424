//! The server's side.

use super::exchange::{ClientPublic, Scrambler, ServerPublic, derive_key};
use super::group::{Residue, multiplier};
use super::powers::VerifierPowers;
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
/// Nothing is returned where `u` is zero: refuse as for a wrong password. [`server_key_with`] is faster.
pub fn server_key(
    a: &ClientPublic,
    b_public: &ServerPublic,
    verifier: &Verifier,
    b: &[u8; 32],
) -> Option<SecretArray<16>> {
    let u = Scrambler::new(a, b_public)?;
    Some(server_key_with(a, &u, verifier, None, b))
}

/// The key `K` of a sign-in, as [`server_key`] computes it, from the scrambler of its public values, and with stored
/// powers of the verifier where there are any.
///
/// Powers of another verifier lead to a key that no client has.
pub fn server_key_with(
    a: &ClientPublic,
    u: &Scrambler,
    verifier: &Verifier,
    powers: Option<&VerifierPowers>,
    b: &[u8; 32],
) -> SecretArray<16> {
    // Only the base is secret in this power: `u` follows from what both sides sent.
    let power = match powers {
        Some(powers) => powers.of(verifier).public_power(u.bytes()),
        None => verifier.residue().public_power(u.bytes()),
    };
    let base = Residue::from_bytes(a.bytes()).times(&power);
    derive_key(u, &base.power(b))
}

#[cfg(test)]
mod tests {
    use super::super::client::{ClientSecret, client_public};
    use super::super::verifier::{private_key, verifier};
    use super::*;

    #[test]
    fn stored_powers_of_a_verifier_lead_to_the_same_key() {
        let kept = verifier(&private_key("p", "u", b"w", &[1; 16]));
        let powers = VerifierPowers::new(&kept);
        let read = VerifierPowers::from_bytes(powers.bytes()).unwrap();
        for round in 1..9 {
            let (a, b) = (ClientSecret::new(&[round; 32]).unwrap(), [0xf0 ^ round; 32]);
            let a = client_public(&a);
            let b_public = server_public(&kept, &b).unwrap();
            let plain = server_key(&a, &b_public, &kept, &b).unwrap();
            let u = Scrambler::new(&a, &b_public).unwrap();
            let u = Scrambler::from_bytes(u.bytes()).unwrap();
            for powers in [&powers, &read] {
                let made = server_key_with(&a, &u, &kept, Some(powers), &b);
                assert_eq!(made.expose(), plain.expose());
            }
            let others = VerifierPowers::simulated(&[round; 32]);
            let made = server_key_with(&a, &u, &kept, Some(&others), &b);
            assert_ne!(made.expose(), plain.expose());
        }
    }

    #[test]
    fn each_server_secret_gives_its_own_public_value() {
        let verifier = verifier(&private_key("p", "u", b"w", &[1; 16]));
        let one = server_public(&verifier, &[1; 32]).unwrap();
        let two = server_public(&verifier, &[2; 32]).unwrap();
        assert_ne!(one, two);
    }
}
