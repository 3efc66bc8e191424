//! The group: the 3072-bit prime of RFC 3526 §4 with generator 2. The arithmetic is that of `userpool-arith`.

use userpool_arith::group::{self, Element};

use crate::integer::fixed;

/// How many bytes a group element is kept in.
pub const ELEMENT_BYTES: usize = group::BYTES;

/// An integer modulo the prime; wiped on drop.
pub(super) type Residue = Element;

/// The multiplier `k = H(I(N) | I(g))`.
const MULTIPLIER: [u8; 32] = [
    0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9,
    0xf5, 0xb3, 0xa6, 0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
];

/// The integer 1.
pub(super) const ONE: [u8; ELEMENT_BYTES] = {
    let mut one = [0; ELEMENT_BYTES];
    one[ELEMENT_BYTES - 1] = 1;
    one
};

/// The integer `N - 1`: the prime is odd.
pub(super) const MINUS_ONE: [u8; ELEMENT_BYTES] = {
    let mut integer = group::MODULUS;
    integer[ELEMENT_BYTES - 1] -= 1;
    integer
};

/// The multiplier as a residue.
pub(super) fn multiplier() -> Residue {
    small(&MULTIPLIER)
}

/// The generator.
pub(super) fn generator() -> Residue {
    small(&[2])
}

fn small(bytes: &[u8]) -> Residue {
    let mut integer = [0; ELEMENT_BYTES];
    integer[ELEMENT_BYTES - bytes.len()..].copy_from_slice(bytes);
    Element::from_bytes(&integer)
}

/// The integer as fixed big-endian bytes, where it lies in `1..N`; a public value needs no other check.
pub(super) fn in_range(integer: &[u8]) -> Option<[u8; ELEMENT_BYTES]> {
    let element = fixed::<ELEMENT_BYTES>(integer)?;
    let any = element.iter().fold(0, |any, byte| any | byte);
    (group::is_reduced(&element) && any != 0).then_some(element)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::integer::padded;

    #[test]
    fn k_is_the_hash_of_modulus_and_generator() {
        assert_eq!(
            MULTIPLIER,
            sha256(&[&padded(&group::MODULUS), &padded(&[2])])
        );
        assert_eq!(multiplier().to_bytes()[352..], MULTIPLIER);
    }

    #[test]
    fn only_integers_between_zero_and_the_modulus_are_elements() {
        let n = group::MODULUS;
        let mut below = n;
        below[383] -= 1;
        let mut above = n;
        above[383] = 0;
        above[382] = 0xff;
        above[375] = above[375].wrapping_add(1);
        assert!(in_range(&[1]).is_some());
        assert!(in_range(&below).is_some());
        assert!(in_range(&above).is_none());
        assert!(in_range(&[]).is_none());
        assert!(in_range(&[0; 500]).is_none());
        assert!(in_range(&n).is_none());
        assert!(in_range(&[0xff; 384]).is_none());
        assert!(in_range(&[1; 385]).is_none());
    }
}
