//! Numbers as big-endian bytes.

use crate::{poly::Poly, word::Word};

/// Reads polynomials that follow each other, the lowest first, from bytes of which there are a multiple of eight.
pub fn read<P: Poly, const N: usize>(bytes: &[u8]) -> [P; N] {
    let words = bytes.as_rchunks::<8>().1;
    read_words(|at| {
        words
            .len()
            .checked_sub(at + 1)
            .map_or(0, |place| u64::from_be_bytes(words[place]))
    })
}

/// Reads a polynomial from words, the lowest first.
pub fn from_words<P: Poly>(words: &[u64]) -> P {
    let [number] = read_words(|at| words.get(at).copied().unwrap_or(0));
    number
}

fn read_words<P: Poly, const N: usize>(word: impl Fn(usize) -> u64) -> [P; N] {
    let mut number = [P::ZERO; N];
    for at in 0..N * P::LIMBS {
        let bit = at * P::BITS as usize;
        let both = u128::from(word(bit / 64)) | u128::from(word(bit / 64 + 1)) << 64;
        let limb = (both >> (bit % 64)) as u64 & ((1 << P::BITS) - 1);
        *number[at / P::LIMBS].limb_mut(at % P::LIMBS) = P::Word::from_bits(limb);
    }
    number
}

/// Writes polynomials that follow each other, all limbs in `0..2^BITS`, to bytes that hold their number.
pub fn write<P: Poly, const N: usize>(number: &[P; N], bytes: &mut [u8]) {
    let mut rest = 0_u128;
    let mut bits = 0;
    let mut at = 0;
    for word in bytes.as_rchunks_mut::<8>().1.iter_mut().rev() {
        while bits < 64 {
            let limb = if at < N * P::LIMBS {
                P::Word::to_bits(number[at / P::LIMBS].limb(at % P::LIMBS))
            } else {
                0
            };
            rest |= u128::from(limb) << bits;
            bits += P::BITS;
            at += 1;
        }
        *word = (rest as u64).to_be_bytes();
        rest >>= 64;
        bits -= 64;
    }
}
