//! What fields may be.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use minicbor::bytes::{ByteArray, ByteVec};
use userpool_ports::Timestamp;

use super::{Cbor, Reader, Writer};

/// A string of bytes, or none; its fields say so with `#[cbor(n(..), bytes)]`.
pub trait Bytes: Sized {
    /// Reads it.
    fn read(reader: &mut Reader<'_>) -> Self;

    /// Its bytes; `None` where its field is left out.
    fn bytes(&self) -> Option<&[u8]>;

    /// What it is where its field is missing.
    fn missing(reader: &mut Reader<'_>, number: u32) -> Self {
        reader.refuse_missing(number);
        Self::read(reader)
    }
}

impl Bytes for Vec<u8> {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.bytes().into()
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl<const N: usize> Bytes for [u8; N] {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.bytes().try_into().unwrap_or_else(|_| {
            reader.refuse("bytes of another length");
            [0; N]
        })
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl<T: Bytes> Bytes for Option<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.is_some().then(|| T::read(reader))
    }

    fn bytes(&self) -> Option<&[u8]> {
        self.as_ref().and_then(T::bytes)
    }

    fn missing(_: &mut Reader<'_>, _: u32) -> Self {
        None
    }
}

impl<T: Cbor> Cbor for Option<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.is_some().then(|| T::read(reader))
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.write(writer),
            None => writer.null(),
        }
    }

    fn missing(_: &mut Reader<'_>, _: u32) -> Self {
        None
    }

    fn is_missing(&self) -> bool {
        self.is_none()
    }
}

impl<T: Cbor> Cbor for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut all = Self::new();
        // A length that is not true ends with the bytes.
        for _ in 0..reader.length_of_array() {
            let value = T::read(reader);
            if reader.failed() {
                break;
            }
            all.push(value);
        }
        all
    }

    fn write(&self, writer: &mut Writer) {
        writer.length_of_array(self.len());
        for value in self {
            value.write(writer);
        }
    }
}

impl<T: Cbor + Ord> Cbor for BTreeSet<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut all = Self::new();
        for _ in 0..reader.length_of_array() {
            let value = T::read(reader);
            if reader.failed() {
                break;
            }
            all.insert(value);
        }
        all
    }

    fn write(&self, writer: &mut Writer) {
        writer.length_of_array(self.len());
        for value in self {
            value.write(writer);
        }
    }
}

impl<K: Cbor + Ord, V: Cbor> Cbor for BTreeMap<K, V> {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut all = Self::new();
        for _ in 0..reader.length_of_map() {
            let (key, value) = (K::read(reader), V::read(reader));
            if reader.failed() {
                break;
            }
            all.insert(key, value);
        }
        all
    }

    fn write(&self, writer: &mut Writer) {
        writer.length_of_map(self.len());
        for (key, value) in self {
            key.write(writer);
            value.write(writer);
        }
    }
}

/// An array of numbers.
impl<const N: usize> Cbor for [u8; N] {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut bytes = [0; N];
        if reader.length_of_array() != N as u64 {
            reader.refuse("an array of another length");
        }
        for byte in &mut bytes {
            *byte = reader.u8();
        }
        bytes
    }

    fn write(&self, writer: &mut Writer) {
        writer.length_of_array(N);
        for byte in self {
            writer.u64((*byte).into());
        }
    }
}

impl<const N: usize> Cbor for ByteArray<N> {
    fn read(reader: &mut Reader<'_>) -> Self {
        <[u8; N] as Bytes>::read(reader).into()
    }

    fn write(&self, writer: &mut Writer) {
        writer.bytes(&**self);
    }
}

impl Cbor for ByteVec {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.bytes().to_vec().into()
    }

    fn write(&self, writer: &mut Writer) {
        writer.bytes(self);
    }
}

impl Cbor for String {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.text().into()
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl Cbor for bool {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.bool()
    }

    fn write(&self, writer: &mut Writer) {
        writer.bool(*self);
    }
}

/// Unix time in milliseconds.
impl Cbor for Timestamp {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self::from_millis(reader.i64())
    }

    fn write(&self, writer: &mut Writer) {
        writer.i64(self.millis());
    }
}

/// Numbers take the room that they need, whatever their type.
macro_rules! number {
    ($($type:ident as $written:ident),*) => {$(
        impl Cbor for $type {
            fn read(reader: &mut Reader<'_>) -> Self {
                reader.$type()
            }

            fn write(&self, writer: &mut Writer) {
                writer.$written((*self).into());
            }
        }
    )*};
}

number!(
    u8 as u64, u16 as u64, u32 as u64, u64 as u64, i32 as i64, i64 as i64
);
