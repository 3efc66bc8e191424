//! From shapes to JSON text: the writing half of the generated code.
//!
//! Text is written directly, without a tree in between. Absent members are left out; `null` is never written.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use crate::secret::{Sensitive, Wipe};

/// A shape that can be written as JSON text.
pub trait Encode {
    /// Appends the value to the text.
    fn encode(&self, out: &mut Writer);

    /// Whether a member of this value is left out.
    fn is_absent(&self) -> bool {
        false
    }

    /// The value as JSON text.
    fn to_json(&self) -> String {
        let mut out = Writer {
            text: String::with_capacity(ROOM),
            comma: false,
        };
        self.encode(&mut out);
        out.text
    }
}

/// For how many bytes of a text room is made at once: most replies are shorter.
const ROOM: usize = 1_000;

/// JSON text in the making.
#[derive(Default)]
pub struct Writer {
    text: String,
    /// Whether a comma is due before the next item.
    comma: bool,
}

impl Writer {
    pub(crate) fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.comma = false;
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.text.push(bracket);
        self.comma = true;
    }

    pub(crate) fn member<T: Encode + ?Sized>(&mut self, name: &str, value: &T) {
        if value.is_absent() {
            return;
        }
        self.item();
        self.text(name);
        self.text.push(':');
        value.encode(self);
        self.comma = true;
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.text.push('"');
        let mut rest = text;
        while let Some(at) = first_escaped(rest.as_bytes()) {
            self.text.push_str(&rest[..at]);
            self.escape(rest.as_bytes()[at]);
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    pub(crate) fn raw(&mut self, value: fmt::Arguments<'_>) {
        self.text
            .write_fmt(value)
            .expect("writing to a String cannot fail");
    }

    fn item(&mut self) {
        if core::mem::replace(&mut self.comma, false) {
            self.text.push(',');
        }
    }

    /// RFC 8259 section 7: the two-letter escapes where there are any.
    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.text.push_str("\\\""),
            b'\\' => self.text.push_str("\\\\"),
            0x08 => self.text.push_str("\\b"),
            b'\t' => self.text.push_str("\\t"),
            b'\n' => self.text.push_str("\\n"),
            0x0C => self.text.push_str("\\f"),
            b'\r' => self.text.push_str("\\r"),
            other => self.raw(format_args!("\\u{other:04x}")),
        }
    }
}

/// Where the first byte is that JSON text has to escape.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    let escaped =
        |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
    // Whole blocks without a branch in them, which compilers look at many bytes at once for: tokens have none.
    let (blocks, _) = bytes.as_chunks::<32>();
    let clean = blocks
        .iter()
        .take_while(|block| block.iter().fold(0, |any, byte| any | escaped(*byte)) == 0)
        .count()
        * 32;
    let at = bytes[clean..].iter().position(|byte| escaped(*byte) != 0)?;
    Some(clean + at)
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Writer) {
        if let Some(value) = self {
            value.encode(out);
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Writer) {
        out.open('[');
        for item in self {
            out.item();
            item.encode(out);
            out.comma = true;
        }
        out.close(']');
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, out: &mut Writer) {
        out.open('{');
        for (key, value) in self {
            out.member(key, value);
        }
        out.close('}');
    }
}

impl<T: Encode + Wipe> Encode for Sensitive<T> {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Writer) {
        out.text(self);
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Writer) {
        out.raw(format_args!("{self}"));
    }
}

impl Encode for i32 {
    fn encode(&self, out: &mut Writer) {
        out.raw(format_args!("{self}"));
    }
}

impl Encode for i64 {
    fn encode(&self, out: &mut Writer) {
        out.raw(format_args!("{self}"));
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    fn written(text: &str) -> String {
        let mut out = Writer::default();
        out.text(text);
        out.text
    }

    #[test]
    fn text_is_escaped_wherever_it_has_to_be() {
        for length in [0, 1, 31, 32, 33, 63, 64, 65, 100] {
            let clean = "ä".repeat(length / 2) + &"x".repeat(length % 2);
            assert_eq!(written(&clean), serde_json::json!(clean).to_string());
            for at in 0..=length {
                for escaped in ["\"", "\\", "\n", "\u{1f}", "\u{0}"] {
                    let text = "x".repeat(at) + escaped + &"y".repeat(length - at) + escaped;
                    assert_eq!(written(&text), serde_json::json!(text).to_string());
                }
            }
        }
    }
}
