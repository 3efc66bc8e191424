//! New keys: two random primes of 1,024 bits and the numbers of RFC 8017 §3.2 (FIPS 186-5, A.1.3).

use core::fmt;

use zeroize::Zeroize;

use crate::{
    bytes,
    montgomery::{Modulus, Room},
    poly::Poly,
    rsa::{
        BYTES, Numbers, PRIME_BYTES,
        crt::{Crt, product_and_sum},
    },
    shape::{Backend, Native, Shapes},
};

/// The public exponent of new keys: `2^16 + 1`, a prime.
pub const EXPONENT: u64 = 65_537;

/// Rounds of the test of Miller and Rabin. FIPS 186-5, table B.1, asks for 4 with random candidates of 1,024 bits.
const ROUNDS: usize = 8;
/// Candidates with an odd divisor below this are not tried further.
const SIEVED: u16 = 2_048;

/// The numbers of a new key, big-endian. Wiped on drop.
pub struct Generated {
    /// The modulus.
    pub modulus: [u8; BYTES],
    /// The private exponent.
    pub private_exponent: [u8; BYTES],
    /// The first prime.
    pub p: [u8; PRIME_BYTES],
    /// The second prime.
    pub q: [u8; PRIME_BYTES],
    /// The private exponent modulo `p - 1`.
    pub exponent_p: [u8; PRIME_BYTES],
    /// The private exponent modulo `q - 1`.
    pub exponent_q: [u8; PRIME_BYTES],
    /// `1/q` modulo `p`.
    pub coefficient: [u8; PRIME_BYTES],
}

impl Generated {
    /// Makes a key from random bytes, of which it takes as many as it needs.
    ///
    /// Both primes are 3 modulo 4, which FIPS 186-5 leaves to choose. How many candidates were thrown away can be told
    /// from the time, and nothing of the two that were not.
    pub fn new(random: &mut dyn FnMut(&mut [u8])) -> Self {
        Self::on::<Native>(random)
    }

    /// [`new`](Self::new) with limbs of a given kind.
    pub fn on<B: Backend>(random: &mut dyn FnMut(&mut [u8])) -> Self {
        let p = prime::<B>(random);
        let mut q = prime::<B>(random);
        while close(&p, &q) {
            q = prime::<B>(random);
        }
        let mut room = Room::new();
        let [[mut first], [mut second]] = [&p, &q].map(|prime| bytes::read::<B::Prime, 1>(prime));
        let mut product = product_and_sum(&first, &second, &B::Prime::ZERO, &mut room);
        let mut modulus = [0; BYTES];
        bytes::write(&product, &mut modulus);
        let mut coefficient = [0; PRIME_BYTES];
        bytes::write(&[Crt::<B>::new(&p, &q).coefficient], &mut coefficient);
        first.zeroize();
        second.zeroize();
        product.zeroize();
        // (p - 1) (q - 1) = n - p - q + 1. The lowest bit of an odd number is 1.
        let mut totient = modulus;
        subtract(&mut totient, &p);
        subtract(&mut totient, &q);
        totient[BYTES - 1] += 1;
        let (mut exponent_p, mut exponent_q) = (p, q);
        exponent_p[PRIME_BYTES - 1] -= 1;
        exponent_q[PRIME_BYTES - 1] -= 1;
        for number in [&mut totient[..], &mut exponent_p, &mut exponent_q] {
            invert_exponent(number);
        }
        Self {
            modulus,
            private_exponent: totient,
            p,
            q,
            exponent_p,
            exponent_q,
            coefficient,
        }
    }

    /// The numbers that a [`PrivateKey`](crate::rsa::PrivateKey) is prepared from.
    pub fn numbers(&self) -> Numbers<'_> {
        Numbers {
            modulus: &self.modulus,
            exponent: EXPONENT,
            private_exponent: &self.private_exponent,
            p: &self.p,
            q: &self.q,
            exponent_p: &self.exponent_p,
            exponent_q: &self.exponent_q,
        }
    }
}

impl Drop for Generated {
    fn drop(&mut self) {
        self.private_exponent.zeroize();
        self.p.zeroize();
        self.q.zeroize();
        self.exponent_p.zeroize();
        self.exponent_q.zeroize();
        self.coefficient.zeroize();
    }
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generated(..)")
    }
}

