//! From JSON values to shapes: the reading half of the generated code.
//!
//! Decoding never fails, because the checks come before it. What a check would have refused becomes the default
//! value of its type.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Number, Value};

use crate::secret::{Sensitive, Wipe};

/// A shape that can be read from a checked JSON value.
pub trait Decode: Sized {
    /// Moves the value into the shape.
    fn decode(json: Json) -> Self;
}

/// A JSON value, or the absence of one; `null` is absence.
pub struct Json(Option<Value>);

impl Json {
    pub(crate) fn new(value: Option<Value>) -> Self {
        Self(value.filter(|value| !value.is_null()))
    }

    /// The members, none where the value is not an object.
    pub(crate) fn into_object(self) -> Object {
        match self.0 {
            Some(Value::Object(members)) => Object(members),
            _ => Object(Map::new()),
        }
    }

    pub(crate) fn into_text(self) -> String {
        match self.0 {
            Some(Value::String(text)) => text,
            _ => String::new(),
        }
    }

    pub(crate) fn into_value(self) -> Option<Value> {
        self.0
    }

    pub(crate) fn number(&self) -> Option<&Number> {
        match &self.0 {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    fn into_list(self) -> Vec<Value> {
        match self.0 {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }
}

/// The members of a JSON object, taken out one by one.
pub(crate) struct Object(Map<String, Value>);

impl Object {
    pub(crate) fn take<T: Decode>(&mut self, name: &str) -> T {
        T::decode(Json::new(self.0.remove(name)))
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(json: Json) -> Self {
        json.0.is_some().then(|| T::decode(json))
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(json: Json) -> Self {
        let items = json.into_list().into_iter().filter(|item| !item.is_null());
        items.map(|item| T::decode(Json(Some(item)))).collect()
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(json: Json) -> Self {
        // One by one: `collect` would sort, by code of its own for every `T`, what is in order already.
        let mut all = Self::new();
        for (key, value) in json.into_object().0 {
            if !value.is_null() {
                all.insert(key, T::decode(Json(Some(value))));
            }
        }
        all
    }
}

impl<T: Decode + Wipe> Decode for Sensitive<T> {
    fn decode(json: Json) -> Self {
        Self::new(T::decode(json))
    }
}

impl Decode for String {
    fn decode(json: Json) -> Self {
        json.into_text()
    }
}

impl Decode for bool {
    fn decode(json: Json) -> Self {
        matches!(json.0, Some(Value::Bool(true)))
    }
}

impl Decode for i32 {
    fn decode(json: Json) -> Self {
        i64::decode(json).try_into().unwrap_or_default()
    }
}

impl Decode for i64 {
    fn decode(json: Json) -> Self {
        json.number().and_then(Number::as_i64).unwrap_or_default()
    }
}
