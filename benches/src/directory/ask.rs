//! Asking every question of a directory, each within a function that callgrind counts.

use std::{path::Path, time::Duration};

use serde_json::json;
use userpool_tests::directory::{
    Directory, Within,
    counted::Counted,
    questions::{self, told},
};

use super::counting;

/// How many rounds of upkeep are made before one is counted that does nothing but remove heads of users.
const ROUNDS_BEFORE: usize = 2;

/// Asks everything, and deletes the pool at last, though not to the end.
///
/// # Panics
/// The engine does not answer with success.
pub fn ask(file: &Path) {
    let store = super::open(file);
    let place = super::place(file);
    let directory = Directory::open(store.clone(), "ask", Within(counting::slow_arithmetic));
    let directory = directory.about(&place.pool, &place.client);
    for question in questions::all() {
        let _ = directory.call(question.operation, &(question.body)(&directory, 0));
        let body = (question.body)(&directory, 1);
        let mut answer = None;
        counted(&question.name, &store, &mut || {
            let reply = directory.call(question.operation, &body);
            let told = told(&reply);
            answer = Some(told);
            told
        });
    }
    let _ = directory.call("DeleteUserPool", &json!({"UserPoolId": place.pool}));
    directory.clock.advance(Duration::from_secs(120));
    let step = || directory.engine.maintain_blocking().expect("upkeep");
    (0..ROUNDS_BEFORE).for_each(|_| assert!(step()));
    counted("four steps of a deletion", &store, &mut || {
        usize::from(step())
    });
}

fn counted(name: &str, store: &Counted<userpool_redb::RedbStore>, ask: &mut dyn FnMut() -> usize) {
    let before = store.reads();
    let mut told = 0;
    counting::question(&mut || told = ask());
    let reads = store.reads() - before;
    super::print(&json!({
        "name": name, "told": told, "visits": reads.visits, "read": reads.read(), "writes": reads.writes,
    }));
}
