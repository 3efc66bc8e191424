//! Lives through random histories for as many operations as asked: `soak --operations 10000000 --seed 1 --threads 2`.
//!
//! The same seed is the same histories, whatever the number of threads; `--history` plays one of them again.

use std::{
    process::ExitCode,
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use userpool_model::{
    report::Report,
    shrink::{Disagreement, Player},
};
use userpool_tests::chance::Chance;

/// How often progress is told, in operations.
const TOLD_EVERY: u64 = 500_000;

fn main() -> ExitCode {
    let mut wanted = Wanted {
        operations: 100_000,
        seed: 1,
        threads: 1,
        history: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value: Option<u64> = arguments.next().and_then(|value| value.parse().ok());
        match (name.as_str(), value) {
            ("--operations", Some(value)) => wanted.operations = value,
            ("--seed", Some(value)) => wanted.seed = value,
            ("--threads", Some(value)) => wanted.threads = value,
            ("--history", Some(value)) => wanted.history = Some(value),
            _ => {
                eprintln!("usage: soak [--operations N] [--seed S] [--threads T] [--history H]");
                return ExitCode::from(2);
            }
        }
    }
    soak(&wanted)
}

/// What was asked for.
struct Wanted {
    operations: u64,
    seed: u64,
    threads: u64,
    history: Option<u64>,
}

/// What the threads share.
struct Progress {
    seeds: Chance,
    begun: u64,
    total: Report,
    failed: Option<Box<Disagreement>>,
}

fn soak(wanted: &Wanted) -> ExitCode {
    let (seed, operations) = (wanted.seed, wanted.operations);
    println!(
        "seed {seed}, {operations} operations, {} threads",
        wanted.threads
    );
    let begun = Instant::now();
    let progress = Mutex::new(Progress {
        seeds: Chance::new(seed),
        begun: 0,
        total: Report::default(),
        failed: None,
    });
    thread::scope(|scope| {
        for _ in 0..wanted.threads {
            scope.spawn(|| play(wanted, &progress, begun));
        }
    });
    let Progress { total, failed, .. } = progress
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(disagreement) = failed {
        println!(
            "after {} operations a disagreement\n{disagreement}",
            total.operations
        );
        return ExitCode::FAILURE;
    }
    println!("no disagreement\n{total}");
    for ((operation, error), count) in &total.refusals {
        println!("{operation:34} {error:42} {count:>9}");
    }
    println!(
        "{:.1} seconds, {:.0} operations a second",
        begun.elapsed().as_secs_f64(),
        rate(&total, begun)
    );
    ExitCode::SUCCESS
}

/// Plays one history after the other until there are enough.
fn play(wanted: &Wanted, progress: &Mutex<Progress>, begun: Instant) {
    let player = Player::default();
    loop {
        let (history, number) = {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            let again = wanted.history.is_some() && progress.begun > 0;
            if progress.failed.is_some() || progress.total.operations >= wanted.operations || again
            {
                return;
            }
            progress.begun += 1;
            let drawn = progress.seeds.next();
            (wanted.history.unwrap_or(drawn), progress.begun - 1)
        };
        let played = player.history(history, number);
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        match played {
            Ok(report) => {
                let before = progress.total.operations / TOLD_EVERY;
                progress.total.add(&report);
                if progress.total.operations / TOLD_EVERY > before {
                    let told = progress.total.operations;
                    println!(
                        "{told} operations, {:.0} a second",
                        rate(&progress.total, begun)
                    );
                }
            }
            Err(disagreement) => progress.failed = Some(disagreement),
        }
    }
}

fn rate(total: &Report, begun: Instant) -> f64 {
    total.operations as f64 / begun.elapsed().as_secs_f64()
}
