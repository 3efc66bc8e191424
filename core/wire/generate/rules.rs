//! The constraints of the models as constant tables, and the patterns as automata.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::automaton::Automaton;
use crate::charset::{Charset, Symbols};
use crate::model::{Kind, Model};
use crate::names::constant;
use crate::pattern::{Pattern, Tree};
use crate::secrets;

/// The longest text where the model gives no limit, in UTF-16 units.
const LONGEST: i64 = 131_072;

/// The distinct patterns of both services, each with the constant that holds its automaton.
pub struct Patterns(BTreeMap<String, String>);

impl Patterns {
    pub fn of(models: &[&Model]) -> Self {
        let mut patterns = BTreeMap::new();
        for model in models {
            for (name, shape) in &model.shapes {
                if let Kind::Text {
                    pattern: Some(pattern),
                } = &shape.kind
                {
                    patterns
                        .entry(pattern.clone())
                        .or_insert_with(|| constant(name));
                }
            }
        }
        let names: BTreeSet<&String> = patterns.values().collect();
        assert_eq!(
            names.len(),
            patterns.len(),
            "every pattern has a name of its own"
        );
        Self(patterns)
    }

    /// The texts of `patterns.rs` and `characters.rs`.
    pub fn files(&self) -> (String, String) {
        let parsed: Vec<(&String, &String, Pattern)> = self
            .0
            .iter()
            .map(|(source, name)| (source, name, Pattern::parse(source)))
            .collect();
        let mut sets = BTreeSet::new();
        for (_, _, pattern) in &parsed {
            collect(&pattern.tree, &mut sets);
            sets.extend(pattern.not_after.clone());
        }
        let symbols = Symbols::of(&sets.into_iter().collect::<Vec<_>>());

        let mut text = format!(
            "//! The patterns of both services as automata.\n\nuse crate::pattern::Pattern;\n\n\
             /// How many symbols the automata tell apart.\npub const SYMBOLS: usize = {};\n",
            symbols.count(),
        );
        for (source, name, pattern) in parsed {
            let automaton = Automaton::of(&pattern, &symbols);
            let width = automaton.next[0].len();
            let rows: Vec<String> = automaton
                .next
                .iter()
                .map(|row| format!("{row:?}"))
                .collect();
            let rows: Vec<&str> = rows.iter().map(|row| &row[1..row.len() - 1]).collect();
            write!(
                text,
                "\npub static {name}: Pattern = Pattern {{\n    source: {source:?},\n    classes: &{:?},\n    width: {width},\n    \
                 next: &[\n        {},\n    ],\n    accepting: &{:?},\n}};\n",
                automaton.classes,
                rows.join(",\n        "),
                automaton.accepting,
            )
            .expect("text grows");
        }
        text.push_str(
            "\n/// Every pattern, for tests.\n#[cfg(test)]\npub static ALL: &[&Pattern] = &[\n",
        );
        for name in self.0.values() {
            writeln!(text, "    &{name},").expect("text grows");
        }
        text.push_str("];\n");

        let mut characters = format!(
            "//! Which characters above ASCII the patterns tell apart, by Unicode {UNICODE}.\n\n\
             /// Where each run of characters of one group starts, and the group.\npub static RUNS: &[(u32, u8)] = &["
        );
        for (number, (start, group)) in symbols.runs.iter().enumerate() {
            characters.push_str(if number % 8 == 0 { "\n    " } else { " " });
            write!(characters, "({start:#x}, {group}),").expect("text grows");
        }
        characters.push_str("\n];\n");
        (text, characters)
    }
}

/// The version of the tables in `regex-syntax`.
pub const UNICODE: &str = "16.0.0";

fn collect(tree: &Tree, sets: &mut BTreeSet<Charset>) {
    match tree {
        Tree::One(set) => {
            sets.insert(set.clone());
        }
        Tree::All(trees) | Tree::Any(trees) => trees.iter().for_each(|tree| collect(tree, sets)),
        Tree::Repeat(tree, ..) => collect(tree, sets),
    }
}

