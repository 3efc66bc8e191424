//! Decoded settings of pools and clients, kept between requests.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use userpool_core::engine::Shelf;
use userpool_ports::{Key, Version};

/// Records kept; beyond this, all are forgotten and decoded again as needed.
const KEPT: usize = 4_096;

type Record = Arc<dyn Any + Send + Sync>;

/// A shelf that forgets everything when it is full.
#[derive(Default)]
pub(crate) struct Kept(RwLock<HashMap<Key, (Version, Record)>>);

impl Shelf for Kept {
    fn find(&self, key: &Key, version: Version) -> Option<Record> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (at, record) = kept.get(key)?;
        (*at == version).then(|| record.clone())
    }

    fn keep(&self, key: &Key, version: Version, record: Record) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key.clone(), (version, record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_at_its_version_alone() {
        let (kept, key) = (Kept::default(), Key::new(*b"pool"));
        kept.keep(&key, Version::from_raw(1), Arc::new(1_u8));
        assert!(kept.find(&key, Version::from_raw(1)).is_some());
        assert!(kept.find(&key, Version::from_raw(2)).is_none());
        kept.keep(&key, Version::from_raw(2), Arc::new(2_u8));
        assert!(kept.find(&key, Version::from_raw(1)).is_none());
        let found = kept
            .find(&key, Version::from_raw(2))
            .and_then(|it| it.downcast::<u8>().ok());
        assert_eq!(found.as_deref(), Some(&2));
    }

    #[test]
    fn a_full_shelf_starts_again() {
        let kept = Kept::default();
        let key = |number: usize| Key::new(number.to_be_bytes());
        for number in 0..=KEPT {
            kept.keep(&key(number), Version::from_raw(1), Arc::new(()));
        }
        assert!(kept.find(&key(0), Version::from_raw(1)).is_none());
        assert!(kept.find(&key(KEPT), Version::from_raw(1)).is_some());
    }
}
