//! The 3072-bit group of RFC 3526 §4 with generator 2, in which SRP computes.

use core::fmt;

use zeroize::Zeroize;

use crate::{
    bytes,
    constants::{Comb, PRIME, STEPS, STRIDE, TEETH, WORDS, columns},
    montgomery::{Room, equal, select, window},
    poly::Poly,
    shape::{Backend, Native, Shapes},
    word::Word,
};

/// How many bytes an integer modulo the prime has.
pub const BYTES: usize = 384;

/// How many more powers of an element [`Powers`] keeps.
const KEPT: usize = 3;

/// The prime, big-endian.
pub const MODULUS: [u8; BYTES] = PRIME;

/// An integer modulo the prime. It is taken for a secret: wiped on drop and never printed.
#[derive(Clone)]
pub struct Element<B: Backend = Native>(B::Group);

impl<B: Backend> Element<B> {
    /// The residue of any integer of so many bytes, big-endian.
    pub fn from_bytes(integer: &[u8; BYTES]) -> Self {
        let [mut number] = bytes::read(integer);
        B::mul(&mut number, &B::group().square, &mut Room::new());
        Self(number)
    }

    /// The element 1.
    pub fn one() -> Self {
        Self(one::<B>())
    }

    /// The power of the generator whose exponent is a secret of 256 bits, big-endian.
    ///
    /// Combs (Lim and Lee, 1994): the exponent is written as six rows of 43 bits, and each column of six bits chooses
    /// one of 64 products. Each of four combs has the products for eleven of the columns, so that ten squarings and 43
    /// products do; a single comb needs 42 squarings. The whole of a comb is read for each column.
    pub fn generator_power(exponent: &[u8; 32]) -> Self {
        let combs = B::combs();
        let Some(first) = combs.first() else {
            return Self::generator_power_by_steps(exponent);
        };
        let mut room = Room::new();
        let columns = columns(combs.len());
        let mut power = comb_product(first, exponent, columns - 1);
        for at in (0..columns).rev() {
            if at + 1 < columns {
                B::sqr(&mut power, &mut room);
            }
            for (block, comb) in combs.iter().enumerate() {
                let column = block * columns + at;
                if column >= STRIDE || column + 1 == columns {
                    continue;
                }
                let mut factor = comb_product(comb, exponent, column);
                B::mul(&mut power, &factor, &mut room);
                factor.zeroize();
            }
        }
        Self(power)
    }

    /// The power of the generator without a table: a comb of four rows of 64 bits, whose products are made of three
    /// powers. The fourth is the generator itself: it is 2, and doubling costs next to nothing.
    pub fn generator_power_by_steps(exponent: &[u8; 32]) -> Self {
        let mut room = Room::new();
        let steps = B::steps().each_ref().map(|step| bytes::read(step));
        let mut products = [B::group().one(&mut room); 1 << STEPS];
        for at in 1..products.len() {
            let highest = at.ilog2() as usize;
            let [mut product] = steps[highest];
            if !at.is_power_of_two() {
                B::mul(&mut product, &products[at - (1 << highest)], &mut room);
            }
            products[at] = product;
        }
        let mut power = products[0];
        for at in (0..64).rev() {
            let chosen = column::<{ 1 + STEPS }>(exponent, at, 64);
            let mut factor = select(&products, chosen >> 1);
            if at == 63 {
                power = factor;
            } else {
                B::sqr(&mut power, &mut room);
                B::mul(&mut power, &factor, &mut room);
            }
            // Below 4 n, where factors may be up to 16 n.
            factor = power;
            power.add_masked(&factor, equal(chosen & 1, 1));
            power.carry_limbs(<B::Group as Poly>::Word::ZERO_LIMB);
            factor.zeroize();
        }
        Self(power)
    }

    /// The power with a secret exponent, big-endian. Its number of bytes can be told from the time, nothing else can.
    #[must_use]
    pub fn power(&self, exponent: &[u8]) -> Self {
        Self(B::power(&self.0, exponent))
    }

    /// The power with an exponent that everybody may know.
    #[must_use]
    pub fn public_power(&self, exponent: &[u8; 32]) -> Self {
        let mut room = Room::new();
        // The odd powers 1, 3, .. 15: a window begins and ends with a bit that is set.
        let mut odd = [self.0; 8];
        let mut square = self.0;
        B::sqr(&mut square, &mut room);
        for at in 1..odd.len() {
            odd[at] = odd[at - 1];
            B::mul(&mut odd[at], &square, &mut room);
        }
        let mut power = one::<B>();
        let mut at = 256;
        while at > 0 {
            let width = at.min(4);
            let bits = window(exponent, at - width, width);
            if bits >> (width - 1) == 0 {
                B::sqr(&mut power, &mut room);
                at -= 1;
                continue;
            }
            let zeros = bits.trailing_zeros() as usize;
            for _ in zeros..width {
                B::sqr(&mut power, &mut room);
            }
            B::mul(&mut power, &odd[usize::from(bits >> zeros) / 2], &mut room);
            at -= width - zeros;
        }
        odd.zeroize();
        square.zeroize();
        Self(power)
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut number = self.0;
        B::mul(&mut number, &other.0, &mut Room::new());
        Self(number)
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(B::group().add(&self.0, &other.0))
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(B::group().sub(&self.0, &other.0))
    }

