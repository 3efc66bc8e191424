//! RSA against the same operations over arbitrary-precision integers and by the `rsa` crate.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use std::sync::LazyLock;

use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
use num_bigint::BigUint;
use rsa::{
    hazmat::rsa_decrypt_and_check,
    traits::{PrivateKeyParts, PublicKeyParts},
};
use userpool_arith::{
    Backend, Narrow, Wide,
    rsa::{BYTES, Blinding, CHANCE_BYTES, InvalidKey, Numbers, PRIME_BYTES, PrivateKey, PublicKey},
};

/// A few keys, the same ones on every run.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| (1..=3).map(Key::new).collect());

/// The numbers of a key that the `rsa` crate made.
struct Key {
    peer: rsa::PrivateKey,
    n: [u8; BYTES],
    d: [u8; BYTES],
    p: [u8; PRIME_BYTES],
    q: [u8; PRIME_BYTES],
    dp: [u8; PRIME_BYTES],
    dq: [u8; PRIME_BYTES],
}

impl Key {
    fn new(seed: u8) -> Self {
        let peer = rsa::PrivateKey::new(&mut ChaCha20Rng::from_seed([seed; 32]), 2_048).unwrap();
        Self {
            n: bytes(&integer(&peer.n().to_be_bytes())),
            d: bytes(&integer(&peer.d().to_be_bytes())),
            p: bytes(&integer(&peer.primes()[0].to_be_bytes())),
            q: bytes(&integer(&peer.primes()[1].to_be_bytes())),
            dp: bytes(&integer(&peer.dp().unwrap().to_be_bytes())),
            dq: bytes(&integer(&peer.dq().unwrap().to_be_bytes())),
            peer,
        }
    }

    fn numbers(&self) -> Numbers<'_> {
        Numbers {
            modulus: &self.n,
            exponent: 65_537,
            private_exponent: &self.d,
            p: &self.p,
            q: &self.q,
            exponent_p: &self.dp,
            exponent_q: &self.dq,
        }
    }
}

