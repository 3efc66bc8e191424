//! The one interpreter of the constraint tables, and the message it composes.
//!
//! The texts are those of the service. Some choices:
//!
//! - Lengths are UTF-16 units, as Java's `length` counts.
//! - Members come in alphabetical order, which is the order in the service's messages that have been seen; the
//!   constraints of one member come in the order length, pattern.
//! - A list or map of simple values gives one item for all its elements, which names every constraint of an element.
//!   A list or map of structures gives an item for each fault, with a path like `schema.1.member.name`.
//! - Values of sensitive members, structures and bytes are left out. Long values are cut, and a message that has grown
//!   long takes no further items, so that no request makes a reply much larger than itself.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use base64ct::{Base64, Encoding};
use serde_json::Value;

use crate::parse::Rejection;
use crate::rule::{Kind, Member, Shape, Size};
use crate::wording::{Constraint, Cut, Shown, constraints};

/// A message of this many bytes takes no further items.
const ENOUGH: usize = 32_768;

/// What is held against a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every constraint, as for requests.
    Everything,
    /// Types, required members and word lists: what a reader of replies relies on.
    Form,
}

/// Checks a value against a shape.
pub(crate) fn check(shape: &Shape, value: &Value, scope: Scope) -> Result<(), Rejection> {
    let mut check = Check {
        scope,
        path: String::new(),
        count: 0,
        items: String::new(),
    };
    match check.value(shape, false, value) {
        Err(Stop::WrongType(text)) => Err(Rejection::Serialization(text)),
        Ok(()) | Err(Stop::Enough) if check.count == 0 => Ok(()),
        Ok(()) | Err(Stop::Enough) => {
            let (count, items) = (check.count, check.items);
            let plural = if count == 1 { "" } else { "s" };
            Err(Rejection::Invalid(format!(
                "{count} validation error{plural} detected: {items}"
            )))
        }
    }
}

struct Check {
    scope: Scope,
    path: String,
    count: usize,
    items: String,
}

/// Why a check ended early.
enum Stop {
    WrongType(String),
    Enough,
}

impl Check {
    fn value(&mut self, shape: &Shape, hidden: bool, value: &Value) -> Result<(), Stop> {
        let hidden = hidden || shape.hidden;
        match (&shape.kind, value) {
            (Kind::Structure(members), Value::Object(object)) => {
                self.structure(members, hidden, object)
            }
            (Kind::List { item, size }, Value::Array(items)) => {
                self.list(item, size, hidden, items)
            }
            (Kind::Map { key, value, size }, Value::Object(object)) => {
                self.map(key, value, size, hidden, object)
            }
            (Kind::Structure(_) | Kind::Map { .. }, _) => Err(self.expected("An object")),
            (Kind::List { .. }, _) => Err(self.expected("A list")),
            (kind, value) => {
                let broken = self.broken(kind, value)?;
                let shown = if hidden || matches!(kind, Kind::Blob(_)) {
                    Shown::Nothing
                } else {
                    Shown::Simple(value)
                };
                broken
                    .into_iter()
                    .flatten()
                    .try_for_each(|constraint| self.item(&shown, &constraint))
            }
        }
    }

    fn structure(&mut self, members: &[Member], hidden: bool, object: &Object) -> Result<(), Stop> {
        for member in members {
            let hidden = hidden || member.hidden;
            let before = self.enter_member(member.name);
            match object.get(member.name).filter(|value| !value.is_null()) {
                Some(value) => self.value(member.shape, hidden, value)?,
                None if member.required => {
                    let shown = if hidden || member.shape.hidden {
                        Shown::Nothing
                    } else {
                        Shown::Null
                    };
                    self.item(&shown, &Constraint::NotNull)?;
                }
                None => {}
            }
            self.path.truncate(before);
        }
        Ok(())
    }

    fn list(
        &mut self,
        item: &Shape,
        size: &Size,
        hidden: bool,
        items: &[Value],
    ) -> Result<(), Stop> {
        let present = || items.iter().filter(|value| !value.is_null());
        let plain = !hidden && !item.hidden && is_simple(&item.kind);
        let shown = if plain {
            Shown::List(items)
        } else {
            Shown::Nothing
        };
        for constraint in size.broken_by(present().count()).into_iter().flatten() {
            self.item(&shown, &constraint)?;
        }
        if is_simple(&item.kind) {
            let wrong = self.any_broken(&item.kind, &mut present())?;
            return self.elements("Member", &item.kind, &shown, wrong);
        }
        for (number, value) in (1..).zip(items).filter(|(_, value)| !value.is_null()) {
            let before = self.enter(format_args!(".{number}.member"));
            self.value(item, hidden, value)?;
            self.path.truncate(before);
        }
        Ok(())
    }

    fn map(
        &mut self,
        key: &Shape,
        value: &Shape,
        size: &Size,
        hidden: bool,
        object: &Object,
    ) -> Result<(), Stop> {
        let present = || object.iter().filter(|(_, value)| !value.is_null());
        let plain = !hidden && !key.hidden && !value.hidden && is_simple(&value.kind);
        let shown = if plain {
            Shown::Map(object)
        } else {
            Shown::Nothing
        };
        for constraint in size.broken_by(present().count()).into_iter().flatten() {
            self.item(&shown, &constraint)?;
        }
        let mut wrong = false;
        for (name, _) in present() {
            wrong |= is_any(&self.broken_text(&key.kind, name)?);
        }
        self.elements("Map keys", &key.kind, &shown, wrong)?;
        if is_simple(&value.kind) {
            let mut values = present().map(|(_, value)| value);
            let wrong = self.any_broken(&value.kind, &mut values)?;
            return self.elements("Map value", &value.kind, &shown, wrong);
        }
        for (key, inner) in present() {
            let before = self.enter(format_args!(".{key}.member"));
            self.value(value, hidden, inner)?;
            self.path.truncate(before);
        }
        Ok(())
    }

