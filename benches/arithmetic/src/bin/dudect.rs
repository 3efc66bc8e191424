//! Whether times tell anything of secrets: a t-test between a fixed secret and random ones.
//!
//! `USERPOOL_DUDECT` divides the number of measurements, 1,000,000 powers and signatures and 10,000,000 comparisons, by
//! what it says. Each kind is measured until two runs agree, three times at most, and holds where those two lie below 4.5.
//! Arguments are the last words of the kinds to measure: `power`, `generator`, `signature`, `comparison`; without any, all are.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use userpool_arith::Native;
use userpool_arith::group::Element;
use userpool_bench_arithmetic::{RSA_KEY, element, welch};
use userpool_crypto::digest::{ct_eq, sha256};
use userpool_crypto::rs256::{Blinding, SigningKey};

const LIMIT: f64 = 4.5;
const RUNS: u32 = 3;
/// As many runs that agree decide.
const AGREEING: usize = 2;
/// Inputs made ahead of their measurements.
const BATCH: usize = 1_000;

fn main() -> ExitCode {
    let divisor = std::env::var("USERPOOL_DUDECT").map_or(1, |text| {
        text.parse().expect("USERPOOL_DUDECT is a whole number")
    });
    let base = Element::<Native>::from_bytes(&element(b"base"));
    let key = SigningKey::from_pkcs8(RSA_KEY).expect("the key of the benches is a key");
    let mut blinding = Blinding::default();
    let reference = sha256(&[b"reference"]);
    let mut held = Vec::new();
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let mut judge = |name: &str, count: usize, fixed, work: &mut dyn FnMut(&[u8; 32])| {
        if asked.is_empty() || asked.iter().any(|word| name.ends_with(word)) {
            held.push(judge(name, count / divisor, fixed, work));
        }
    };
    judge("a power", 1_000_000, [0; 32], &mut |secret| {
        drop(black_box(base.power(secret)));
    });
    judge(
        "a power of the generator",
        1_000_000,
        [0; 32],
        &mut |secret| {
            drop(black_box(Element::<Native>::generator_power(secret)));
        },
    );
    judge("a signature", 1_000_000, [0; 32], &mut |secret| {
        let _ = black_box(key.sign_with(secret, &mut blinding, &reference));
    });
    judge("a comparison", 10_000_000, reference, &mut |secret| {
        black_box(ct_eq(black_box(&reference), secret));
    });
    let missed = held.iter().filter(|held| !**held).count();
    println!("{} passed, {missed} failed", held.len() - missed);
    ExitCode::from(u8::from(missed > 0))
}

/// Measures a piece of work until two runs agree, three times at most; whether two show no difference.
fn judge(name: &str, count: usize, fixed: [u8; 32], work: &mut dyn FnMut(&[u8; 32])) -> bool {
    let (mut below, mut above) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let farthest = welch::farthest(&measure(count, run, fixed, work));
        if farthest < LIMIT {
            below.push(farthest);
        } else {
            above.push(farthest);
        }
        if below.len() == AGREEING || above.len() == AGREEING {
            break;
        }
    }
    let holds = below.len() == AGREEING;
    let agreed = if holds { &below } else { &above };
    let worse = agreed.iter().copied().fold(0.0, f64::max);
    let verdict = if holds { "ok" } else { "MISSED" };
    let name = format!("|t| of {name}, {count} times");
    println!("bar  {name:<52} {worse:>14.3} <= {LIMIT:>10.3}        {verdict}");
    println!(
        "     {:<52} {below:.2?} {above:.2?}",
        "the runs below and above"
    );
    holds
}

fn measure(
    count: usize,
    run: u32,
    fixed: [u8; 32],
    work: &mut dyn FnMut(&[u8; 32]),
) -> Vec<(bool, f64)> {
    let mut times = Vec::with_capacity(count);
    let mut round = 0_u32;
    while times.len() < count {
        // Both classes lie in one list and are made alike, so that caches know no difference.
        let inputs: Vec<(bool, [u8; 32])> = (0..BATCH.min(count - times.len()))
            .map(|at| {
                let seed = [
                    round.to_be_bytes(),
                    (at as u32).to_be_bytes(),
                    run.to_be_bytes(),
                ];
                let random = sha256(&[seed.as_flattened()]);
                let class = sha256(&[&random])[0] & 1 == 1;
                (class, if class { random } else { fixed })
            })
            .collect();
        for (class, secret) in &inputs {
            let start = Instant::now();
            work(black_box(secret));
            times.push((*class, start.elapsed().as_nanos() as f64));
        }
        round += 1;
    }
    times
}
