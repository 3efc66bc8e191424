//! Conditions: operators over what is known of the caller.

use alloc::{string::String, vec::Vec};

use crate::{
    document::{Effect, InvalidPolicy, invalid, objects, texts},
    evaluate::Question,
    json::Node,
    pattern::{Case, Pattern, Wildcards, all},
};

const FEDERATED: &str = "cognito-identity.amazonaws.com:";
const TAG: &str = "aws:PrincipalTag/";
const ANY: &str = "ForAnyValue:";

/// What a condition or a variable asks of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The identity pool.
    Pool,
    /// The identity.
    Identity,
    /// How the identity came, in several values.
    Providers,
    /// A tag.
    Tag(String),
}

impl Key {
    /// The key of a name.
    pub fn parse(name: &str) -> Option<Self> {
        let after = |prefix: &str| {
            let (front, rest) = name.split_at_checked(prefix.len())?;
            front.eq_ignore_ascii_case(prefix).then_some(rest)
        };
        if let Some(tag) = after(TAG) {
            return (!tag.is_empty()).then(|| Self::Tag(tag.into()));
        }
        match after(FEDERATED)? {
            name if name.eq_ignore_ascii_case("aud") => Some(Self::Pool),
            name if name.eq_ignore_ascii_case("sub") => Some(Self::Identity),
            name if name.eq_ignore_ascii_case("amr") => Some(Self::Providers),
            _ => None,
        }
    }

    /// Its one value; none for a tag that the caller has not.
    ///
    /// Names of tags are compared without case, as at AWS; of two that differ in case alone the one that is written alike
    /// counts.
    pub fn value<'q>(&self, question: &Question<'q>) -> Option<&'q str> {
        match self {
            Self::Pool => Some(question.pool),
            Self::Identity => Some(question.identity),
            Self::Providers => None,
            Self::Tag(name) => {
                let tags = question.tags;
                let alike = || {
                    let mut tags = tags.iter();
                    let found = tags.find(|(tag, _)| tag.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value)
                };
                tags.get(name).or_else(alike).map(String::as_str)
            }
        }
    }

    fn values<'q>(&self, question: &Question<'q>) -> Vec<&'q str> {
        match self {
            Self::Providers => question.providers.iter().map(String::as_str).collect(),
            Self::Pool | Self::Identity | Self::Tag(_) => {
                self.value(question).into_iter().collect()
            }
        }
    }
}

/// One operator over one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    key: Key,
    operator: Operator,
    values: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operator {
    case: Case,
    wildcards: Wildcards,
    wants: Wants,
}

/// What an operator wants of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wants {
    /// One that fits.
    AnyOf,
    /// None that fits.
    NoneOf,
}

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        let (case, wildcards, wants) = match name {
            "StringEquals" => (Case::Counts, Wildcards::AreLetters, Wants::AnyOf),
            "StringNotEquals" => (Case::Counts, Wildcards::AreLetters, Wants::NoneOf),
            "StringEqualsIgnoreCase" => (Case::Ignored, Wildcards::AreLetters, Wants::AnyOf),
            "StringNotEqualsIgnoreCase" => (Case::Ignored, Wildcards::AreLetters, Wants::NoneOf),
            "StringLike" => (Case::Counts, Wildcards::Match, Wants::AnyOf),
            "StringNotLike" => (Case::Counts, Wildcards::Match, Wants::NoneOf),
            _ => return None,
        };
        Some(Self {
            case,
            wildcards,
            wants,
        })
    }
}

impl Condition {
    /// The conditions of a statement, all of which must hold.
    pub fn all(node: &Node) -> Result<Vec<Self>, InvalidPolicy> {
        let mut conditions = Vec::new();
        for (name, keys) in objects("Condition", node)? {
            let (plain, is_any) = match name.strip_prefix(ANY) {
                Some(plain) => (plain, true),
                None => (name.as_str(), false),
            };
            let operator = Operator::parse(plain)
                .filter(|operator| !is_any || operator.wants == Wants::AnyOf)
                .ok_or_else(|| invalid("the operator", name))?;
            for (name, values) in objects(name, keys)? {
                let key = Key::parse(name).ok_or_else(|| invalid("the key", name))?;
                if key == Key::Providers && !is_any {
                    return Err(invalid("an operator without ForAnyValue: for", name));
                }
                let values = texts(name, values)?;
                conditions.push(Self {
                    key,
                    operator,
                    values: all(&values, |text| Pattern::parse(text, operator.wildcards))?,
                });
            }
        }
        Ok(conditions)
    }

    /// Whether the condition of a statement with this effect holds.
    pub fn holds(&self, effect: Effect, question: &Question<'_>) -> bool {
        let found = self.key.values(question);
        let fits = |pattern: &Pattern| {
            let mut found = found.iter();
            found.any(|value| pattern.fits(value, self.operator.case, question))
        };
        let is_any = self.values.iter().any(fits);
        match self.operator.wants {
            Wants::AnyOf => is_any,
            Wants::NoneOf => !is_any && may_negate(effect, &self.values, question),
        }
    }
}

/// Whether a negation counts: what an `Allow` lets through must not be due to a variable without a value.
pub(crate) fn may_negate(effect: Effect, patterns: &[Pattern], question: &Question<'_>) -> bool {
    match effect {
        Effect::Deny => true,
        Effect::Allow => patterns.iter().all(|pattern| pattern.is_whole(question)),
    }
}
