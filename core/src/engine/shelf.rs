//! Records that requests share in their decoded form, kept between requests by the host.

use alloc::sync::Arc;
use core::{any::Any, fmt};

use userpool_ports::{Key, Version};

/// Keeps decoded records between requests: the settings of pools and clients, which nearly every request reads and
/// hardly any changes.
///
/// A record is kept for one version of its key, and a version never comes again, so that what is kept is never out of
/// date: every request still reads what the store has now, and is only spared decoding it. Nothing is lost where
/// something is forgotten.
pub trait Shelf: Send + Sync {
    /// The record of this key at this version, if it is kept.
    fn find(&self, key: &Key, version: Version) -> Option<Arc<dyn Any + Send + Sync>>;

    /// Keeps a record of a key at a version, in place of other versions of the key.
    fn keep(&self, key: &Key, version: Version, record: Arc<dyn Any + Send + Sync>);
}

/// The shelf of an environment: the host's, or none.
#[derive(Clone, Default)]
pub struct SharedRecords(Option<Arc<dyn Shelf>>);

impl SharedRecords {
    /// A shelf that requests share.
    #[must_use]
    pub fn on(shelf: Arc<dyn Shelf>) -> Self {
        Self(Some(shelf))
    }

    pub(super) fn find(&self, key: &Key, version: Version) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.as_ref()?.find(key, version)
    }

    pub(super) fn keep(&self, key: &Key, version: Version, record: &Arc<dyn Any + Send + Sync>) {
        if let Some(shelf) = &self.0 {
            shelf.keep(key, version, record.clone());
        }
    }
}

impl fmt::Debug for SharedRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRecords").finish_non_exhaustive()
    }
}
