//! SRP against the same formulas written over arbitrary-precision integers.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use num_bigint::BigUint;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use userpool_crypto::digest::{hmac_sha256, sha256};
use userpool_crypto::integer::padded;
use userpool_crypto::srp::{
    ClientPublic, ClientSecret, ServerPublic, Verifier, client_key, client_public, private_key,
    server_key, server_public, verifier,
};

fn n() -> BigUint {
    // 2^3072 - 2^3008 - 1 + 2^64 (floor(2^2942 pi) + 1690314), from the digits of the RFC.
    let digits = include_str!("rfc3526_group15.txt");
    BigUint::parse_bytes(digits.split_whitespace().collect::<String>().as_bytes(), 16).unwrap()
}

fn k() -> BigUint {
    BigUint::from_bytes_be(&sha256(&[&padded(&n().to_bytes_be()), &[2]]))
}

fn g() -> BigUint {
    BigUint::from(2_u8)
}

fn u(a: &BigUint, b: &BigUint) -> BigUint {
    BigUint::from_bytes_be(&sha256(&[
        &padded(&a.to_bytes_be()),
        &padded(&b.to_bytes_be()),
    ]))
}

fn key(u: &BigUint, s: &BigUint) -> [u8; 16] {
    let prk = hmac_sha256(&padded(&u.to_bytes_be()), &[&padded(&s.to_bytes_be())]);
    let okm = hmac_sha256(&prk, &[b"Caldera Derived Key\x01"]);
    okm[..16].try_into().unwrap()
}

/// Random secrets, with the extremes well represented.
fn secret() -> impl Strategy<Value = [u8; 32]> {
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

/// Elements of `1..N`, the edges well represented.
fn element() -> impl Strategy<Value = BigUint> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 384).prop_map(|bytes| BigUint::from_bytes_be(&bytes) % (n() - 1_u8) + 1_u8),
        1 => (1_u8..5).prop_map(BigUint::from),
        1 => (1_u8..5).prop_map(|below| n() - below),
        1 => (1_u32..3_071).prop_map(|bit| BigUint::from(1_u8) << bit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_server_agrees_with_big_integers(a in element(), v in element(), b in secret()) {
        let n = n();
        prop_assume!(v > BigUint::from(1_u8) && v < &n - 1_u8);
        let secret_b = BigUint::from_bytes_be(&b);
        let kept = Verifier::from_bytes(&v.to_bytes_be()).unwrap();
        let public = server_public(&kept, &b).unwrap();
        let expected_b = (k() * &v + g().modpow(&secret_b, &n)) % &n;
        prop_assert_eq!(BigUint::from_bytes_be(public.bytes()), expected_b.clone());

        let received = ClientPublic::parse(&a.to_str_radix(16)).unwrap();
        let u = u(&a, &expected_b);
        let s = (&a * v.modpow(&u, &n)).modpow(&secret_b, &n);
        let made = server_key(&received, &public, &kept, &b).unwrap();
        prop_assert_eq!(*made.expose(), key(&u, &s));
    }

    #[test]
    fn the_client_agrees_with_big_integers(a in secret(), wide in prop::collection::vec(any::<u8>(), 0..97), b in element(), salt: [u8; 16]) {
        let n = n();
        let mut bytes = wide;
        bytes.extend(a);
        let secret_a = BigUint::from_bytes_be(&bytes);
        let secret = ClientSecret::new(&bytes).unwrap();
        let public = client_public(&secret);
        let expected_a = g().modpow(&secret_a, &n);
        prop_assert_eq!(BigUint::from_bytes_be(public.bytes()), expected_a.clone());

        let x = private_key("pool", "user", b"password", &salt);
        let number_x = BigUint::from_bytes_be(x.expose());
        let kept = verifier(&x);
        let expected_v = g().modpow(&number_x, &n);
        prop_assert_eq!(BigUint::from_bytes_be(kept.bytes()), expected_v.clone());

        let u = u(&expected_a, &b);
        let base = (&b + &n - (k() * expected_v) % &n) % &n;
        let s = base.modpow(&(secret_a + &u * number_x), &n);
        let received = ServerPublic::parse(&b.to_str_radix(16)).unwrap();
        let made = client_key(&secret, &public, &received, &x).unwrap();
        prop_assert_eq!(*made.expose(), key(&u, &s));
    }

    #[test]
    fn both_sides_agree_on_the_right_password_only(a: [u8; 32], b: [u8; 32], salt: [u8; 16], password in ".{0,20}") {
        let x = private_key("pool", "user", password.as_bytes(), &salt);
        let kept = verifier(&x);
        let a = ClientSecret::new(&a).unwrap();
        let sent_a = client_public(&a);
        let sent_b = server_public(&kept, &b).unwrap();
        let server = server_key(&sent_a, &sent_b, &kept, &b).unwrap();
        let client = client_key(&a, &sent_a, &sent_b, &x).unwrap();
        prop_assert!(server.matches(client.expose()));
        let wrong = private_key("pool", "user", (password + "?").as_bytes(), &salt);
        let client = client_key(&a, &sent_a, &sent_b, &wrong).unwrap();
        prop_assert!(!server.matches(client.expose()));
    }

    #[test]
    fn no_text_makes_a_public_value_panic(text in "[0-9a-fA-Fx ]{0,1100}") {
        if let Ok(value) = ClientPublic::parse(&text) {
            let number = BigUint::parse_bytes(text.as_bytes(), 16).unwrap();
            prop_assert_eq!(BigUint::from_bytes_be(value.bytes()), number);
        }
    }
}

#[test]
fn only_the_integers_between_zero_and_the_modulus_are_public_values() {
    for (integer, accepted) in [
        (BigUint::from(0_u8), false),
        (BigUint::from(1_u8), true),
        (n() - 1_u8, true),
        (n(), false),
        (n() + 1_u8, false),
        (n() * 2_u8, false),
        (n() << 512, false),
    ] {
        assert_eq!(
            ClientPublic::parse(&integer.to_str_radix(16)).is_ok(),
            accepted
        );
    }
}
