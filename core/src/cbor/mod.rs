//! How records are written: CBOR (RFC 8949) with numbers for the names of fields, in ascending order.
//!
//! `#[derive(Cbor)]` makes of a record a call for each of its fields; its crate says which attributes there are. What is
//! called stands here, once for each type of field, whatever records have fields of it.
//!
//! Writers write what has a definite length, and each field once, in the order of its number: a reader passes over a record
//! once, and refuses what is otherwise. Fields whose number it does not know it skips; a variant that it does not know it
//! refuses, wherever it stands.
//!
//! Reading does not stop at what cannot be read. The reader keeps the first thing that was wrong, everything after it is
//! blank, and [`read`] gives the value only if nothing was.

mod head;
mod reader;
mod values;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use alloc::vec::Vec;

pub use reader::{Reader, Unreadable};
pub(crate) use userpool_derive::Cbor;
pub use writer::Writer;

pub use values::Bytes;

/// A value that records hold.
pub trait Cbor: Sized {
    /// Reads it. Where it cannot be read the reader [fails](Reader::failed), and the value counts for nothing.
    fn read(reader: &mut Reader<'_>) -> Self;

    /// Writes it.
    fn write(&self, writer: &mut Writer);

    /// What it is where its field is missing; most must not be.
    fn missing(reader: &mut Reader<'_>, number: u32) -> Self {
        reader.refuse_missing(number);
        Self::read(reader)
    }

    /// Whether its field is left out.
    fn is_missing(&self) -> bool {
        false
    }
}

/// The value in these bytes.
///
/// # Errors
/// They are not such a value.
pub fn read<T: Cbor>(bytes: &[u8]) -> Result<T, Unreadable> {
    let mut reader = Reader::new(bytes);
    let value = T::read(&mut reader);
    reader.end().map(|()| value)
}

/// A value behind what stands in a vector.
#[must_use]
pub fn write<T: Cbor>(value: &T, behind: Vec<u8>) -> Vec<u8> {
    let mut writer = Writer::new(behind);
    value.write(&mut writer);
    writer.into_bytes()
}
