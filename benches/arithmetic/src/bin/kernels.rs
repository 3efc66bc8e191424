//! Calls each piece of arithmetic so often that its mean count is the same in every run, and prints how often.
//! `benches/gate.py` runs it under callgrind.

use std::hint::black_box;

use userpool_bench_arithmetic::{Kernels, SIGNATURES_OF_A_PAIR};

fn main() {
    let mut kernels = Kernels::new();
    black_box(kernels.power());
    black_box(kernels.comb());
    black_box(kernels.public_value());
    black_box(kernels.shared());
    black_box(kernels.shared_by_stored_powers());
    for _ in 0..SIGNATURES_OF_A_PAIR {
        black_box(kernels.sign());
    }
    for _ in 0..4 {
        assert!(kernels.verify());
    }
    for name in [
        "power",
        "comb",
        "public_value",
        "shared",
        "shared_by_stored_powers",
    ] {
        println!("{name} 1");
    }
    println!("sign {SIGNATURES_OF_A_PAIR}");
    println!("verify 4");
}
