//! How a record is kept: CBOR behind a schema version.

use alloc::{sync::Arc, vec::Vec};

use minicbor::{Decode, Encode};

use super::stop::Fault;

/// A value that the store keeps under a key.
///
/// Records are CBOR maps with small integers for field names (`#[cbor(map)]`), so that a reader skips
/// fields it does not know, and a field that older writers left out is optional.
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> + Send + Sync + 'static {
    /// What the record is, for faults.
    const KIND: &'static str;
    /// The schema that this version writes; readers accept it, all older ones and the next.
    const SCHEMA: u8 = 1;
    /// Whether nearly every request reads it and hardly any changes it, so that it is worth keeping decoded.
    const IS_SETTING: bool = false;
}

/// The bytes of a record: one byte of schema, then the CBOR.
pub(crate) fn encode<T: Record>(value: &T) -> Arc<[u8]> {
    let mut bytes = Vec::with_capacity(128);
    bytes.push(T::SCHEMA);
    match minicbor::encode(value, &mut bytes) {
        Ok(()) => bytes.into(),
        // Writing to a `Vec` cannot fail, and no record has an encoding of its own that could.
        Err(_) => unreachable_encoding(),
    }
}

/// The record in these bytes.
pub(crate) fn decode<T: Record>(bytes: &[u8]) -> Result<T, Fault> {
    let body = body(bytes, T::KIND, T::SCHEMA)?;
    minicbor::decode(body).map_err(|cause| unreadable(T::KIND, cause))
}

/// What follows the schema, where it is one that this version reads.
fn body<'a>(bytes: &'a [u8], kind: &'static str, newest: u8) -> Result<&'a [u8], Fault> {
    match bytes.split_first() {
        Some((schema, body)) if *schema != 0 && *schema <= newest + 1 => Ok(body),
        _ => Err(Fault::new(kind)),
    }
}

#[cold]
fn unreadable(kind: &'static str, cause: minicbor::decode::Error) -> Fault {
    Fault::caused(kind, cause)
}

#[cold]
fn unreachable_encoding() -> ! {
    panic!("encoding a record into memory cannot fail")
}
