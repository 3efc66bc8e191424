//! The `response` of a function, and how its members are read.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use serde_json::Value;

use super::Object;
use crate::engine::{Refusal, RefusalKind};

/// What a function put into `response`. A member that is missing or `null` says nothing.
#[derive(Clone)]
pub(crate) struct Response(Arc<Object>);

impl Response {
    /// Reads a function's answer: the event, with its `response` filled in. What it changed elsewhere counts for
    /// nothing.
    ///
    /// # Errors
    /// `InvalidLambdaResponseException`.
    pub fn read(answer: &str) -> Result<Self, Refusal> {
        let mut event = match serde_json::from_str(answer) {
            Ok(Value::Object(event)) => event,
            Ok(_) => return Err(unrecognizable()),
            Err(_) => return Err(invalid("Invalid JSON")),
        };
        match event.remove("response") {
            Some(Value::Object(response)) => Ok(Self(Arc::new(response))),
            _ => Err(unrecognizable()),
        }
    }

    /// A yes or no.
    ///
    /// # Errors
    /// `InvalidLambdaResponseException` where it is something else.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.member(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// `InvalidLambdaResponseException` where it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        text(&self.0, name)
    }

    /// A list of texts; empty where it is missing.
    ///
    /// # Errors
    /// `InvalidLambdaResponseException` where it is something else.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        texts(&self.0, name)
    }

    /// An object.
    ///
    /// # Errors
    /// `InvalidLambdaResponseException` where it is something else.
    pub fn object(&self, name: &str) -> Result<Option<&Object>, Refusal> {
        object(&self.0, name)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        member(&self.0, name)
    }
}

/// A member of an object that is a text.
///
/// # Errors
/// `InvalidLambdaResponseException` where it is something else.
pub(super) fn text<'o>(of: &'o Object, name: &str) -> Result<Option<&'o str>, Refusal> {
    match member(of, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong_type(name)),
    }
}

/// A member of an object that is a list of texts; empty where it is missing.
///
/// # Errors
/// `InvalidLambdaResponseException` where it is something else.
pub(super) fn texts(of: &Object, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(list) = member(of, name) else {
        return Ok(Vec::new());
    };
    let text = |value: &Value| value.as_str().map(String::from);
    let texts = list.as_array().map(|list| list.iter().map(text).collect());
    texts.flatten().ok_or_else(|| wrong_type(name))
}

/// A member of an object that is an object itself.
///
/// # Errors
/// `InvalidLambdaResponseException` where it is something else.
pub(super) fn object<'o>(of: &'o Object, name: &str) -> Result<Option<&'o Object>, Refusal> {
    match member(of, name) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(wrong_type(name)),
    }
}

fn member<'o>(of: &'o Object, name: &str) -> Option<&'o Value> {
    of.get(name).filter(|value| !value.is_null())
}

/// The refusal of a member of another type than its own.
pub(super) fn wrong_type(name: &str) -> Refusal {
    invalid(&format!("{name} is not of its type"))
}

/// The refusal of an answer that breaks a rule.
pub(super) fn invalid(why: &str) -> Refusal {
    let text = format!("Invalid lambda function output : {why}");
    Refusal::new(RefusalKind::InvalidLambdaResponse, text)
}

fn unrecognizable() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidLambdaResponse,
        "Unrecognizable lambda output",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_event_with_a_response() {
        for (answer, text) in [
            ("", "Invalid lambda function output : Invalid JSON"),
            ("{", "Invalid lambda function output : Invalid JSON"),
            ("null", "Unrecognizable lambda output"),
            ("[]", "Unrecognizable lambda output"),
            ("{}", "Unrecognizable lambda output"),
            (r#"{"response":null}"#, "Unrecognizable lambda output"),
            (r#"{"response":"yes"}"#, "Unrecognizable lambda output"),
        ] {
            let refusal = Response::read(answer).err().expect(answer);
            assert_eq!(refusal.message(), text, "{answer}");
            assert_eq!(refusal.kind(), RefusalKind::InvalidLambdaResponse);
        }
        assert!(Response::read(r#"{"response":{}}"#).is_ok());
    }

    #[test]
    fn a_member_is_of_its_type_or_says_nothing() {
        let response = r#"{"response":{"yes":true,"no":null,"text":"a","list":["a"],"mixed":[1]}}"#;
        let response = Response::read(response).expect("a response");
        assert_eq!(response.flag("yes"), Ok(true));
        assert_eq!(response.flag("no"), Ok(false));
        assert_eq!(response.flag("missing"), Ok(false));
        assert!(response.flag("text").is_err());
        assert_eq!(response.text("text"), Ok(Some("a")));
        assert!(response.text("list").is_err());
        assert_eq!(response.texts("list"), Ok([String::from("a")].into()));
        assert!(response.texts("mixed").is_err() && response.texts("text").is_err());
        assert!(response.object("text").is_err());
    }
}
