//! Every shape against arbitrary-precision integers, with limbs as random and as extreme as they may be.

extern crate std;

use num_bigint::BigUint;

use crate::{
    Backend, Narrow, Wide, bytes,
    constants::{self, COMB, STRIDE},
    group::Element,
    montgomery::{Modulus, Room},
    poly::Poly,
    shape::Shapes,
    word::Word,
};

/// Numbers that are the same on every run (Marsaglia, 2003).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// So many cases, times `USERPOOL_SOAK` where that is set.
pub(crate) fn cases(number: usize) -> usize {
    let soak = std::env::var("USERPOOL_SOAK").ok();
    number * soak.map_or(1, |times| times.parse().expect("USERPOOL_SOAK is a number"))
}

fn number<P: Poly>(limbs: &P) -> BigUint {
    (0..P::LIMBS).rev().fold(BigUint::ZERO, |sum, at| {
        (sum << P::BITS) + P::Word::to_bits(limbs.limb(at))
    })
}

fn limbs<P: Poly>(number: &BigUint) -> P {
    let mut words = number.to_u64_digits();
    words.resize(P::LIMBS, 0);
    bytes::from_words(&words)
}

fn r<P: Poly>() -> BigUint {
    BigUint::from(1_u8) << (P::BITS as usize * P::LIMBS)
}

/// A number below `16 n`, its limbs as far off as what computed it may leave them.
fn factor<P: Poly>(modulus: &Modulus<P>, chance: &mut Chance) -> P {
    let n = number(&modulus.n);
    let random = (0..P::LIMBS).fold(BigUint::ZERO, |sum, _| (sum << 64) + chance.word());
    let exact = match chance.word() % 16 {
        0 => BigUint::ZERO,
        1 => BigUint::from(1_u8),
        2 => &n - 1_u8,
        3 => n.clone(),
        4 => &n + 1_u8,
        5 => &n * 2_u8 - 1_u8,
        6 => &n * 16_u8 - 1_u8,
        7 => BigUint::from(1_u8) << (chance.word() % (n.bits() - 1)),
        8 => (BigUint::from(1_u8) << (chance.word() % (n.bits() - 1))) - 1_u8,
        // All limbs full, up to where the number may go.
        9 => (BigUint::from(1_u8) << (n.bits() + 3)) - 1_u8,
        10 => random % (&n * 16_u8),
        _ => random % (&n * 2_u8),
    };
    let mut limbs = limbs::<P>(&exact);
    // Some of what a limb stands for may lie in the limb below: the second limb of a block may hold 2^10 more.
    if chance.word().is_multiple_of(2) {
        for at in (2..P::LIMBS).filter(|_| P::LIMBS.is_multiple_of(4)) {
            let block = P::LIMBS / 4;
            if at % block == 2 && P::Word::to_bits(limbs.limb(at)) > 0 {
                let lower = P::Word::to_bits(limbs.limb(at - 1));
                if lower < 1 << 10 {
                    *limbs.limb_mut(at) = P::Word::from_bits(P::Word::to_bits(limbs.limb(at)) - 1);
                    *limbs.limb_mut(at - 1) = P::Word::from_bits(lower + (1 << P::BITS));
                }
            }
        }
        assert_eq!(number(&limbs), exact);
    }
    limbs
}

fn is_tidy<P: Poly>(limbs: &P) -> bool {
    (0..P::LIMBS).all(|at| P::Word::to_bits(limbs.limb(at)) < (1 << P::BITS) + (1 << 10))
}

fn multiply_and_compare<P: Poly>(modulus: &Modulus<P>, number_of_cases: usize, seed: u64) {
    let n = number(&modulus.n);
    let r = r::<P>();
    let r_inverse = r.modinv(&n).unwrap();
    let (mut chance, mut room) = (Chance::new(seed), Room::new());
    for _ in 0..cases(number_of_cases) {
        let (left, right) = (factor(modulus, &mut chance), factor(modulus, &mut chance));
        let expected = |product: BigUint| product * &r_inverse % &n;
        let mut product = left;
        modulus.mul(&mut product, &right, &mut room);
        assert_eq!(
            number(&product) % &n,
            expected(number(&left) * number(&right))
        );
        assert!(number(&product) < &n * 2_u8 && is_tidy(&product));
        let mut square = left;
        modulus.sqr(&mut square, &mut room);
        assert_eq!(
            number(&square) % &n,
            expected(number(&left) * number(&left))
        );
        assert!(number(&square) < &n * 2_u8 && is_tidy(&square));
        let (sum, difference) = (
            modulus.add(&product, &square),
            modulus.sub(&product, &square),
        );
        assert_eq!(number(&sum) % &n, (number(&product) + number(&square)) % &n);
        assert_eq!(
            number(&difference) % &n,
            (number(&product) + &n * 2_u8 - number(&square)) % &n
        );
        assert!(number(&sum) < &n * 2_u8 && number(&difference) < &n * 2_u8);
        // A result that is as small as can be: full limbs may all carry.
        let small = BigUint::from(chance.word() >> (chance.word() % 64));
        let inverse = chance
            .word()
            .is_multiple_of(16)
            .then(|| number(&left).modinv(&n))
            .flatten();
        if let Some(inverse) = inverse {
            let right = limbs::<P>(&(&small * &r * inverse % &n));
            let mut product = left;
            modulus.mul(&mut product, &right, &mut room);
            assert!(number(&product) == small || number(&product) == &small + &n);
            let kept = limbs::<P>(&(&small * &r % &n));
            assert_eq!(number(&modulus.leave(&kept, &mut room)), small);
        }
        assert_eq!(number(&modulus.canonical(&product)), number(&product) % &n);
        assert_eq!(
            number(&modulus.leave(&product, &mut room)),
            expected(number(&product))
        );
    }
}

