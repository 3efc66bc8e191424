//! Reading.

use core::fmt;

use super::{Bytes, Cbor, head};

/// Reads values one after another. Once something was wrong, what it gives is blank: zero, empty or `None`.
pub struct Reader<'b> {
    /// What is left; nothing, once something was wrong.
    bytes: &'b [u8],
    /// What was wrong first.
    failure: Option<Unreadable>,
}

/// Why bytes are not a value.
#[derive(Debug)]
pub struct Unreadable {
    text: &'static str,
    /// Of the field or variant that is meant, if one is.
    number: Option<u32>,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            failure: None,
        }
    }

    /// Whether anything was wrong.
    pub(super) fn end(self) -> Result<(), Unreadable> {
        self.failure.map_or(Ok(()), Err)
    }

    /// Whether something was wrong.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Says that something is wrong.
    pub fn refuse(&mut self, text: &'static str) {
        self.fail(text, None);
    }

    pub(crate) fn refuse_variant(&mut self, number: u32) {
        self.fail("there is no variant", Some(number));
    }

    pub(super) fn refuse_missing(&mut self, number: u32) {
        self.fail("there has to be a field", Some(number));
    }

    /// The fields of a map.
    pub fn map(&mut self) -> Fields<'_, 'b> {
        let length = self.length_of_map();
        Fields::of(self, length, true)
    }

    /// The fields of an array.
    pub fn array(&mut self) -> Fields<'_, 'b> {
        let length = self.length_of_array();
        Fields::of(self, length, false)
    }

    /// The number of a variant, before its fields.
    pub fn variant(&mut self) -> u32 {
        if self.length_of_array() != 2 {
            self.refuse("a variant is its number and its fields");
        }
        self.u32()
    }

    /// Passes over a value.
    pub fn skip(&mut self) {
        let mut left: u64 = 1;
        while left > 0 && !self.failed() {
            left -= 1;
            let kind = self.bytes.first().map_or(0, |first| first & head::KIND);
            let said = self.head(kind);
            match kind {
                head::BYTES | head::TEXT => drop(self.take(said)),
                head::ARRAY => left = left.saturating_add(said),
                head::MAP => left = left.saturating_add(said.saturating_mul(2)),
                head::TAG => left = left.saturating_add(1),
                // Numbers, and what else is its head alone.
                _ => {}
            }
        }
    }

    /// How many elements of an array follow.
    pub(super) fn length_of_array(&mut self) -> u64 {
        self.head(head::ARRAY)
    }

    /// How many pairs of a map follow.
    pub(super) fn length_of_map(&mut self) -> u64 {
        self.head(head::MAP)
    }

    /// Whether a value is there; passes over one that says that none is.
    pub(super) fn is_some(&mut self) -> bool {
        match self.bytes {
            [head::NULL | head::UNDEFINED, rest @ ..] => {
                self.bytes = rest;
                false
            }
            [] => {
                self.refuse(CUT_SHORT);
                false
            }
            _ => true,
        }
    }

    pub(super) fn bool(&mut self) -> bool {
        match self.bytes {
            [said @ (head::FALSE | head::TRUE), rest @ ..] => {
                self.bytes = rest;
                *said == head::TRUE
            }
            _ => {
                self.refuse("neither true nor false");
                false
            }
        }
    }

    pub(super) fn u64(&mut self) -> u64 {
        self.head(head::NUMBER)
    }

    /// A number.
    pub fn u32(&mut self) -> u32 {
        let number = self.u64();
        self.fitting(u32::try_from(number))
    }

    pub(super) fn u16(&mut self) -> u16 {
        let number = self.u64();
        self.fitting(u16::try_from(number))
    }

    pub(super) fn u8(&mut self) -> u8 {
        let number = self.u64();
        self.fitting(u8::try_from(number))
    }

    pub(super) fn i64(&mut self) -> i64 {
        let is_negative = matches!(self.bytes, [first, ..] if first & head::KIND == head::NEGATIVE);
        let number = match is_negative {
            true => self.head(head::NEGATIVE),
            false => self.head(head::NUMBER),
        };
        let number = self.fitting(i64::try_from(number));
        if is_negative { -1 - number } else { number }
    }

    pub(super) fn i32(&mut self) -> i32 {
        let number = self.i64();
        self.fitting(i32::try_from(number))
    }

    pub(super) fn text(&mut self) -> &'b str {
        let length = self.head(head::TEXT);
        let bytes = self.take(length);
        self.fitting(str::from_utf8(bytes))
    }

    pub(super) fn bytes(&mut self) -> &'b [u8] {
        let length = self.head(head::BYTES);
        self.take(length)
    }

    /// What the head of a value of this kind says: the number that it is, or its length.
    fn head(&mut self, kind: u8) -> u64 {
        match self.bytes {
            // Nearly all are of one byte, or of two.
            [first, rest @ ..] if first.wrapping_sub(kind) < head::LONG => {
                self.bytes = rest;
                (first - kind).into()
            }
            [first, said, rest @ ..] if first.wrapping_sub(kind) == head::LONG => {
                self.bytes = rest;
                (*said).into()
            }
            _ => self.long_head(kind),
        }
    }

    /// Of more than one byte behind the first, or none at all.
    #[inline(never)]
    fn long_head(&mut self, kind: u8) -> u64 {
        let [first, rest @ ..] = self.bytes else {
            self.refuse(CUT_SHORT);
            return 0;
        };
        let width = match first.wrapping_sub(kind) {
            width @ head::LONG..=head::LONGEST => 1 << (width - head::LONG),
            _ => {
                self.refuse("a value of another kind, or of no definite length");
                return 0;
            }
        };
        self.bytes = rest;
        let said = self.take(width);
        said.iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn take(&mut self, length: u64) -> &'b [u8] {
        let split = usize::try_from(length).map(|length| self.bytes.split_at_checked(length));
        let Ok(Some((taken, rest))) = split else {
            self.refuse(CUT_SHORT);
            return &[];
        };
        self.bytes = rest;
        taken
    }

    fn fitting<T: Default, E>(&mut self, value: Result<T, E>) -> T {
        value.unwrap_or_else(|_| {
            self.refuse("a number too large, or no text");
            T::default()
        })
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, text: &'static str, number: Option<u32>) {
        self.failure.get_or_insert(Unreadable { text, number });
        self.bytes = &[];
    }
}