/// The text of the table of one service.
pub fn file(model: &Model, patterns: &Patterns) -> String {
    let mut text = String::from("//! The constraints of each shape.\n\n");
    if model
        .shapes
        .values()
        .any(|it| matches!(&it.kind, Kind::Text { pattern: Some(_) }))
    {
        text.push_str("use crate::generated::patterns;\n");
    }
    text.push_str("use crate::rule::{Kind, Member, Range, Shape, Size};\n");
    let words: Vec<&str> = model
        .shapes
        .iter()
        .filter(|(_, it)| matches!(it.kind, Kind::Words(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    writeln!(text, "\nuse super::{{{}}};", words.join(", ")).expect("text grows");
    for (name, shape) in &model.shapes {
        let hidden = shape.sensitive || secrets::is_hidden(name);
        writeln!(
            text,
            "\npub static {}: Shape = Shape {{\n    hidden: {hidden},\n    kind: {},\n}};",
            constant(name),
            kind(model, name, patterns)
        )
        .expect("text grows");
    }
    text
}

fn kind(model: &Model, name: &str, patterns: &Patterns) -> String {
    let shape = model.shape(name);
    let size = |most: Option<i64>| format!("Size {{ min: {:?}, max: {most:?} }}", shape.min);
    let range = format!("Range {{ min: {:?}, max: {:?} }}", shape.min, shape.max);
    match &shape.kind {
        Kind::Structure(members) => {
            // The service's messages are seen in alphabetical order of the members.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|it| constant(&it.name));
            let mut text = String::from("Kind::Structure(&[");
            for member in &members {
                write!(
                    text,
                    "\n        Member {{ name: {:?}, required: {}, hidden: {}, shape: &{} }},",
                    member.name,
                    member.required,
                    secrets::is_hidden_member(name, &member.name),
                    constant(&member.shape),
                )
                .expect("text grows");
            }
            text + if members.is_empty() { "])" } else { "\n    ])" }
        }
        Kind::List(item) => format!(
            "Kind::List {{ item: &{}, size: {} }}",
            constant(item),
            size(shape.max)
        ),
        Kind::Map { key, value } => {
            format!(
                "Kind::Map {{ key: &{}, value: &{}, size: {} }}",
                constant(key),
                constant(value),
                size(shape.max)
            )
        }
        Kind::Text { pattern } => {
            let pattern = pattern.as_ref().map_or("None".to_owned(), |it| {
                format!("Some(&patterns::{})", patterns.0[it])
            });
            format!(
                "Kind::Text {{ size: {}, pattern: {pattern} }}",
                size(shape.max.or(Some(LONGEST)))
            )
        }
        Kind::Words(words) => {
            format!(
                "Kind::Words {{ words: {name}::WORDS, listed: {:?} }}",
                format!("[{}]", as_listed(words).join(", "))
            )
        }
        Kind::Integer => format!("Kind::Integer({range})"),
        Kind::Long => format!("Kind::Long({range})"),
        Kind::Boolean => "Kind::Boolean".to_owned(),
        Kind::Timestamp => "Kind::Timestamp".to_owned(),
        Kind::Blob => format!("Kind::Blob({})", size(shape.max)),
        Kind::Document => "Kind::Document".to_owned(),
    }
}

/// The words in the order in which the service's messages list them.
///
/// It is the order of Java's `HashSet`, learned from the two lists of this service that have been seen,
/// `[OPTIONAL, OFF, ON]` and `[implicit, client_credentials, code]`.
fn as_listed(words: &[String]) -> Vec<&str> {
    let mut buckets: u32 = 16;
    while words.len() as u32 > buckets / 4 * 3 {
        buckets *= 2;
    }
    let bucket = |word: &str| {
        let hash = word.encode_utf16().fold(0_u32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(unit.into())
        });
        (hash ^ hash >> 16) & (buckets - 1)
    };
    let mut listed: Vec<&str> = words.iter().map(String::as_str).collect();
    listed.sort_by_key(|word| bucket(word));
    listed
}