    /// Whether this is the residue 0; constant time.
    pub fn is_zero(&self) -> bool {
        let mut number = B::group().canonical(&self.0);
        let any = (0..B::Group::LIMBS).fold(0, |any, at| any | bits_of::<B>(&number, at));
        number.zeroize();
        any == 0
    }

    /// The integer below the prime, big-endian.
    pub fn to_bytes(&self) -> [u8; BYTES] {
        let mut number = B::group().leave(&self.0, &mut Room::new());
        let mut integer = [0; BYTES];
        bytes::write(&[number], &mut integer);
        number.zeroize();
        integer
    }
}

impl<B: Backend> Drop for Element<B> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<B: Backend> fmt::Debug for Element<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Element(..)")
    }
}

/// An element `v` with `v^(2^64)`, `v^(2^128)` and `v^(2^192)`, from which powers follow faster.
///
/// They are as secret as `v` is.
#[derive(Clone)]
pub struct Powers<B: Backend = Native>([Element<B>; 1 + KEPT]);

/// How many bytes the powers are kept in, without the element itself.
pub const POWERS_BYTES: usize = KEPT * BYTES;

impl<B: Backend> Powers<B> {
    /// Computes the powers of an element.
    pub fn of(element: &Element<B>) -> Self {
        let mut room = Room::new();
        let mut power = element.clone();
        let mut next = || {
            for _ in 0..64 {
                B::sqr(&mut power.0, &mut room);
            }
            power.clone()
        };
        Self([element.clone(), next(), next(), next()])
    }

    /// Takes back what [`to_bytes`](Self::to_bytes) gave, with the element that it was computed of.
    ///
    /// That they belong together is not checked.
    pub fn from_bytes(element: &Element<B>, kept: &[u8; POWERS_BYTES]) -> Self {
        let [first, second, third] = [0, 1, 2].map(|at| {
            let integer = kept[at * BYTES..][..BYTES]
                .try_into()
                .expect("so many bytes");
            Element::from_bytes(integer)
        });
        Self([element.clone(), first, second, third])
    }

    /// The powers as integers below the prime, big-endian, one after the other, without the element itself.
    pub fn to_bytes(&self) -> [u8; POWERS_BYTES] {
        let mut kept = [0; POWERS_BYTES];
        for (power, place) in self.0[1..].iter().zip(kept.as_chunks_mut::<BYTES>().0) {
            *place = power.to_bytes();
        }
        kept
    }

    /// The power of the element with an exponent that everybody may know.
    ///
    /// Four powers at once (Straus, 1964): each column of the exponent's four rows of 64 bits chooses one of sixteen
    /// products.
    pub fn public_power(&self, exponent: &[u8; 32]) -> Element<B> {
        let mut room = Room::new();
        let mut table = [one::<B>(); 16];
        for at in 1..16_usize {
            let highest = at.ilog2();
            table[at] = self.0[highest as usize].0;
            if !at.is_power_of_two() {
                let rest = table[at - (1 << highest)];
                B::mul(&mut table[at], &rest, &mut room);
            }
        }
        let mut power = one::<B>();
        for at in (0..64).rev() {
            B::sqr(&mut power, &mut room);
            let chosen = column::<4>(exponent, at, 64);
            if chosen != 0 {
                B::mul(&mut power, &table[usize::from(chosen)], &mut room);
            }
        }
        table.zeroize();
        Element(power)
    }
}

impl<B: Backend> fmt::Debug for Powers<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Powers(..)")
    }
}

/// Whether an integer, big-endian, is below the prime; constant time.
pub fn is_reduced(integer: &[u8; BYTES]) -> bool {
    let [number]: [<Native as Shapes>::Group; 1] = bytes::read(integer);
    Native::group().is_above(number)
}

/// The product that a column chooses of its comb. All are read.
fn comb_product<P: Poly>(comb: &Comb, exponent: &[u8; 32], at: usize) -> P {
    let chosen = column::<TEETH>(exponent, at, STRIDE);
    let mut words = [0; WORDS];
    for (at, product) in comb.iter().enumerate() {
        let mask = i64::from(equal(at as u8, chosen)) as u64;
        for (word, candidate) in words.iter_mut().zip(product) {
            *word |= candidate & mask;
        }
    }
    let product = bytes::from_words(&words);
    words.zeroize();
    product
}

/// The element 1: a comb's product of no teeth.
fn one<B: Backend>() -> B::Group {
    match B::combs() {
        [comb, ..] => bytes::from_words(&comb[0]),
        [] => B::group().one(&mut Room::new()),
    }
}

/// One bit of each row of an exponent, the highest row first. Rows have `stride` bits; their places are no secret.
fn column<const ROWS: usize>(exponent: &[u8; 32], at: usize, stride: usize) -> u8 {
    (0..ROWS).rev().fold(0, |bits, row| {
        bits << 1 | window(exponent, row * stride + at, 1)
    })
}

fn bits_of<B: Backend>(number: &B::Group, at: usize) -> u64 {
    <B::Group as Poly>::Word::to_bits(number.limb(at))
}
