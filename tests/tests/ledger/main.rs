//! The ledger: a row for every operation that this version has, without blanks.
//!
//! `LEDGER_ROW=SignUp cargo test -p userpool-tests --test ledger -- --nocapture` runs the rows whose names hold the
//! word.

mod admin;
mod challenges;
mod clients;
mod cut;
mod devices;
mod groups;
mod identities;
mod identity_pools;
mod imports;
mod mfa;
mod pages;
mod passkeys;
mod pools;
mod providers;
mod replicas;
mod risk;
mod sessions;
mod sign_in;
mod sign_up;
mod tokens;
mod users;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::catch_unwind,
    sync::Mutex,
    thread,
};

use userpool::SUPPORTED;
use userpool_core::model::keys::KINDS_OF_POOL;
use userpool_tests::ledger::{Row, Shown};

/// The kinds of record that no successful request leaves behind; those that move are moved in `scenarios::moving`.
const UNSEEN: &[u8] = b"Fxkoy&>";

#[test]
fn the_ledger_has_no_blanks() {
    let rows = rows();
    let shown = run(&chosen(rows.clone()));

    let named: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row.service().target_prefix(), row.name()))
        .collect();
    let missing: Vec<&str> = SUPPORTED
        .iter()
        .filter(|(service, name)| !named.contains(&(service.target_prefix(), *name)))
        .map(|(_, name)| *name)
        .collect();
    print(&shown, &missing);
    if std::env::var_os("LEDGER_ROW").is_none() {
        let seen: BTreeSet<u8> = shown.iter().flat_map(|row| row.kinds.clone()).collect();
        let unseen: Vec<char> = KINDS_OF_POOL
            .iter()
            .filter(|kind| !seen.contains(*kind) && !UNSEEN.contains(*kind))
            .map(|kind| char::from(*kind))
            .collect();
        assert!(
            unseen.is_empty(),
            "no row has records of the kinds {unseen:?} to move"
        );
    }
    let blanks = missing.len() + shown.iter().map(|row| row.blanks.len()).sum::<usize>();
    let failures: usize = shown.iter().map(|row| row.failures.len()).sum();
    assert_eq!(rows.len(), named.len(), "an operation has two rows");
    assert_eq!((blanks, failures), (0, 0), "blanks and failures");
}

/// The rows that are to be run.
fn chosen(rows: Vec<Row>) -> Vec<Row> {
    let only = std::env::var("LEDGER_ROW").unwrap_or_default();
    rows.into_iter()
        .filter(|row| row.name().contains(&only))
        .collect()
}

/// Every row.
fn rows() -> Vec<Row> {
    [
        pools::rows(),
        clients::rows(),
        sign_up::rows(),
        sign_in::rows(),
        challenges::rows(),
        tokens::rows(),
        users::rows(),
        admin::rows(),
        groups::rows(),
        mfa::rows(),
        risk::rows(),
        sessions::rows(),
        devices::rows(),
        passkeys::rows(),
        pages::rows(),
        providers::rows(),
        replicas::rows(),
        identity_pools::rows(),
        identities::rows(),
        imports::rows(),
    ]
    .concat()
}

/// Runs the rows, as many at a time as there are processors.
fn run(rows: &[Row]) -> Vec<Shown> {
    let queue = Mutex::new(rows.iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no row panics").next();
                    let Some((at, row)) = next else { return };
                    let shown = catch_unwind(|| row.run());
                    let shown = shown.unwrap_or_else(|_| panic!("the scene of {}", row.name()));
                    done.lock().expect("no row panics").insert(at, shown);
                }
            });
        }
    });
    let done = done.into_inner().expect("no row panics");
    done.into_values().collect()
}

fn print(shown: &[Shown], missing: &[&str]) {
    println!("\n{}", Shown::heading());
    for row in shown {
        println!("{}", row.line());
    }
    let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for reason in shown.iter().flat_map(Shown::reasons) {
        *reasons.entry(reason).or_default() += 1;
    }
    println!("\nWhat does not occur, why, and in how many rows:");
    for ((what, why), rows) in reasons {
        println!("{what:<34}{rows:>4}  {why}");
    }
    println!();
    for name in missing {
        println!("blank: {name} has no row");
    }
    for row in shown {
        for blank in &row.blanks {
            println!("blank: {} {blank}", row.operation);
        }
        for failure in &row.failures {
            println!("failure: {failure}");
        }
    }
    let blanks = missing.len() + shown.iter().map(|row| row.blanks.len()).sum::<usize>();
    println!("{} operations, {blanks} blanks", shown.len());
}