/// A random prime, 3 modulo 4, above `1.5 * 2^1023`, with which the public exponent has an inverse.
fn prime<B: Shapes>(random: &mut dyn FnMut(&mut [u8])) -> [u8; PRIME_BYTES] {
    let mut candidate = [0; PRIME_BYTES];
    loop {
        random(&mut candidate);
        candidate[0] |= 0xc0;
        candidate[PRIME_BYTES - 1] |= 3;
        let suits = !has_small_divisor(&candidate) && modulo_exponent(&candidate) != 1;
        if suits && is_probable_prime::<B>(&candidate, random) {
            return candidate;
        }
    }
}

/// Whether the difference is at most `2^924` (FIPS 186-5, A.1.3, step 5.4).
fn close(p: &[u8; PRIME_BYTES], q: &[u8; PRIME_BYTES]) -> bool {
    let top = |number: &[u8; PRIME_BYTES]| {
        let (top, _) = number.split_first_chunk::<16>().expect("128 bytes");
        u128::from_be_bytes(*top)
    };
    top(p).abs_diff(top(q)) <= 1 << 28
}

/// Whether an odd number below [`SIEVED`] divides the candidate.
fn has_small_divisor(candidate: &[u8; PRIME_BYTES]) -> bool {
    // The divisors that 3, 5 or 7 divide find nothing more.
    let first = |divisor: &u16| {
        [3, 5, 7]
            .iter()
            .all(|one| divisor == one || !divisor.is_multiple_of(*one))
    };
    (3..SIEVED).step_by(2).filter(first).any(|divisor| {
        // No division has a secret in it: the quotient is estimated with the reciprocal, and is at most 1 too small.
        let divisor = u64::from(divisor);
        let reciprocal = (1 << 32) / divisor;
        let mut rest = 0_u64;
        for digit in digits(candidate) {
            let number = rest << 16 | u64::from(digit);
            rest = number - ((number * reciprocal) >> 32) * divisor;
        }
        rest == 0 || rest == divisor
    })
}

/// The test of Miller and Rabin (FIPS 186-5, B.3.1) for a number that is 3 modulo 4: one power decides a round.
fn is_probable_prime<B: Shapes>(
    candidate: &[u8; PRIME_BYTES],
    random: &mut dyn FnMut(&mut [u8]),
) -> bool {
    let [n] = bytes::read::<B::Prime, 1>(candidate);
    let modulus = Modulus::new(&n, 8 * PRIME_BYTES);
    let mut room = Room::new();
    let one = modulus.canonical(&modulus.one(&mut room));
    let mut half = half(candidate);
    let mut base = [0; PRIME_BYTES];
    let prime = (0..ROUNDS).all(|_| {
        // Any number below the modulus is a base as it is kept.
        random(&mut base);
        base[0] &= 0x7f;
        let [kept] = bytes::read::<B::Prime, 1>(&base);
        let power = modulus.power::<32>(&kept, &half, &mut room);
        let power = modulus.canonical(&power);
        let sum = modulus.canonical(&modulus.add(&power, &one));
        [modulus.sub(&power, &one), sum]
            .iter()
            .any(|number| is_zero(&modulus.canonical(number)))
    });
    half.zeroize();
    base.zeroize();
    prime
}

fn is_zero<P: Poly>(number: &P) -> bool {
    let mut bytes = [0; PRIME_BYTES];
    bytes::write(&[*number], &mut bytes);
    let any = bytes.iter().fold(0, |any, byte| any | byte);
    bytes.zeroize();
    any == 0
}

/// Half of the number, rounded down.
fn half(number: &[u8; PRIME_BYTES]) -> [u8; PRIME_BYTES] {
    let mut above = 0;
    number.map(|byte| {
        let half = above << 7 | byte >> 1;
        above = byte & 1;
        half
    })
}

