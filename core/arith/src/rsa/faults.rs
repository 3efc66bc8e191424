//! What becomes of a bit that flips while a private power is computed.

use num_bigint::BigUint;

use crate::{
    Narrow, Wide,
    poly::Poly,
    rsa::{
        BYTES, Blinding, CHANCE_BYTES, Fault, Numbers, PRIME_BYTES, PrivateKey,
        crt::{NoTap, Tap},
    },
    shape::Backend,
    word::Word,
};

/// Counts what passes.
#[derive(Default)]
struct Count {
    passed: usize,
    limbs: usize,
    bits: u32,
}

impl Tap for Count {
    fn pass<P: Poly>(&mut self, _: &mut P) {
        self.passed += 1;
        self.limbs = P::LIMBS;
        self.bits = P::BITS;
    }
}

/// Flips one bit of one limb of one number that passes.
struct Flip {
    passed: usize,
    number: usize,
    limb: usize,
    bit: u32,
}

impl Tap for Flip {
    fn pass<P: Poly>(&mut self, number: &mut P) {
        if self.passed == self.number {
            let limb = number.limb_mut(self.limb);
            *limb = P::Word::from_bits(P::Word::to_bits(*limb) ^ 1 << self.bit);
        }
        self.passed += 1;
    }
}

/// A key of the primes above 2^1023.6 and above 2^1023.8: any will do, and these need no search at random.
pub(super) fn key<B: Backend>() -> PrivateKey<B> {
    let one = BigUint::from(1_u8);
    let prime_above = |start: BigUint| {
        let mut candidate = start | &one;
        let two = BigUint::from(2_u8);
        // Fermat's test with the base 2, and a cofactor that the public exponent does not share.
        while two.modpow(&(&candidate - 1_u8), &candidate) != one
            || (&candidate - 1_u8) % 65_537_u32 == BigUint::ZERO
        {
            candidate += 2_u8;
        }
        candidate
    };
    let p = prime_above((BigUint::from(97_u8) << 1_017) + 12_345_u32);
    let q = prime_above((BigUint::from(111_u8) << 1_017) + 54_321_u32);
    let d = BigUint::from(65_537_u32)
        .modinv(&((&p - 1_u8) * (&q - 1_u8)))
        .expect("coprime");
    fn bytes<const N: usize>(number: &BigUint) -> [u8; N] {
        let digits = number.to_bytes_be();
        let mut bytes = [0; N];
        bytes[N - digits.len()..].copy_from_slice(&digits);
        bytes
    }
    PrivateKey::new(&Numbers {
        modulus: &bytes::<BYTES>(&(&p * &q)),
        exponent: 65_537,
        private_exponent: &bytes::<BYTES>(&d),
        p: &bytes::<PRIME_BYTES>(&p),
        q: &bytes::<PRIME_BYTES>(&q),
        exponent_p: &bytes::<PRIME_BYTES>(&(&d % (&p - 1_u8))),
        exponent_q: &bytes::<PRIME_BYTES>(&(&d % (&q - 1_u8))),
    })
    .expect("the numbers of a key")
}

/// Flips each `step`-th bit that passes; returns how many flips were caught and how many changed nothing.
fn flip_all<B: Backend>(step: usize) -> [usize; 2] {
    let key = key::<B>();
    let number = [0x5a; BYTES];
    let chance = [0xc3; CHANCE_BYTES];
    let pair = Blinding::new(&key, &chance).expect("a pair");
    let mut count = Count::default();
    let right = key
        .short_way(&number, &mut Some(pair.clone()), &chance, &mut count)
        .expect("a power");
    let per_number = count.limbs * count.bits as usize;
    assert_eq!(count.passed, 13);
    let mut seen = [0; 2];
    for at in (0..count.passed * per_number).step_by(step) {
        let mut flip = Flip {
            passed: 0,
            number: at / per_number,
            limb: at % per_number / count.bits as usize,
            bit: (at % count.bits as usize) as u32,
        };
        match key.short_way(&number, &mut Some(pair.clone()), &chance, &mut flip) {
            Err(Fault) => seen[0] += 1,
            Ok(result) => {
                // The flip fell on bits that what followed did not look at.
                assert_eq!(
                    result, right,
                    "number {}, limb {}, bit {}",
                    flip.number, flip.limb, flip.bit
                );
                seen[1] += 1;
            }
        }
    }
    seen
}

#[cfg(target_pointer_width = "64")]
#[test]
fn no_wrong_power_leaves_whichever_bit_flips() {
    let [caught, harmless] = flip_all::<Wide>(1);
    assert_eq!(caught + harmless, 13 * 17 * 61);
    assert!(harmless < 100, "{harmless} flips changed nothing");
}

#[test]
fn no_wrong_power_leaves_with_narrow_columns_either() {
    let [caught, harmless] = flip_all::<Narrow>(7);
    assert!(
        caught > 1_900 && harmless < 100,
        "{caught} caught, {harmless} changed nothing"
    );
}

#[test]
fn a_flip_costs_the_pair_and_the_other_way_gives_the_power() {
    let key = key::<Wide>();
    let (number, chance) = ([0x77; BYTES], [1; CHANCE_BYTES]);
    let right = key
        .tapped_power(&number, &mut None, &chance, &mut NoTap)
        .expect("a power");
    for number_of_tap in 0..13 {
        let mut blinding = Some(Blinding::new(&key, &chance).expect("a pair"));
        let mut flip = Flip {
            passed: 0,
            number: number_of_tap,
            limb: 3,
            bit: 5,
        };
        let result = key.tapped_power(&number, &mut blinding, &chance, &mut flip);
        assert_eq!(result, Ok(right));
        assert!(blinding.is_none());
    }
}
