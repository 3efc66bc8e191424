//! Our arithmetic beside OpenSSL's: processor time of this thread, by turns in one run. The median round counts.

use std::hint::black_box;
use std::process::ExitCode;

use userpool_bench_arithmetic::{Kernels, MESSAGE, RSA_KEY, SIGNATURES_OF_A_PAIR};
use userpool_bench_openssl::table::{Side, bar, machine, median, note};
use userpool_bench_openssl::{Theirs, clock};

const ROUNDS: usize = 101;
const POWERS: usize = 4;

/// What one round took, each for one operation.
struct Round {
    power: f64,
    comb: f64,
    server: f64,
    server_by_stored_powers: f64,
    sign: f64,
    verify: f64,
    their_power: f64,
    their_sign: f64,
    their_verify: f64,
}

fn main() -> Result<ExitCode, String> {
    let mut ours = Kernels::new();
    let mut theirs = Theirs::new(&ours.base, &ours.exponent, RSA_KEY)?;
    machine(&theirs.version());
    assert_eq!(ours.power(), theirs.power(), "both compute the same power");
    let signature = theirs.sign(&MESSAGE);
    assert_eq!(ours.sign(), signature, "both make the same signature");

    let mut rounds = Vec::with_capacity(ROUNDS);
    for number in 0..=ROUNDS {
        let round = Round {
            power: each(POWERS, || ours.power()),
            their_power: each(POWERS, || theirs.power()),
            comb: each(POWERS, || ours.comb()),
            server: each(POWERS, || (ours.public_value(), ours.shared())),
            server_by_stored_powers: each(POWERS, || {
                (ours.public_value(), ours.shared_by_stored_powers())
            }),
            sign: each(SIGNATURES_OF_A_PAIR, || ours.sign()),
            their_sign: each(SIGNATURES_OF_A_PAIR, || theirs.sign(&MESSAGE)),
            verify: each(SIGNATURES_OF_A_PAIR, || ours.verify()),
            their_verify: each(SIGNATURES_OF_A_PAIR, || theirs.verify(&MESSAGE, &signature)),
        };
        // The first round warms up.
        if number > 0 {
            rounds.push(round);
        }
    }
    Ok(report(&rounds))
}

fn report(rounds: &[Round]) -> ExitCode {
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let times = |name, figure: fn(&Round) -> f64| {
        note(name, &format!("{:>14.1} us", of(figure) * 1e6));
    };
    times("OpenSSL: power", |round| round.their_power);
    times("power", |round| round.power);
    times("power of the generator", |round| round.comb);
    times("B and S", |round| round.server);
    times("B and S, stored powers", |round| {
        round.server_by_stored_powers
    });
    times("OpenSSL: RS256 sign", |round| round.their_sign);
    times("RS256 sign", |round| round.sign);
    times("OpenSSL: RS256 verify", |round| round.their_verify);
    times("RS256 verify", |round| round.verify);
    // Of each round its own ratio: what slowed the machine down meanwhile slowed both sides.
    let at_most = |name, ratio: fn(&Round) -> f64, limit| {
        bar(name, median(rounds.iter().map(ratio)), limit, Side::AtMost)
    };
    let held = [
        at_most(
            "time of a power",
            |round| round.power / round.their_power,
            1.15,
        ),
        at_most(
            "time of B and S with stored powers, to three powers",
            |round| round.server_by_stored_powers / (3.0 * round.their_power),
            0.70,
        ),
        at_most(
            "time of B and S, to three powers",
            |round| round.server / (3.0 * round.their_power),
            0.90,
        ),
        at_most(
            "time of RS256 sign, blinded and checked",
            |round| round.sign / round.their_sign,
            1.30,
        ),
        at_most(
            "time of RS256 verify",
            |round| round.verify / round.their_verify,
            1.30,
        ),
    ];
    let missed = held.iter().filter(|held| !**held).count();
    println!("{} passed, {missed} failed", held.len() - missed);
    ExitCode::from(u8::from(missed > 0))
}

/// The mean seconds of an operation.
fn each<T>(count: usize, mut body: impl FnMut() -> T) -> f64 {
    let spent = clock::spent(|| {
        for _ in 0..count {
            black_box(body());
        }
    });
    spent.as_secs_f64() / count as f64
}
