//! The group against the same powers over arbitrary-precision integers, whichever way numbers are held.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use crypto_bigint::{
    Odd, U256, U3072,
    modular::{FixedMontyForm, FixedMontyParams},
};
use num_bigint::BigUint;
use proptest::{prelude::*, test_runner::RngSeed};
use userpool_arith::{
    Backend, Narrow, Wide,
    group::{self, BYTES, Element, Powers},
};

fn n() -> BigUint {
    BigUint::from_bytes_be(&group::MODULUS)
}

fn config(cases: u32) -> ProptestConfig {
    let soak = std::env::var("USERPOOL_SOAK").ok();
    let times = soak.map_or(1, |times| times.parse().unwrap());
    ProptestConfig {
        cases: cases * times,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

/// Exponents, the edges well represented.
fn exponent() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![
        6 => any::<[u8; 32]>(),
        1 => Just([0; 32]),
        1 => Just([0xff; 32]),
        1 => (0_usize..256).prop_map(|bit| {
            let mut bytes = [0; 32];
            bytes[31 - bit / 8] = 1 << (bit % 8);
            bytes
        }),
    ]
}

/// Integers of so many bytes as the prime has, below it and above, the edges well represented.
fn integer() -> impl Strategy<Value = [u8; BYTES]> {
    let bytes = |integer: BigUint| {
        let mut bytes = [0; BYTES];
        let digits = integer.to_bytes_be();
        bytes[BYTES - digits.len()..].copy_from_slice(&digits);
        bytes
    };
    prop_oneof![
        6 => prop::collection::vec(any::<u8>(), BYTES).prop_map(|bytes| bytes.try_into().unwrap()),
        1 => (0_u8..5).prop_map(move |small| bytes(BigUint::from(small))),
        1 => (0_u8..5).prop_map(move |below| bytes(n() - below)),
        1 => (0_u8..5).prop_map(move |above| bytes(n() + above)),
        1 => (0_u32..3_072).prop_map(move |bit| bytes(BigUint::from(1_u8) << bit)),
        1 => (1_u32..3_072).prop_map(move |bit| bytes((BigUint::from(1_u8) << bit) - 1_u8)),
        1 => Just([0xff; BYTES]),
    ]
}

fn value<B: Backend>(element: &Element<B>) -> BigUint {
    BigUint::from_bytes_be(&element.to_bytes())
}

fn all_powers<B: Backend>(base: &[u8; BYTES], exponent: &[u8; 32]) {
    let element = Element::<B>::from_bytes(base);
    let (base, e) = (
        BigUint::from_bytes_be(base),
        BigUint::from_bytes_be(exponent),
    );
    let expected = base.modpow(&e, &n());
    assert_eq!(value(&element.power(exponent)), expected);
    assert_eq!(value(&element.public_power(exponent)), expected);
    let powers = Powers::of(&element);
    assert_eq!(value(&powers.public_power(exponent)), expected);
    let kept = Powers::from_bytes(&element, &powers.to_bytes());
    assert_eq!(value(&kept.public_power(exponent)), expected);
    let expected = BigUint::from(2_u8).modpow(&e, &n());
    assert_eq!(value(&Element::<B>::generator_power(exponent)), expected);
}

fn all_sums<B: Backend>(left: &[u8; BYTES], right: &[u8; BYTES]) {
    let (a, b) = (
        Element::<B>::from_bytes(left),
        Element::<B>::from_bytes(right),
    );
    let (left, right) = (BigUint::from_bytes_be(left), BigUint::from_bytes_be(right));
    assert_eq!(value(&a), &left % n());
    assert_eq!(value(&a.times(&b)), &left * &right % n());
    assert_eq!(value(&a.plus(&b)), (&left + &right) % n());
    let difference = (&left + n() * 2_u8 - &right) % n();
    assert_eq!(value(&a.minus(&b)), difference);
    assert_eq!(a.minus(&b).is_zero(), difference == BigUint::ZERO);
    assert!(a.minus(&a).is_zero());
    assert_eq!(value(&Element::<B>::one()), BigUint::from(1_u8));
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn powers_agree_with_big_integers_with_wide_columns(base in integer(), exponent in exponent()) {
        all_powers::<Wide>(&base, &exponent);
    }

    #[test]
    fn powers_agree_with_big_integers_with_narrow_columns(base in integer(), exponent in exponent()) {
        all_powers::<Narrow>(&base, &exponent);
    }

    #[test]
    fn powers_agree_with_the_crypto_bigint_crate(base in integer(), exponent in exponent()) {
        let prime = Odd::new(U3072::from_be_slice(&group::MODULUS)).unwrap();
        let params = FixedMontyParams::new(prime);
        let peer = FixedMontyForm::new(&U3072::from_be_slice(&base), &params).pow(&U256::from_be_slice(&exponent));
        let expected = peer.retrieve().to_be_bytes();
        prop_assert_eq!(&Element::<Wide>::from_bytes(&base).power(&exponent).to_bytes()[..], expected.as_ref());
        prop_assert_eq!(&Element::<Narrow>::from_bytes(&base).power(&exponent).to_bytes()[..], expected.as_ref());
    }

    #[test]
    fn powers_of_any_width_agree_with_big_integers(base in integer(), exponent in prop::collection::vec(any::<u8>(), 0..130)) {
        let e = BigUint::from_bytes_be(&exponent);
        let expected = BigUint::from_bytes_be(&base).modpow(&e, &n());
        // With no bytes at all there is nothing to read: the empty product.
        prop_assert_eq!(value(&Element::<Wide>::from_bytes(&base).power(&exponent)), expected);
    }
}

proptest! {
    #![proptest_config(config(5_000))]

    #[test]
    fn sums_and_products_agree_with_big_integers(left in integer(), right in integer()) {
        all_sums::<Wide>(&left, &right);
        all_sums::<Narrow>(&left, &right);
    }

    #[test]
    fn an_integer_is_reduced_where_it_is_below_the_prime(integer in integer()) {
        prop_assert_eq!(group::is_reduced(&integer), BigUint::from_bytes_be(&integer) < n());
    }
}
