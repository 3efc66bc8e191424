//! From the bytes of a request body to its shape.

use alloc::string::{String, ToString};
use core::fmt;

use serde_json::Value;

use crate::operation::Request;
use crate::read::Json;

/// Reads the body of a request.
///
/// Members that the model does not know are ignored, and `null` is absence.
///
/// # Errors
///
/// [`Rejection::Serialization`] where the body is no JSON object. Members are not checked yet: one of the wrong type
/// reads as the default of its type.
pub fn parse<T: Request>(body: &[u8]) -> Result<T, Rejection> {
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(T::decode(Json::new(Some(value)))),
        Ok(_) => Err(Rejection::Serialization(
            "A JSON object is expected".to_string(),
        )),
        Err(_) => Err(Rejection::not_json()),
    }
}

/// Why a body was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// `SerializationException`: not JSON, too deep, or values of wrong types.
    Serialization(String),
    /// `InvalidParameterException`: constraints of the model, in the service's words.
    Invalid(String),
}

impl Rejection {
    pub(crate) fn not_json() -> Self {
        Self::Serialization("The text is not JSON".to_string())
    }

    /// The text for the client.
    pub fn message(&self) -> &str {
        match self {
            Self::Serialization(text) | Self::Invalid(text) => text,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Rejection {}
