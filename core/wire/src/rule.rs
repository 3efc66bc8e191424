//! The form of the constraint tables that the generator makes.

use core::fmt;

use crate::pattern::Pattern;

/// What the model says of one shape.
pub struct Shape {
    /// Whether values are left out of messages.
    pub hidden: bool,
    pub kind: Kind,
}

pub enum Kind {
    Structure(&'static [Member]),
    List {
        item: &'static Shape,
        size: Size,
    },
    Map {
        key: &'static Shape,
        value: &'static Shape,
        size: Size,
    },
    Text {
        size: Size,
        pattern: Option<&'static Pattern>,
    },
    Words {
        words: &'static [&'static str],
        listed: &'static str,
    },
    Integer(Range),
    Long(Range),
    Boolean,
    Timestamp,
    Blob(Size),
    Document,
}

/// One member of a structure.
pub struct Member {
    pub name: &'static str,
    pub required: bool,
    /// Whether values are left out of messages, whatever the shape says.
    pub hidden: bool,
    pub shape: &'static Shape,
}

/// How long a text, how large a list or a map may be.
pub struct Size {
    pub min: Option<usize>,
    pub max: Option<usize>,
}

/// How large a number may be.
pub struct Range {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shape")
    }
}
