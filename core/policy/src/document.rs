//! Documents: what is read, and refused where it would not be evaluated.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use crate::{
    condition::Condition,
    json::Node,
    pattern::{Pattern, Wildcards, all},
};

/// The longest document that is read: twice what a role may have at AWS.
const MAX_DOCUMENT: usize = 20_480;
const VERSION: &str = "2012-10-17";

/// A policy: statements of what is allowed and what is forbidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub effect: Effect,
    pub actions: Listed,
    pub resources: Listed,
    pub conditions: Vec<Condition>,
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Allows.
    Allow,
    /// Forbids.
    Deny,
}

/// The actions or resources of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// These.
    Only(Vec<Pattern>),
    /// All others.
    AllBut(Vec<Pattern>),
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// What it has that is not evaluated here, or lacks.
    pub fn parse(document: &str) -> Result<Self, InvalidPolicy> {
        if document.len() > MAX_DOCUMENT {
            return Err(InvalidPolicy(format!(
                "it is longer than {MAX_DOCUMENT} bytes"
            )));
        }
        let document: Node =
            serde_json::from_str(document).map_err(|error| InvalidPolicy(format!("{error}")))?;
        let (mut version, mut statements) = (None, None);
        for (name, node) in objects("the document", &document)? {
            match name.as_str() {
                "Version" => version = Some(text(name, node)?),
                "Id" => drop(text(name, node)?),
                "Statement" => statements = Some(node),
                _ => return Err(invalid("the element", name)),
            }
        }
        match version {
            Some(VERSION) => {}
            Some(version) => return Err(invalid("the Version", version)),
            None => return Err(missing("Version")),
        }
        let statements = match statements.ok_or_else(|| missing("Statement"))? {
            Node::List(list) => list.iter().map(Statement::parse).collect(),
            node => Statement::parse(node).map(|statement| Vec::from([statement])),
        };
        Ok(Self {
            statements: statements?,
        })
    }
}

impl Statement {
    fn parse(node: &Node) -> Result<Self, InvalidPolicy> {
        let (mut effect, mut conditions) = (None, Vec::new());
        let (mut actions, mut resources) = (None, None);
        for (name, node) in objects("a Statement", node)? {
            let listed = |is_action: bool, not: bool| {
                let texts = texts(name, node)?;
                let patterns = match is_action {
                    true => all(&texts, action)?,
                    false => all(&texts, resource)?,
                };
                Ok(match not {
                    true => Listed::AllBut(patterns),
                    false => Listed::Only(patterns),
                })
            };
            let (place, listed) = match name.as_str() {
                "Sid" => {
                    text(name, node)?;
                    continue;
                }
                "Effect" => {
                    effect = Some(match text(name, node)? {
                        "Allow" => Effect::Allow,
                        "Deny" => Effect::Deny,
                        other => return Err(invalid("the Effect", other)),
                    });
                    continue;
                }
                "Condition" => {
                    conditions = Condition::all(node)?;
                    continue;
                }
                "Action" => (&mut actions, listed(true, false)?),
                "NotAction" => (&mut actions, listed(true, true)?),
                "Resource" => (&mut resources, listed(false, false)?),
                "NotResource" => (&mut resources, listed(false, true)?),
                _ => return Err(invalid("the element", name)),
            };
            if place.replace(listed).is_some() {
                return Err(invalid("beside its opposite", name));
            }
        }
        Ok(Self {
            effect: effect.ok_or_else(|| missing("Effect"))?,
            actions: actions.ok_or_else(|| missing("Action or NotAction"))?,
            resources: resources.ok_or_else(|| missing("Resource or NotResource"))?,
            conditions,
        })
    }
}

fn action(text: &str) -> Result<Pattern, InvalidPolicy> {
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"*?-_.".contains(&byte))
    };
    let is_one = text == "*"
        || text
            .split_once(':')
            .is_some_and(|(service, name)| is_name(service) && is_name(name));
    match is_one {
        true => Pattern::without_variables(text),
        false => Err(invalid("the action", text)),
    }
}

fn resource(text: &str) -> Result<Pattern, InvalidPolicy> {
    match text == "*" || text.starts_with("arn:") {
        true => Pattern::parse(text, Wildcards::Match),
        false => Err(invalid("the resource", text)),
    }
}

/// A document is not accepted; the text says what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPolicy(String);

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy is not accepted: {}", self.0)
    }
}

impl core::error::Error for InvalidPolicy {}

/// Something that is there and is not evaluated.
pub(crate) fn invalid(what: &str, name: &str) -> InvalidPolicy {
    InvalidPolicy(format!("{what} {name:?}"))
}

fn missing(name: &str) -> InvalidPolicy {
    InvalidPolicy(format!("{name} is missing"))
}

