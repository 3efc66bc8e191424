//! The client's side.

use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::exchange::{ClientPublic, Scrambler, ServerPublic, derive_key};
use super::group::{Residue, generator, multiplier};
use crate::secret::SecretArray;

/// The widest secret that a client may choose: other implementations draw 128 bytes.
const MAX_SECRET: usize = 128;

/// The secret `a` of one sign-in.
#[derive(Clone)]
pub struct ClientSecret {
    bytes: [u8; MAX_SECRET],
    length: usize,
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
        let mut secret = Self {
            bytes: [0; MAX_SECRET],
            length: bytes.len(),
        };
        secret.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(secret)
    }

    /// `g^a`: the width of the secret, which is no secret, chooses the way.
    fn power(&self) -> Residue {
        match self.expose().try_into() {
            Ok(short) => Residue::generator_power(short),
            Err(_) => generator().power(self.expose()),
        }
    }

    fn expose(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for ClientSecret {
    fn drop(&mut self) {
        self.bytes.zeroize();
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
    let u = Scrambler::new(a_public, b)?;
    let masked = multiplier().times(&Residue::generator_power(x.expose()));
    let base = Residue::from_bytes(b.bytes()).minus(&masked);
    if base.is_zero() {
        return None;
    }
    let (exponent, length) = exponent(a.expose(), u.bytes(), x.expose());
    let shared = base.power(&exponent[MAX_SECRET + 1 - length..]);
    Some(derive_key(&u, &shared))
}

/// `a + u x`, big-endian, and how many bytes of it may be other than zero.
fn exponent(a: &[u8], u: &[u8; 32], x: &[u8; 32]) -> (Zeroizing<[u8; MAX_SECRET + 1]>, usize) {
    // Schoolbook: columns of up to 33 products of bytes, the lowest first, carries last.
    let mut columns = Zeroizing::new([0_u32; MAX_SECRET + 1]);
    for (column, byte) in columns.iter_mut().zip(a.iter().rev()) {
        *column = u32::from(*byte);
    }
    for (row, left) in u.iter().rev().enumerate() {
        for (at, right) in x.iter().rev().enumerate() {
            columns[row + at] += u32::from(*left) * u32::from(*right);
        }
    }
    let mut sum = Zeroizing::new([0; MAX_SECRET + 1]);
    let mut carry = 0;
    for (byte, column) in sum.iter_mut().rev().zip(&*columns) {
        carry += column;
        *byte = carry as u8;
        carry >>= 8;
    }
    // One byte more than the wider of the two summands.
    (sum, a.len().max(u.len() + x.len()) + 1)
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
        let b =
            ServerPublic::of(&multiplier().times(&Residue::generator_power(x.expose()))).unwrap();
        let a = ClientSecret::new(&[3; 32]).unwrap();
        assert!(client_key(&a, &client_public(&a), &b, &x).is_none());
    }
}
