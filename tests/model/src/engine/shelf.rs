//! Decoded settings kept between the requests of a history.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use userpool_core::engine::Shelf;
use userpool_ports::{Key, Version};

type Record = Arc<dyn Any + Send + Sync>;

/// A shelf for the few settings of one pool.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<Key, (Version, Record)>>);

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept(..)")
    }
}

impl Shelf for Kept {
    fn find(&self, key: &Key, version: Version) -> Option<Record> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, record) = kept.get(key)?;
        (*at == version).then(|| record.clone())
    }

    fn keep(&self, key: &Key, version: Version, record: Record) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key.clone(), (version, record));
    }
}