/// Moduli of so many bits: random ones, the least and the greatest, and those with limbs that are empty or full.
fn moduli<P: Poly>(bits: usize, number_of_cases: usize, seed: u64) {
    let mut chance = Chance::new(seed);
    let top = BigUint::from(1_u8) << (bits - 1);
    for case in 0..number_of_cases {
        let random = (0..bits / 64).fold(BigUint::ZERO, |sum, _| (sum << 64) + chance.word());
        let n = match case {
            0 => &top + 1_u8,
            1 => &top * 2_u8 - 1_u8,
            2 => &top * 2_u8 - 3_u8,
            3 => &top + (BigUint::from(1_u8) << (bits / 2)) - 1_u8,
            _ => random | &top | BigUint::from(1_u8),
        };
        let n = n | BigUint::from(1_u8);
        let modulus = Modulus::<P>::new(&limbs(&n), bits);
        assert_eq!(number(&modulus.square) % &n, r::<P>().pow(2) % &n);
        assert!(number(&modulus.square) < &n * 2_u8);
        let inverse = (number(&modulus.inverse) * &n + 1_u8) % (BigUint::from(1_u8) << P::BITS);
        assert_eq!(inverse, BigUint::ZERO);
        multiply_and_compare(&modulus, 500, chance.word());
    }
}

#[test]
fn products_in_the_group_agree_with_big_integers_with_wide_columns() {
    multiply_and_compare(Wide::group(), 20_000, 1);
}

#[test]
fn products_in_the_group_agree_with_big_integers_with_narrow_columns() {
    multiply_and_compare(Narrow::group(), 10_000, 2);
}

#[test]
fn products_modulo_primes_agree_with_big_integers() {
    moduli::<<Wide as Shapes>::Prime>(1_024, 20, 3);
    moduli::<<Narrow as Shapes>::Prime>(1_024, 20, 4);
}

#[test]
fn products_modulo_products_of_primes_agree_with_big_integers() {
    moduli::<<Wide as Shapes>::Product>(2_048, 20, 5);
    moduli::<<Narrow as Shapes>::Product>(2_048, 10, 6);
}

/// What a product's columns add up to at most, when each limb of both factors is as large as it gets.
fn widest_columns<P: Poly>() -> BigUint {
    let limb = (BigUint::from(1_u8) << P::BITS) + (1_u32 << 10);
    &limb * &limb * P::LIMBS
}

#[test]
fn columns_fit_where_they_are_read() {
    let two = BigUint::from(2_u8);
    // The sum before the last carry: a product folded, a quotient's product folded, and what is carried.
    let sum = |product: BigUint, column: u32| {
        let carry = &two.pow(column) >> 28_u8;
        assert!(&product * 2_u8 + carry < two.pow(column));
    };
    sum(widest_columns::<<Wide as Shapes>::Group>(), 128);
    sum(widest_columns::<<Wide as Shapes>::Prime>(), 128);
    sum(widest_columns::<<Wide as Shapes>::Product>(), 128);
    sum(widest_columns::<<Narrow as Shapes>::Group>(), 64);
    sum(widest_columns::<<Narrow as Shapes>::Prime>(), 64);
    sum(widest_columns::<<Narrow as Shapes>::Product>(), 64);
    // Twice a column before it is halved: at the second level of splitting a column is the sum of two.
    assert!(widest_columns::<<Wide as Shapes>::Group>() * 4_u8 < two.pow(128));
    assert!(widest_columns::<<Wide as Shapes>::Product>() * 4_u8 < two.pow(128));
    assert!(widest_columns::<<Narrow as Shapes>::Product>() * 2_u8 < two.pow(64));
    // The group's narrow limbs: the prime's own add up to less than they might.
    let prime = &Narrow::group().n;
    let all: u64 = (0..112)
        .map(|at| <<Narrow as Shapes>::Group as Poly>::Word::to_bits(prime.limb(at)))
        .sum();
    let limb = (BigUint::from(1_u8) << 28) + (1_u32 << 10);
    assert!(limb * all * 4_u8 < two.pow(64));
}

