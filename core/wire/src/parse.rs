//! From the bytes of a body to its shape, and back.

use alloc::string::{String, ToString};
use core::fmt;

use serde_json::Value;

use crate::check::{Scope, check};
use crate::operation::Request;
use crate::read::{Decode, Json};
use crate::rule::Shape;
use crate::write::Encode;

/// Reads and checks the body of a request.
///
/// Members that the model does not know are ignored, and `null` is absence. Of a member that comes twice the last
/// one counts.
///
/// # Errors
///
/// [`Rejection::Serialization`] where the body is no JSON object, nests more than 127 levels or holds a value of a wrong
/// type; [`Rejection::Invalid`] where it breaks constraints of the model.
///
/// # Examples
///
/// ```
/// use userpool_wire::idp::SignUpRequest;
/// use userpool_wire::{Rejection, parse};
///
/// let refused = parse::<SignUpRequest>(br#"{"ClientId":"abc","Username":""}"#);
/// let text = "2 validation errors detected: \
///     Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; \
///     Value at 'username' failed to satisfy constraint: \
///     Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+";
/// assert_eq!(refused, Err(Rejection::Invalid(text.into())));
/// ```
pub fn parse<T: Request>(body: &[u8]) -> Result<T, Rejection> {
    read(body, Some(T::OPERATION.input), Scope::Everything)
}

/// Reads the body of a successful reply, as a client does.
///
/// Types, required members and word lists are checked; lengths and patterns are the server's business.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_reply<T: Request>(body: &[u8]) -> Result<T::Reply, Rejection> {
    if body.is_empty() && !T::OPERATION.has_output {
        return Ok(T::Reply::default());
    }
    read(body, T::OPERATION.output, Scope::Form)
}

/// The body of a successful reply: JSON text, or nothing where the operation has no output.
///
/// # Examples
///
/// ```
/// use userpool_wire::idp::{DeleteUserRequest, UpdateUserPoolRequest, UpdateUserPoolResponse};
/// use userpool_wire::{Empty, render};
///
/// assert_eq!(render::<UpdateUserPoolRequest>(&UpdateUserPoolResponse::default()), "{}");
/// assert_eq!(render::<DeleteUserRequest>(&Empty {}), "");
/// ```
pub fn render<T: Request>(reply: &T::Reply) -> String {
    if T::OPERATION.has_output {
        reply.to_json()
    } else {
        String::new()
    }
}

fn read<T: Decode>(body: &[u8], shape: Option<&Shape>, scope: Scope) -> Result<T, Rejection> {
    checked(body, shape, scope).map(T::decode)
}

/// The JSON object in the body, which breaks nothing that the shape asks for.
fn checked(body: &[u8], shape: Option<&Shape>, scope: Scope) -> Result<Json, Rejection> {
    // Once for the whole text, not for each string in it.
    let text = core::str::from_utf8(body).map_err(|_| Rejection::not_json())?;
    let value: Value = serde_json::from_str(text).map_err(|_| Rejection::not_json())?;
    if !value.is_object() {
        return Err(Rejection::Serialization(
            "An object is expected".to_string(),
        ));
    }
    if let Some(shape) = shape {
        check(shape, &value, scope)?;
    }
    Ok(Json::new(Some(value)))
}

/// Why a body was not accepted.
///
/// The text is for the one who sent the body: it may quote what was sent. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub enum Rejection {
    /// `SerializationException`: not JSON, too deep, or values of wrong types.
    Serialization(String),
    /// `InvalidParameterException`: constraints of the model, in the service's words.
    Invalid(String),
}

impl Rejection {
    pub(crate) fn not_json() -> Self {
        Self::Serialization("The text is not JSON, or nests too deep".to_string())
    }

    /// The text for the client.
    pub fn message(&self) -> &str {
        match self {
            Self::Serialization(text) | Self::Invalid(text) => text,
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Serialization(_) => "Serialization(***)",
            Self::Invalid(_) => "Invalid(***)",
        })
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Rejection {}