/// Takes a number from a larger one.
fn subtract(number: &mut [u8; BYTES], less: &[u8; PRIME_BYTES]) {
    let mut borrow = 0;
    for at in (0..BYTES).rev() {
        let byte = at.checked_sub(BYTES - PRIME_BYTES).map_or(0, |at| less[at]);
        let difference = i16::from(number[at]) - i16::from(byte) + borrow;
        number[at] = difference as u8;
        borrow = difference >> 8;
    }
}

/// The digits of 16 bits, the highest first.
fn digits(number: &[u8]) -> impl DoubleEndedIterator<Item = u16> {
    let pairs = number.as_chunks::<2>().0;
    pairs.iter().map(|pair| u16::from_be_bytes(*pair))
}

/// The number modulo [`EXPONENT`]: `2^16` is -1 there, so that digits are added and subtracted in turn.
fn modulo_exponent(number: &[u8]) -> i64 {
    let (sum, _) = digits(number).rev().fold((0, 1), |(sum, sign), digit| {
        (sum + sign * i64::from(digit), -sign)
    });
    fold(fold(sum))
}

/// A number with which this is the same modulo [`EXPONENT`]; in `0..EXPONENT` if the number was below `2^32`.
fn fold(number: i64) -> i64 {
    let folded = (number & 0xffff) - (number >> 16);
    folded + (EXPONENT as i64 & folded >> 63)
}

/// Replaces a number `m`, which [`EXPONENT`] does not divide, by the inverse of the exponent modulo `m`.
///
/// That is `(1 + k m) / e` with `k = -1/m` modulo `e`. The division leaves no rest and so goes from the lowest digit:
/// as `e` is 1 modulo `2^16`, each digit of the quotient is the digit that is there.
fn invert_exponent(m: &mut [u8]) {
    // 1/m is m^(e - 2), by Fermat.
    let base = modulo_exponent(m);
    let inverse = (1..EXPONENT.ilog2()).fold(base, |power, _| fold(fold(power * power) * base));
    let k = EXPONENT as i64 - inverse;
    let mut rest = 1;
    for pair in m.as_chunks_mut::<2>().0.iter_mut().rev() {
        rest += k * i64::from(u16::from_be_bytes(*pair));
        let digit = rest as u16;
        *pair = digit.to_be_bytes();
        rest = (rest >> 16) - i64::from(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(number: u128) -> [u8; 16] {
        number.to_be_bytes()
    }

    #[test]
    fn a_number_modulo_the_exponent_is_what_dividing_leaves() {
        for number in [
            0,
            1,
            65_536,
            65_537,
            65_538,
            u128::MAX,
            3 << 100,
            0x1_0000_ffff_0000,
        ] {
            let rest = (number % u128::from(EXPONENT)) as i64;
            assert_eq!(modulo_exponent(&wide(number)), rest, "{number}");
        }
    }

    #[test]
    fn the_exponent_times_its_inverse_is_one() {
        for m in [2, 3, 40, 65_536, 65_538, 1 << 90, (1 << 110) - 7] {
            let mut inverse = wide(m);
            invert_exponent(&mut inverse);
            let inverse = u128::from_be_bytes(inverse);
            assert!(inverse < m);
            assert_eq!(inverse * u128::from(EXPONENT) % m, 1, "{m}");
        }
    }

    #[test]
    fn a_small_divisor_is_found() {
        let mut number = [0; PRIME_BYTES];
        number[0] = 0x80; // 2^1023
        assert!(!has_small_divisor(&number));
        number[PRIME_BYTES - 1] = 1; // 2^1023 + 1 is a multiple of 3.
        assert!(has_small_divisor(&number));
        assert!(has_small_divisor(&[0xff; PRIME_BYTES]));
    }

    #[test]
    fn what_is_halved_and_subtracted_is_less() {
        assert_eq!(half(&[0xff; PRIME_BYTES])[..2], [0x7f, 0xff]);
        let mut number = [0; BYTES];
        number[BYTES - PRIME_BYTES - 1] = 1;
        let mut one = [0; PRIME_BYTES];
        one[PRIME_BYTES - 1] = 1;
        subtract(&mut number, &one);
        assert_eq!(number[BYTES - PRIME_BYTES..], [0xff; PRIME_BYTES]);
        assert_eq!(number[..BYTES - PRIME_BYTES], [0; BYTES - PRIME_BYTES]);
    }
}
