//! How a record is kept: CBOR behind a schema version.
//!
//! ## Two versions over one store
//!
//! Servers of two versions share a store while one takes the other's place. What a version may change in a record it changes in one
//! of these ways:
//!
//! | the newer version | the older one, beside it |
//! |---|---|
//! | adds a field, which is optional or has a default | skips it; **where it writes the record, the field is lost** |
//! | adds a variant, or a kind of record | fails on such a record, alone, with a fault; does not look for such a kind |
//! | raises the schema | reads the next one as its own, and refuses the one after it |
//!
//! So what a version brings is used once no older one serves any more, and no version needs what it brings in order to serve as
//! before.

use alloc::{sync::Arc, vec::Vec};

use super::stop::Fault;
use crate::cbor::{self, Cbor};

/// A value that the store keeps under a key.
///
/// Records are CBOR maps with small integers for field names (`#[cbor(map)]`), so that a reader skips
/// fields it does not know, and a field that older writers left out is optional.
pub trait Record: Cbor + Send + Sync + 'static {
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
    cbor::write(value, bytes).into()
}

/// The record in these bytes.
pub(crate) fn decode<T: Record>(bytes: &[u8]) -> Result<T, Fault> {
    let body = body(bytes, T::KIND, T::SCHEMA)?;
    cbor::read(body).map_err(|cause| unreadable(T::KIND, cause))
}

/// What follows the schema, where it is one that this version reads.
fn body<'a>(bytes: &'a [u8], kind: &'static str, newest: u8) -> Result<&'a [u8], Fault> {
    match bytes.split_first() {
        Some((schema, body)) if *schema != 0 && *schema <= newest + 1 => Ok(body),
        _ => Err(Fault::new(kind)),
    }
}

#[cold]
fn unreadable(kind: &'static str, cause: cbor::Unreadable) -> Fault {
    Fault::caused(kind, cause)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[derive(Debug, PartialEq, Cbor)]
    #[cbor(map)]
    struct Older {
        #[n(0)]
        name: String,
        #[n(1)]
        state: OlderState,
    }

    #[derive(Debug, PartialEq, Cbor)]
    enum OlderState {
        #[n(0)]
        On,
    }

    /// What a later version makes of it.
    #[derive(Debug, PartialEq, Cbor)]
    #[cbor(map)]
    struct Newer {
        #[n(0)]
        name: String,
        #[n(1)]
        state: NewerState,
        #[cbor(n(2), default)]
        count: u64,
        #[n(3)]
        note: Option<String>,
    }

    #[derive(Debug, PartialEq, Cbor)]
    enum NewerState {
        #[n(0)]
        On,
        #[n(1)]
        Off,
    }

    impl Record for Older {
        const KIND: &'static str = "a record";
    }

    impl Record for Newer {
        const KIND: &'static str = "a record";
    }

    fn newer(state: NewerState) -> Newer {
        Newer {
            name: "jane".into(),
            state,
            count: 7,
            note: Some("later".into()),
        }
    }

    fn older() -> Older {
        Older {
            name: "jane".into(),
            state: OlderState::On,
        }
    }

    #[test]
    fn an_older_version_skips_what_it_does_not_know() {
        let read: Older = decode(&encode(&newer(NewerState::On))).expect("to read");
        assert_eq!(read, older());
    }

    #[test]
    fn a_newer_version_reads_what_an_older_one_wrote() {
        let read: Newer = decode(&encode(&older())).expect("to read");
        assert_eq!((read.count, read.note), (0, None));
    }

    #[test]
    fn what_a_newer_version_added_is_lost_where_an_older_one_writes_the_record() {
        let between: Older = decode(&encode(&newer(NewerState::On))).expect("to read");
        let read: Newer = decode(&encode(&between)).expect("to read");
        assert_eq!((read.count, read.note), (0, None));
    }

    #[test]
    fn a_variant_that_an_older_version_does_not_know_is_a_fault() {
        assert!(decode::<Older>(&encode(&newer(NewerState::Off))).is_err());
    }

    #[test]
    fn the_next_schema_is_read_and_the_one_after_it_is_not() {
        let mut bytes = encode(&older()).to_vec();
        for (schema, is_read) in [(0, false), (1, true), (2, true), (3, false), (255, false)] {
            bytes[0] = schema;
            assert_eq!(decode::<Older>(&bytes).is_ok(), is_read, "{schema}");
        }
        assert!(decode::<Older>(&[]).is_err());
    }
}
