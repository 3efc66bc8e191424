//! Records as the store keeps them, for what moves them without a look at what they say.

use alloc::{sync::Arc, vec::Vec};

use userpool_ports::{Change, Expect, Key, Timestamp};

use super::{
    cx::{Cx, Held},
    stop::Run,
};

/// A record as the store keeps it. Its `Debug` shows no more than its kind and length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// Its key.
    pub key: Key,
    /// One byte of schema, then CBOR.
    pub value: Bytes,
    /// When it ends, if it does.
    pub expires: Option<Timestamp>,
}

/// The bytes of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Arc<[u8]>);

impl core::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl core::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Cx<'_> {
    /// The record under a key as the store keeps it; one that has ended counts as absent.
    ///
    /// # Errors
    /// Stops the run while the record was not read yet.
    pub(crate) fn raw(&mut self, key: &Key) -> Run<Option<Raw>> {
        let entry = self.find(key)?.map(|(entry, _)| entry);
        Ok(entry.map(|entry| Raw {
            key: key.clone(),
            value: Bytes(entry.value.clone()),
            expires: entry.expires,
        }))
    }

    /// As [`Cx::page`], but of records of any kind.
    ///
    /// # Errors
    /// Stops the run while the page was not read yet.
    pub(crate) fn raw_page(
        &mut self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Run<(Vec<Raw>, Option<Key>)> {
        let now = self.now();
        let (page, more) = self.entries(prefix, after, limit)?;
        let alive = page
            .iter()
            .filter(|(_, entry)| entry.expires.is_none_or(|expires| now < expires));
        let records = alive.map(|(key, entry)| Raw {
            key: key.clone(),
            value: Bytes(entry.value.clone()),
            expires: entry.expires,
        });
        Ok((records.collect(), more))
    }

    /// Writes a record that does not exist yet, as it is.
    pub(crate) fn insert_raw(&mut self, record: &Raw) {
        self.insert_bytes(&record.key, record.value.0.clone(), record.expires);
    }

    /// Replaces the bytes of a record that was read; when it ends stays.
    pub(crate) fn update_raw(&mut self, held: &Held<()>, record: &Raw) {
        let change = Change::Put {
            value: record.value.0.clone(),
            expires: record.expires,
        };
        self.write(held.key(), Expect::At(held.version), change);
    }
}
