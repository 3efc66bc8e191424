//! The rows of the one table: entries, their ends, tokens, and the store's own numbers.
//!
//! | row | key | value |
//! |---|---|---|
//! | entry | `e`, key | format (1), version (8), has an end (1), end (8, if it has one), value |
//! | token of a landed batch | `t`, end of its life (8), token (16) | |
//! | own number | `u`, name | the number, 4 or 8 bytes |
//! | end of an entry | `x`, end (8), key | |
//!
//! Numbers are big-endian; moments have their sign bit flipped, so that they sort as time does. One
//! table instead of four saves a root page a commit each. Tokens sort by time and just before the
//! numbers, so that a commit's token and the sequence are one page; the writer remembers which tokens
//! there are and never searches for one.

use redb::TableDefinition;
use userpool_ports::{Entry, Key, StoreFault, Timestamp, Version};

/// The table.
pub(crate) const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("userpool");

/// The version of this layout, kept under [`FORMAT_ROW`]. With 2 the records of a user lie together.
pub(crate) const FORMAT: u32 = 2;
/// The row of the layout's version.
pub(crate) const FORMAT_ROW: &[u8] = b"uformat";
/// The row of the number of the last batch that landed.
pub(crate) const SEQUENCE_ROW: &[u8] = b"usequence";

const ENTRY: u8 = b'e';
const TOKEN: u8 = b't';
const END: u8 = b'x';

/// The format of an entry's value.
const ENTRY_FORMAT: u8 = 1;

/// The row of an entry, and with a prefix of keys the prefix of their rows.
pub(crate) fn entry_row(key: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(1 + key.len());
    row.push(ENTRY);
    row.extend_from_slice(key);
    row
}

/// The key of an entry's row.
pub(crate) fn key_of_entry_row(row: &[u8]) -> Key {
    Key::new(&row[1..])
}

/// The row of a token.
pub(crate) fn token_row(forgotten: Timestamp, token: &[u8; 16]) -> Vec<u8> {
    moment_row(TOKEN, forgotten, token)
}

/// The row of an entry's end.
pub(crate) fn end_row(end: Timestamp, key: &[u8]) -> Vec<u8> {
    moment_row(END, end, key)
}

fn moment_row(kind: u8, moment: Timestamp, rest: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(9 + rest.len());
    row.push(kind);
    row.extend_from_slice(&sortable(moment).to_be_bytes());
    row.extend_from_slice(rest);
    row
}

const fn sortable(moment: Timestamp) -> u64 {
    (moment.millis() as u64) ^ (1 << 63)
}

/// The rows of all tokens.
pub(crate) fn token_rows() -> core::ops::Range<[u8; 1]> {
    [TOKEN]..[TOKEN + 1]
}

/// The rows of all ends.
pub(crate) fn end_rows() -> core::ops::Range<[u8; 1]> {
    [END]..[END + 1]
}

/// The moment and the rest of a token's or an end's row.
///
/// # Errors
/// The row is damaged.
pub(crate) fn moment_of_row(row: &[u8]) -> Result<(Timestamp, &[u8]), StoreFault> {
    let (sortable, rest) = row
        .get(1..)
        .and_then(<[u8]>::split_first_chunk)
        .ok_or_else(damaged)?;
    let millis = (u64::from_be_bytes(*sortable) ^ (1 << 63)) as i64;
    Ok((Timestamp::from_millis(millis), rest))
}

/// What stands before an entry's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The entry's version.
    pub(crate) version: Version,
    /// The entry's end.
    pub(crate) expires: Option<Timestamp>,
}

impl Head {
    /// The value of an entry's row.
    pub(crate) fn with(self, value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(18 + value.len());
        bytes.push(ENTRY_FORMAT);
        bytes.extend_from_slice(&self.version.raw().to_be_bytes());
        bytes.push(self.expires.is_some().into());
        if let Some(expires) = self.expires {
            bytes.extend_from_slice(&expires.millis().to_be_bytes());
        }
        bytes.extend_from_slice(value);
        bytes
    }

    /// Splits the value of an entry's row.
    ///
    /// # Errors
    /// The row is damaged.
    pub(crate) fn split(bytes: &[u8]) -> Result<(Self, &[u8]), StoreFault> {
        let (&[format], bytes) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let (version, bytes) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let (&[ends], bytes) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let (expires, value) = match (format, ends) {
            (ENTRY_FORMAT, 0) => (None, bytes),
            (ENTRY_FORMAT, 1) => {
                let (millis, value) = bytes.split_first_chunk().ok_or_else(damaged)?;
                let millis = i64::from_be_bytes(*millis);
                (Some(Timestamp::from_millis(millis)), value)
            }
            _ => return Err(damaged()),
        };
        let head = Self {
            version: Version::from_raw(u64::from_be_bytes(*version)),
            expires,
        };
        Ok((head, value))
    }
}

/// The entry that an entry's row holds.
///
/// # Errors
/// The row is damaged.
pub(crate) fn entry(bytes: &[u8]) -> Result<Entry, StoreFault> {
    let (head, value) = Head::split(bytes)?;
    Ok(Entry {
        value: value.into(),
        version: head.version,
        expires: head.expires,
    })
}

/// The fault of a row that this layout cannot have written.
pub(crate) fn damaged() -> StoreFault {
    StoreFault::new("a row of the store is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back_as_they_were_written() {
        for expires in [None, Some(-1), Some(0), Some(i64::MAX)] {
            let head = Head {
                version: Version::from_raw(u64::MAX - 1),
                expires: expires.map(Timestamp::from_millis),
            };
            for value in [&b""[..], b"value"] {
                assert_eq!(Head::split(&head.with(value)), Ok((head, value)));
            }
        }
    }

    #[test]
    fn a_damaged_row_is_a_fault_and_not_a_panic() {
        let head = Head {
            version: Version::from_raw(1),
            expires: Some(Timestamp::from_millis(1)),
        };
        let whole = head.with(b"");
        for len in 0..whole.len() {
            assert!(Head::split(&whole[..len]).is_err());
        }
        let mut of_a_later_format = whole.clone();
        of_a_later_format[0] = 2;
        assert!(Head::split(&of_a_later_format).is_err());
        assert!(moment_of_row(b"t1234567").is_err());
    }

    #[test]
    fn moments_sort_as_time_does_and_come_back() {
        let moments = [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_millis);
        let rows = moments.map(|moment| end_row(moment, b"key"));
        assert!(rows.is_sorted());
        for (row, moment) in rows.iter().zip(moments) {
            assert_eq!(moment_of_row(row), Ok((moment, &b"key"[..])));
        }
    }

    #[test]
    fn each_kind_of_row_stays_in_its_range() {
        let token = token_row(Timestamp::from_millis(i64::MAX), &[0xFF; 16]);
        let end = end_row(Timestamp::from_millis(i64::MAX), &[0xFF; 512]);
        assert!(entry_row(&[0xFF; 512]) < token_row(Timestamp::from_millis(i64::MIN), &[0; 16]));
        assert!(token[..] < token_rows().end[..] && token[..] >= token_rows().start[..]);
        assert!(end[..] < end_rows().end[..] && end[..] >= end_rows().start[..]);
        assert!(*FORMAT_ROW > token[..] && *SEQUENCE_ROW < end_rows().start[..]);
    }
}
