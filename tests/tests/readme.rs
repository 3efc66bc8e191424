//! The README says which operations there are: the list is made from the operation table.
//!
//! `UPDATE_README=1 cargo test -p userpool-tests --test readme` writes it anew.

use std::fmt::Write as _;

use userpool_core::ops::table::SUPPORTED;
use userpool_wire::{OPERATIONS, Service};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const BEGIN: &str =
    "<!-- operations: made from the operation table by the tests; do not edit -->\n";
const END: &str = "<!-- end of operations -->";
const WIDTH: usize = 120;

#[test]
fn the_readme_lists_every_operation_as_supported_or_not() {
    let readme = std::fs::read_to_string(README).expect("the README can be read");
    let (before, rest) = readme.split_once(BEGIN).expect("the README has a list");
    let (listed, after) = rest.split_once(END).expect("the list has an end");
    let expected = list();
    if std::env::var_os("UPDATE_README").is_some() {
        let text = format!("{before}{BEGIN}{expected}{END}{after}");
        std::fs::write(README, text).expect("the README can be written");
        return;
    }
    assert_eq!(
        listed, expected,
        "run UPDATE_README=1 cargo test -p userpool-tests --test readme"
    );
}

#[test]
fn the_operations_of_this_version_are_counted() {
    for (service, text) in [
        (Service::UserPools, "user pools"),
        (Service::IdentityPools, "identity pools"),
    ] {
        let all = names(service, |_| true).len();
        let supported = names(service, |name| SUPPORTED.contains(&(service, name))).len();
        println!("operations of {text}: {supported} of {all} supported");
        assert!(supported <= all);
    }
    for supported in SUPPORTED {
        let known = OPERATIONS
            .iter()
            .any(|it| (it.service, it.name) == *supported);
        assert!(known, "{} is an operation of the service", supported.1);
    }
}

/// What stands between the two comments.
fn list() -> String {
    let mut text = String::new();
    for (service, title) in [
        (Service::UserPools, "user pools"),
        (Service::IdentityPools, "identity pools"),
    ] {
        let supported = names(service, |name| SUPPORTED.contains(&(service, name)));
        let missing = names(service, |name| !SUPPORTED.contains(&(service, name)));
        let all = supported.len() + missing.len();
        let _ = writeln!(
            text,
            "\n**Operations of {title}: {} of {all}.**",
            supported.len()
        );
        if !supported.is_empty() {
            text.push_str(&paragraph("Supported:", &supported));
        }
        text.push_str(&paragraph(
            "Not supported, answering `UnsupportedOperationException`:",
            &missing,
        ));
    }
    text.push('\n');
    text
}

fn names(service: Service, wanted: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let mut names: Vec<_> = OPERATIONS
        .iter()
        .filter(|it| it.service == service && wanted(it.name))
        .map(|it| it.name)
        .collect();
    names.sort_unstable();
    names
}

/// A paragraph of names, broken into lines.
fn paragraph(lead: &str, names: &[&str]) -> String {
    let mut text = String::from("\n");
    let mut line = String::from(lead);
    for (index, name) in names.iter().enumerate() {
        let end = if index + 1 == names.len() { '.' } else { ',' };
        if line.len() + name.len() + 2 > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(name);
        line.push(end);
    }
    text + &line + "\n"
}
