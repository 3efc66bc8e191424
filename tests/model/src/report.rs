//! What was counted over histories.

use std::collections::BTreeMap;

use crate::{act::Act, told::Told};

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Histories.
    pub histories: u64,
    /// Of these, with the real arithmetic.
    pub real: u64,
    /// Requests.
    pub operations: u64,
    /// Requests that something went wrong in.
    pub mishaps: u64,
    /// Lists of all users, read to see whether two share a name.
    pub looks: u64,
    /// Pairs of requests in the middle of each other.
    pub races: u64,
    /// Acts that could not be made: what they needed was never learned.
    pub skipped: u64,
    /// The most possibilities that were open at once.
    pub most_open: usize,
    /// By operation: how many succeeded, and how many were refused.
    pub by_operation: BTreeMap<&'static str, (u64, u64)>,
    /// The same by flow and challenge.
    pub by_challenge: BTreeMap<&'static str, (u64, u64)>,
    /// Refusals by operation and error.
    pub refusals: BTreeMap<(&'static str, String), u64>,
}

impl Report {
    /// Counts a request.
    pub fn count(&mut self, act: &Act, told: &Told) {
        self.operations += 1;
        let good = u64::from(told.is_ok());
        let challenge = act.challenge().map(|it| (&mut self.by_challenge, it));
        let operation = (&mut self.by_operation, act.operation());
        for (counts, name) in challenge.into_iter().chain([operation]) {
            let counted = counts.entry(name).or_default();
            *counted = (counted.0 + good, counted.1 + 1 - good);
        }
        match told {
            Ok(_) => {}
            Err((name, _)) => {
                *self
                    .refusals
                    .entry((act.operation(), name.clone()))
                    .or_default() += 1;
            }
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.real += other.real;
        self.operations += other.operations;
        self.mishaps += other.mishaps;
        self.looks += other.looks;
        self.races += other.races;
        self.skipped += other.skipped;
        self.most_open = self.most_open.max(other.most_open);
        let operations = (&mut self.by_operation, &other.by_operation);
        let challenges = (&mut self.by_challenge, &other.by_challenge);
        for (own, others) in [operations, challenges] {
            for (name, (good, refused)) in others {
                let counted = own.entry(name).or_default();
                *counted = (counted.0 + good, counted.1 + refused);
            }
        }
        for (refusal, count) in &other.refusals {
            *self.refusals.entry(refusal.clone()).or_default() += count;
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} operations in {} histories ({} with the real arithmetic), {} mishaps, {} races, \
             {} looks at names, {} acts left out, at most {} possibilities open",
            self.operations,
            self.histories,
            self.real,
            self.mishaps,
            self.races,
            self.looks,
            self.skipped,
            self.most_open
        )?;
        for (name, (good, refused)) in self.by_operation.iter().chain(&self.by_challenge) {
            writeln!(f, "{name:38} {good:>9} good {refused:>9} refused")?;
        }
        Ok(())
    }
}
