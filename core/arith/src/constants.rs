//! What is known of the group before anything runs.
//!
//! Two files hold it, one for each `R`, made and compared by the tests: rows of 49 words, little-endian; first `-1/n`
//! modulo `R`, then `R^2` modulo `n`, then three powers of the generator and the products that the combs choose from, each
//! times `R` modulo `n`.

/// How many teeth the comb has: so many bits of an exponent choose one product.
pub const TEETH: usize = 6;
/// How many bits of an exponent one tooth sees.
pub const STRIDE: usize = 43;
/// How many products a comb chooses from.
pub const COMB: usize = 1 << TEETH;
/// How many combs there are for wide limbs, each for so many of the columns: 24 KiB each, for 11 squarings fewer the
/// second, and 33 fewer all four.
pub const WIDE_COMBS: usize = 4;
/// How many combs there are for narrow limbs, where memory is short. Without any, powers go by [`STEPS`].
pub const NARROW_COMBS: usize = if cfg!(feature = "small") { 0 } else { 1 };
/// How many powers of the generator are kept beside the combs, `2^64` apart in their exponents.
pub const STEPS: usize = 3;
/// How many words an integer modulo the prime has.
pub const WORDS: usize = 48;

/// The words of a row.
const ROW: usize = WORDS + 1;

/// The prime `2^3072 - 2^3008 - 1 + 2^64 (floor(2^2942 pi) + 1690314)`, big-endian: RFC 3526 §4.
pub const PRIME: [u8; 384] = *include_bytes!("rfc3526_group15.bin");

/// For `R = 2^3120`.
pub const WIDE: &[u8; (2 + STEPS + WIDE_COMBS * COMB) * ROW * 8] = include_bytes!("group_wide.bin");
/// For `R = 2^3136`.
pub const NARROW: &[u8; (2 + STEPS + COMB) * ROW * 8] = include_bytes!("group_narrow.bin");

/// The products that a comb chooses from, each in words, the lowest first.
pub type Comb = [[u64; WORDS]; COMB];

/// How many columns of the exponent each of so many combs is for.
pub const fn columns(combs: usize) -> usize {
    STRIDE.div_ceil(combs)
}

/// Reads the products of all combs.
pub const fn combs<const COMBS: usize>(file: &[u8]) -> [Comb; COMBS] {
    let mut tables = [[[0; WORDS]; COMB]; COMBS];
    let mut at = 0;
    while at < COMBS * COMB * WORDS {
        let (row, place) = (at / WORDS, at % WORDS);
        tables[row / COMB][row % COMB][place] = word(file, (2 + STEPS + row) * ROW + place);
        at += 1;
    }
    tables
}

/// The generator to the powers `2^64`, `2^128` and `2^192`, big-endian.
pub const fn steps(file: &[u8]) -> [[u8; 384]; STEPS] {
    let mut steps = [[0; 384]; STEPS];
    let mut at = 0;
    while at < STEPS * 384 {
        let (row, place) = (at / 384, at % 384);
        steps[row][383 - place] = file[(2 + row) * ROW * 8 + place];
        at += 1;
    }
    steps
}

/// `-1/n` modulo `R` in limbs of so many bits.
pub const fn inverse<const L: usize>(file: &[u8], bits: u32) -> [i64; L] {
    limbs(file, 0, bits)
}

/// `R^2` modulo `n` in limbs of so many bits.
pub const fn square<const L: usize>(file: &[u8], bits: u32) -> [i64; L] {
    limbs(file, 1, bits)
}

/// The prime in limbs of so many bits.
pub const fn prime<const L: usize>(bits: u32) -> [i64; L] {
    let mut limbs = [0; L];
    let mut bit = 0;
    while bit < 3_072 {
        let set = PRIME[383 - bit / 8] >> (bit % 8) & 1;
        limbs[bit / bits as usize] |= (set as i64) << (bit % bits as usize);
        bit += 1;
    }
    limbs
}

const fn limbs<const L: usize>(file: &[u8], row: usize, bits: u32) -> [i64; L] {
    let mut limbs = [0; L];
    let mut at = 0;
    while at < L {
        let bit = at * bits as usize;
        let (place, shift) = (row * ROW + bit / 64, bit % 64);
        let mut limb = word(file, place) >> shift;
        if shift + bits as usize > 64 {
            limb |= word(file, place + 1) << (64 - shift);
        }
        limbs[at] = (limb & ((1 << bits) - 1)) as i64;
        at += 1;
    }
    limbs
}

const fn word(file: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(file.as_chunks::<8>().0[at])
}
