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
        let mut out = Writer::default();
        self.encode(&mut out);
        out.text
    }
}

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
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
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
