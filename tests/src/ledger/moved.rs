//! The pools of a scene, moved to a store under other root keys.

use std::{collections::BTreeSet, io::Cursor};

use userpool::{KeyId, RootKeys, SealKey, SecretArray, moving::ExportKey, testing};
use userpool_core::{
    cbor,
    model::{
        job::{Job, Task},
        keys,
    },
    moving::moves,
};
use userpool_ports::{Key, Timestamp, memory::MemoryStore};

use crate::{scene::Scene, store::Store, world::World};

/// The name of the root key of tests as it stands before every value that is sealed under it.
const SEALED_HERE: &[u8] = b"\x01\x04test";

/// Moves every pool of a scene to a store of its own, whose root keys seal by another key; the scene goes on there.
///
/// # Errors
/// A record that should have come has not, one came that should not, or one is still sealed as it was.
pub fn move_pools(scene: &Scene) -> Result<Scene, String> {
    let World { clock, mailbox, .. } = &scene.world;
    let store = Store::new();
    let builder = testing::builder_under(other_keys(), store.clone(), clock, mailbox);
    let there = builder.open().map_err(|it| it.to_string())?;
    let before = scene.records();
    for pool in pools(&before) {
        let (key, mut file) = (ExportKey::draw(), Vec::new());
        let exported = scene
            .world
            .engine
            .export_pool_blocking(&pool, &key, &mut file, |_| {});
        let exported = exported.map_err(|why| format!("the export of {pool}: {why}"))?;
        let imported = there.import_pool_blocking(&key, &mut Cursor::new(file), |_| {});
        let imported = imported.map_err(|why| format!("the import of {pool}: {why}"))?;
        if exported != imported {
            return Err(format!("{exported:?} came as {imported:?}"));
        }
    }
    let after = store.records();
    compare(&before, &after, scene.now())?;
    let mut moved = scene.clone();
    moved.world = World {
        engine: there,
        store,
        clock: clock.clone(),
        mailbox: mailbox.clone(),
    };
    Ok(moved)
}

/// The kinds of record that a store has, in the words of the table of keys.
pub fn kinds(store: &MemoryStore) -> BTreeSet<u8> {
    store
        .iter()
        .filter_map(|(key, _)| keys::kind(key))
        .collect()
}

/// Whether a store has records that live for minutes and do not move: a sign-in that is under way ends with them.
pub fn holds_what_stays(store: &MemoryStore) -> bool {
    kinds(store)
        .into_iter()
        .any(|kind| moves(kind) == Some(false))
}

/// Whether a pool is being deleted.
pub fn holds_a_deletion(store: &MemoryStore) -> bool {
    store.iter().any(|(key, entry)| {
        let job = (keys::kind(key) == Some(b'J')).then(|| cbor::read::<Job>(&entry.value[1..]));
        job.is_some_and(|job| matches!(job, Ok(job) if matches!(job.task, Task::DeletePool { .. })))
    })
}

/// Another key that seals, and that of tests, so that refresh tokens stay good.
fn other_keys() -> RootKeys {
    let id = KeyId::parse("there").expect("a word names a key");
    let current = SealKey::new(id, SecretArray::new([8; 32]));
    let older = testing::root_keys().current().clone();
    RootKeys::new(current).with_older(older).expect("two names")
}

fn pools(store: &MemoryStore) -> Vec<String> {
    let ids = store.iter().filter_map(|(key, _)| match key.as_bytes() {
        [b'P' | b'f', id @ ..] => Some(String::from_utf8_lossy(id).into_owned()),
        _ => None,
    });
    ids.collect()
}

fn compare(before: &MemoryStore, after: &MemoryStore, now: Timestamp) -> Result<(), String> {
    let moving = |key: &Key| keys::kind(key).and_then(moves) == Some(true);
    let alive = before
        .iter()
        .filter(|(_, entry)| entry.expires.is_none_or(|expires| now < expires));
    let want: BTreeSet<Key> = alive.map(|(key, _)| key.clone()).filter(moving).collect();
    let have: BTreeSet<Key> = after.iter().map(|(key, _)| key.clone()).collect();
    let [lost, new] =
        [want.difference(&have), have.difference(&want)].map(Iterator::collect::<Vec<_>>);
    if !lost.is_empty() || !new.is_empty() {
        return Err(format!("lost {lost:?}, and new are {new:?}"));
    }
    for (key, entry) in after.iter() {
        let mut parts = entry.value.windows(SEALED_HERE.len());
        if parts.any(|part| part == SEALED_HERE) {
            return Err(format!(
                "{key:?} is still sealed under the key of the other store"
            ));
        }
    }
    Ok(())
}
