//! The words of the messages about constraints.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Value};

use crate::rule::{Kind, Range, Size};

/// All constraints of a simple kind, in the order in which the service names them for elements.
pub(crate) fn constraints(kind: &Kind) -> [Option<Constraint<'_>>; 3] {
    match kind {
        Kind::Text { size, pattern } => [
            size.max.map(Constraint::Longest),
            size.min.map(Constraint::Shortest),
            pattern.map(|it| Constraint::Pattern(it.source)),
        ],
        Kind::Words { listed, .. } => [Some(Constraint::Words(listed)), None, None],
        Kind::Integer(range) | Kind::Long(range) => [
            range.max.map(Constraint::Greatest),
            range.min.map(Constraint::Least),
            None,
        ],
        Kind::Blob(size) => [
            size.max.map(Constraint::Longest),
            size.min.map(Constraint::Shortest),
            None,
        ],
        Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => [None, None, None],
        Kind::Boolean | Kind::Timestamp | Kind::Document => [None, None, None],
    }
}

impl Size {
    pub(crate) fn broken_by<'a>(&self, length: usize) -> [Option<Constraint<'a>>; 2] {
        let short = self
            .min
            .filter(|min| length < *min)
            .map(Constraint::Shortest);
        let long = self
            .max
            .filter(|max| length > *max)
            .map(Constraint::Longest);
        [short, long]
    }
}

impl Range {
    pub(crate) fn broken_by<'a>(&self, number: i64) -> [Option<Constraint<'a>>; 3] {
        let small = self.min.filter(|min| number < *min).map(Constraint::Least);
        let great = self
            .max
            .filter(|max| number > *max)
            .map(Constraint::Greatest);
        [small, great, None]
    }
}

/// What a value has to be.
pub(crate) enum Constraint<'a> {
    NotNull,
    Shortest(usize),
    Longest(usize),
    Pattern(&'a str),
    Words(&'a str),
    Least(i64),
    Greatest(i64),
    /// Whose elements, and all their constraints.
    Elements(&'a str, &'a str),
}

impl Constraint<'_> {
    pub(crate) fn is_of_form(&self) -> bool {
        matches!(self, Self::NotNull | Self::Words(_))
    }
}

impl fmt::Display for Constraint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNull => f.write_str("Member must not be null"),
            Self::Shortest(min) => {
                write!(f, "Member must have length greater than or equal to {min}")
            }
            Self::Longest(max) => write!(f, "Member must have length less than or equal to {max}"),
            Self::Pattern(source) => write!(
                f,
                "Member must satisfy regular expression pattern: {source}"
            ),
            Self::Words(listed) => write!(f, "Member must satisfy enum value set: {listed}"),
            Self::Least(min) => write!(f, "Member must have value greater than or equal to {min}"),
            Self::Greatest(max) => write!(f, "Member must have value less than or equal to {max}"),
            Self::Elements(who, constraints) => {
                write!(f, "{who} must satisfy constraint: [{constraints}]")
            }
        }
    }
}

/// What a message shows of a value.
pub(crate) enum Shown<'a> {
    Nothing,
    Null,
    Simple(&'a Value),
    List(&'a [Value]),
    Map(&'a Map<String, Value>),
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Nothing => return Ok(()),
            Self::Null => return f.write_str(" null"),
            Self::Simple(value) => plain(value),
            Self::List(items) => {
                let items: Vec<String> =
                    items.iter().filter(|it| !it.is_null()).map(plain).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(object) => {
                let pairs: Vec<String> = object
                    .iter()
                    .map(|(key, value)| format!("{key}={}", plain(value)))
                    .collect();
                format!("{{{}}}", pairs.join(", "))
            }
        };
        write!(f, " '{}'", Cut(&text))
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// How much of a value is quoted, in characters.
const QUOTED: usize = 8_192;

/// A text up to its [`QUOTED`]th character.
pub(crate) struct Cut<'a>(pub &'a str);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(QUOTED) {
            Some((end, _)) => write!(f, "{}...", &self.0[..end]),
            None => f.write_str(self.0),
        }
    }
}
