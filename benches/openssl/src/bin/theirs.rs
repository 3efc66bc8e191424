//! Calls OpenSSL's pieces of arithmetic so often that their mean count is the same in every run, and prints how often.
//! `benches/arithmetic.py` runs it under callgrind.

use std::hint::black_box;

use userpool_bench_arithmetic::{Kernels, MESSAGE, RSA_KEY, SIGNATURES_OF_A_PAIR};
use userpool_bench_openssl::Theirs;

fn main() -> Result<(), String> {
    let kernels = Kernels::new();
    let mut theirs = Theirs::new(&kernels.base, &kernels.exponent, RSA_KEY)?;
    black_box(theirs.power());
    let mut signature = [0; 256];
    for _ in 0..SIGNATURES_OF_A_PAIR {
        signature = black_box(theirs.sign(&MESSAGE));
    }
    for _ in 0..4 {
        assert!(theirs.verify(&MESSAGE, &signature));
    }
    println!("power 1\nsign {SIGNATURES_OF_A_PAIR}\nverify 4");
    Ok(())
}
