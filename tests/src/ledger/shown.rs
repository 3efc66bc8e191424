//! What a row has shown, as a line of the table.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::outside::Asked;

/// What a row has shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The operation.
    pub operation: &'static str,
    pub(super) success: usize,
    pub(super) cases: usize,
    pub(super) nobody: Vec<&'static str>,
    pub(super) mishaps: usize,
    pub(super) orders: usize,
    pub(super) outside: usize,
    pub(super) moved: usize,
    /// The kinds of record that were moved, or had to stay.
    pub kinds: BTreeSet<u8>,
    /// Who was asked besides the store.
    pub asked: BTreeSet<Asked>,
    pub(super) reasons: Vec<(&'static str, &'static str)>,
    /// What is missing.
    pub blanks: Vec<String>,
    /// What does not hold.
    pub failures: Vec<String>,
}

impl Shown {
    pub(super) fn of(operation: &'static str) -> Self {
        Self {
            operation,
            success: 0,
            cases: 0,
            nobody: Vec::new(),
            mishaps: 0,
            orders: 0,
            outside: 0,
            moved: 0,
            kinds: BTreeSet::new(),
            asked: BTreeSet::new(),
            reasons: Vec::new(),
            blanks: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The headings of [`Shown::line`].
    pub fn heading() -> String {
        format!(
            "{:<34}{:>8}{:>8}{:>8}{:>8}{:>8}{:>9}{:>9}{:>7}{:>8}{:>8}",
            "operation",
            "success",
            "errors",
            "reasons",
            "told",
            "hidden",
            "mishaps",
            "outside",
            "moved",
            "orders",
            "blanks"
        )
    }

    /// The row as a line.
    pub fn line(&self) -> String {
        let nobody = |at: usize| self.nobody.get(at).copied().unwrap_or("");
        format!(
            "{:<34}{:>8}{:>8}{:>8}{:>8}{:>8}{:>9}{:>9}{:>7}{:>8}{:>8}",
            self.operation,
            self.success,
            self.cases,
            self.reasons.len(),
            nobody(0),
            nobody(1),
            self.mishaps,
            self.outside,
            self.moved,
            self.orders,
            self.blanks.len(),
        )
    }

    /// The reasons why something does not occur.
    pub fn reasons(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.reasons.iter().copied()
    }

    /// Runs one check; a panic in it is a failure like any other.
    pub(super) fn passes(
        &mut self,
        what: &str,
        check: impl FnOnce() -> Result<(), String>,
    ) -> bool {
        self.passes_with(what, |_| check())
    }

    /// As [`Shown::passes`], of a check that has something to show.
    pub(super) fn passes_with(
        &mut self,
        what: &str,
        check: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> bool {
        let end = catch_unwind(AssertUnwindSafe(|| check(self))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default())
        });
        match end {
            Ok(()) => true,
            Err(why) => {
                self.failures
                    .push(format!("{} {what}: {why}", self.operation));
                false
            }
        }
    }
}
