//! Lives through random histories for as many operations as asked: `soak --operations 10000000 --seed 1`.

use std::{process::ExitCode, time::Instant};

use userpool_model::{report::Report, shrink::Player};
use userpool_tests::chance::Chance;

fn main() -> ExitCode {
    let (mut operations, mut seed, mut only) = (100_000_u64, 1_u64, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        match (name.as_str(), value) {
            ("--operations", Some(value)) => operations = value,
            ("--seed", Some(value)) => seed = value,
            ("--history", Some(value)) => only = Some(value),
            _ => {
                eprintln!("usage: soak [--operations N] [--seed S] [--history H]");
                return ExitCode::from(2);
            }
        }
    }
    let player = Player::default();
    let begun = Instant::now();
    let mut total = Report::default();
    let mut seeds = Chance::new(seed);
    let mut told = 0;
    println!("seed {seed}, {operations} operations");
    while total.operations < operations {
        let history = only.unwrap_or_else(|| seeds.next());
        match player.history(history, total.histories) {
            Ok(report) => total.add(&report),
            Err(disagreement) => {
                println!(
                    "after {} operations a disagreement\n{disagreement}",
                    total.operations
                );
                return ExitCode::FAILURE;
            }
        }
        if only.is_some() {
            break;
        }
        if total.operations / 1_000_000 > told {
            told = total.operations / 1_000_000;
            println!(
                "{} operations, {:.0} a second",
                total.operations,
                rate(&total, begun)
            );
        }
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

fn rate(total: &Report, begun: Instant) -> f64 {
    total.operations as f64 / begun.elapsed().as_secs_f64()
}
