//! The filter of ListUsers: `<attribute> = "<value>"`, or `^=` for values that begin with it.
//!
//! Blanks may stand around the attribute and the operator. In the value `\"` is a quotation mark and `\\` a
//! backslash; before any other character a backslash stands for itself.
//!
//! What letters of another case do is told apart by attribute: status words of the account compare exactly, user
//! names as the pool compares them, all other attributes without regard to case. (The service's model and its
//! guide disagree; this follows the model where it names an attribute, and the guide for the others.)

use alloc::{
    format,
    string::{String, ToString},
};

use crate::{
    engine::{Refusal, RefusalKind},
    model::{
        names::{canonical, lower},
        pool::Pool,
        sub::Sub,
        user::{Head, Profile},
    },
    ops::directory,
};

/// The attribute that is not indexed: heads lie in its order anyway.
const SUB: &str = "sub";

/// What a user must have to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// Where to look.
    pub place: Place,
    comparison: Comparison,
    value: String,
}

/// Where the users of a filter are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the heads, which lie in the order of `sub`.
    Heads,
    /// In the index of an attribute, which has this byte in its keys.
    Index(&'static str, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equals,
    BeginsWith,
}

impl Filter {
    /// The filter in a text; `None` for an empty one, which every user passes.
    ///
    /// # Errors
    /// Refuses, in this order: a text that is no filter, an attribute that cannot be searched.
    pub fn parse(text: &str) -> Result<Option<Self>, Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (attribute, comparison, value) = terms(text).ok_or_else(unreadable)?;
        let indexed = directory::INDEXED
            .iter()
            .find(|(name, _)| *name == attribute);
        let place = match indexed {
            Some((name, byte)) => Place::Index(name, *byte),
            None if attribute == SUB => Place::Heads,
            None => return Err(unsearchable(attribute)),
        };
        Ok(Some(Self {
            place,
            comparison,
            value,
        }))
    }

    /// The value in the form of index keys.
    pub fn folded(&self) -> String {
        lower(&self.value)
    }

    /// Whether the value must be the same, not only begin so.
    pub fn is_exact(&self) -> bool {
        self.comparison == Comparison::Equals
    }

    /// Whether a user passes.
    pub fn passes(&self, pool: &Pool, head: &Head, profile: &Profile) -> bool {
        match self.place {
            Place::Heads => self.passes_sub(&head.sub),
            Place::Index(attribute, _) => directory::searchable(head, profile, attribute)
                .is_some_and(|actual| self.compares(pool, attribute, actual)),
        }
    }

    /// Whether a `sub` passes; its letters may be of either case.
    pub fn passes_sub(&self, sub: &Sub) -> bool {
        self.holds(&sub.to_string(), &self.folded())
    }

    fn compares(&self, pool: &Pool, attribute: &str, actual: &str) -> bool {
        let case_sensitive = match attribute {
            "status" => true,
            "username" => pool.rules.case_sensitive,
            _ => false,
        };
        let form = |text| canonical(text, case_sensitive);
        self.holds(&form(actual), &form(&self.value))
    }

    fn holds(&self, actual: &str, wanted: &str) -> bool {
        match self.comparison {
            Comparison::Equals => actual == wanted,
            Comparison::BeginsWith => actual.starts_with(wanted),
        }
    }
}

/// The attribute, the operator and the value of a filter without blanks around it.
fn terms(text: &str) -> Option<(&str, Comparison, String)> {
    let end = text.find(|c: char| c == '=' || c == '^' || c.is_whitespace())?;
    let (attribute, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let (comparison, rest) = match rest.strip_prefix("^=") {
        Some(rest) => (Comparison::BeginsWith, rest),
        None => (Comparison::Equals, rest.strip_prefix('=')?),
    };
    let quoted = rest.trim_start().strip_prefix('"')?.strip_suffix('"')?;
    let named = !attribute.is_empty() && !attribute.contains('"');
    let value = unescape(quoted)?;
    named.then_some((attribute, comparison, value))
}

/// The value between quotation marks; `None` where it holds a bare one.
fn unescape(quoted: &str) -> Option<String> {
    let mut value = String::with_capacity(quoted.len());
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('"', _) => return None,
            // The closing mark itself was escaped: the value has no end.
            ('\\', None) => return None,
            ('\\', Some(&escaped @ ('"' | '\\'))) => {
                letters.next();
                value.push(escaped);
            }
            _ => value.push(letter),
        }
    }
    Some(value)
}

fn unreadable() -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, "Error while parsing filter")
}

fn unsearchable(attribute: &str) -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        format!("Invalid search attribute: {attribute}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_an_attribute_an_operator_and_a_quoted_value() {
        for (text, comparison, value) in [
            ("name = \"Jane\"", Comparison::Equals, "Jane"),
            ("  name=\"Jane\" ", Comparison::Equals, "Jane"),
            ("name ^=\"\"", Comparison::BeginsWith, ""),
            ("name\t^= \" J = \"", Comparison::BeginsWith, " J = "),
            (r#"name = "a\"b\\c\d""#, Comparison::Equals, r#"a"b\c\d"#),
        ] {
            let filter = Filter::parse(text).unwrap().unwrap();
            assert_eq!(filter.place, Place::Index("name", b'n'), "{text}");
            assert_eq!(filter.comparison, comparison, "{text}");
            assert_eq!(filter.value, value, "{text}");
        }
        assert_eq!(Filter::parse(" ").unwrap(), None);
        let by_sub = Filter::parse("sub=\"3\"").unwrap().unwrap();
        assert_eq!(by_sub.place, Place::Heads);
    }

    #[test]
    fn a_text_that_is_no_filter_is_refused() {
        for text in [
            "name",
            "name =",
            "name = Jane",
            "name = 'Jane'",
            "name = \"Jane",
            "name = \"",
            "name = Jane\"",
            "name ^ = \"Jane\"",
            "name == \"Jane\"",
            "= \"Jane\"",
            "\"name\" = \"Jane\"",
            "first name = \"Jane\"",
            r#"name = "Jane\""#,
            r#"name = "a"b""#,
            "name = \"a\" and name = \"b\"",
        ] {
            let refusal = Filter::parse(text).expect_err(text);
            assert_eq!(refusal.message(), "Error while parsing filter", "{text}");
        }
    }

    #[test]
    fn only_some_attributes_can_be_searched() {
        for attribute in ["custom:team", "nickname", "Name", "email_verified"] {
            let refusal = Filter::parse(&format!("{attribute} = \"x\"")).expect_err(attribute);
            let text = format!("Invalid search attribute: {attribute}");
            assert_eq!(refusal.message(), text);
        }
    }
}
