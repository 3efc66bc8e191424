//! Structures and word lists as Rust types.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::model::{Kind, Member, Model, Shape};
use crate::names::{snake, variant};

/// The files of one service: requests, replies, parts, words, and the module that names them all.
pub fn files(model: &Model) -> Vec<(String, String)> {
    let structures: BTreeSet<&str> = model
        .shapes
        .iter()
        .filter(|(_, it)| matches!(it.kind, Kind::Structure(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    let requests: BTreeSet<&str> = model
        .operations
        .iter()
        .map(|it| it.input.as_str())
        .collect();
    let replies: BTreeSet<&str> = model
        .operations
        .iter()
        .filter_map(|it| it.output.as_deref())
        .collect();
    let replies: BTreeSet<&str> = replies.difference(&requests).copied().collect();
    let parts = structures
        .iter()
        .filter(|it| !requests.contains(*it) && !replies.contains(*it))
        .copied()
        .collect();
    let words: BTreeSet<&str> = model
        .shapes
        .iter()
        .filter(|(_, it)| matches!(it.kind, Kind::Words(_)))
        .map(|(name, _)| name.as_str())
        .collect();

    let groups = [
        ("parts", &parts),
        ("replies", &replies),
        ("requests", &requests),
        ("words", &words),
    ];
    let mut module = String::from("//! The shapes of one service.\n\n");
    module.push_str("mod parts;\nmod replies;\nmod requests;\npub(crate) mod rules;\nmod words;\n");
    for (file, names) in groups {
        let names: Vec<&str> = names.iter().copied().collect();
        write!(
            module,
            "\npub use {file}::{{\n    {},\n}};\n",
            names.join(",\n    ")
        )
        .expect("text grows");
    }
    vec![
        ("mod.rs".to_owned(), module),
        (
            "parts.rs".to_owned(),
            structures_of(model, "What requests and replies are made of.", &parts),
        ),
        (
            "replies.rs".to_owned(),
            structures_of(model, "The replies.", &replies),
        ),
        (
            "requests.rs".to_owned(),
            structures_of(model, "The requests.", &requests),
        ),
        ("words.rs".to_owned(), words_of(model, &words)),
    ]
}

fn structures_of(model: &Model, title: &str, names: &BTreeSet<&str>) -> String {
    let mut body = String::new();
    let mut used = BTreeSet::new();
    for name in names {
        let Kind::Structure(members) = &model.shape(name).kind else {
            panic!("{name} is a structure");
        };
        writeln!(body, "\n/// {}", purpose(model, name)).expect("text grows");
        writeln!(
            body,
            "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{"
        )
        .expect("text grows");
        for member in members {
            let rust = model.field_type(member);
            used.extend(
                rust.split(|c: char| !c.is_alphanumeric())
                    .map(str::to_owned),
            );
            writeln!(body, "    /// {}", describe(model, member)).expect("text grows");
            writeln!(body, "    pub {}: {rust},", snake(&member.name)).expect("text grows");
        }
        let pairs: Vec<String> = members
            .iter()
            .map(|it| format!("{}: {:?}", snake(&it.name), it.name))
            .collect();
        write!(body, "}}\n\nshape!({name} {{").expect("text grows");
        if !pairs.is_empty() {
            write!(body, "\n    {}\n", pairs.join(",\n    ")).expect("text grows");
        }
        body.push_str("});\n");
    }
    format!("//! {title}\n\n{}{body}", imports(model, names, &used))
}

fn imports(model: &Model, here: &BTreeSet<&str>, used: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for (name, line) in [
        ("BTreeMap", "collections::BTreeMap"),
        ("String", "string::String"),
        ("Vec", "vec::Vec"),
    ] {
        if used.contains(name) {
            writeln!(text, "use alloc::{line};").expect("text grows");
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let siblings: Vec<&str> = used
        .iter()
        .filter(|name| model.shapes.contains_key(*name) && !here.contains(name.as_str()))
        .filter(|name| !matches!(model.shape(name).kind, Kind::Document))
        .map(String::as_str)
        .collect();
    if !siblings.is_empty() {
        writeln!(text, "use super::{{{}}};", siblings.join(", ")).expect("text grows");
    }
    for name in ["Blob", "Document", "Sensitive", "Timestamp"] {
        if used.contains(name) {
            writeln!(text, "use crate::{name};").expect("text grows");
        }
    }
    text + "use crate::shape::shape;\n"
}

fn words_of(model: &Model, names: &BTreeSet<&str>) -> String {
    let mut text = String::from("//! The word lists.\n\nuse crate::shape::words;\n");
    for name in names {
        let Kind::Words(words) = &model.shape(name).kind else {
            panic!("{name} is a word list");
        };
        let pairs: Vec<String> = words
            .iter()
            .map(|word| format!("{} = {word:?}", variant(word)))
            .collect();
        write!(
            text,
            "\nwords! {{\n    /// The words of `{name}`.\n    {name} {{\n        {}\n    }}\n}}\n",
            pairs.join(",\n        ")
        )
        .expect("text grows");
    }
    text
}

fn purpose(model: &Model, name: &str) -> String {
    let named = |of: &dyn Fn(&crate::model::Operation) -> bool| {
        let names: Vec<String> = model
            .operations
            .iter()
            .filter(|it| of(it))
            .map(|it| format!("`{}`", it.name))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let request = named(&|it| it.input == name).map(|of| format!("Request of {of}"));
    let reply = named(&|it| it.output.as_deref() == Some(name)).map(|of| format!("Reply of {of}"));
    match (request, reply) {
        (Some(request), Some(reply)) => format!("{request}. {reply}."),
        (Some(one), None) | (None, Some(one)) => format!("{one}."),
        (None, None) => format!("The structure `{name}`."),
    }
}

fn describe(model: &Model, member: &Member) -> String {
    let shape = model.shape(&member.shape);
    let limits = limits(shape);
    let pattern = match &shape.kind {
        Kind::Text {
            pattern: Some(pattern),
        } => format!(", `{pattern}`"),
        _ => String::new(),
    };
    format!("`{}`{limits}{pattern}.", member.name)
}

fn limits(shape: &Shape) -> String {
    let unit = match shape.kind {
        Kind::List(_) | Kind::Map { .. } => " entries",
        Kind::Text { .. } => " characters",
        Kind::Blob => " bytes",
        _ => "",
    };
    match (shape.min, shape.max) {
        (Some(min), Some(max)) if min == max => format!(", {min}{unit}"),
        (Some(min), Some(max)) => format!(", {min} to {max}{unit}"),
        (None, Some(max)) => format!(", at most {max}{unit}"),
        (Some(min), None) => format!(", at least {min}{unit}"),
        (None, None) => String::new(),
    }
}
