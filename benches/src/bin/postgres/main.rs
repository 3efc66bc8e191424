//! The store in PostgreSQL: commits beside those of a bare client, sign-ins beside those over the embedded store.
//!
//! `postgres commits` and `postgres sign_ins` begin a server of their own each, which syncs every commit to the disk of
//! `TMPDIR`. All that is compared takes turns in one run, and the median round counts.

mod bare;
mod commits;
mod round_trips;
mod sign_ins;

use std::{env, process::ExitCode};

/// How many ask at once.
const CLIENTS: usize = 16;

fn main() -> ExitCode {
    let part = env::args().nth(1);
    let held = match part.as_deref() {
        Some("commits") => commits::run(),
        Some("sign_ins") => sign_ins::run(),
        _ => {
            eprintln!("postgres: neither `commits` nor `sign_ins`");
            return ExitCode::from(2);
        }
    };
    let missed = held.iter().filter(|held| !**held).count();
    println!("{} passed, {missed} failed", held.len() - missed);
    ExitCode::from(u8::from(missed > 0))
}
