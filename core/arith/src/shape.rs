//! The shapes of numbers for each way to hold them, and the bounds that make them exact.
//!
//! | number | `Wide` | `Narrow` |
//! |---|---|---|
//! | element of the 3072-bit group | 4 × 13 limbs of 60 bits, `R = 2^3120` | 8 × 14 limbs of 28 bits, `R = 2^3136` |
//! | modulo a prime of 1,024 bits | 17 limbs of 61 bits, `R = 2^1037` | 37 limbs of 28 bits, `R = 2^1036` |
//! | modulo a product of 2,048 bits | 4 × 9 limbs of 58 bits, `R = 2^2088` | 4 × 19 limbs of 28 bits, `R = 2^2128` |
//!
//! A column of a product of `n` limbs is below `n 2^(2 BITS)`. A reduction adds as much again, and carries. Where a
//! product modulo `X^n - 1` is split, twice a column must fit before it is halved, at each level of splitting, and a
//! column one level down is the sum of two. With `s` levels of splitting the largest column is
//!
//! | number | sum before the last carry | split columns, twice |
//! |---|---|---|
//! | group, `Wide` | 104 · 2^120 < 2^126.8 | s = 2: 2^2 · 52 · 2^120 < 2^127.8 |
//! | prime, `Wide` | 34 · 2^122 < 2^127.1 | none |
//! | product, `Wide` | 72 · 2^116 < 2^122.2 | s = 2: 2^2 · 36 · 2^116 < 2^123.2 |
//! | group, `Narrow` | 224 · 2^56 < 2^63.9 | s = 2: see below |
//! | prime, `Narrow` | 74 · 2^56 < 2^62.3 | none |
//! | product, `Narrow` | 152 · 2^56 < 2^63.3 | s = 1: 2 · 76 · 2^56 < 2^63.3 |
//!
//! In the group with `Narrow` two levels are exact because one factor is the prime itself: its limbs add up to less than
//! 2^33.9, so that a column is below 2^28 · 2^33.9 and four of them below 2^63.9. Tests hold limbs at their extremes
//! against each line.
//!
//! Half sums make limbs of two or three bits more, which `i64` holds; their products may leave a column's range, and
//! come back when the parts are put together: only what is read at the end has to be exact.

use crate::{
    block::Block,
    constants::{
        Comb, NARROW, NARROW_COMBS, STEPS, WIDE, WIDE_COMBS, combs, inverse, prime, square, steps,
    },
    group::BYTES,
    montgomery::{Modulus, Room},
    pair::Pair,
    poly::Poly,
    word,
};

/// Limbs of 58 to 61 bits, for processors that multiply 64 bits by 64.
#[derive(Clone, Copy, Debug)]
pub enum Wide {}

/// Limbs of 28 bits, for wasm32 and processors of 32 bits.
#[derive(Clone, Copy, Debug)]
pub enum Narrow {}

/// What suits the processor that this is compiled for.
#[cfg(target_pointer_width = "64")]
pub type Native = Wide;
/// What suits the processor that this is compiled for.
#[cfg(not(target_pointer_width = "64"))]
pub type Native = Narrow;

/// A way to hold numbers: [`Wide`] or [`Narrow`].
#[allow(
    private_bounds,
    reason = "how numbers are held is nobody else's business"
)]
pub trait Backend: Shapes {}

impl<B: Shapes> Backend for B {}

/// The shapes of a backend.
pub(crate) trait Shapes: Copy + core::fmt::Debug + 'static {
    /// An element of the group.
    type Group: Poly;
    /// A number modulo a prime of 1,024 bits.
    type Prime: Poly;
    /// A number modulo a product of two such primes.
    type Product: Poly;

    /// The group's prime.
    fn group() -> &'static Modulus<Self::Group>;
    /// The products of powers of the generator that the combs choose from.
    fn combs() -> &'static [Comb];
    /// The generator to the powers `2^64`, `2^128` and `2^192`, as numbers are kept, big-endian.
    fn steps() -> &'static [[u8; BYTES]; STEPS];

    // What costs the time is compiled here, with this crate, as no crate that uses it could ask for less speed.

    /// Replaces an element by its product with another.
    fn mul(number: &mut Self::Group, other: &Self::Group, room: &mut Room<Self::Group>);
    /// Replaces an element by its square.
    fn sqr(number: &mut Self::Group, room: &mut Room<Self::Group>);
    /// The power of an element with a secret exponent.
    fn power(base: &Self::Group, exponent: &[u8]) -> Self::Group;
}

macro_rules! compiled_here {
    () => {
        fn mul(number: &mut Self::Group, other: &Self::Group, room: &mut Room<Self::Group>) {
            Self::group().mul(number, other, room);
        }

        fn sqr(number: &mut Self::Group, room: &mut Room<Self::Group>) {
            Self::group().sqr(number, room);
        }

        fn power(base: &Self::Group, exponent: &[u8]) -> Self::Group {
            Self::group().power::<16>(base, exponent, &mut Room::new())
        }
    };
}

type WideGroup = Pair<Pair<Block<word::Wide, 13, 60>>>;
type NarrowGroup = Pair<Pair<Pair<Block<word::Narrow, 14, 28>, false>>>;

impl Shapes for Wide {
    type Group = WideGroup;
    type Prime = Block<word::Wide, 17, 61>;
    type Product = Pair<Pair<Block<word::Wide, 9, 58>>>;

    fn group() -> &'static Modulus<WideGroup> {
        static GROUP: Modulus<WideGroup> = Modulus {
            n: wide_group(&prime(60)),
            inverse: wide_group(&inverse(WIDE, 60)),
            square: wide_group(&square(WIDE, 60)),
        };
        &GROUP
    }

    fn combs() -> &'static [Comb] {
        static TABLES: [Comb; WIDE_COMBS] = combs(WIDE);
        &TABLES
    }

    fn steps() -> &'static [[u8; BYTES]; STEPS] {
        static POWERS: [[u8; BYTES]; STEPS] = steps(WIDE);
        &POWERS
    }

    compiled_here!();
}

impl Shapes for Narrow {
    type Group = NarrowGroup;
    type Prime = Block<word::Narrow, 37, 28>;
    type Product = Pair<Pair<Block<word::Narrow, 19, 28>, false>>;

    fn group() -> &'static Modulus<NarrowGroup> {
        static GROUP: Modulus<NarrowGroup> = Modulus {
            n: narrow_group(&prime(28)),
            inverse: narrow_group(&inverse(NARROW, 28)),
            square: narrow_group(&square(NARROW, 28)),
        };
        &GROUP
    }

    fn combs() -> &'static [Comb] {
        static TABLES: [Comb; NARROW_COMBS] = combs(NARROW);
        &TABLES
    }

    fn steps() -> &'static [[u8; BYTES]; STEPS] {
        static POWERS: [[u8; BYTES]; STEPS] = steps(NARROW);
        &POWERS
    }

    compiled_here!();
}

const fn wide_group(limbs: &[i64; 52]) -> WideGroup {
    let mut number = Pair([Pair([Block([0; 13]); 2]); 2]);
    let mut at = 0;
    while at < 52 {
        number.0[at / 26].0[at / 13 % 2].0[at % 13] = limbs[at];
        at += 1;
    }
    number
}

const fn narrow_group(limbs: &[i64; 112]) -> NarrowGroup {
    let mut number = Pair([Pair([Pair([Block([0; 14]); 2]); 2]); 2]);
    let mut at = 0;
    while at < 112 {
        number.0[at / 56].0[at / 28 % 2].0[at / 14 % 2].0[at % 14] = limbs[at];
        at += 1;
    }
    number
}
