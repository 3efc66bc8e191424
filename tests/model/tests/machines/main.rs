//! The state machines of the engine: every cell of the tables in their docs, walked; and their diagrams, made from the
//! tables.
//!
//! `UPDATE_DOCS=1` writes the diagrams anew.

mod chain;
mod code;
mod device;
mod family;
mod first_factor;
mod import;
mod lockout;
mod status;
mod story;
mod table;

use std::{fs, path::Path};

use table::Table;

/// A machine: where its table stands, and what is there in truth.
struct Machine {
    name: &'static str,
    docs: &'static str,
    /// The state after an event in a state; `None` where there is nothing that could happen.
    walk: fn(state: &str, event: &str) -> Option<String>,
}

const MACHINES: [Machine; 8] = [
    Machine {
        name: "the status of a user",
        docs: include_str!("../../../../core/src/model/user.rs"),
        walk: status::walk,
    },
    Machine {
        name: "the lockout",
        docs: include_str!("../../../../core/src/model/attempts.rs"),
        walk: lockout::walk,
    },
    Machine {
        name: "a code",
        docs: include_str!("../../../../core/src/model/code.rs"),
        walk: code::walk,
    },
    Machine {
        name: "a family of refresh tokens that rotate",
        docs: include_str!("../../../../core/src/model/grant.rs"),
        walk: family::walk,
    },
    Machine {
        name: "the challenges after a first factor",
        docs: include_str!("../../../../core/src/model/chain.rs"),
        walk: chain::walk,
    },
    Machine {
        name: "the first factors that a user chooses, and a device",
        docs: include_str!("../../../../core/src/model/chain.rs"),
        walk: first_factor::walk,
    },
    Machine {
        name: "a device",
        docs: include_str!("../../../../core/src/model/device.rs"),
        walk: device::walk,
    },
    Machine {
        name: "the state of an import",
        docs: include_str!("../../../../core/src/model/import_job.rs"),
        walk: import::walk,
    },
];

/// Walks every cell of a machine's table.
#[track_caller]
fn walk(name: &str) {
    let machine = MACHINES
        .iter()
        .find(|machine| machine.name == name)
        .expect("a machine");
    let table = Table::of(machine.docs, name);
    let mut wrong = Vec::new();
    for row in &table.rows {
        for (event, cell) in table.events.iter().zip(&row.cells) {
            let found = (machine.walk)(&row.state, event);
            // What is marked changes nothing, or cannot happen.
            let fits = match (cell.as_str(), &found) {
                ("-", None) => true,
                ("-", Some(found)) => *found == row.state,
                (cell, Some(found)) => found == cell,
                (_, None) => false,
            };
            if !fits {
                wrong.push(format!(
                    "{} | {event}: the docs say {cell}, it is {found:?}",
                    row.state
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

#[test]
fn the_status_of_a_user_changes_as_its_table_says() {
    walk("the status of a user");
}

#[test]
fn the_lockout_goes_as_its_table_says() {
    walk("the lockout");
}

#[test]
fn a_code_lives_and_dies_as_its_table_says() {
    walk("a code");
}

#[test]
fn a_family_of_refresh_tokens_goes_on_as_its_table_says() {
    walk("a family of refresh tokens that rotate");
}

#[test]
fn the_challenges_follow_each_other_as_their_table_says() {
    walk("the challenges after a first factor");
}

#[test]
fn the_first_factors_and_devices_follow_each_other_as_their_table_says() {
    walk("the first factors that a user chooses, and a device");
}

#[test]
fn a_device_is_known_and_forgotten_as_its_table_says() {
    walk("a device");
}

#[test]
fn an_import_goes_from_state_to_state_as_its_table_says() {
    walk("the state of an import");
}

#[test]
fn the_diagrams_are_those_of_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/docs/machines.md");
    let mut page = String::from(
        "# The state machines\n\nMade from the tables in the docs of `core/src/model` by the test `machines` of `tests/model`, \
         which walks every\ncell of them; `UPDATE_DOCS=1 cargo test -p userpool-model --test machines` writes this page anew.\n",
    );
    for machine in &MACHINES {
        page.push_str(&Table::of(machine.docs, machine.name).diagram(machine.name));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("a page");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept, page,
        "the diagrams are not those of the tables; UPDATE_DOCS=1 writes them anew"
    );
}
