//! The group: the 3072-bit prime of RFC 3526 §4 with generator 2.

use crypto_bigint::modular::{ConstMontyForm, ConstMontyParams};
use crypto_bigint::{CtEq, U256, U3072, const_monty_params};

use crate::integer::fixed;

/// How many bytes a group element is kept in.
pub const ELEMENT_BYTES: usize = 384;

const_monty_params!(
    Modulus,
    U3072,
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
     020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
     4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
     98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB\
     9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
     E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718\
     3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33\
     A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
     ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864\
     D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2\
     08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    "The prime `2^3072 - 2^3008 - 1 + 2^64 (floor(2^2942 pi) + 1690314)`."
);

/// An integer modulo the prime.
pub(super) type Residue = ConstMontyForm<Modulus, { U3072::LIMBS }>;

/// The generator.
pub(super) const G: Residue = Residue::new(&U3072::from_u8(2));

/// The multiplier `k = H(I(N) | I(g))`.
pub(super) const K: Residue = Residue::new(
    &U256::from_be_hex("538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6").resize(),
);

/// The integer as fixed big-endian bytes, where it lies in `1..N`; a public value needs no other check.
pub(super) fn in_range(integer: &[u8]) -> Option<[u8; ELEMENT_BYTES]> {
    let element = fixed::<ELEMENT_BYTES>(integer)?;
    let integer = U3072::from_be_slice(&element);
    let in_range = integer < *Modulus::PARAMS.modulus().as_ref() && integer != U3072::ZERO;
    in_range.then_some(element)
}

/// The residue of bytes that are known to stand for an integer below `N`.
pub(super) fn residue(element: &[u8; ELEMENT_BYTES]) -> Residue {
    Residue::new(&U3072::from_be_slice(element))
}

/// The residue as fixed big-endian bytes.
pub(super) fn bytes(residue: &Residue) -> [u8; ELEMENT_BYTES] {
    let mut bytes = [0; ELEMENT_BYTES];
    bytes.copy_from_slice(residue.retrieve().to_be_bytes().as_ref());
    bytes
}

/// Whether the residue is zero.
pub(super) fn is_zero(residue: &Residue) -> bool {
    residue.ct_eq(&Residue::ZERO).into()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::digest::sha256;
    use crate::integer::{hex, padded};

    fn modulus() -> Vec<u8> {
        Modulus::PARAMS
            .modulus()
            .as_ref()
            .to_be_bytes()
            .as_ref()
            .to_vec()
    }

    #[test]
    fn k_is_the_hash_of_modulus_and_generator() {
        let k = sha256(&[&padded(&modulus()), &padded(&[2])]);
        assert_eq!(bytes(&K)[352..], k);
        assert!(hex(&k).starts_with("538282c4"));
    }

    #[test]
    fn only_integers_between_zero_and_the_modulus_are_elements() {
        let n = modulus();
        let mut below = n.clone();
        below[383] -= 1;
        let mut above = n.clone();
        above[383] = 0;
        above[382] = 0xff;
        above[375] = above[375].wrapping_add(1);
        assert!(in_range(&[1]).is_some());
        assert!(in_range(&below).is_some());
        assert!(in_range(&[]).is_none());
        assert!(in_range(&[0; 500]).is_none());
        assert!(in_range(&n).is_none());
        assert!(in_range(&[0xff; 384]).is_none());
        assert!(in_range(&[1; 385]).is_none());
    }
}
