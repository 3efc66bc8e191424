//! The verdict.

use alloc::{collections::BTreeMap, string::String};

use crate::{
    condition::{Condition, may_negate},
    document::{Effect, Listed, Policy, Statement},
    pattern::Case,
};

/// Who asks to do what with what.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The action, as `service:Name`.
    pub action: &'a str,
    /// The resource, an ARN.
    pub resource: &'a str,
    /// The caller's identity pool.
    pub pool: &'a str,
    /// The caller's identity.
    pub identity: &'a str,
    /// How the caller came: `unauthenticated`, or `authenticated` and by which providers.
    pub providers: &'a [String],
    /// The caller's tags.
    pub tags: &'a BTreeMap<String, String>,
}

/// What the policies of a role say to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it, and none forbids it.
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement forbids it, whatever others allow.
    Forbidden,
}

impl Verdict {
    /// Whether it may be done.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        self == Self::Allowed
    }
}

/// What policies say to a question, all of them together.
#[must_use]
pub fn evaluate<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    question: &Question<'_>,
) -> Verdict {
    let mut verdict = Verdict::NotAllowed;
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        if applies(statement, question) {
            match statement.effect {
                Effect::Deny => return Verdict::Forbidden,
                Effect::Allow => verdict = Verdict::Allowed,
            }
        }
    }
    verdict
}

fn applies(statement: &Statement, question: &Question<'_>) -> bool {
    let effect = statement.effect;
    let is_listed = |listed: &Listed, text: &str, case: Case| match listed {
        Listed::Only(patterns) => patterns.iter().any(|it| it.fits(text, case, question)),
        Listed::AllBut(patterns) => {
            !patterns.iter().any(|it| it.fits(text, case, question))
                && may_negate(effect, patterns, question)
        }
    };
    let holds = |condition: &Condition| condition.holds(effect, question);
    is_listed(&statement.actions, question.action, Case::Ignored)
        && is_listed(&statement.resources, question.resource, Case::Counts)
        && statement.conditions.iter().all(holds)
}