const CUT_SHORT: &str = "it is cut short";

/// The fields of a record, from the lowest number to the highest.
pub struct Fields<'r, 'b> {
    reader: &'r mut Reader<'b>,
    is_map: bool,
    /// How many follow the next one.
    left: u64,
    /// The number of the next one, before whose value the reader stands; [`NONE`](Self::NONE) where there is none.
    next: u32,
}

impl<'r, 'b> Fields<'r, 'b> {
    /// No field has this number.
    const NONE: u32 = u32::MAX;

    fn of(reader: &'r mut Reader<'b>, left: u64, is_map: bool) -> Self {
        let mut fields = Self {
            reader,
            is_map,
            left,
            next: 0,
        };
        fields.go_on(0);
        fields
    }

    /// The field with this number, which is higher than those before.
    #[inline(never)]
    pub fn take<T: Cbor>(&mut self, number: u32) -> T {
        if !self.reach(number) {
            return T::missing(self.reader, number);
        }
        let value = T::read(self.reader);
        self.go_on(number + 1);
        value
    }

    /// As [`take`](Self::take); where the field is missing, the default of its type.
    #[inline(never)]
    pub fn take_or_default<T: Cbor + Default>(&mut self, number: u32) -> T {
        if !self.reach(number) {
            return T::default();
        }
        self.take(number)
    }

    /// As [`take`](Self::take), of a string of bytes.
    #[inline(never)]
    pub fn take_bytes<T: Bytes>(&mut self, number: u32) -> T {
        if !self.reach(number) {
            return T::missing(self.reader, number);
        }
        let value = T::read(self.reader);
        self.go_on(number + 1);
        value
    }

    /// Passes over the fields that are left.
    pub fn end(mut self) {
        self.reach(Self::NONE);
    }

    /// Passes over the fields below a number; whether the reader then stands before the field of that number.
    fn reach(&mut self, number: u32) -> bool {
        while self.next < number {
            self.reader.skip();
            self.go_on(self.next + 1);
        }
        self.next == number
    }

    /// Finds the number of the next field; in a map it may be any from this one on.
    fn go_on(&mut self, least: u32) {
        self.next = Self::NONE;
        if self.left == 0 || self.reader.failed() {
            return;
        }
        self.left -= 1;
        let number = if self.is_map {
            self.reader.u32()
        } else {
            least
        };
        if number < least || number == Self::NONE {
            self.reader
                .refuse("fields that are not in the order of their numbers");
        } else if !self.reader.failed() {
            self.next = number;
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)?;
        match self.number {
            Some(number) => write!(f, " {number}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Unreadable {}
