//! Blobs: bytes that are larger than a record, in parts.

use alloc::{format, vec::Vec};

use userpool_ports::Key;

use crate::{
    engine::{Cx, Run, Stop},
    model::{
        keys,
        pages::{BlobName, BlobPart, PART},
    },
};

/// Writes bytes as a new blob; the label names its id among what the request draws.
pub(crate) fn write(cx: &mut Cx<'_>, pool: &str, label: &str, bytes: &[u8]) -> BlobName {
    let id = cx.random(&format!("blob/{label}"));
    let mut parts = 0;
    for chunk in bytes.chunks(PART) {
        let part = BlobPart {
            bytes: chunk.to_vec(),
        };
        cx.insert(&keys::blob_part(pool, &id, parts), &part);
        parts += 1;
    }
    BlobName { id, parts }
}

/// Removes a blob.
///
/// # Errors
/// Stops the run until its parts are there.
pub(crate) fn remove(cx: &mut Cx<'_>, pool: &str, blob: BlobName) -> Run<()> {
    let keys = parts(pool, blob);
    cx.want(&keys)?;
    for key in &keys {
        if let Some(part) = cx.any(key)? {
            cx.remove(&part);
        }
    }
    Ok(())
}

fn parts(pool: &str, blob: BlobName) -> Vec<Key> {
    (0..blob.parts)
        .map(|number| keys::blob_part(pool, &blob.id, number))
        .collect()
}
/// The bytes of a blob.
///
/// # Errors
/// Stops the run until they are there.
pub(crate) fn read(cx: &mut Cx<'_>, pool: &str, blob: BlobName) -> Run<Vec<u8>> {
    let keys = parts(pool, blob);
    cx.want(&keys)?;
    let mut bytes = Vec::with_capacity(keys.len() * PART);
    for key in &keys {
        let part = cx.get::<BlobPart>(key)?;
        let part = part.ok_or_else(|| Stop::torn("a part of a blob"))?;
        bytes.extend_from_slice(&part.bytes);
    }
    Ok(bytes)
}
