//! The private operation by the Chinese remainder theorem (RFC 8017 §5.1.2), unguarded.

use core::fmt;

use zeroize::Zeroize;

use crate::{
    bytes,
    montgomery::{Modulus, Room},
    poly::Poly,
    rsa::{BYTES, PRIME_BYTES},
    shape::Shapes,
    word::Word,
};

/// What the numbers of the computation pass through, so that a test can show what becomes of a fault in them.
pub(super) trait Tap {
    /// Sees a number, and may change it.
    fn pass<P: Poly>(&mut self, number: &mut P);
}

/// Lets everything pass.
pub(super) struct NoTap;

impl Tap for NoTap {
    #[inline(always)]
    fn pass<P: Poly>(&mut self, _: &mut P) {}
}

/// The two primes with what belongs to them.
#[derive(Clone)]
pub(super) struct Crt<B: Shapes> {
    p: Half<B>,
    q: Half<B>,
    /// `1/q` modulo `p`.
    coefficient: B::Prime,
}

/// A prime of 1,024 bits.
#[derive(Clone)]
struct Half<B: Shapes> {
    prime: Modulus<B::Prime>,
    /// `R^3` modulo the prime.
    cube: B::Prime,
}

/// One secret exponent for each prime.
#[derive(Clone)]
pub(super) struct Exponents {
    pub(super) p: [u8; PRIME_BYTES],
    pub(super) q: [u8; PRIME_BYTES],
}

impl<B: Shapes> Crt<B> {
    /// Prepares two odd numbers of exactly 1,024 bits each.
    pub(super) fn new(p: &[u8; PRIME_BYTES], q: &[u8; PRIME_BYTES]) -> Self {
        let mut this = Self {
            p: Half::new(p),
            q: Half::new(q),
            coefficient: B::Prime::ZERO,
        };
        // 1/q is q^(p - 2), by Fermat.
        let mut exponent = less_two(p);
        let mut room = Room::new();
        let [mut q] = bytes::read(q);
        this.p.prime.mul(&mut q, &this.p.prime.square, &mut room);
        let power = this.p.prime.power::<32>(&q, &exponent, &mut room);
        this.coefficient = this.p.prime.leave(&power, &mut room);
        q.zeroize();
        exponent.zeroize();
        this
    }

    /// The exponents that invert, by Fermat.
    pub(super) fn inverting(&self) -> Exponents {
        let bytes = |half: &Half<B>| {
            let mut bytes = [0; PRIME_BYTES];
            bytes::write(&[half.prime.n], &mut bytes);
            less_two(&bytes)
        };
        Exponents {
            p: bytes(&self.p),
            q: bytes(&self.q),
        }
    }

    /// The number modulo the product of the primes whose residues are the powers of a number, big-endian.
    pub(super) fn power(
        &self,
        number: &[u8; BYTES],
        exponents: &Exponents,
        tap: &mut impl Tap,
    ) -> [u8; BYTES] {
        let mut room = Room::new();
        let mut halves = bytes::read::<B::Prime, 2>(number);
        let mut first = self.p.power(&halves, &exponents.p, tap, &mut room);
        let mut second = self.q.power(&halves, &exponents.q, tap, &mut room);
        // h = (first - second) / q modulo p, and the result is second + h q (Garner, 1959).
        let mut lower = self.q.prime.leave(&second, &mut room);
        tap.pass(&mut lower);
        second = lower;
        self.p
            .prime
            .mul(&mut second, &self.p.prime.square, &mut room);
        tap.pass(&mut second);
        let mut h = self.p.prime.sub(&first, &second);
        tap.pass(&mut h);
        self.p.prime.mul(&mut h, &self.coefficient, &mut room);
        tap.pass(&mut h);
        h = self.p.prime.canonical(&h);
        tap.pass(&mut h);
        let mut result = product_and_sum(&h, &self.q.prime.n, &lower, &mut room);
        tap.pass(&mut result[0]);
        tap.pass(&mut result[1]);
        let mut bytes = [0; BYTES];
        bytes::write(&result, &mut bytes);
        halves.zeroize();
        first.zeroize();
        second.zeroize();
        lower.zeroize();
        h.zeroize();
        result.zeroize();
        bytes
    }
}

impl<B: Shapes> Drop for Crt<B> {
    fn drop(&mut self) {
        self.coefficient.zeroize();
    }
}

impl<B: Shapes> Half<B> {
    fn new(prime: &[u8; PRIME_BYTES]) -> Self {
        let [n] = bytes::read(prime);
        let prime = Modulus::new(&n, 8 * PRIME_BYTES);
        let mut cube = prime.square;
        prime.sqr(&mut cube, &mut Room::new());
        Self { prime, cube }
    }

    /// The power of a number given in two parts, modulo the prime and as it is kept.
    fn power(
        &self,
        number: &[B::Prime; 2],
        exponent: &[u8; PRIME_BYTES],
        tap: &mut impl Tap,
        room: &mut Room<B::Prime>,
    ) -> B::Prime {
        // The number is below 2^2048 and so below R n: one reduction is enough, and divides by R.
        let mut base = self.prime.reduce(number, room);
        tap.pass(&mut base);
        self.prime.mul(&mut base, &self.cube, room);
        tap.pass(&mut base);
        let mut power = self.prime.power::<32>(&base, exponent, room);
        tap.pass(&mut power);
        base.zeroize();
        power
    }
}

impl<B: Shapes> Drop for Half<B> {
    fn drop(&mut self) {
        self.prime.n.zeroize();
        self.prime.inverse.zeroize();
        self.prime.square.zeroize();
        self.cube.zeroize();
    }
}

impl Drop for Exponents {
    fn drop(&mut self) {
        self.p.zeroize();
        self.q.zeroize();
    }
}

impl fmt::Debug for Exponents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exponents(..)")
    }
}

/// `left * right + summand`, in two parts.
fn product_and_sum<P: Poly>(left: &P, right: &P, summand: &P, room: &mut Room<P>) -> [P; 2] {
    let columns = room.product(left, right);
    let mut result = [P::ZERO; 2];
    let carry = result[0].carry([&columns[0], &summand.to_columns()], P::Word::ZERO_COLUMN);
    result[1].carry([&columns[1]], carry);
    result
}

/// An odd number above 2, less 2.
fn less_two(number: &[u8; PRIME_BYTES]) -> [u8; PRIME_BYTES] {
    let mut less = *number;
    let mut borrow = 2;
    for byte in less.iter_mut().rev() {
        let difference = i16::from(*byte) - borrow;
        *byte = difference as u8;
        borrow = -(difference >> 8);
    }
    less
}
