//! Writing.

use alloc::vec::Vec;

use super::{Bytes, Cbor, head};

/// Writes values one after another into memory.
pub struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(behind: Vec<u8>) -> Self {
        Self(behind)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A map, of the fields that are put into it.
    pub fn map(&mut self) -> Fields<'_> {
        Fields::of(self, head::MAP)
    }

    /// An array, of the fields that are put into it.
    pub fn array(&mut self) -> Fields<'_> {
        Fields::of(self, head::ARRAY)
    }

    /// The number of a variant; its fields come next.
    pub fn variant(&mut self, number: u32) -> &mut Self {
        self.length_of_array(2);
        self.u64(number.into());
        self
    }

    /// That so many elements of an array follow.
    pub(super) fn length_of_array(&mut self, length: usize) {
        self.head(head::ARRAY, length as u64);
    }

    /// That so many pairs of a map follow.
    pub(super) fn length_of_map(&mut self, length: usize) {
        self.head(head::MAP, length as u64);
    }

    pub(super) fn null(&mut self) {
        self.0.push(head::NULL);
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.0.push(if value { head::TRUE } else { head::FALSE });
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.head(head::NUMBER, value);
    }

    pub(super) fn i64(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.u64(value),
            // One below the negative of a number is that number with every bit turned.
            Err(_) => self.head(head::NEGATIVE, !value.cast_unsigned()),
        }
    }

    pub(super) fn text(&mut self, value: &str) {
        self.head(head::TEXT, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.head(head::BYTES, value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// The head of a value, as short as it may be.
    fn head(&mut self, kind: u8, said: u64) {
        match u8::try_from(said) {
            Ok(said) if said < head::LONG => self.0.push(kind | said),
            Ok(said) => self.0.extend_from_slice(&[kind | head::LONG, said]),
            Err(_) => self.long_head(kind, said),
        }
    }

    /// Of more than one byte behind the first.
    #[inline(never)]
    fn long_head(&mut self, kind: u8, said: u64) {
        let (long, width) = match said {
            ..=0xFFFF => (head::LONG + 1, 2),
            0x1_0000..=0xFFFF_FFFF => (head::LONG + 2, 4),
            _ => (head::LONGEST, 8),
        };
        self.0.push(kind | long);
        self.0.extend_from_slice(&said.to_be_bytes()[8 - width..]);
    }
}

/// The fields of a record, from the lowest number to the highest. How many there are is told once all are there.
pub struct Fields<'w> {
    writer: &'w mut Writer,
    /// Map or array.
    kind: u8,
    /// Where the head stands.
    head: usize,
    count: u32,
}

impl<'w> Fields<'w> {
    fn of(writer: &'w mut Writer, kind: u8) -> Self {
        let head = writer.0.len();
        writer.0.push(kind);
        Self {
            writer,
            kind,
            head,
            count: 0,
        }
    }

    /// Puts a field, whose number is higher than those before; not one that is left out.
    #[inline(never)]
    pub fn put<T: Cbor>(&mut self, number: u32, value: &T) {
        if !value.is_missing() {
            self.begin(number);
            value.write(self.writer);
        }
    }

    /// As [`put`](Self::put), of a string of bytes.
    #[inline(never)]
    pub fn put_bytes<T: Bytes>(&mut self, number: u32, value: &T) {
        if let Some(bytes) = value.bytes() {
            self.begin(number);
            self.writer.bytes(bytes);
        }
    }

    /// Tells how many there are.
    pub fn end(self) {
        let bytes = &mut self.writer.0;
        match u8::try_from(self.count) {
            Ok(count) if count < head::LONG => bytes[self.head] = self.kind | count,
            Ok(count) => {
                bytes[self.head] = self.kind | head::LONG;
                bytes.insert(self.head + 1, count);
            }
            Err(_) => unreachable!("no record has so many fields"),
        }
    }

    fn begin(&mut self, number: u32) {
        if self.kind == head::MAP {
            self.count += 1;
            return self.writer.u64(number.into());
        }
        // The places of fields that are left out.
        for _ in self.count..number {
            self.writer.null();
        }
        self.count = number + 1;
    }
}