fn integer(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

fn bytes<const N: usize>(integer: &BigUint) -> [u8; N] {
    let digits = integer.to_bytes_be();
    let mut bytes = [0; N];
    bytes[N - digits.len()..].copy_from_slice(&digits);
    bytes
}

fn cases(number: u64) -> u64 {
    let soak = std::env::var("USERPOOL_SOAK").ok();
    number * soak.map_or(1, |times| times.parse::<u64>().unwrap())
}

/// Numbers below the modulus: random ones, and those at the edges.
fn numbers(key: &Key, random: u64) -> Vec<[u8; BYTES]> {
    let n = integer(&key.n);
    let (p, q) = (integer(&key.p), integer(&key.q));
    let mut numbers = vec![BigUint::ZERO, BigUint::from(1_u8), BigUint::from(2_u8)];
    numbers.extend([
        &n - 1_u8,
        &n - 2_u8,
        p.clone(),
        q.clone(),
        &p - 1_u8,
        &p * 3_u8,
        &q + 1_u8,
    ]);
    numbers.push(BigUint::from(1_u8) << 2_046);
    for case in 0..random {
        numbers.push(BigUint::from(case + 2).modpow(&(&n >> 1_u8), &n));
    }
    numbers.iter().map(bytes).collect()
}

fn public_and_private<B: Backend>(key: &Key, random: u64) {
    let (n, d, e) = (integer(&key.n), integer(&key.d), BigUint::from(65_537_u32));
    let private = PrivateKey::<B>::new(&key.numbers()).unwrap();
    let mut blinding = None;
    for (case, number) in numbers(key, random).iter().enumerate() {
        let power = private.public().power(number).unwrap();
        assert_eq!(power, bytes(&integer(number).modpow(&e, &n)));
        let chance = [case as u8 ^ 0xa5; CHANCE_BYTES];
        let root = private.power(number, &mut blinding, &chance).unwrap();
        assert_eq!(root, bytes(&integer(number).modpow(&d, &n)));
    }
}

#[test]
fn both_operations_agree_with_big_integers_with_wide_columns() {
    for key in &*KEYS {
        public_and_private::<Wide>(key, cases(60));
    }
}

#[test]
fn both_operations_agree_with_big_integers_with_narrow_columns() {
    for key in &*KEYS {
        public_and_private::<Narrow>(key, cases(20));
    }
}

#[test]
fn the_private_operation_agrees_with_the_rsa_crate() {
    for key in &*KEYS {
        let private = PrivateKey::<Wide>::new(&key.numbers()).unwrap();
        let mut blinding = None;
        for number in numbers(key, cases(60)) {
            let peer = rsa::BoxedUint::from_be_slice(&number, 2_048).unwrap();
            let expected =
                rsa_decrypt_and_check(&key.peer, None::<&mut ChaCha20Rng>, &peer).unwrap();
            let root = private
                .power(&number, &mut blinding, &[9; CHANCE_BYTES])
                .unwrap();
            assert_eq!(integer(&root), integer(&expected.to_be_bytes()));
        }
    }
}

#[test]
fn any_odd_exponent_is_taken() {
    let key = &KEYS[0];
    let n = integer(&key.n);
    for exponent in [3, 5, 17, 257, 65_537, (1 << 33) - 1, u64::MAX] {
        let public = PublicKey::<Wide>::new(&key.n, exponent).unwrap();
        for number in numbers(key, 5) {
            let expected = integer(&number).modpow(&BigUint::from(exponent), &n);
            assert_eq!(public.power(&number), Some(bytes(&expected)));
        }
    }
}

#[test]
fn a_number_that_is_not_below_the_modulus_is_refused() {
    let key = &KEYS[0];
    let private = PrivateKey::<Wide>::new(&key.numbers()).unwrap();
    for number in [key.n, bytes(&(integer(&key.n) + 1_u8)), [0xff; BYTES]] {
        assert_eq!(private.public().power(&number), None);
        assert!(
            private
                .power(&number, &mut None, &[1; CHANCE_BYTES])
                .is_err()
        );
    }
}

#[test]
fn numbers_that_do_not_fit_each_other_make_no_key() {
    let (key, other) = (&KEYS[0], &KEYS[1]);
    let good = key.numbers();
    let even: [u8; BYTES] = bytes(&(integer(&key.n) - 1_u8));
    let short: [u8; BYTES] = bytes(&(integer(&key.n) >> 1_u8 | BigUint::from(1_u8)));
    let even_prime: [u8; PRIME_BYTES] = bytes(&(integer(&key.p) - 1_u8));
    let bad = [
        Numbers {
            modulus: &other.n,
            ..good
        },
        Numbers {
            modulus: &even,
            ..good
        },
        Numbers {
            modulus: &short,
            ..good
        },
        Numbers {
            exponent: 65_539,
            ..good
        },
        Numbers {
            exponent: 65_536,
            ..good
        },
        Numbers {
            exponent: 1,
            ..good
        },
        Numbers {
            p: &other.p,
            ..good
        },
        Numbers { p: &key.q, ..good },
        Numbers {
            p: &even_prime,
            ..good
        },
        Numbers {
            q: &other.q,
            ..good
        },
        Numbers {
            exponent_p: &key.dq,
            ..good
        },
        Numbers {
            exponent_q: &other.dq,
            ..good
        },
    ];
    for numbers in bad {
        assert_eq!(PrivateKey::<Wide>::new(&numbers).unwrap_err(), InvalidKey);
        assert_eq!(PrivateKey::<Narrow>::new(&numbers).unwrap_err(), InvalidKey);
    }
}

#[test]
fn a_pair_is_used_some_times_and_made_anew() {
    let key = &KEYS[0];
    let private = PrivateKey::<Wide>::new(&key.numbers()).unwrap();
    let mut pair = Blinding::new(&private, &[3; CHANCE_BYTES]).unwrap();
    assert!(!pair.is_spent());
    let number = [0x11; BYTES];
    let expected = private.power(&number, &mut None, &[4; CHANCE_BYTES]);
    let mut uses = 0;
    while !pair.is_spent() {
        let mut kept = Some(pair);
        assert_eq!(
            private.power(&number, &mut kept, &[0; CHANCE_BYTES]),
            expected
        );
        pair = kept.unwrap();
        uses += 1;
    }
    assert_eq!(uses, 64);
    // No chance, no pair: what 0 would hide is not hidden, and the other way answers.
    let mut spent = Some(pair);
    assert_eq!(
        private.power(&number, &mut spent, &[0; CHANCE_BYTES]),
        expected
    );
    assert!(spent.is_none());
    assert_eq!(
        private.power(&number, &mut spent, &[5; CHANCE_BYTES]),
        expected
    );
    assert!(spent.is_some_and(|pair| !pair.is_spent()));
}
