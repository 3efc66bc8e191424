//! Montgomery multiplication (Montgomery, 1985): products modulo an odd number without divisions.
//!
//! A number `x` is kept as `x R` modulo `n`. The product of two such numbers divided by `R` is the product kept the
//! same way. `R` is so much larger than `n` that what [`Modulus::mul`] gives is below `2 n` for factors up to `16 n`:
//! `(16 n * 16 n + R n) / R < 2 n` where `R > 256 n`. So nothing is subtracted between one product and the next.

use core::hint::black_box;

use zeroize::Zeroize;

use crate::{poly::Poly, word::Word};

/// An odd modulus `n`, and what Montgomery multiplication needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Modulus<P> {
    /// The modulus, below `R / 256`.
    pub n: P,
    /// `-1/n` modulo `R`; a [`Block`](crate::block::Block) uses the lowest limb only.
    pub inverse: P,
    /// `R^2` modulo `n`.
    pub square: P,
}

/// Room for one multiplication after another, wiped on drop.
pub struct Room<P: Poly> {
    t: [P::Columns; 2],
    columns: P::Columns,
    scratch: P::Scratch,
}

impl<P: Poly> Room<P> {
    /// Fresh room.
    pub fn new() -> Self {
        Self {
            t: [P::NO_COLUMNS; 2],
            columns: P::NO_COLUMNS,
            scratch: P::NO_SCRATCH,
        }
    }

    /// The product of two numbers, in columns.
    pub fn product(&mut self, left: &P, right: &P) -> &[P::Columns; 2] {
        left.product(right, &mut self.t, &mut self.scratch);
        &self.t
    }
}

impl<P: Poly> Drop for Room<P> {
    fn drop(&mut self) {
        self.t.zeroize();
        self.columns.zeroize();
        self.scratch.zeroize();
    }
}

impl<P: Poly> Modulus<P> {
    /// Prepares a modulus that is odd and has exactly `bits` bits.
    pub fn new(n: &P, bits: usize) -> Self {
        let mut this = Self {
            n: *n,
            inverse: negated_inverse(n),
            square: P::ZERO,
        };
        this.square = this.r_squared(bits);
        this
    }

    /// Replaces a number by its product with another, divided by `R`.
    #[inline(never)]
    pub fn mul(&self, number: &mut P, other: &P, room: &mut Room<P>) {
        number.product(other, &mut room.t, &mut room.scratch);
        number.reduce(self, &mut room.t, &mut room.columns, &mut room.scratch);
    }

    /// Replaces a number by its square, divided by `R`.
    #[inline(never)]
    pub fn sqr(&self, number: &mut P, room: &mut Room<P>) {
        number.square(&mut room.t, &mut room.scratch);
        number.reduce(self, &mut room.t, &mut room.columns, &mut room.scratch);
    }

    /// The number `t / R` for two polynomials `t`, lower and upper.
    pub fn reduce(&self, t: &[P; 2], room: &mut Room<P>) -> P {
        room.t = [t[0].to_columns(), t[1].to_columns()];
        let mut number = P::ZERO;
        number.reduce(self, &mut room.t, &mut room.columns, &mut room.scratch);
        number
    }

    /// The number that `x R` stands for: `x` in `0..n`.
    pub fn leave(&self, number: &P, room: &mut Room<P>) -> P {
        self.canonical(&self.reduce(&[*number, P::ZERO], room))
    }

    /// The number 1, as it is kept.
    pub fn one(&self, room: &mut Room<P>) -> P {
        self.reduce(&[self.square, P::ZERO], room)
    }

    /// The number in `0..n`, for one below `2 n`, in constant time.
    pub fn canonical(&self, number: &P) -> P {
        subtract_once(number, &self.n)
    }

    /// Whether the modulus is above a number; constant time.
    pub fn is_above(&self, number: P) -> bool {
        let mut difference = number.minus(&self.n);
        let borrow = difference.carry_limbs(P::Word::ZERO_LIMB);
        difference.zeroize();
        P::Word::to_bits(borrow) != 0
    }

    /// The sum of two numbers below `2 n`, below `2 n`.
    pub fn add(&self, left: &P, right: &P) -> P {
        subtract_once(&left.plus(right), &self.n.plus(&self.n))
    }

    /// The difference of two numbers below `2 n`, below `2 n`.
    pub fn sub(&self, left: &P, right: &P) -> P {
        let twice = self.n.plus(&self.n);
        subtract_once(&left.plus(&twice).minus(right), &twice)
    }

    /// Raises a number to a secret power, big-endian, by windows of as many bits as `TABLE` entries have numbers.
    ///
    /// The number of bytes can be told from the time, nothing else of the exponent can.
    pub fn power<const TABLE: usize>(&self, base: &P, exponent: &[u8], room: &mut Room<P>) -> P {
        let mut table = [P::ZERO; TABLE];
        table[0] = self.one(room);
        table[1] = *base;
        for at in 2..TABLE {
            table[at] = table[at / 2];
            let (lower, upper) = table.split_at_mut(at);
            if at % 2 == 0 {
                self.sqr(&mut upper[0], room);
            } else {
                upper[0] = lower[at - 1];
                self.mul(&mut upper[0], base, room);
            }
        }
        let width = TABLE.ilog2() as usize;
        let windows = (8 * exponent.len()).div_ceil(width);
        let mut power = table[0];
        for at in (0..windows).rev() {
            let mut factor = select(&table, window(exponent, at * width, width));
            if at + 1 == windows {
                power = factor;
                continue;
            }
            for _ in 0..width {
                self.sqr(&mut power, room);
            }
            self.mul(&mut power, &factor, room);
            factor.zeroize();
        }
        table.zeroize();
        power
    }

