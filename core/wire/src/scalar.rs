//! The simple values of the protocol that Rust has no type for: times, bytes and free documents.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};
use serde_json::Value;

use crate::read::{Decode, Json};
use crate::write::{Encode, Writer};

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
///
/// On the wire it is a number of seconds with up to three decimals.
///
/// # Examples
///
/// ```
/// use userpool_wire::{Encode, Timestamp};
///
/// assert_eq!(Timestamp::from_millis(1_715_100_742_022).to_json(), "1715100742.022");
/// assert_eq!(Timestamp::from_millis(1_715_100_742_000).to_json(), "1715100742");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Milliseconds since the epoch; negative before it.
    pub millis: i64,
}

impl Timestamp {
    /// The time so many milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis }
    }

    /// The time so many whole seconds after the epoch, or the nearest one that can be expressed.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self {
            millis: seconds.saturating_mul(1_000),
        }
    }
}

impl Encode for Timestamp {
    fn encode(&self, out: &mut Writer) {
        let size = self.millis.unsigned_abs();
        let (seconds, mut rest) = (size / 1_000, size % 1_000);
        let sign = if self.millis < 0 { "-" } else { "" };
        if rest == 0 {
            return out.raw(format_args!("{sign}{seconds}"));
        }
        let mut width = 3;
        while rest % 10 == 0 {
            rest /= 10;
            width -= 1;
        }
        out.raw(format_args!("{sign}{seconds}.{rest:0width$}"));
    }
}

impl Decode for Timestamp {
    fn decode(json: Json) -> Self {
        match json.number() {
            Some(number) => match number.as_i64() {
                Some(seconds) => Self::from_seconds(seconds),
                None => Self::from_millis(nearest(number.as_f64().unwrap_or_default() * 1_000.0)),
            },
            None => Self::default(),
        }
    }
}

/// The integer nearest to `x`; `as` saturates, so that no input is out of range.
fn nearest(x: f64) -> i64 {
    if x < 0.0 {
        (x - 0.5) as i64
    } else {
        (x + 0.5) as i64
    }
}

/// Bytes, base64 text on the wire.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl Encode for Blob {
    fn encode(&self, out: &mut Writer) {
        out.text(&Base64::encode_string(&self.0));
    }
}

impl Decode for Blob {
    fn decode(json: Json) -> Self {
        Self(Base64::decode_vec(&json.into_text()).unwrap_or_default())
    }
}

/// A JSON value of any form, as passkey options and branding settings are.
///
/// `Debug` does not show the content, which may be a credential.
///
/// # Examples
///
/// ```
/// use userpool_wire::Document;
///
/// let document = Document::from_json(r#"{ "rp": { "id": "example.com" } }"#)?;
/// assert_eq!(document.to_text(), r#"{"rp":{"id":"example.com"}}"#);
/// # Ok::<(), userpool_wire::Rejection>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Document(Value);

impl Document {
    /// Reads a document from JSON text.
    ///
    /// # Errors
    ///
    /// [`Rejection::Serialization`](crate::Rejection::Serialization) where the text is not JSON.
    pub fn from_json(text: &str) -> Result<Self, crate::Rejection> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|_| crate::Rejection::not_json())
    }

    /// The document as JSON text, without blanks.
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }
}

impl Default for Document {
    /// The document `{}`.
    fn default() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(***)")
    }
}

impl Encode for Document {
    fn encode(&self, out: &mut Writer) {
        out.raw(format_args!("{}", self.0));
    }
}

impl Decode for Document {
    fn decode(json: Json) -> Self {
        json.into_value().map(Self).unwrap_or_default()
    }
}

/// The reply of operations that answer with an empty body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty {}
