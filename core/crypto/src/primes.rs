//! A search for primes that carries no tables: those of the `crypto-primes` crate are 48 kB that hardly compress. The
//! test of a candidate is the one of that crate.
//!
//! Small factors are sifted out by plain divisions, whose time may depend on what is divided: for a key that is made
//! once, and in pages, which can read their keys anyway.

use alloc::vec::Vec;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use crypto_primes::{Flavor, is_prime};
use rsa::BoxedUint;
use zeroize::Zeroizing;

/// The bytes of a prime.
const BYTES: usize = 128;
/// What small factors are below that candidates are sifted by.
const FACTORS: u32 = 4_096;
/// How far from a random number a prime is looked for: a hundred times the mean distance of primes.
const REACH: u32 = 1 << 16;

/// A prime of 1,024 bits whose two highest bits are set.
pub(crate) fn prime(stream: &mut ChaCha20Rng) -> BoxedUint {
    let factors = factors();
    loop {
        if let Some(prime) = search(stream, &factors) {
            return prime;
        }
    }
}

fn search(stream: &mut ChaCha20Rng, factors: &[u32]) -> Option<BoxedUint> {
    let mut start = Zeroizing::new([0; BYTES]);
    stream.fill_bytes(&mut *start);
    start[0] |= 0xC0;
    start[BYTES - 1] |= 1;
    let rest = |factor: &u32| {
        start
            .iter()
            .fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % factor)
    };
    let rests = Zeroizing::new(factors.iter().map(rest).collect::<Vec<_>>());
    let number = BoxedUint::from_be_slice(&*start, 8 * BYTES as u32).ok()?;
    (0..REACH)
        .step_by(2)
        .filter(|far| {
            let mut all = factors.iter().zip(rests.iter());
            all.all(|(factor, rest)| (rest + far) % factor != 0)
        })
        .map(|far| number.wrapping_add(BoxedUint::from(far)))
        // One that went past the end is small.
        .find(|candidate| {
            candidate.bit_vartime(8 * BYTES as u32 - 1) && is_prime(Flavor::Any, candidate)
        })
}

/// The odd primes below [`FACTORS`].
fn factors() -> Vec<u32> {
    let mut factors: Vec<u32> = Vec::new();
    for number in (3..FACTORS).step_by(2) {
        if factors.iter().all(|factor| number % factor != 0) {
            factors.push(number);
        }
    }
    factors
}

#[cfg(test)]
mod tests {
    use chacha20::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn what_is_found_is_a_prime_of_its_length() {
        for seed in 0..3 {
            let found = prime(&mut ChaCha20Rng::from_seed([seed; 32]));
            assert_eq!(found.bits_vartime(), 1_024);
            assert!(found.bit_vartime(1_022));
            assert!(is_prime(Flavor::Any, &found));
        }
    }

    #[test]
    fn two_finds_in_one_stream_differ() {
        let mut stream = ChaCha20Rng::from_seed([7; 32]);
        assert_ne!(prime(&mut stream), prime(&mut stream));
    }

    #[test]
    fn the_small_factors_are_the_primes() {
        let factors = factors();
        assert_eq!(factors[..6], [3, 5, 7, 11, 13, 17]);
        assert_eq!((factors.len(), factors.last()), (563, Some(&4_093)));
    }
}
