//! Filling a store, and making its file small.

use std::{
    io::{IsTerminal, Write, stderr},
    path::Path,
    time::Instant,
};

use serde_json::json;
use userpool_redb::RedbStore;
use userpool_tests::directory::making;

/// Makes a store with a pool of so many users.
///
/// # Panics
/// The file cannot be written.
pub fn fill(file: &Path, users: u64) {
    let began = Instant::now();
    let store = RedbStore::open(file).expect("the store opens");
    let place = making::fill(&store, users, |made| {
        if stderr().is_terminal() {
            let _ = write!(stderr(), "\r{made} of {users} users ");
        }
    });
    drop(store);
    super::keep(file, &place);
    super::print(&json!({
        "users": users, "seconds": began.elapsed().as_secs_f64(), "bytes": super::bytes(file),
    }));
}

/// Has redb make the file of a store as small as it gets.
///
/// # Panics
/// It is no store.
pub fn compact(file: &Path) {
    let began = Instant::now();
    let mut database = redb::Database::open(file).expect("the store opens");
    database.compact().expect("redb compacts");
    drop(database);
    let seconds = began.elapsed().as_secs_f64();
    super::print(&json!({"seconds": seconds, "bytes": super::bytes(file)}));
}
