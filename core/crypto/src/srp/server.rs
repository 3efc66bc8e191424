//! The server's side.

use crypto_bigint::U256;
use zeroize::Zeroizing;

use super::comb::generator_power;
use super::exchange::{ClientPublic, ServerPublic, derive_key, exponent, scrambler};
use super::group::{K, residue};
use super::verifier::Verifier;
use crate::secret::SecretArray;

/// The value `B = k v + g^b` for a client whose verifier this is.
///
/// `b` is 32 fresh random bytes, never used twice. Nothing is returned where `B` is zero, which
/// happens to nobody: draw again.
pub fn server_public(verifier: &Verifier, b: &[u8; 32]) -> Option<ServerPublic> {
    let masked = Zeroizing::new(K * verifier.residue());
    let power = Zeroizing::new(generator_power(b));
    ServerPublic::of(&(*masked + *power))
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
    let v = Zeroizing::new(verifier.residue());
    // Only the base is secret in this power: `u` follows from what both sides sent.
    let base = Zeroizing::new(residue(a.bytes()) * v.pow_vartime(&exponent(&u)));
    let b = Zeroizing::new(U256::from_be_slice(b));
    let shared = Zeroizing::new(base.pow(&*b));
    Some(derive_key(&u, &shared))
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
