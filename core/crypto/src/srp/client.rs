//! The client's side.

use core::fmt;

use crypto_bigint::{U256, U512, U2048};
use zeroize::{Zeroize, Zeroizing};

use super::comb::generator_power;
use super::exchange::{ClientPublic, ServerPublic, derive_key, exponent, scrambler};
use super::group::{G, K, Residue, is_zero, residue};
use crate::secret::SecretArray;

/// The widest secret that a client may choose: other implementations draw 128 bytes.
const MAX_SECRET: usize = 128;

/// The secret `a` of one sign-in.
#[derive(Clone)]
pub struct ClientSecret {
    value: U2048,
    bits: u32,
}

impl ClientSecret {
    /// Takes fresh random bytes as a big-endian integer.
    ///
    /// Between 32 and 128 bytes are accepted; 32 are as strong as the group is. The number of bytes can be told
    /// from the time that the powers take, their content cannot.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if !(32..=MAX_SECRET).contains(&bytes.len()) {
            return None;
        }
        let mut wide = Zeroizing::new([0; 256]);
        wide[256 - bytes.len()..].copy_from_slice(bytes);
        Some(Self {
            value: U2048::from_be_slice(&*wide),
            bits: 8 * bytes.len() as u32,
        })
    }

    /// `g^a`: the width of the secret, which is no secret, chooses the way.
    fn power(&self) -> Residue {
        if self.bits > U256::BITS {
            return G.pow_bounded_exp(&self.value, self.bits);
        }
        let mut short = Zeroizing::new([0; 32]);
        short.copy_from_slice(&self.value.to_be_bytes().as_ref()[U2048::BYTES - 32..]);
        generator_power(&short)
    }
}

impl Drop for ClientSecret {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// The value `A = g^a`.
pub fn client_public(a: &ClientSecret) -> ClientPublic {
    ClientPublic::of(&a.power())
}

/// The key `K` of a sign-in, from `S = (B - k g^x)^(a + u x)`.
///
/// `a_public` is what [`client_public`] gave for `a`. Nothing is returned where `u` is zero or the server's value
/// leads to the secret zero: the sign-in must stop.
pub fn client_key(
    a: &ClientSecret,
    a_public: &ClientPublic,
    b: &ServerPublic,
    x: &SecretArray<32>,
) -> Option<SecretArray<16>> {
    let u = scrambler(a_public, b)?;
    let masked = Zeroizing::new(K * generator_power(x.expose()));
    let base = Zeroizing::new(residue(b.bytes()) - *masked);
    if is_zero(&base) {
        return None;
    }
    let x = Zeroizing::new(U256::from_be_slice(x.expose()));
    let product: Zeroizing<U512> = Zeroizing::new(exponent(&u).concatenating_mul(&*x));
    let wide: Zeroizing<U2048> = Zeroizing::new(product.resize());
    let sum = Zeroizing::new(a.value.wrapping_add(&*wide));
    // One bit more than the wider of the two summands.
    let bits = a.bits.max(U512::BITS) + 1;
    let shared = Zeroizing::new(base.pow_bounded_exp(&*sum, bits));
    Some(derive_key(&u, &shared))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::server::{server_key, server_public};
    use super::super::verifier::{private_key, verifier};
    use super::*;

    #[test]
    fn a_secret_of_an_unfit_length_is_refused() {
        assert!(ClientSecret::new(&[1; 31]).is_none());
        assert!(ClientSecret::new(&[1; 32]).is_some());
        assert!(ClientSecret::new(&[1; 128]).is_some());
        assert!(ClientSecret::new(&[1; 129]).is_none());
    }

    #[test]
    fn a_client_secret_prints_a_placeholder() {
        assert_eq!(
            format!("{:?}", ClientSecret::new(&[1; 32])),
            "Some(ClientSecret(..))"
        );
    }

    #[test]
    fn both_sides_agree_for_secrets_of_extreme_value_and_width() {
        let x = private_key("p", "u", b"w", &[1; 16]);
        let kept = verifier(&x);
        for a in [&[0xff; 32][..], &[0xff; 128], &[0xff; 64], &[0xff; 65]] {
            let a = ClientSecret::new(a).unwrap();
            for b in [[0xff; 32], [0; 32]] {
                let sent_a = client_public(&a);
                let sent_b = server_public(&kept, &b).unwrap();
                let server = server_key(&sent_a, &sent_b, &kept, &b).unwrap();
                let client = client_key(&a, &sent_a, &sent_b, &x).unwrap();
                assert_eq!(server.expose(), client.expose());
            }
        }
    }

    #[test]
    fn a_server_value_that_leaves_nothing_secret_is_refused() {
        let x = private_key("p", "u", b"w", &[1; 16]);
        let b = ServerPublic::of(&(K * generator_power(x.expose()))).unwrap();
        let a = ClientSecret::new(&[3; 32]).unwrap();
        assert!(client_key(&a, &client_public(&a), &b, &x).is_none());
    }
}
