//! A service model: its operations, and the shapes that they reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Json;
use crate::{observed, secrets};

pub struct Model {
    pub operations: Vec<Operation>,
    pub shapes: BTreeMap<String, Shape>,
}

pub struct Operation {
    pub name: String,
    pub signed: bool,
    pub read_only: bool,
    pub input: String,
    pub output: Option<String>,
    pub errors: Vec<String>,
}

pub struct Shape {
    pub kind: Kind,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub sensitive: bool,
}

pub enum Kind {
    Structure(Vec<Member>),
    List(String),
    Map { key: String, value: String },
    Text { pattern: Option<String> },
    Words(Vec<String>),
    Integer,
    Long,
    Boolean,
    Timestamp,
    Blob,
    Document,
}

pub struct Member {
    pub name: String,
    pub shape: String,
    pub required: bool,
    /// Whether the model forgets that this member is a secret.
    pub forgotten: bool,
}

impl Model {
    pub fn read(text: &str) -> Self {
        let model = Json::read(text);
        let part = |name| model.get(name).expect("the model has this part").members();
        let shapes = part("shapes")
            .iter()
            .map(|(name, shape)| (name.clone(), Shape::read(name, shape)));
        let mut model = Self {
            operations: part("operations")
                .iter()
                .map(|(name, it)| Operation::read(name, it))
                .collect(),
            shapes: shapes.collect(),
        };
        model.operations.sort_by(|a, b| a.name.cmp(&b.name));
        let reached = model.reached(
            model
                .operations
                .iter()
                .flat_map(|it| [Some(&it.input), it.output.as_ref()])
                .flatten(),
        );
        model.shapes.retain(|name, _| reached.contains(name));
        model
    }

    pub fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    /// The shapes that can be reached from these, themselves included.
    pub fn reached<'a>(&self, from: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<String> = from.into_iter().cloned().collect();
        while let Some(name) = open.pop() {
            match &self.shapes[&name].kind {
                _ if reached.contains(&name) => {}
                Kind::Structure(members) => open.extend(members.iter().map(|it| it.shape.clone())),
                Kind::List(item) => open.push(item.clone()),
                Kind::Map { key, value } => open.extend([key.clone(), value.clone()]),
                _ => {}
            }
            reached.insert(name);
        }
        reached
    }

    /// The Rust type of a value of this shape.
    pub fn rust_type(&self, name: &str) -> String {
        let shape = self.shape(name);
        let plain = match &shape.kind {
            Kind::Structure(_) | Kind::Words(_) => return name.to_owned(),
            Kind::List(item) => return format!("Vec<{}>", self.rust_type(item)),
            Kind::Map { value, .. } if shape.sensitive || secrets::is_forgotten(name) => {
                assert!(
                    matches!(self.shape(value).kind, Kind::Text { .. }),
                    "secret maps hold text"
                );
                "BTreeMap<String, String>".to_owned()
            }
            Kind::Map { value, .. } => {
                return format!("BTreeMap<String, {}>", self.rust_type(value));
            }
            Kind::Text { .. } => "String".to_owned(),
            Kind::Integer => return "i32".to_owned(),
            Kind::Long => return "i64".to_owned(),
            Kind::Boolean => return "bool".to_owned(),
            Kind::Timestamp => return "Timestamp".to_owned(),
            Kind::Blob => return "Blob".to_owned(),
            Kind::Document => return "Document".to_owned(),
        };
        if shape.sensitive || secrets::is_forgotten(name) {
            format!("Sensitive<{plain}>")
        } else {
            plain
        }
    }

    /// The Rust type of a field.
    pub fn field_type(&self, member: &Member) -> String {
        let mut rust = self.rust_type(&member.shape);
        if member.forgotten && !rust.starts_with("Sensitive") {
            rust = format!("Sensitive<{rust}>");
        }
        if member.required {
            rust
        } else {
            format!("Option<{rust}>")
        }
    }
}

impl Operation {
    fn read(name: &str, operation: &Json) -> Self {
        let text = |name| operation.get(name).map(|it| it.text().to_owned());
        Self {
            name: name.to_owned(),
            signed: match text("auth").as_deref() {
                Some("sigv4") => !observed::is_unsigned(name),
                Some("none") => false,
                other => panic!("{name} has an unknown authorization: {other:?}"),
            },
            read_only: operation.flag("readonly"),
            input: text("input").expect("every operation has an input shape"),
            output: text("output"),
            errors: operation.words("errors"),
        }
    }
}

impl Shape {
    fn read(name: &str, shape: &Json) -> Self {
        let text = |name| shape.get(name).map(|it| it.text().to_owned());
        let inner = |name| text(name).expect("lists and maps say what they hold");
        let number = |name| shape.get(name).map(Json::number);
        let kind = match text("type").expect("every shape has a type").as_str() {
            "structure" if shape.flag("document") => Kind::Document,
            "structure" => {
                let members = shape
                    .get("members")
                    .expect("structures have members")
                    .members();
                Kind::Structure(
                    members
                        .iter()
                        .map(|(member, it)| Member::read(name, member, it))
                        .collect(),
                )
            }
            "list" => Kind::List(inner("member")),
            "map" => Kind::Map {
                key: inner("key"),
                value: inner("value"),
            },
            "string" if shape.get("enum").is_some() => {
                let further = observed::further_words(name).iter();
                let mut words = shape.words("enum");
                words.extend(further.map(|word| (*word).to_owned()));
                Kind::Words(words)
            }
            "string" => Kind::Text {
                pattern: observed::pattern(name)
                    .map(str::to_owned)
                    .or_else(|| text("pattern")),
            },
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "boolean" => Kind::Boolean,
            "timestamp" => Kind::Timestamp,
            "blob" => Kind::Blob,
            other => panic!("{name} is of the unknown type {other}"),
        };
        Self {
            kind,
            min: number("min"),
            max: number("max"),
            sensitive: shape.flag("sensitive"),
        }
    }
}

impl Member {
    fn read(structure: &str, name: &str, member: &Json) -> Self {
        let shape = member
            .get("shape")
            .expect("every member has a shape")
            .text();
        Self {
            name: name.to_owned(),
            shape: shape.to_owned(),
            required: member.flag("required"),
            forgotten: secrets::is_forgotten(shape)
                || secrets::is_forgotten_member(structure, name),
        }
    }
}