    /// Whether one of some simple values breaks a constraint.
    fn any_broken(
        &self,
        kind: &Kind,
        values: &mut dyn Iterator<Item = &Value>,
    ) -> Result<bool, Stop> {
        let mut wrong = false;
        for value in values {
            wrong |= is_any(&self.broken(kind, value)?);
        }
        Ok(wrong)
    }

    /// One item for all simple elements of a list or map, where one of them is wrong.
    fn elements(
        &mut self,
        who: &str,
        kind: &Kind,
        shown: &Shown<'_>,
        wrong: bool,
    ) -> Result<(), Stop> {
        if !wrong {
            return Ok(());
        }
        let constraints: Vec<String> = constraints(kind)
            .into_iter()
            .flatten()
            .map(|it| it.to_string())
            .collect();
        self.item(shown, &Constraint::Elements(who, &constraints.join(", ")))
    }

    /// The constraints that a simple value breaks.
    fn broken<'a>(
        &self,
        kind: &'a Kind,
        value: &Value,
    ) -> Result<[Option<Constraint<'a>>; 3], Stop> {
        match (kind, value) {
            (Kind::Text { .. } | Kind::Words { .. } | Kind::Blob(_), Value::String(text)) => {
                self.broken_text(kind, text)
            }
            (Kind::Integer(range), Value::Number(number)) => {
                let number = number.as_i64().and_then(|it| i32::try_from(it).ok());
                let number = number.ok_or_else(|| self.expected("An integer of 32 bits"))?;
                Ok(range.broken_by(number.into()))
            }
            (Kind::Long(range), Value::Number(number)) => {
                let number = number
                    .as_i64()
                    .ok_or_else(|| self.expected("An integer of 64 bits"))?;
                Ok(range.broken_by(number))
            }
            (Kind::Boolean, Value::Bool(_))
            | (Kind::Timestamp, Value::Number(_))
            | (Kind::Document, _) => Ok([None, None, None]),
            (Kind::Text { .. } | Kind::Words { .. } | Kind::Blob(_), _) => {
                Err(self.expected("A string"))
            }
            (Kind::Integer(_) | Kind::Long(_) | Kind::Timestamp, _) => {
                Err(self.expected("A number"))
            }
            (Kind::Boolean, _) => Err(self.expected("A boolean")),
            (Kind::Structure(_), _) | (Kind::Map { .. }, _) => Err(self.expected("An object")),
            (Kind::List { .. }, _) => Err(self.expected("A list")),
        }
    }

    /// The constraints that a text breaks, of the kinds that are one.
    fn broken_text<'a>(
        &self,
        kind: &'a Kind,
        text: &str,
    ) -> Result<[Option<Constraint<'a>>; 3], Stop> {
        match kind {
            Kind::Text { size, pattern } => {
                let [short, long] = size.broken_by(utf16_units(text));
                let other = pattern
                    .filter(|it| !it.matches(text))
                    .map(|it| Constraint::Pattern(it.source));
                Ok([short, long, other])
            }
            Kind::Words { words, listed } => {
                let unknown = !words.contains(&text);
                Ok([unknown.then_some(Constraint::Words(listed)), None, None])
            }
            Kind::Blob(size) => {
                let bytes = Base64::decode_vec(text).map_err(|_| self.expected("Base64 text"))?;
                let [short, long] = size.broken_by(bytes.len());
                Ok([short, long, None])
            }
            _ => Ok([None, None, None]),
        }
    }

    fn item(&mut self, shown: &Shown<'_>, constraint: &Constraint<'_>) -> Result<(), Stop> {
        if self.scope == Scope::Form && !constraint.is_of_form() {
            return Ok(());
        }
        if self.items.len() > ENOUGH {
            return Err(Stop::Enough);
        }
        if self.count > 0 {
            self.items.push_str("; ");
        }
        self.count += 1;
        let path = &self.path;
        self.items
            .write_fmt(format_args!(
                "Value{shown} at '{path}' failed to satisfy constraint: {constraint}"
            ))
            .expect("writing to a String cannot fail");
        Ok(())
    }

    fn enter(&mut self, step: fmt::Arguments<'_>) -> usize {
        let before = self.path.len();
        self.path
            .write_fmt(step)
            .expect("writing to a String cannot fail");
        before
    }

    fn enter_member(&mut self, name: &str) -> usize {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        let first = self.path.len();
        self.path.push_str(name);
        self.path[first..first + 1].make_ascii_lowercase();
        before
    }

    fn expected(&self, what: &str) -> Stop {
        let place = if self.path.is_empty() {
            String::new()
        } else {
            format!(" at '{}'", Cut(&self.path))
        };
        Stop::WrongType(format!("{what} is expected{place}"))
    }
}

/// The length of a text as the service counts it.
fn utf16_units(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

fn is_any(broken: &[Option<Constraint<'_>>]) -> bool {
    broken.iter().any(Option::is_some)
}

type Object = serde_json::Map<String, Value>;

fn is_simple(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } | Kind::Document
    )
}