/// The members of an object.
pub(crate) fn objects<'n>(
    name: &str,
    node: &'n Node,
) -> Result<&'n [(String, Node)], InvalidPolicy> {
    match node {
        Node::Object(members) => Ok(members),
        Node::Text(_) | Node::List(_) | Node::Other => {
            Err(InvalidPolicy(format!("{name} must be an object")))
        }
    }
}

/// A text, or a list of them that is not empty.
pub(crate) fn texts(name: &str, node: &Node) -> Result<Vec<String>, InvalidPolicy> {
    match node {
        Node::List(list) if !list.is_empty() => list
            .iter()
            .map(|node| text(name, node).map(Into::into))
            .collect(),
        node => text(name, node).map(|text| Vec::from([text.into()])),
    }
}

fn text<'n>(name: &str, node: &'n Node) -> Result<&'n str, InvalidPolicy> {
    match node {
        Node::Text(text) => Ok(text),
        Node::List(_) | Node::Object(_) | Node::Other => {
            Err(InvalidPolicy(format!("{name} must be text")))
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const GOOD: &str = r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"one","Effect":"Allow",
        "Action":["s3:Get*","s3:List?ucket"],"Resource":"*",
        "Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"},
        "ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"*"}}}]}"#;

    #[test]
    fn a_document_is_read() {
        let policy = Policy::parse(GOOD).unwrap();
        assert_eq!(policy.statements.len(), 1);
        assert_eq!(policy.statements[0].conditions.len(), 2);
    }

    #[test]
    fn what_would_not_be_evaluated_is_refused_by_its_name() {
        for (from, to, told) in [
            (r#""Version":"2012-10-17","#, "", "Version is missing"),
            ("2012-10-17", "2008-10-17", r#"the Version "2008-10-17""#),
            (r#""Id""#, r#""Ids""#, r#"the element "Ids""#),
            (r#""Sid""#, r#""Principal""#, r#"the element "Principal""#),
            (r#""Sid":"one","#, r#""Sid":1,"#, "Sid must be text"),
            (r#""Effect":"Allow","#, "", "Effect is missing"),
            ("Allow", "allow", r#"the Effect "allow""#),
            (
                r#""Sid":"one""#,
                r#""Effect":"Deny""#,
                "Effect is there twice",
            ),
            (
                r#""Resource":"*","#,
                "",
                "Resource or NotResource is missing",
            ),
            (
                r#""Sid":"one""#,
                r#""NotResource":"*""#,
                r#"beside its opposite "Resource""#,
            ),
            (
                r#""Sid":"one""#,
                r#""NotAction":"*""#,
                r#"beside its opposite "Action""#,
            ),
            ("s3:Get*", "GetObject", r#"the action "GetObject""#),
            ("s3:Get*", "s3:${aws:PrincipalTag/x}", "the action"),
            (r#":"*","#, r#":"photos/*","#, r#"the resource "photos/*""#),
            (r#":"*","#, r#":[],"#, "Resource must be text"),
            (r#":"*","#, r#":"arn:${","#, "a variable without an end in"),
            (
                r#":"*","#,
                r#":"arn:${aws:username}","#,
                r#"the variable "aws:username""#,
            ),
            (
                r#":"*","#,
                r#":"arn:${cognito-identity.amazonaws.com:amr}","#,
                "the variable",
            ),
            (
                r#":"*","#,
                r#":"arn:${aws:PrincipalTag/x, 'y'}/${","#,
                "without an end",
            ),
            (
                "StringEquals",
                "NumericEquals",
                r#"the operator "NumericEquals""#,
            ),
            (
                "StringEquals",
                "StringEqualsIfExists",
                r#"the operator "StringEqualsIfExists""#,
            ),
            ("StringEquals", "ForAllValues:StringEquals", "the operator"),
            (
                "StringEquals",
                "ForAnyValue:StringNotEquals",
                "the operator",
            ),
            (
                "aws:PrincipalTag/team",
                "aws:SourceIp",
                r#"the key "aws:SourceIp""#,
            ),
            ("aws:PrincipalTag/team", "aws:PrincipalTag/", "the key"),
            (
                "ForAnyValue:StringLike",
                "StringLike",
                "an operator without ForAnyValue:",
            ),
            (r#""blue""#, "true", "must be text"),
            (r#""blue""#, "[]", "must be text"),
            (
                r#"[{"Sid""#,
                r#"[1,{"Sid""#,
                "a Statement must be an object",
            ),
            (r#"]}"#, "]", "EOF"),
        ] {
            let document = GOOD.replacen(from, to, 1);
            assert_ne!(document, GOOD, "{from}");
            let error = Policy::parse(&document).expect_err(to).to_string();
            assert!(error.contains(told), "{to}: {error}");
        }
        assert!(Policy::parse(&" ".repeat(20_481)).is_err());
    }
}
