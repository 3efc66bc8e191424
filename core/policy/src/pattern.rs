//! Texts with wildcards and variables.

use alloc::{string::String, vec::Vec};

use crate::{
    condition::Key,
    document::{InvalidPolicy, invalid},
    evaluate::Question,
};

/// A text of a document, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// This letter.
    Letter(char),
    /// One letter, any.
    One,
    /// Any number of letters.
    Many,
    /// The value of a key.
    Variable(Key),
}

/// What `*` and `?` are in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// Wildcards.
    Match,
    /// Letters like others.
    AreLetters,
}

/// How letters are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// Letter by letter.
    Counts,
    /// Without the case of ASCII letters.
    Ignored,
}

impl Pattern {
    /// Takes a text apart that has wildcards and no variables: an action.
    pub fn without_variables(text: &str) -> Result<Self, InvalidPolicy> {
        if text.contains("${") {
            return Err(invalid("a variable in", text));
        }
        Self::parse(text, Wildcards::Match)
    }

    /// Takes a text apart.
    pub fn parse(text: &str, wildcards: Wildcards) -> Result<Self, InvalidPolicy> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("${") {
                let (name, after) = after
                    .split_once('}')
                    .ok_or_else(|| invalid("a variable without an end in", text))?;
                parts.push(match name {
                    "*" | "?" | "$" => Part::Letter(char::from(name.as_bytes()[0])),
                    _ => Part::Variable(
                        Key::parse(name)
                            .filter(|key| *key != Key::Providers)
                            .ok_or_else(|| invalid("the variable", name))?,
                    ),
                });
                rest = after;
                continue;
            }
            parts.push(match (letter, wildcards) {
                ('*', Wildcards::Match) => Part::Many,
                ('?', Wildcards::Match) => Part::One,
                _ => Part::Letter(letter),
            });
            rest = &rest[letter.len_utf8()..];
        }
        Ok(Self { parts })
    }

    /// Whether every variable has a value.
    pub fn is_whole(&self, question: &Question<'_>) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Variable(key) => key.value(question).is_some(),
            Part::Letter(_) | Part::One | Part::Many => true,
        })
    }

    /// Whether a text fits; none does where a variable has no value.
    pub fn fits(&self, text: &str, case: Case, question: &Question<'_>) -> bool {
        let Some(parts) = self.filled(question) else {
            return false;
        };
        let letters: Vec<char> = text.chars().collect();
        let is_same = |left: char, right: char| match case {
            Case::Counts => left == right,
            Case::Ignored => left.eq_ignore_ascii_case(&right),
        };
        // Where the last `*` stands, and how far what it stands for goes: it grows by one letter whenever the rest does not fit.
        let (mut part, mut letter, mut many) = (0, 0, None);
        loop {
            let fits = match (parts.get(part), letters.get(letter)) {
                (None, None) => return true,
                (Some(Fill::Many), _) => {
                    many = Some((part, letter));
                    part += 1;
                    continue;
                }
                (Some(Fill::One), Some(_)) => true,
                (Some(Fill::Letter(wanted)), Some(found)) => is_same(*wanted, *found),
                (None, Some(_)) | (Some(_), None) => false,
            };
            if fits {
                (part, letter) = (part + 1, letter + 1);
                continue;
            }
            match many {
                Some((at, from)) if from < letters.len() => {
                    many = Some((at, from + 1));
                    (part, letter) = (at + 1, from + 1);
                }
                _ => return false,
            }
        }
    }

    /// The parts with the values of variables in their places.
    fn filled(&self, question: &Question<'_>) -> Option<Vec<Fill>> {
        let mut filled = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            match part {
                Part::Letter(letter) => filled.push(Fill::Letter(*letter)),
                Part::One => filled.push(Fill::One),
                Part::Many => filled.push(Fill::Many),
                Part::Variable(key) => {
                    filled.extend(key.value(question)?.chars().map(Fill::Letter));
                }
            }
        }
        Some(filled)
    }
}

/// A part whose variables have values.
enum Fill {
    Letter(char),
    One,
    Many,
}

/// Patterns of one element.
pub(crate) fn all(
    texts: &[String],
    parse: impl Fn(&str) -> Result<Pattern, InvalidPolicy>,
) -> Result<Vec<Pattern>, InvalidPolicy> {
    texts.iter().map(|text| parse(text)).collect()
}
