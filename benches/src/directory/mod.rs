//! What the bench of a directory does with a store of one: see the program `directory`.

pub mod ask;
pub mod delete;
pub mod fill;
pub mod import;
pub mod serve;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use userpool_redb::RedbStore;
use userpool_tests::directory::{counted::Counted, making::Place};

/// Functions that do nothing but carry a name, so that a profile can tell what was spent on what.
pub mod counting {
    use core::hint::black_box;

    /// Around a question, from JSON to JSON.
    #[inline(never)]
    pub fn question(body: &mut dyn FnMut()) {
        black_box("question");
        body();
        black_box(());
    }

    /// Around modular powers and RSA.
    #[inline(never)]
    pub fn slow_arithmetic(body: &mut dyn FnMut()) {
        black_box("slow arithmetic");
        body();
        black_box(());
    }
}

fn open(file: &Path) -> Counted<RedbStore> {
    Counted::new(RedbStore::open(file).expect("the store opens"))
}

/// Keeps where the directory of a file is.
fn keep(file: &Path, place: &Place) {
    let text = json!({"pool": place.pool, "client": place.client});
    fs::write(beside(file), text.to_string()).expect("the folder can be written");
}

/// Where the directory of a file is.
fn place(file: &Path) -> Place {
    let text = fs::read_to_string(beside(file)).expect("the store was filled");
    let read: Value = serde_json::from_str(&text).expect("a place");
    let text = |name: &str| read[name].as_str().expect("an id").to_owned();
    Place {
        pool: text("pool"),
        client: text("client"),
    }
}

fn beside(file: &Path) -> PathBuf {
    file.with_extension("place")
}

fn print(line: &Value) {
    println!("{line}");
}

fn bytes(file: &Path) -> u64 {
    fs::metadata(file).expect("the store has a file").len()
}

/// The most memory that a process ever had in use, in KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = peak.and_then(|peak| peak.split_whitespace().next());
    digits.and_then(|it| it.parse().ok()).expect("its peak")
}