    /// Raises a number to a public power above 0, by its bits.
    pub fn public_power(&self, base: &P, exponent: u64, room: &mut Room<P>) -> P {
        let mut power = *base;
        for bit in (0..exponent.max(1).ilog2()).rev() {
            self.sqr(&mut power, room);
            if exponent >> bit & 1 == 1 {
                self.mul(&mut power, base, room);
            }
        }
        power
    }

    /// `R^2` modulo `n`, below `2 n`, for a modulus of exactly `bits` bits.
    ///
    /// Squaring `2^(rho + f)` with `R = 2^rho` gives `2^(rho + 2 f)`, and shifting adds to `f`: a few squarings lead from
    /// `R` to `f = rho`. Numbers of a few bits more than `n` may be squared: `(2^(m + 1) n)^2 / R < n` where `R` has at
    /// least `2 m + 2` bits more than `n`.
    fn r_squared(&self, bits: usize) -> P {
        let rho = P::BITS as usize * P::LIMBS;
        let most = (rho - bits) / 2 - 1;
        // From the end: f was (f - shift) / 2 before, until a shift alone reaches it. The last shift is the least.
        let mut shifts = [0; usize::BITS as usize];
        let mut steps = 0;
        let mut f = rho;
        while f > most {
            let shift = if steps == 0 {
                f % 2
            } else {
                most - (most + f) % 2
            };
            shifts[steps] = shift;
            steps += 1;
            f = (f - shift) / 2;
        }
        // 2^bits - n is 2^bits modulo n, as n has exactly so many bits.
        let mut number = P::ZERO;
        let top = P::Word::from_bits(1 << (bits % P::BITS as usize));
        *number.limb_mut(bits / P::BITS as usize) = top;
        number = number.minus(&self.n);
        number.carry_limbs(P::Word::ZERO_LIMB);
        for _ in bits..rho {
            number = self.add(&number, &number);
        }
        let mut room = Room::new();
        shift_up(&mut number, f);
        for &shift in shifts[..steps].iter().rev() {
            self.sqr(&mut number, &mut room);
            shift_up(&mut number, shift);
        }
        subtract_once(&number, &self.n.plus(&self.n))
    }
}

/// The entry at a secret place: all entries are read.
pub fn select<P: Poly>(table: &[P], secret: u8) -> P {
    let mut entry = P::ZERO;
    for (at, candidate) in table.iter().enumerate() {
        entry.add_masked(candidate, equal(at as u8, secret));
    }
    entry
}

/// -1 where the numbers are equal, 0 where they are not.
pub fn equal(left: u8, right: u8) -> i8 {
    // The borrow of subtracting one from 0 alone reaches the upper byte. Without the barrier a compiler may see that a
    // mask has two values, and branch on which it is.
    black_box((u16::from(left ^ right).wrapping_sub(1) >> 8) as i8)
}

/// So many bits of a big-endian number, from a place that is no secret; beyond its end there are zeros.
pub fn window(number: &[u8], from: usize, width: usize) -> u8 {
    let mut bits = 0;
    for at in (from..from + width).rev() {
        let byte = number
            .len()
            .checked_sub(at / 8 + 1)
            .map_or(0, |place| number[place]);
        bits = bits << 1 | (byte >> (at % 8) & 1);
    }
    bits
}

/// The number less the subtrahend, unless that is negative; limbs with signs and carries allowed, constant time.
fn subtract_once<P: Poly>(number: &P, subtrahend: &P) -> P {
    let mut difference = number.minus(subtrahend);
    let borrow = difference.carry_limbs(P::Word::ZERO_LIMB);
    // The borrow is 0 or -1.
    difference.add_masked(subtrahend, black_box(P::Word::to_bits(borrow) as i8));
    difference.carry_limbs(P::Word::ZERO_LIMB);
    difference
}

/// `-1/n` modulo `R`: the quotient's digits when a reduction starts from 1.
fn negated_inverse<P: Poly>(n: &P) -> P {
    let first = P::Word::to_bits(n.limb(0));
    let mut word = first;
    // Each step doubles the bits that are right: an odd number is its own inverse modulo 8 (3, 6, 12, 24, 48, 96).
    for _ in 0..5 {
        word = word.wrapping_mul(2_u64.wrapping_sub(first.wrapping_mul(word)));
    }
    let word = P::Word::from_bits(word.wrapping_neg() & ((1 << P::BITS) - 1));
    let mut inverse = P::ZERO;
    // Digit by digit, 1 + inverse * n is a multiple of one more power of 2^BITS; a column needs its digits only.
    let mut column = P::Word::column(P::Word::from_bits(1));
    for at in 0..P::LIMBS {
        for below in 0..at {
            column = P::Word::add(
                column,
                P::Word::product(inverse.limb(below), n.limb(at - below)),
            );
        }
        let digit = P::Word::low_product(column, word, P::BITS);
        *inverse.limb_mut(at) = digit;
        column = P::Word::shift(
            P::Word::add(column, P::Word::product(digit, n.limb(0))),
            P::BITS,
        );
    }
    inverse
}

/// Multiplies a number by a power of two; what passes the top limb is lost.
fn shift_up<P: Poly>(number: &mut P, bits: usize) {
    let mut carry = 0_u128;
    for at in 0..P::LIMBS {
        carry += u128::from(P::Word::to_bits(number.limb(at))) << bits;
        *number.limb_mut(at) = P::Word::from_bits(carry as u64 & ((1 << P::BITS) - 1));
        carry >>= P::BITS;
    }
}
