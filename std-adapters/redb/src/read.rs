//! Reads: each from one snapshot, the last state that was synced.

use std::ops::Bound;

use redb::{Database, ReadOnlyTable, ReadableDatabase};
use userpool_ports::{Entry, Key, PageRequest, StoreFault};

use crate::{
    apply::fault,
    layout::{self, TABLE},
};

/// The entries of these keys, in the order asked.
///
/// # Errors
/// The database failed, or a row is damaged.
pub(crate) fn load(database: &Database, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
    let table = snapshot(database)?;
    keys.iter()
        .map(|key| {
            let row = layout::entry_row(key.as_bytes());
            match table.get(&*row).map_err(fault)? {
                Some(bytes) => layout::entry(bytes.value()).map(Some),
                None => Ok(None),
            }
        })
        .collect()
}

/// At most `limit` entries under a prefix, after a cursor, in ascending order.
///
/// # Errors
/// The database failed, or a row is damaged.
pub(crate) fn page(
    database: &Database,
    request: &PageRequest,
) -> Result<Vec<(Key, Entry)>, StoreFault> {
    let table = snapshot(database)?;
    let prefix = layout::entry_row(request.prefix.as_bytes());
    let cursor = match &request.after {
        Some(after) if *after >= request.prefix => Some(layout::entry_row(after.as_bytes())),
        _ => None,
    };
    let from = match &cursor {
        Some(cursor) => Bound::Excluded(&cursor[..]),
        None => Bound::Included(&prefix[..]),
    };
    let mut found = Vec::new();
    let rows = table
        .range::<&[u8]>((from, Bound::Unbounded))
        .map_err(fault)?;
    for row in rows.take(request.limit) {
        let (key, bytes) = row.map_err(fault)?;
        if !key.value().starts_with(&prefix) {
            break;
        }
        found.push((
            layout::key_of_entry_row(key.value()),
            layout::entry(bytes.value())?,
        ));
    }
    Ok(found)
}

fn snapshot(
    database: &Database,
) -> Result<ReadOnlyTable<&'static [u8], &'static [u8]>, StoreFault> {
    let transaction = database.begin_read().map_err(fault)?;
    transaction.open_table(TABLE).map_err(fault)
}