#[test]
fn the_tables_are_what_their_definition_says() {
    let n = BigUint::from_bytes_be(&constants::PRIME);
    let two = BigUint::from(2_u8);
    let files = [
        (&constants::WIDE[..], 3_120, constants::WIDE_COMBS),
        // The file holds a comb, whether it is used or not.
        (&constants::NARROW[..], 3_136, 1),
    ];
    for (file, rho, combs) in files {
        let r = two.pow(rho);
        let mut rows = std::vec![&r - n.modinv(&r).unwrap(), &r * &r % &n];
        for bit in [64, 128, 192] {
            rows.push(two.modpow(&two.pow(bit), &n) * &r % &n);
        }
        for at in 0..combs * COMB {
            let (block, choice) = (at / COMB, at % COMB);
            let mut product = &r % &n;
            for tooth in 0..constants::TEETH {
                if choice >> tooth & 1 == 1 {
                    let bit = STRIDE * tooth + block * constants::columns(combs);
                    product = product * two.modpow(&two.pow(bit as u32), &n) % &n;
                }
            }
            rows.push(product);
        }
        let made: std::vec::Vec<u8> = rows
            .iter()
            .flat_map(|row| {
                let mut bytes = row.to_bytes_le();
                bytes.resize(392, 0);
                bytes
            })
            .collect();
        assert!(made == file, "the table for R = 2^{rho} differs");
    }
    assert_eq!(number(&Wide::group().n), n);
    assert_eq!(number(&Narrow::group().n), n);
}

#[test]
fn powers_by_steps_are_those_by_windows() {
    fn compare<B: Backend>(exponent: &[u8; 32]) {
        let by_steps = Element::<B>::generator_power_by_steps(exponent);
        let mut generator = [0; 384];
        generator[383] = 2;
        let by_windows = Element::<B>::from_bytes(&generator).power(exponent);
        assert_eq!(by_steps.to_bytes(), by_windows.to_bytes());
    }
    let mut chance = Chance::new(8);
    let mut exponents = std::vec![[0; 32], [0xFF; 32]];
    for _ in 0..cases(20) {
        exponents.push(core::array::from_fn(|_| chance.word() as u8));
    }
    for exponent in &exponents {
        compare::<Wide>(exponent);
        compare::<Narrow>(exponent);
    }
}

#[test]
fn the_prime_is_that_of_the_rfc() {
    // 2^3072 - 2^3008 - 1 + 2^64 (floor(2^2942 pi) + 1690314), with pi by Machin's formula.
    let scale = 2_942 + 64;
    let arctangent = |x: u32| -> BigUint {
        let mut term: BigUint = (BigUint::from(1_u8) << scale) / x;
        let (mut plus, mut minus) = (term.clone(), BigUint::ZERO);
        for divisor in (3_u32..).step_by(2) {
            term /= x * x;
            if term == BigUint::ZERO {
                break;
            }
            *(if divisor % 4 == 3 {
                &mut minus
            } else {
                &mut plus
            }) += &term / divisor;
        }
        plus - minus
    };
    let pi: BigUint = ((arctangent(5) * 4_u8 - arctangent(239)) * 4_u8) >> 64;
    let one = BigUint::from(1_u8);
    let n: BigUint = (&one << 3_072) - (&one << 3_008) - 1_u8 + ((pi + 1_690_314_u32) << 64);
    assert_eq!(n.to_bytes_be(), constants::PRIME);
}

#[test]
fn bytes_become_limbs_and_bytes_again() {
    let mut chance = Chance::new(7);
    for _ in 0..cases(500) {
        let mut integer = [0; 256];
        for byte in &mut integer {
            *byte = chance.word() as u8;
        }
        fn there_and_back<P: Poly, const N: usize>(integer: &[u8]) {
            let mut written = [0; 256];
            bytes::write(&bytes::read::<P, N>(integer), &mut written);
            assert_eq!(written, integer);
        }
        there_and_back::<<Wide as Shapes>::Prime, 2>(&integer);
        there_and_back::<<Wide as Shapes>::Product, 1>(&integer);
        there_and_back::<<Narrow as Shapes>::Prime, 2>(&integer);
        there_and_back::<<Narrow as Shapes>::Product, 1>(&integer);
    }
}
